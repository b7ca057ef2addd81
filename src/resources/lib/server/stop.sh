#!/usr/bin/env bash
# Stopping the servers of MOUNT, and proving that they ended in good order.
# Needs: dataset/marker dataset/note_files dataset/written_by host/programs process server/error_log
#     server/find story
# Constants: SOCKET

# end_server PID SECONDS: as stop_process. On a full disk a server never ends by itself, and one that is
# killed there may leave half a page behind (seen: page 243 of ibdata1, beyond repair). So the step fails
# with SIGTERM sent, and the server ends once there is room. It is killed only when this is the second
# request, or when SECONDS is at most 120, as for data that is thrown away.
end_server() {
    local start asked=no
    start=$(start_time "$1")
    # A server that was asked before has closed its socket.
    [[ -S $MOUNT/$SOCKET ]] || asked=yes
    kill -TERM "$1" 2>/dev/null || :
    if ! is_frozen "$1" && ! await "$(($2 < 20 ? $2 : 20))" process_gone "$1" "$start" && cannot_write >/dev/null; then
        [[ $asked == yes || $2 -le 120 ]] ||
            unwritable "server $1 cannot end before there is room; without room the same operation, run again, ends it by force"
        log WARNING "server $1 does not end, and $MOUNT takes no bytes: SIGKILL"
        kill -KILL "$1" 2>/dev/null || :
    fi
    stop_process "$1" "$start" "$2"
}

# stop_servers SECONDS: stops every server that runs with the option file of MOUNT.
stop_servers() {
    local pid ours
    for pid in $(server_pids); do
        log INFO "stopping server $pid"
        ours=no
        if is_current "$pid"; then
            ours=yes
            note_running "$pid"
        fi
        mark_log
        end_server "$pid" "$1"
        [[ $ours == no ]] || close_files
    done
    [[ -z $(server_pids) ]] || fail SERVER_NOT_STOPPED "a server of $MOUNT is still running: pid $(server_pids | tr '\n' ' ')"
}

# note_running PID: writes written.by for a server that an earlier build of the plugin started without it. The
# version is that of the running program: the file at its path may have been replaced since.
note_running() {
    local runs
    [[ -z $(files_note) ]] && is_ours "$MOUNT" || return 0
    runs=$(daemon_version "/proc/$1/exe")
    [[ -z $runs ]] || note_files "$runs" open || log WARNING "$MOUNT/written.by could not be written"
}

# close_files: the server that ran on the files has ended; notes it if that was in good order,
# which its log tells since the mark.
close_files() {
    local by='' state=''
    read -r by state < <(files_note) || return 0
    [[ $state == open ]] || return 0
    # Without -q: a reader that leaves early would make the pipe a failure.
    if new_log | grep 'crash recovery' >/dev/null; then
        log WARNING "the server was told to leave its files to crash recovery (innodb_fast_shutdown)"
    elif new_log | grep 'Shutdown complete' >/dev/null; then
        note_files "$by" closed || log WARNING "$MOUNT/written.by could not be written"
    else
        log WARNING "the server did not end in good order"
    fi
}
