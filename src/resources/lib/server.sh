#!/usr/bin/env bash
# Starting and stopping the server of MOUNT, and proving that it did.

# server_answers PID: what answers on our socket is this process on our data directory, and it takes
# us for its management account (without that account, an anonymous one might let us in).
server_answers() {
    local seen expected
    expected="$MOUNT/data/"$'\t'"$MOUNT/run/mariadb.pid"$'\t'"$(id -un)@localhost"
    seen=$(try_sql <<<"SELECT @@global.datadir, @@global.pid_file, CURRENT_USER()") || return 1
    [[ $seen == "$expected" && $(cat "$MOUNT/run/mariadb.pid") == "$1" ]]
}

# server_speaks PID: it answers, or it refuses us: its grant tables were replaced.
server_speaks() {
    local account
    server_answers "$1" && return 0
    account=$(ask_sql 2>&1 <<<"SELECT CURRENT_USER()") && [[ $account != "$(id -un)@localhost" ]] && return 0
    # Numbers from 2000 on are the client's own: nobody answered it.
    grep -qE '^ERROR [13-9][0-9]{3} ' <<<"$account"
}

# server_settled PID START: it answers, or it is dead, or it waits for ever: for room on the disk, or for
# somebody to let it go on.
server_settled() {
    server_answers "$1" || process_gone "$1" "$2" || waits_for_room || frozen_for_long "$1"
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

# log_size: how long the server's error log is.
log_size() { stat -c %s "$MOUNT/log/error.log" 2>/dev/null || echo 0; }

# log_since OFFSET: what the server wrote to its error log after OFFSET bytes.
log_since() {
    [[ ! -f $MOUNT/log/error.log ]] || tail -c +"$(($1 + 1))" "$MOUNT/log/error.log" | tail -n 40
}

# waits_for_room: the server of this step has said so; it would look again each minute. The last lines
# only: it is asked ten times a second.
waits_for_room() {
    [[ $(log_since "${LOG_OFFSET:-0}" | tail -n 8) == *"aiting for someone to free some space"* ]]
}

# cause_in_log OFFSET: the line of the error log that tells why the server ended. Messages of WSREP come
# also where Galera plays no part; an end that is announced stands last, warnings stand before it.
cause_in_log() {
    log_since "$1" | grep -F '[ERROR]' | grep -v -m 1 -e WSREP -e 'Aborting$' || log_since "$1" | grep -v '^$' | tail -n 1
}

# launch_server SECONDS [OPTION...]: starts the server and waits until it answers.
launch_server() {
    local seconds=$1 pid start seen began=$SECONDS
    shift
    LOG_OFFSET=$(log_size)
    rm -f -- "$MOUNT/run/mariadb.pid" "$MOUNT/run/mariadb.sock"
    # A server that this step does not prove is found by this and stopped, whatever becomes of the step.
    note_step >"$MOUNT/run/launched.by"
    # A clean environment: what this step was given stays out of the daemon's.
    setsid env -i PATH="$PATH" LC_ALL=C HOME="$HOME" "$DAEMON" --defaults-file="$MOUNT/my.cnf" "$@" \
        </dev/null >>"$MOUNT/log/error.log" 2>&1 3>&- &
    pid=$!
    disown "$pid"
    start=$(start_time "$pid")
    if ! await "$seconds" server_settled "$pid" "$start" || is_frozen "$pid"; then
        log_since "$LOG_OFFSET" >&2
        seen="no answer on $MOUNT/run/mariadb.sock after $((SECONDS - began)) s, $(server_state); last line of its log: $(log_since "$LOG_OFFSET" | tail -n 1)"
        stop_process "$pid" "$start" 30
        fail SERVER_NOT_READY "$seen"
    fi
    if waits_for_room; then
        seen=$(log_since "$LOG_OFFSET" | grep -m 1 'aiting for someone to free some space')
        stop_process "$pid" "$start" 5
        finish DISK_SPACE "$MOUNT is full, $(free_space): $seen"
    fi
    if process_gone "$pid" "$start"; then
        log_since "$LOG_OFFSET" >&2
        seen=$(cause_in_log "$LOG_OFFSET") || :
        fail SERVER_DIED "${seen:-it wrote nothing to its log}"
    fi
    log INFO "server $pid answers on $MOUNT/run/mariadb.sock"
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
    rm -f -- "$MOUNT/run/launched.by" 2>/dev/null || :
    exit "$1"
}

# stop_process PID START SECONDS: asks, waits, and at last forces; says when it had to. One that a
# signal has frozen must go on to hear us.
stop_process() {
    same_process "$1" "$2" || return 0
    kill -TERM "$1" 2>/dev/null || :
    if is_frozen "$1"; then
        log WARNING "process $1 is frozen (state $(process_state "$1")): SIGCONT, so that it can end"
        kill -CONT "$1" 2>/dev/null || :
    fi
    if ! await "$3" process_gone "$1" "$2"; then
        log WARNING "process $1 did not end within $3 s of SIGTERM: SIGKILL"
        kill -KILL "$1" 2>/dev/null || :
        await 30 process_gone "$1" "$2" || fail SERVER_NOT_STOPPED "process $1 is still there after SIGKILL"
    fi
}

# end_server PID SECONDS: as stop_process. On a full disk a server never ends by itself, and one that is
# killed there may leave half a page behind (seen: page 243 of ibdata1, beyond repair). So the step fails,
# and the server ends as soon as there is room. Who asks again without giving room has it ended by force,
# and so has whoever throws the dataset away.
end_server() {
    local start asked=no
    start=$(start_time "$1")
    # A server that was asked before has closed its socket.
    [[ -S $MOUNT/run/mariadb.sock ]] || asked=yes
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
    local pid ours offset
    for pid in $(server_pids); do
        log INFO "stopping server $pid"
        ours=no
        if is_current "$pid"; then
            ours=yes
            note_running "$pid"
        fi
        offset=$(log_size)
        end_server "$pid" "$1"
        [[ $ours == no ]] || close_files "$offset"
    done
    [[ -z $(server_pids) ]] || fail SERVER_NOT_STOPPED "a server of $MOUNT is still running: pid $(server_pids | tr '\n' ' ')"
}

# require_running: prints the pid of the one server of MOUNT, which answers.
require_running() {
    local pid
    pid=$(server_pids | head -n 1)
    if [[ -z $pid ]]; then
        log_since 0 >&2
        fail SERVER_NOT_RUNNING "no server runs with $MOUNT/my.cnf; last line of its log: $(log_since 0 | tail -n 1)"
    fi
    if legacy_running; then fail SERVER_OLD_LAYOUT "server $pid runs with the option file of plugin 1.0.0"; fi
    # A frozen one is told at once: nothing that we ask would be answered.
    if is_frozen "$pid"; then fail SERVER_NOT_READY "$(server_state)"; fi
    await 30 server_speaks "$pid" || fail SERVER_NOT_READY "no answer on $MOUNT/run/mariadb.sock: $(server_state)"
    server_answers "$pid" || fail ENTRY_REFUSED "server $pid refuses $(id -un) on $MOUNT/run/mariadb.sock"
    printf '%s\n' "$pid"
}

# is_current PID: the server is of this mount, not of an earlier one at the same path.
is_current() {
    [[ $(stat -L -c %d:%i "/proc/$1/cwd" 2>/dev/null) == "$(stat -c %d:%i "$MOUNT/data" 2>/dev/null)" ]]
}

# prove_server: asks the server itself who it is and who may enter.
prove_server() {
    local seen open
    seen=$(sql <<<"SELECT @@global.port, @@global.server_id")
    [[ $seen == "$PORT"$'\t'"$SERVER_ID" ]] || fail SERVER_FOREIGN "expected port $PORT and server id $SERVER_ID, the server says ${seen//$'\t'/ and }"
    open=$(sql <<<"SET SESSION sql_mode = ''; $DOORS_SQL")
    [[ -z $open ]] || fail ACCOUNT_OPEN "${open//$'\n'/, }"
    sql <<<"SELECT 'version', VERSION()" | answer_tagged
}

# start_server: writes the configuration, starts and proves; one that runs already is left alone
# unless RESTART is yes.
start_server() {
    local pid
    pid=$(server_pids | head -n 1)
    if [[ -n $pid ]] && { [[ $RESTART == yes ]] || legacy_running || being_upgraded || abandoned "$pid" || ! is_current "$pid"; }; then
        stop_servers "$STOP_SECONDS"
        pid=''
    fi
    if [[ -n $pid ]]; then
        require_running >/dev/null
        answer already yes
        sql <<<"SELECT 'version', VERSION()" | answer_tagged
        return
    fi
    require_free_port "$PORT"
    require_free_server_id "$SERVER_ID"
    require_fitting_files
    make_directories
    settle_replication
    recover_legacy
    renumber_marker
    write_text "$MOUNT/my.cnf" <<<"$CONFIG"
    write_text "$MOUNT/run/init.sql" <<<"$INIT_SQL"
    open_files
    launch_server "$START_SECONDS"
    prove_server
}
