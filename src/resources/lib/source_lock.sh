#!/usr/bin/env bash
# The session that holds read locks on the source's non-transactional tables while they are copied.
# WORK is the job's directory.

# lock_open: a session on the source that holds read locks, told what to do through descriptor 8.
lock_open() {
    mkfifo "$WORK/lock.in"
    source_client --unbuffered <"$WORK/lock.in" >"$WORK/lock.out" 2>"$WORK/lock.err" 3>&- &
    LOCK_PID=$!
    LOCK_START=$(start_time "$LOCK_PID")
    exec 8>"$WORK/lock.in"
}

# lock_said WORD: the session has answered with WORD, or is dead.
lock_said() { grep -qx "$1" "$WORK/lock.out" || process_gone "$LOCK_PID" "$LOCK_START"; }

# lock_tell WORD SQL: has the session run SQL and answer WORD.
lock_tell() {
    printf '%s\nSELECT "%s";\n' "$2" "$1" >&8 2>/dev/null || :
    await "$((LOCK_SECONDS + 30))" lock_said "$1" || fail SOURCE_LOCK_TIMEOUT "no answer in $LOCK_SECONDS s to: ${2:0:300}"
    grep -qx "$1" "$WORK/lock.out" || source_failed "$(error_line "$(cat "$WORK/lock.err")"), on: ${2:0:300}"
}

# lock_tables: read locks on every table that takes no part in a consistent snapshot. Not on mysql.event:
# the source's event scheduler writes it, and an event made in this very moment shows itself as an
# error of replication.
lock_tables() {
    local names
    names=$(
        source_sql --raw <<SQL | paste -sd ,
SELECT CONCAT('\`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`')
    FROM information_schema.tables WHERE engine NOT IN ($TRANSACTIONAL, $EXTERNAL) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
    AND ($(chosen table_schema) OR table_schema = 'mysql' AND table_name IN
        ('global_priv', 'db', 'tables_priv', 'columns_priv', 'procs_priv', 'roles_mapping', 'proc'));
SQL
    )
    # Not LOCK TABLES: there a waiting write queues inside the table's own lock, and new reads, ours
    # among them, queue behind it. This holds writers off at the metadata lock, which lets reads pass.
    lock_tell locked "SET SESSION lock_wait_timeout = $LOCK_SECONDS, SESSION wait_timeout = 86400; FLUSH TABLES $names WITH READ LOCK;"
}
