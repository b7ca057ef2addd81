#!/usr/bin/env bash
# Datasets of the public plugin 1.0.0: known by what it wrote, and taken over without touching a file
# of the data. What it wrote: github.com/delphix/mariadb-plugin, src/resources (restore_stage.sh,
# restore_stage_bi.sh, provision.sh, library.sh).

# Settings of its my.cnf that are not taken over: the plugin's own (domain/settings.py; a test holds
# the two together), those that tie a server to a place, and those of its old role.
LEFT_BEHIND=" aria_log_dir_path basedir bind_address character_sets_dir chroot core_file datadir debug_dbug
    debug_gdb defaults_extra_file defaults_file des_key_file event_scheduler extra_port
    general_log_file grant_tables init_file innodb_buffer_pool_filename innodb_data_home_dir
    innodb_fast_shutdown innodb_log_group_home_dir innodb_tmpdir innodb_undo_directory
    lc_messages_dir local_infile log_basename log_bin log_bin_index log_ddl_recovery log_error
    log_slow_query_file log_tc master_info_file networking pid_file plugin_dir port read_only
    relay_log relay_log_index relay_log_info_file rocksdb_datadir rocksdb_wal_dir safe_user_create
    secure_file_priv server_audit_excl_users server_audit_file_path server_audit_incl_users
    server_id slave_exec_mode slave_load_tmpdir slave_skip_errors slave_start slow_query_log_file
    socket sql_error_log_filename symbolic_links tmpdir unix_socket user binlog_format
    log_slave_updates "

# The first words of an option file of ours (domain/server_config.py; a test holds the two together).
OUR_CONFIG="# Written by the MariaDB plugin for Delphix"

# legacy_option PATH NAME: an option of the server in the my.cnf there; the last one wins.
legacy_option() {
    awk -v wanted="$2" '
        /^[[:space:]]*\[/ { server = ($0 ~ /^[[:space:]]*\[(mysqld|server|mariadb|mariadbd)[]-]/); next }
        server {
            sub(/#.*/, "")
            name = $0
            sub(/=.*/, "", name)
            gsub(/[[:space:]]/, "", name)
            gsub(/-/, "_", name)
            if (name != wanted || !index($0, "=")) next
            value = substr($0, index($0, "=") + 1)
            gsub(/^[[:space:]"\047]+|[[:space:]"\047]+$/, "", value)
        }
        END { print value }' "$1/my.cnf"
}

# legacy_home PATH: where plugin 1.0.0 had the dataset at PATH mounted when it wrote its my.cnf;
# nothing when what lies there is no dataset of that plugin.
legacy_home() {
    local home
    [[ -f $1/my.cnf && ! -L $1/my.cnf && -r $1/my.cnf && -d $1/data && ! -L $1/data && ! -e $1/delphix.json ]] || return 0
    # Without the right to look inside, the taking over says so.
    [[ ! -x $1/data || (-d $1/data/mysql && -f $1/data/ibdata1) ]] || return 0
    home=$(legacy_option "$1" datadir)
    home=${home%/data}
    [[ $home == /* && $(legacy_option "$1" datadir) == "$home/data" ]] || return 0
    [[ $(legacy_option "$1" tmpdir) == "$home/tmp" && $(legacy_option "$1" socket) == "$home/mysql.sock" ]] || return 0
    printf '%s\n' "$home"
}

# legacy_running: whether a server of MOUNT that runs was started by plugin 1.0.0: our own start
# writes an option file of ours first.
legacy_running() { [[ -f $MOUNT/my.cnf ]] && ! grep -q "^$OUR_CONFIG" "$MOUNT/my.cnf"; }

# legacy_speaks: whether the server that plugin 1.0.0 started is there; it may refuse us.
legacy_speaks() {
    local said client DAEMON=${DAEMON:-} BASE_DIR
    DAEMON=$(legacy_daemon)
    BASE_DIR=$(base_dir "$DAEMON")
    client=$(find_tool mariadb mysql)
    said=$(timeout -k 1 10 "$client" --no-defaults --skip-ssl --protocol=socket --socket="$MOUNT/mysql.sock" --user="$(id -un)" --execute='DO 0' 2>&1) && return 0
    grep -qE '^ERROR (1045|1698|1524|1130)' <<<"$said"
}

# legacy_daemon: the program of its server: the one that runs, the one given, or the one that its
# my.cnf leads to; at last whatever server the host has.
legacy_daemon() {
    local pid path base
    for pid in $(server_pids); do
        readlink -e "/proc/$pid/exe" && return
    done
    if [[ -n ${DAEMON:-} ]]; then
        printf '%s\n' "$DAEMON"
        return
    fi
    base=$(legacy_option "$MOUNT" basedir)
    while IFS= read -r path; do
        if [[ $path == /* && -f $path && -x $path ]]; then
            readlink -e -- "$path"
            return
        fi
    done < <(
        printf '%s\n' "${base%/}"/{sbin,bin,libexec}/{mariadbd,mysqld}
        candidates
    )
    fail INSTALLATION_NOT_FOUND "the my.cnf of $MOUNT says basedir '$base', and there is no server program"
}

# legacy_version: version of the server that worked on the files last, if its log tells.
legacy_version() {
    [[ -r $MOUNT/mysqld_error.log ]] || return 0
    tail -c 1048576 "$MOUNT/mysqld_error.log" | sed -n "s/^.*Version: '\([0-9][^']*\)'.*/\1/p" | tail -n 1
}

# leads_outside NAME VALUE: a setting of a path, as domain/owned.py tells them.
leads_outside() {
    case $1 in
        ssl_* | ft_stopword_file | gssapi_keytab_path | *_key_management_*) return 1 ;;
        innodb_data_file_path | innodb_temp_data_file_path | plugin_load | plugin_load_add)
            [[ $2 == */* ]]
            return
            ;;
        *_file | *_filename | *_path | *_dir | *_directory | *_home | *_keytab) return 0 ;;
    esac
    case $2 in /* | '~'* | ./* | *..* | *=/*) return 0 ;; esac
    return 1
}

# legacy_settings: `name<TAB>value` of each setting of its my.cnf that is taken over.
legacy_settings() {
    local line name bare tool prefix value
    tool=$(find_tool my_print_defaults mariadb-print-defaults)
    "$tool" --defaults-file="$MOUNT/my.cnf" --mysqld | while IFS= read -r line; do
        line=${line#--}
        name=${line%%=*}
        name=${name//-/_}
        bare=$name
        for prefix in loose_ maximum_ enable_ disable_ skip_; do bare=${bare#"$prefix"}; done
        case $LEFT_BEHIND in *[[:space:]]"$bare"[[:space:]]*) continue ;; esac
        [[ $bare != wsrep_* ]] || continue
        if [[ $line == *=* ]]; then value=${line#*=}; else value=1; fi
        if leads_outside "$bare" "$value"; then continue; fi
        printf '%s\t%s\n' "$name" "$value"
    done
}

# json_text VALUE: a JSON string.
json_text() {
    local value=$1
    value=${value//\\/\\\\}
    value=${value//\"/\\\"}
    printf '"%s"' "${value//[[:cntrl:]]/ }"
}

# legacy_marker: the delphix.json of the dataset, as domain/dataset.py writes it. Filters of
# replication stay on staging; what may be a secret goes into no metadata.
legacy_marker() {
    local name value comma='' role=vdb
    [[ $(legacy_option "$MOUNT" read_only) != 1 ]] || role=staging
    printf '{\n "plugin": "%s",\n "layout": 2,\n "guid": %s,\n "role": "%s",\n "port": %d,\n "serverId": %d,\n' \
        "$PLUGIN_ID" "$(json_text "${GUID:-}")" "$role" "$(number_or_zero "$(legacy_option "$MOUNT" port)")" \
        "$(number_or_zero "$(legacy_option "$MOUNT" server_id)")"
    printf ' "baseDir": %s,\n "daemonPath": %s,\n "requiredSettings": [' "$(json_text "$BASE_DIR")" "$(json_text "$DAEMON")"
    while IFS=$'\t' read -r name value; do
        case $name in *replicate_* | *slave_* | *relay_* | *pass* | *filekey* | *token*) continue ;; esac
        printf '%s\n  {\n   "propertyName": %s,\n   "value": %s\n  }' "$comma" "$(json_text "$name")" "$(json_text "$value")"
        comma=,
    done <<<"$1"
    printf '%s]\n}\n' "${comma:+$'\n' }"
}

number_or_zero() { if [[ $1 =~ ^[0-9]{1,10}$ ]]; then printf '%d' "$((10#$1))"; else printf 0; fi; }

# require_legacy_files: every file of the data can be written by us. Plugin 1.0.0 had them made by
# root for the user mysql and relied on the group.
require_legacy_files() {
    local path
    path=$(find "$MOUNT/data" ! -writable -print 2>/dev/null | head -n 1) || :
    [[ -z $path ]] || fail MOUNT_NOT_WRITABLE "$path: $(stat -c '%U:%G, mode %a' "$path"), we are $(id -un) with the groups $(id -Gn); plugin 1.0.0 needed the group of the data too"
}

# adopt_legacy: makes a dataset of plugin 1.0.0 one of ours. The marker comes last: an attempt that
# was cut off is made again. Data, logs and a running server stay as they are.
adopt_legacy() {
    local settings DAEMON=${DAEMON:-} BASE_DIR name value written
    require_legacy_files
    DAEMON=$(legacy_daemon)
    BASE_DIR=$(base_dir "$DAEMON")
    settings=$(legacy_settings)
    {
        printf '# Taken over from the my.cnf of plugin 1.0.0.\n[mysqld]\n'
        option_line basedir "$BASE_DIR"
        while IFS=$'\t' read -r name value; do
            [[ -z $name ]] || option_line "$name" "$value"
        done <<<"$settings"
    } | write_text "$MOUNT/required.cnf"
    legacy_binlog | write_text "$MOUNT/legacy.binlog"
    written=$(legacy_version)
    [[ -z $written ]] || note_files "$written" open
    legacy_marker "$settings" | write_text "$MOUNT/delphix.json"
    log INFO "took over the dataset of plugin 1.0.0 at $MOUNT, server program $DAEMON"
}

# adopt_copy: as adopt_legacy, for a copy of such a dataset, which may have been mounted elsewhere
# and whose files must be of the server's own series.
adopt_copy() {
    local written runs
    require_mount
    [[ -n $(legacy_home "$MOUNT") ]] || return 0
    written=$(legacy_version)
    runs=$(daemon_version "$DAEMON")
    if [[ $written =~ ^([0-9]+\.[0-9]+)\. && $runs != "${BASH_REMATCH[1]}".* ]]; then
        fail VERSION_MISMATCH "the files were written by $written, the repository runs $runs"
    fi
    [[ -n $written ]] || log WARNING "nothing tells which version wrote the files"
    adopt_legacy
}

# legacy_binlog: base name of the binary log with which the files must be recovered; nothing when the
# server wrote none. A path below the old mount is one below MOUNT now.
legacy_binlog() {
    local name home
    name=$(legacy_option "$MOUNT" log_bin)
    home=$(legacy_home "$MOUNT")
    printf '%s\n' "${name/#"$home/"/$MOUNT/}"
}

legacy_settled() { server_speaks "$1" || process_gone "$1" "$2"; }

# recover_legacy: runs the server once with the binary log it had. Plugin 1.0.0 killed its servers, and
# InnoDB alone does not know which of the last transactions were committed: a server without the log
# refuses to start ("Found 1 prepared transactions!") or would have to guess.
recover_legacy() {
    local name offset pid start
    [[ -f $MOUNT/legacy.binlog ]] || return 0
    name=$(<"$MOUNT/legacy.binlog")
    [[ -z $name || $name == /* ]] || name="$MOUNT/data/$name"
    if [[ -f $name.index ]]; then
        log INFO "recovering with the binary log $name"
        write_text "$MOUNT/my.cnf" <<<"$CONFIG"
        # The index holds whole paths of the old mount.
        if [[ $name == "$MOUNT"/* ]]; then
            sed "s|^.*/|${name%/*}/|" "$name.index" | write_text "$name.index"
        fi
        offset=$(log_size)
        setsid env -i PATH="$PATH" LC_ALL=C HOME="$HOME" "$DAEMON" --defaults-file="$MOUNT/my.cnf" \
            --log-bin="$name" --log-bin-index="$name.index" --skip-networking --init-file= \
            </dev/null >>"$MOUNT/log/error.log" 2>&1 3>&- &
        pid=$!
        disown "$pid"
        start=$(start_time "$pid")
        await "$START_SECONDS" legacy_settled "$pid" "$start" || log WARNING "no answer after $START_SECONDS s"
        stop_process "$pid" "$start" "$STOP_SECONDS"
        # Without -q: a reader that leaves early would make the pipe a failure.
        if ! log_since "$offset" | grep 'Shutdown complete' >/dev/null; then
            log_since "$offset" >&2
            fail SERVER_DIED "recovery: $(cause_in_log "$offset")"
        fi
    fi
    rm -f -- "$MOUNT/legacy.binlog"
}

# settle_replication: a VDB loses the replication configuration that plugin 1.0.0 failed to remove; the
# relay logs of a staging server take the names that we use. For a stopped server.
settle_replication() {
    local info="$MOUNT/data/relay-log.info" last path name
    if [[ $CONFIG == *$'\n# Role: vdb\n'* ]]; then
        remove_replication
        return
    fi
    [[ -f $info ]] || return 0
    last=$(sed -n '/\.[0-9]\{6,\}$/{p;q}' "$info")
    [[ $last == /* ]] || last="$MOUNT/data/${last#./}"
    [[ $last == "$MOUNT"/*.* && $last != "$MOUNT"/log/relay.* ]] || return 0
    name=${last%.*}
    for path in "$name".[0-9]*; do
        [[ ! -e $path ]] || mv -f -- "$path" "$MOUNT/log/relay.${path##*.}"
    done
    if [[ -f $name.index ]]; then
        sed "s|^.*\.|$MOUNT/log/relay.|" "$name.index" | write_text "$MOUNT/log/relay.index"
    fi
    # Its first path is the relay log; the source's binary log comes after it.
    awk -v name="$MOUNT/log/relay." '!done && /\.[0-9][0-9][0-9][0-9][0-9][0-9]+$/ { sub(/^.*\./, name); done = 1 } { print }' "$info" | write_text "$info"
    rm -f -- "$name.index"
}

# inherit_settings: a snapshot of plugin 1.0.0 brings no settings; those of the dataset stay.
inherit_settings() {
    local none='"requiredSettings": []' kept
    [[ $MARKER == *"$none"* ]] || return 0
    kept=$(sed -n '/^ "requiredSettings": \[$/,/^ \]/p' "$MOUNT/delphix.json")
    [[ -n $kept ]] || return 0
    MARKER=${MARKER%%"$none"*}${kept# }${MARKER#*"$none"}
    REQUIRED+=$'\n'$(grep -v -e '^#' -e '^\[' -e '^basedir' "$MOUNT/required.cnf" || :)
}
