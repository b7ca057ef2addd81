#!/usr/bin/env bash
# Summary: starts the streamed copy of the source into the staging server, as a background job.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY? LOG_SYNC DUMP_OPTIONS? INIT_SQL STALL_SECONDS LOCK_SECONDS
# Secrets: SOURCE_PASSWORD
# Answers: job (and, from the background: ) gtid binlogFile binlogPosition brokenView objects
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED INSTALLATION_NOT_FOUND TOOL_MISSING (and in the background:) POSITION_MISSING JOB_STALLED INVENTORY_DIFFERS DUMP_FAILED LOAD_FAILED SOURCE_LOCK_TIMEOUT SQL_FAILED
# Repeatable: no, the dataset is created anew first

# note_position: the replication position of the snapshot, from the dump's header.
note_position() {
    local file position gtid
    await "$STALL_SECONDS" test -f "$WORK/tables.header" -o -f "$WORK/tables.status" || fail JOB_STALLED "the dump has not begun after $STALL_SECONDS s"
    if [[ ! -f $WORK/tables.header ]]; then
        require_copied tables
        fail POSITION_MISSING "the dump holds nothing"
    fi
    [[ $LOG_SYNC == yes ]] || return 0
    read -r file position <"$WORK/tables.header" || :
    [[ -n ${position:-} ]] || fail POSITION_MISSING "the dump of $SOURCE_HOST has no binary log coordinates in its header"
    gtid=$(source_sql <<<"SELECT BINLOG_GTID_POS($(sql_text "$file"), $position)")
    [[ $gtid != NULL ]] || fail POSITION_MISSING "the source knows no GTID position for $file:$position"
    answer gtid "$gtid"
    answer binlogFile "$file"
    answer binlogPosition "$position"
}

# copy_everything: InnoDB by a consistent snapshot, all else under the lock, views when all tables are there.
copy_everything() {
    local -a databases system options coordinates=()
    local others
    mapfile -t databases <"$WORK/databases"
    read -r -a options <<<"${DUMP_OPTIONS:-}"
    [[ $LOG_SYNC != yes ]] || coordinates=(--master-data=2)
    others=$(ignore_query "table_type = 'VIEW' OR IFNULL(engine, '') IN ($TRANSACTIONAL)" | source_sql --raw)
    mapfile -t system < <(printf '%s\n' "${SYSTEM_TABLES[@]}" | sort | comm -12 - "$WORK/system")
    phase "locking the non-transactional tables of the source"
    lock_open
    lock_tables
    phase "copying tables"
    copy tables '' "$(ignore_query "table_type = 'VIEW' OR IFNULL(engine, '') NOT IN ($TRANSACTIONAL)" | source_sql --raw)" \
        --single-transaction ${coordinates[@]+"${coordinates[@]}"} ${options[@]+"${options[@]}"} --databases -- "${databases[@]}"
    note_position
    copy others '' "$others" --routines --events ${options[@]+"${options[@]}"} --databases -- "${databases[@]}"
    follow others
    # After the routines: loading a routine drops the grants on its predecessor.
    copy accounts mysql '' --no-create-info --replace --complete-insert --skip-triggers -- mysql "${system[@]}"
    follow accounts
    lock_tell held ''
    lock_tell released 'UNLOCK TABLES;'
    exec 8>&-
    log INFO "locks of the source released"
    follow tables
    phase "copying views"
    # A view runs its functions' definers at once: they must be known by now.
    must_sql "reading the accounts" <<<"FLUSH PRIVILEGES"
    copy views '' "$(ignore_query "table_type <> 'VIEW' OR table_comment LIKE '%references invalid%'" | source_sql --raw)" \
        --no-data --no-create-db --skip-triggers --databases -- "${databases[@]}"
    follow views
}

# compare: what was on the source before and after must be on staging.
compare() {
    local missing
    inventory source_sql >"$WORK/after"
    inventory sql >"$WORK/staging"
    missing=$(comm -12 "$WORK/before" "$WORK/after" | comm -23 - "$WORK/staging" | tr '\t' ' ')
    [[ -z $missing ]] || fail INVENTORY_DIFFERS "missing on staging: $(head -n 20 <<<"$missing" | paste -sd ,) ($(wc -l <<<"$missing") in all)"
    answer objects "$(wc -l <"$WORK/staging")"
}

ingest() {
    phase "reading what the source holds"
    inventory source_sql >"$WORK/before"
    source_sql --raw <<<"SELECT schema_name FROM information_schema.schemata s WHERE schema_name NOT IN ($SYSTEM_SCHEMAS)
        AND (schema_name <> 'test' OR EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = s.schema_name))" >"$WORK/databases"
    source_sql <<<"SELECT table_name FROM information_schema.tables WHERE table_schema = 'mysql'" | sort >"$WORK/system"
    source_sql <<<"SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables
        WHERE table_type = 'VIEW' AND table_comment LIKE '%references invalid%'" | answer_lines brokenView
    copy_everything
    phase "closing doors and comparing"
    must_sql "preparing the accounts" <<<"$INIT_SQL"
    compare
    phase "done"
}

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    : "${LOG_SYNC:?}" "${INIT_SQL:?}" "${STALL_SECONDS:?}" "${LOCK_SECONDS:?}"
    DUMP_OPTIONS=${DUMP_OPTIONS:-} TLS_MODE=${TLS_MODE:-} TLS_CA=${TLS_CA:-} TLS_CERT=${TLS_CERT:-} TLS_KEY=${TLS_KEY:-}
    WORK=$MOUNT/run/job
    require_ours
    use_installation
    require_running >/dev/null
    job_start ingest WORK SOURCE_HOST SOURCE_PORT SOURCE_USER SOURCE_PASSWORD TLS_MODE TLS_CA TLS_CERT TLS_KEY LOG_SYNC DUMP_OPTIONS INIT_SQL \
        STALL_SECONDS LOCK_SECONDS SYSTEM_SCHEMAS TRANSACTIONAL EXTERNAL SYSTEM_TABLES
    answer job started
}

story_setup
main "$@"
