#!/usr/bin/env bash
# What makes a copy of the source that is not part of its consistent snapshot exact: a session that
# holds read locks, or else the proof that nothing has changed. WORK is the job's directory. LOCK says
# what may be locked: `all` (the tables of accounts and routines too), `tables` (the user's) or `none`.
# Needs: copy/engines copy/inventory copy/unchanged process server/client_errors source/client source/sql
#     story writers

# The session that holds locks: its files are WORK/HOLDS.*. Another one has its own HOLDS, LOCK_PID, LOCK_START
# and LOCK_FD, as locals of the function that has it.
HOLDS=lock

# lock_open: a session on the source that holds read locks, told what to do through descriptor LOCK_FD.
lock_open() {
    rm -f -- "$WORK/$HOLDS.in"
    mkfifo "$WORK/$HOLDS.in"
    # It lives as long as the job.
    ASK_SECONDS=604800 source_client --unbuffered <"$WORK/$HOLDS.in" >"$WORK/$HOLDS.out" 2>"$WORK/$HOLDS.err" 3>&- &
    LOCK_PID=$!
    LOCK_START=$(start_time "$LOCK_PID")
    exec {LOCK_FD}>"$WORK/$HOLDS.in"
}

# lock_said WORD: the session has answered with WORD, or is dead.
lock_said() { grep -qsx "$1" "$WORK/$HOLDS.out" || process_gone "$LOCK_PID" "$LOCK_START"; }

# lock_ask WORD SQL: has the session run SQL and answer WORD; 1 when it died of it.
lock_ask() {
    { printf '%s\nSELECT "%s";\n' "$2" "$1" >&"$LOCK_FD"; } 2>/dev/null || :
    if ! await "$((LOCK_SECONDS + 30))" lock_said "$1"; then
        source_lives || fail SOURCE_UNREACHABLE "$SOURCE_HOST:$SOURCE_PORT does not answer any more; the server is frozen or the connection is cut"
        fail SOURCE_LOCK_TIMEOUT "no answer in $LOCK_SECONDS s to: ${2:0:300}"
    fi
    grep -qx "$1" "$WORK/$HOLDS.out"
}

# lock_tell WORD SQL: the same, and it must not die.
lock_tell() { lock_ask "$@" || source_failed "$(error_line "$(<"$WORK/$HOLDS.err")"), on: ${2:0:300}"; }

# lock_names: the names in SQL of the tables whose rows stdin has.
lock_names() {
    local line text=''
    local -a ROW
    while IFS= read -r line; do
        decode_row "$line"
        text+="${text:+,}$(sql_name "${ROW[@]}")"
    done
    printf '%s' "$text"
}

# lock_rows CONDITION COMMAND...: `schema table` of what takes no part in a consistent snapshot, from the server that
# the command asks.
lock_rows() {
    "${@:2}" <<SQL | sort
SELECT table_schema, table_name FROM information_schema.tables WHERE engine NOT IN ($TRANSACTIONAL, $EXTERNAL, 'MEMORY') AND $ALIVE AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
    AND ($1);
SQL
}

# lock_sql NAMES: prints the statements that lock these tables; without names they would lock everything. Not
# LOCK TABLES: there a write waits inside the lock of the table, and new reads, ours among them, queue behind
# it. FLUSH TABLES ... WITH READ LOCK stops writers earlier, at the metadata lock, which lets reads pass.
lock_sql() { printf 'SET SESSION lock_wait_timeout = %s, SESSION wait_timeout = 86400; FLUSH TABLES %s WITH READ LOCK;' "$LOCK_SECONDS" "${1:?}"; }

# hold_still: locks every table that takes no part in a consistent snapshot, as far as LOCK and the source
# allow. Not mysql.event, which the event scheduler of the source writes: an event that is created after the
# snapshot and copied nevertheless comes again by replication, which then stops with an error. Checksums of
# what cannot be locked are kept in WORK/state.
hold_still() {
    local tables system refusal sql
    LOCK_PID=''
    lock_rows "$(chosen table_schema)" source_sql >"$WORK/locked"
    tables=$(lock_names <"$WORK/locked")
    if [[ $LOCK == all ]]; then
        system=$(lock_rows "table_schema = 'mysql' AND table_name IN ('global_priv', 'db', 'tables_priv', 'columns_priv', 'procs_priv', 'roles_mapping', 'proc')" source_sql | lock_names)
        sql=$(lock_sql "$system${tables:+,$tables}")
        lock_open
        if lock_ask locked "$sql"; then return; fi
        refusal=$(error_line "$(<"$WORK/$HOLDS.err")")
        # What services say that keep their system tables to themselves.
        [[ $refusal =~ ERROR\ (1044|1045|1142|1227)\  ]] || source_failed "$refusal, on: ${sql:0:300}"
        log WARNING "the source does not let its tables of accounts and routines be locked: $refusal"
        LOCK=tables LOCK_PID=''
    fi
    log INFO "accounts and routines of the source are not locked: they are compared before and after"
    unlocked_state accounts events routines triggers >"$WORK/state"
    [[ -n $tables ]] || return 0
    [[ $LOCK == tables ]] || fail SOURCE_PRIVILEGE_MISSING "read locks (RELOAD, LOCK TABLES) are needed: not transactional are ${tables:0:300}"
    lock_open
    lock_tell locked "$(lock_sql "$tables")"
}

# let_go: proves that the session still held its locks, and releases them; what was not locked must be
# unchanged.
let_go() {
    if [[ -n $LOCK_PID ]]; then
        lock_tell held ''
        lock_tell released 'UNLOCK TABLES;'
        exec {LOCK_FD}>&-
        log INFO "locks of the source released"
    fi
    require_unchanged accounts events routines triggers
}
