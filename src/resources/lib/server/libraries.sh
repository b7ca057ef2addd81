#!/usr/bin/env bash
# The libraries that the server of MOUNT may load: links in a directory of its own, made anew at each start.
# Needs: dataset/ours host/programs story
# Constants: PLUGINS PLUGIN_MARK REACHING_LIBRARIES

# link_libraries: links to the installation's plugins, without those that reach out and without libraries of
# functions (UDF), which may do anything. So no row of mysql.plugin or mysql.func that came with the data, and
# no statement, can load these. Nobody writes into the directory: a library there would be run.
link_libraries() {
    local from path
    local -a found=()
    remove_inside "$PLUGINS"
    mkdir -p -- "$MOUNT/$PLUGINS"
    learn_daemon
    [[ -n $DAEMON_PLUGINS ]] || fail SERVER_NOT_READY "$DAEMON --verbose --help does not tell its plugin directory in 30 s"
    from=${DAEMON_PLUGINS%/}
    if [[ -d $from ]]; then
        # grep ends with 1 when it finds nothing.
        while IFS= read -r -d '' path; do
            [[ ${path##*/} =~ $REACHING_LIBRARIES ]] || found+=("$path")
        done < <(find "$from" -maxdepth 1 -name '*.so' -exec grep -lZaE "$PLUGIN_MARK" {} + || :)
        ((${#found[@]} == 0)) || ln -s -- "${found[@]}" "$MOUNT/$PLUGINS/"
        # A program that auth_pam calls.
        [[ ! -d $from/auth_pam_tool_dir ]] || ln -s -- "$from/auth_pam_tool_dir" "$MOUNT/$PLUGINS/auth_pam_tool_dir"
    fi
    chmod 0500 -- "$MOUNT/$PLUGINS"
}
