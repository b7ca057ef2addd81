#!/usr/bin/env bash
# Waiting for questions that the server of a dataset works on for long. WORK is the job's directory.
# Needs: job/movement process server/find story

# await_server PID WHAT: until the client PID has ended; gives its status. While the server moves bytes, or answers,
# nobody is impatient.
await_server() {
    local start
    start=$(start_time "$1")
    server_pid >"$WORK/server.pid"
    stand_still
    until process_gone "$1" "$start"; do
        require_movement "$2" "$WORK/server.pid"
        pause 0.1
    done
    wait "$1"
}
