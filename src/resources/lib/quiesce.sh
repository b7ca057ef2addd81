#!/usr/bin/env bash
# The backup lock around a storage snapshot. A session of the server itself holds it and sleeps; when
# the sleep is over it ends, so the lock goes even if nobody ever comes to release it. The facts of
# the moment lie in MOUNT/run/snapshot.facts, inside the snapshot too.

HOLDER=run/quiesce.out

# holder_said: the holder has the lock, or is dead.
holder_said() { grep -q '^held' "$MOUNT/$HOLDER" || process_gone "$1" "$2"; }

# holder_id: connection id of the session that holds the lock, if it still does. The client may have
# warned of something before.
holder_id() {
    local id
    id=$(sed -n $'s/^held\t//p' "$MOUNT/$HOLDER" 2>/dev/null) || return 0
    [[ -n $id ]] || return 0
    sql <<<"SELECT id FROM information_schema.processlist WHERE id = $id AND info LIKE 'DO SLEEP(%'"
}

session_gone() { [[ -z $(holder_id) ]]; }

# hold LOCK_SECONDS HOLD_SECONDS: takes the lock in the background.
hold() {
    local pid start
    rm -f -- "$MOUNT/$HOLDER"
    : >"$MOUNT/$HOLDER"
    setsid env -i HOME="$HOME" "$CLIENT" --no-defaults --skip-ssl --protocol=socket --socket="$MOUNT/run/mariadb.sock" --user="$(id -un)" \
        --batch --skip-column-names --unbuffered < <(
            cat <<SQL
SET SESSION lock_wait_timeout = $1, SESSION max_statement_time = 0;
BACKUP STAGE START;
BACKUP STAGE FLUSH;
BACKUP STAGE BLOCK_DDL;
BACKUP STAGE BLOCK_COMMIT;
SELECT 'held', CONNECTION_ID();
DO SLEEP($2);
BACKUP STAGE END;
SQL
        ) >"$MOUNT/$HOLDER" 2>&1 3>&- &
    pid=$!
    disown "$pid"
    start=$(start_time "$pid")
    await "$(($1 * 4 + 10))" holder_said "$pid" "$start" || { stop_process "$pid" "$start" 5; }
    grep -q '^held' "$MOUNT/$HOLDER" || fail QUIESCE_FAILED "$(grep -m 1 ERROR "$MOUNT/$HOLDER" || echo "no lock after $1 s")"
}

# undo_hold STATUS: a step that fails after it took the lock gives it back.
undo_hold() {
    trap - EXIT ERR
    trap '' HUP INT TERM
    (($1 == 0)) || release_hold || :
    exit "$1"
}

# release_hold: ends the session that holds the lock; the server then gives everything free.
release_hold() {
    local id
    id=$(holder_id)
    [[ -n $id ]] || return 1
    sql <<<"KILL CONNECTION $id"
    await 30 session_gone || fail QUIESCE_FAILED "session $id does not end"
}
