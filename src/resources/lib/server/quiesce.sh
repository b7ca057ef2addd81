#!/usr/bin/env bash
# The backup lock around a storage snapshot. A session of the server itself holds it and sleeps; when
# the sleep is over it ends, so the lock goes even if nobody ever comes to release it. The facts of
# the moment lie in MOUNT/run/snapshot.facts, inside the snapshot too.
# Needs: process server/client server/find server/holder server/running story

# holder_said PID START SERVER: the holder has the lock, or is dead, or the server is frozen.
holder_said() { grep -q '^held' "$MOUNT/$HOLDER" || process_gone "$1" "$2" || is_frozen "$3"; }

# holder_id: connection id of the session that holds the lock, if it still does. The client may have
# warned of something before.
holder_id() {
    local id
    id=$(sed -n $'s/^held\t//p' "$MOUNT/$HOLDER" 2>/dev/null) || return 0
    [[ $id =~ ^[0-9]+$ ]] || return 0
    ask_sql <<<"SELECT id FROM information_schema.processlist WHERE id = $id AND info LIKE 'DO SLEEP(%'"
}

session_gone() {
    local id
    id=$(holder_id) && [[ -z $id ]]
}

# hold LOCK_SECONDS HOLD_SECONDS: takes the lock in the background. What was committed leaves the server's
# own buffers: with innodb_flush_log_at_trx_commit = 0 it may be there only, and FLUSH ENGINE LOGS passes it over.
hold() {
    local pid start server
    local -a UNDER
    server=$(server_pids | head -n 1)
    rm -f -- "$MOUNT/$HOLDER"
    : >"$MOUNT/$HOLDER"
    # shellcheck disable=SC2034  # `client` reads it; the pid that we note is that of the client itself
    UNDER=(exec setsid env -i HOME="$HOME")
    session --unbuffered < <(
        cat <<SQL
SET SESSION lock_wait_timeout = $1, SESSION max_statement_time = 0;
BACKUP STAGE START;
BACKUP STAGE FLUSH;
BACKUP STAGE BLOCK_DDL;
BACKUP STAGE BLOCK_COMMIT;
SET @was = @@global.innodb_flush_log_at_trx_commit, GLOBAL innodb_flush_log_at_trx_commit = 1;
FLUSH NO_WRITE_TO_BINLOG ENGINE LOGS;
SET GLOBAL innodb_flush_log_at_trx_commit = @was;
SELECT 'held', CONNECTION_ID();
DO SLEEP($2);
BACKUP STAGE END;
SQL
    ) >"$MOUNT/$HOLDER" 2>&1 3>&- &
    pid=$!
    disown "$pid"
    start=$(start_time "$pid")
    printf '%s %s\n' "$pid" "$start" >"$MOUNT/$HOLDER_PID"
    await "$(($1 * 4 + 10))" holder_said "$pid" "$start" "$server" || stop_process "$pid" "$start" 5
    if is_frozen "$server"; then
        cut_holder
        fail SERVER_NOT_READY "$(server_state)"
    fi
    grep -q '^held' "$MOUNT/$HOLDER" || fail QUIESCE_FAILED "$(grep -m 1 ERROR "$MOUNT/$HOLDER" || echo "no lock after $1 s")"
}

# undo_hold STATUS: a step that fails after it took the lock gives it back.
undo_hold() {
    trap - EXIT ERR
    trap '' HUP INT TERM
    (($1 == 0)) || release_hold || :
    exit "$1"
}

# release_hold: ends the session that holds the lock; the server then gives everything free. 1 when no
# session holds it.
release_hold() {
    local id status=0
    id=$(holder_id) || status=$?
    if ((status != 0)); then
        cut_holder
        require_running >/dev/null
        fail SERVER_NOT_READY "the lock cannot be released in good order: $(server_state); its session was cut off, so it goes when the server goes on"
    fi
    [[ -n $id ]] || return 1
    sql <<<"KILL CONNECTION $id"
    await 30 session_gone || fail QUIESCE_FAILED "session $id does not end"
    cut_holder
}
