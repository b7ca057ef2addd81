#!/usr/bin/env bash
# The proof that the server of MOUNT runs and takes us for its own.
# Needs: plugin_1_0/recognise process server/answers server/error_log server/find server/log_cause story
# Constants: OPTION_FILE SOCKET

# require_running: prints the pid of the one server of MOUNT, which answers.
require_running() {
    local pid
    pid=$(server_pid)
    if [[ -z $pid ]]; then
        new_log >&2
        unwritable "no server runs with $MOUNT/$OPTION_FILE; the last of its log: $(last_words)"
        # The log may tell of room that is there again.
        finish SERVER_NOT_RUNNING "no server runs with $MOUNT/$OPTION_FILE; the last of its log: $(last_words)"
    fi
    if legacy_running; then fail SERVER_OLD_LAYOUT "server $pid runs with the option file of plugin 1.0.0"; fi
    # A frozen one is told at once: nothing that we ask would be answered.
    if is_frozen "$pid"; then fail SERVER_NOT_READY "$(server_state)"; fi
    if ! server_answers "$pid"; then
        await 30 server_speaks "$pid" || fail SERVER_NOT_READY "no answer on $MOUNT/$SOCKET: $(server_state)"
        server_answers "$pid" || fail ENTRY_REFUSED "server $pid refuses $OS_USER on $MOUNT/$SOCKET"
    fi
    printf '%s\n' "$pid"
}
