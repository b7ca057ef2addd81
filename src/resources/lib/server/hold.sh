#!/usr/bin/env bash
# The backup lock around a storage snapshot. A session of the server itself holds it and sleeps; when
# the sleep is over it ends, so the lock goes even if nobody ever comes to release it. The facts of
# the moment lie in MOUNT/run/snapshot.facts, inside the snapshot too.
# Needs: process server/ask server/client server/find server/holder server/lock_holders server/quiesce story
#     talk

# holder_said PID START SERVER: the holder has the lock, or is dead, or the server is frozen.
holder_said() { [[ -n $(held_by) ]] || process_gone "$1" "$2" || is_frozen "$3"; }

# hold LOCK_SECONDS HOLD_SECONDS: takes the lock in the background. What was committed leaves the server's
# own buffers: with innodb_flush_log_at_trx_commit = 0 it may be there only, and FLUSH ENGINE LOGS passes it over.
hold() {
    local pid start server error statements
    local -a UNDER
    # Never as a redirection: a failure there goes unseen.
    statements=$(hold_statements "$1" "$2")
    server=$(server_pid)
    # The session that holds the lock outlives this step.
    end_talk
    rm -f -- "$MOUNT/$HOLDER"
    : >"$MOUNT/$HOLDER"
    # shellcheck disable=SC2034  # `client` reads it; the pid that we note is that of the client itself
    UNDER=(exec setsid env -i HOME="$HOME")
    session --unbuffered <<<"$statements" >"$MOUNT/$HOLDER" 2>&1 3>&- &
    pid=$!
    disown "$pid"
    start=$(start_time "$pid")
    HOLDING=$pid HOLDING_SINCE=$start
    printf '%s %s\n' "$pid" "$start" >"$MOUNT/$HOLDER_PID"
    await "$(($1 * 4 + 10))" holder_said "$pid" "$start" "$server" || stop_process "$pid" "$start" 5
    if is_frozen "$server"; then
        cut_holder
        fail SERVER_NOT_READY "$(server_state)"
    fi
    if [[ -z $(held_by) ]]; then
        error=$(grep -m 1 ERROR "$MOUNT/$HOLDER" || echo "no lock after $1 s")
        fail QUIESCE_FAILED "$(failed_stage "$error"): $error; $(lock_holders)"
    fi
}

# hold_statements LOCK_SECONDS HOLD_SECONDS: what the session runs. Commits of InnoDB go on: its files are sound in storage
# at any moment, unless `unordered` says why not.
hold_statements() {
    local last
    last=$(unordered)
    if [[ -n $last ]]; then log INFO "commits wait, too: $last"; fi
    # The position of staging is exact, as nobody but its applier commits there.
    [[ $NEEDS_SERVER != yes && -z $last ]] || last='BACKUP STAGE BLOCK_COMMIT;'
    cat <<SQL
SET SESSION lock_wait_timeout = $1, SESSION max_statement_time = 0;
BACKUP STAGE START;
BACKUP STAGE FLUSH;
BACKUP STAGE BLOCK_DDL;
$last
SET @was = @@global.innodb_flush_log_at_trx_commit, GLOBAL innodb_flush_log_at_trx_commit = 1;
FLUSH NO_WRITE_TO_BINLOG ENGINE LOGS;
SET GLOBAL innodb_flush_log_at_trx_commit = @was;
SELECT 'held', CONNECTION_ID();
DO SLEEP($2);
BACKUP STAGE END;
SQL
}

# unordered: settings by which a moment in storage would not be one that InnoDB starts from, or by which its binary log
# would not fit; and an engine that has no such promise.
unordered() {
    ask "
SELECT GROUP_CONCAT(CONCAT(LOWER(variable_name), ' = ', variable_value) SEPARATOR ', ') FROM information_schema.global_variables
    WHERE (variable_name = 'INNODB_DOUBLEWRITE' AND variable_value NOT IN ('ON', '1'))
    OR (variable_name = 'INNODB_FLUSH_METHOD' AND variable_value IN ('nosync', 'littlesync', 'O_DIRECT_NO_FSYNC'))
    OR (variable_name = 'SYNC_BINLOG' AND variable_value <> '1' AND @@global.log_bin) HAVING COUNT(*) > 0;
SELECT 'the engine RocksDB' FROM information_schema.engines WHERE engine = 'ROCKSDB' AND support IN ('YES', 'DEFAULT')"
    [[ -z $TOLD ]] || printf '%s\n' "$TOLD"
}

# failed_stage ERROR: the stage whose line of the session's statements failed.
failed_stage() {
    local line=${1#* at line }
    case ${line%%:*} in
        2) echo "BACKUP STAGE START" ;;
        3) echo "BACKUP STAGE FLUSH" ;;
        4) echo "BACKUP STAGE BLOCK_DDL" ;;
        5) echo "BACKUP STAGE BLOCK_COMMIT" ;;
        *) echo "the backup lock" ;;
    esac
}

# undo_hold STATUS: a step that fails after it took the lock gives it back.
undo_hold() {
    trap - EXIT ERR
    trap '' HUP INT TERM
    if (($1 != 0)); then
        release_hold || :
        # It may not hold the lock yet, or could not say so for want of room.
        [[ -z ${HOLDING:-} ]] || stop_process "$HOLDING" "$HOLDING_SINCE" 5 || :
    fi
    exit "$1"
}
