#!/usr/bin/env bash
# Starting a server and waiting until it answers, or is seen never to.
# Needs: process server/answers server/error_log server/find server/log_cause server/stop story talk
# Constants: ERROR_LOG OPTION_FILE PID_FILE RUN SOCKET

# server_settled PID START: it answers, or it is dead, or it waits for ever: for room on the disk, or for
# somebody to let it go on.
server_settled() {
    server_answers "$1" || process_gone "$1" "$2" || waits_by_now || has_no_room || frozen_for_long "$1"
}

# has_no_room: the dataset has taken no bytes at two looks, 20 s apart: the server waits for room, and its log
# may have had none for saying so.
has_no_room() {
    ((SECONDS - ROOM_ASKED_AT >= 20)) || return 1
    ROOM_ASKED_AT=$SECONDS
    if cannot_write >/dev/null; then ((++ROOM_MISSED >= 2)); else ROOM_MISSED=0 && false; fi
}

# frozen_for_long PID: the process has been frozen at every look for 10 s.
frozen_for_long() {
    if ! is_frozen "$1"; then
        FROZEN_AT=''
        return 1
    fi
    FROZEN_AT=${FROZEN_AT:-$SECONDS}
    ((SECONDS - FROZEN_AT >= 10))
}

# waits_for_room: the server of this step has said so; it would look again each minute.
waits_for_room() {
    [[ $(new_log | tail -n 8) =~ $WAITS_FOR_ROOM ]]
}

# waits_by_now: as waits_for_room, looked at once a second.
waits_by_now() {
    ((SECONDS > LOG_READ_AT)) || return 1
    LOG_READ_AT=$SECONDS
    waits_for_room
}

# Of a full log, the last words are there only.
WAITS_FOR_ROOM='(aiting for someone to free some space|Retry in [0-9]+ s)'

# run_daemon SECONDS SETTLED OPTION...: starts DAEMON and waits until the command SETTLED, told its pid and
# start time, says that there is nothing more to wait for; 1 when time is up. DAEMON_PID and DAEMON_START
# become those of the process, and new_log tells what it says.
run_daemon() {
    local seconds=$1 settled=$2
    shift 2
    ROOM_ASKED_AT=$SECONDS ROOM_MISSED=0 LOG_READ_AT=$SECONDS
    # The daemon would inherit them.
    end_talk
    mark_log
    # A clean environment: what this step was given stays out of the daemon's.
    setsid env -i PATH="$PATH" LC_ALL=C HOME="$HOME" "$DAEMON" --defaults-file="$MOUNT/$OPTION_FILE" "$@" \
        </dev/null >>"$MOUNT/$ERROR_LOG" 2>&1 3>&- &
    DAEMON_PID=$!
    disown "$DAEMON_PID"
    DAEMON_START=$(start_time "$DAEMON_PID")
    await "$seconds" "$settled" "$DAEMON_PID" "$DAEMON_START"
}

# launch_server SECONDS [OPTION...]: starts the server and waits until it answers.
launch_server() {
    local seconds=$1 seen began=$SECONDS answered=yes
    shift
    rm -f -- "$MOUNT/$PID_FILE" "$MOUNT/$SOCKET"
    # By this file a later step finds and stops the server, should this step die before it has proven it.
    note_step >"$MOUNT/$RUN/launched.by"
    run_daemon "$seconds" server_settled "$@" || answered=no
    if waits_for_room || ((ROOM_MISSED >= 2)); then
        seen=$(new_log | grep -E -m 1 "$WAITS_FOR_ROOM" || echo "the server waits, and cannot say so in its log")
        stop_process "$DAEMON_PID" "$DAEMON_START" 5
        finish DISK_SPACE "$MOUNT is full, $(free_space): $seen"
    fi
    if [[ $answered == no ]] || is_frozen "$DAEMON_PID"; then
        new_log >&2
        seen="no answer on $MOUNT/$SOCKET after $((SECONDS - began)) s, $(server_state); the last of its log: $(cause_in_log)"
        stop_process "$DAEMON_PID" "$DAEMON_START" 30
        fail SERVER_NOT_READY "$seen"
    fi
    if process_gone "$DAEMON_PID" "$DAEMON_START"; then
        new_log >&2
        seen=$(cause_in_log) || :
        fail SERVER_DIED "${seen:-it wrote nothing to its log}"
    fi
    log INFO "server $DAEMON_PID answers on $MOUNT/$SOCKET"
    # A step that fails after this must not leave a server behind that nobody has proven.
    trap 'undo_launch "$?"' EXIT
}

# undo_launch STATUS: at the end of a failed step, stops what it started.
undo_launch() {
    trap - EXIT ERR
    trap '' HUP INT TERM
    if (($1 != 0)); then
        log WARNING "stopping the server that this step has started"
        stop_servers 60
    fi
    rm -f -- "$MOUNT/$RUN/launched.by" 2>/dev/null || :
    exit "$1"
}
