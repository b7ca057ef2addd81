#!/usr/bin/env bash
# The first start of a server on files that plugin 1.0.0 has left: crash recovery and replication.
# Needs: dataset/write process server/answers server/error_log server/forget_replication server/launch
#     server/libraries server/log_cause story
# Constants: DATA LOG OPTION_FILE

legacy_settled() { server_speaks "$1" || process_gone "$1" "$2"; }

# recover_legacy: runs the server once with the binary log it had. Plugin 1.0.0 killed its servers, and
# InnoDB alone does not know which of the last transactions were committed: a server without the log
# refuses to start ("Found 1 prepared transactions!") or would have to guess.
recover_legacy() {
    local name
    [[ -f $MOUNT/legacy.binlog ]] || return 0
    name=$(<"$MOUNT/legacy.binlog")
    [[ -z $name || $name == /* ]] || name="$MOUNT/$DATA/$name"
    if [[ -f $name.index ]]; then
        log INFO "recovering with the binary log $name"
        link_libraries
        write_text "$MOUNT/$OPTION_FILE" <<<"$CONFIG"
        # The index holds whole paths of the old mount.
        if [[ $name == "$MOUNT"/* ]]; then
            sed "s|^.*/|${name%/*}/|" "$name.index" | write_text "$name.index"
        fi
        run_daemon "$START_SECONDS" legacy_settled --log-bin="$name" --log-bin-index="$name.index" --skip-networking --init-file= ||
            log WARNING "no answer after $START_SECONDS s"
        stop_process "$DAEMON_PID" "$DAEMON_START" "$STOP_SECONDS"
        # Without -q: a reader that leaves early would make the pipe a failure.
        if ! new_log | grep 'Shutdown complete' >/dev/null; then
            new_log >&2
            fail SERVER_DIED "recovery: $(cause_in_log)"
        fi
    fi
    rm -f -- "$MOUNT/legacy.binlog"
}

# settle_replication: a VDB loses the replication configuration that plugin 1.0.0 failed to remove; the
# relay logs of a staging server take the names that we use. For a stopped server.
settle_replication() {
    local info="$MOUNT/$DATA/relay-log.info" last path name
    if [[ $CONFIG == *$'\n# Role: vdb\n'* ]]; then
        remove_replication
        return
    fi
    [[ -f $info ]] || return 0
    last=$(sed -n '/\.[0-9]\{6,\}$/{p;q}' "$info")
    [[ $last == /* ]] || last="$MOUNT/$DATA/${last#./}"
    [[ $last == "$MOUNT"/*.* && $last != "$MOUNT/$LOG"/relay.* ]] || return 0
    name=${last%.*}
    for path in "$name".[0-9]*; do
        [[ ! -e $path ]] || mv -f -- "$path" "$MOUNT/$LOG/relay.${path##*.}"
    done
    if [[ -f $name.index ]]; then
        sed "s|^.*\.|$MOUNT/$LOG/relay.|" "$name.index" | write_text "$MOUNT/$LOG/relay.index"
    fi
    # Its first path is the relay log; the source's binary log comes after it.
    awk -v name="$MOUNT/$LOG/relay." '!done && /\.[0-9][0-9][0-9][0-9][0-9][0-9]+$/ { sub(/^.*\./, name); done = 1 } { print }' "$info" | write_text "$info"
    rm -f -- "$name.index"
}
