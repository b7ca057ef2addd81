#!/usr/bin/env bash
# Restoring a dump that the user provides. WORK is the job's directory.
# Needs: copy/inventory copy/load copy/load_warnings copy/rounded copy/stand_ins copy/unpack dataset/write few
#     host/programs job/run server/client server/client_errors server/installation server/memory_tables
#     server/must_sql server/no_replication server/upgrade_tool story
# Constants: REACHING

# restore_dump: loads the dump into the running staging server. The dump may replace the grant tables, so
# pipe_dump adds INIT_SQL, which makes our account again: at the end, and before the views, because creating
# a view looks up the definers of the functions that it calls.
restore_dump() {
    local -a STATUS
    local grep_pid
    use_installation
    phase "loading the dump"
    printf 'FLUSH PRIVILEGES;\n%s\n' "$INIT_SQL" >"$WORK/accounts.sql"
    mkfifo "$WORK/scan"
    grep -aE "$DUMP_MARKS" <"$WORK/scan" >"$WORK/contents" &
    grep_pid=$!
    pipe_dump &
    await_pipe dump "loading $BACKUP_PATH"
    wait "$grep_pid" || :
    # 141: it found its reader gone, which is not its fault.
    ((STATUS[0] == 0 || STATUS[0] == 141)) || fail BACKUP_UNUSABLE "$BACKUP_PATH cannot be read to its end: $(grep -m 1 . "$WORK/unpack.err")"
    ((STATUS[3] == 0)) || load_failed "$(error_line "$(cat "$WORK/load.err")")"
    judge_warnings
    require_complete_dump
    require_no_replication
    upgrade_system_tables
    replace_reaching
    compare_dump
    require_present_rows
    tell_memory
    tell_rounded
    dump_position
    phase "done"
}

# pipe_dump: unpacks the file into the server, with accounts.sql before the first view and at the end;
# dump.status holds the status of each part.
pipe_dump() {
    set +e
    trap - ERR
    { noted_unpack && cat "$WORK/accounts.sql"; } | sed "0,/^-- Final view structure for view/{/^-- Final view structure for view/r $WORK/accounts.sql
}" | tee "$WORK/scan" | load "$DATABASE" 2>"$WORK/load.err"
    write_text "$WORK/dump.status" <<<"${PIPESTATUS[*]}"
}

# What a dump says of itself, in comments at the start of a line.
DUMP_MARKS='^(-- (MariaDB|MySQL) dump|-- Current Database: |-- Table structure for table |-- Dump completed|(-- )?CHANGE MASTER TO |(-- )?SET GLOBAL gtid_slave_pos|\) ENGINE=[A-Z0-9]+)'

require_complete_dump() {
    grep -qE '^-- (MariaDB|MySQL) dump' "$WORK/contents" || return 0
    tail -n 3 "$WORK/contents" | grep -q '^-- Dump completed' || fail BACKUP_UNUSABLE "$BACKUP_PATH is truncated: it does not end with '-- Dump completed'"
}

# require_no_replication: statements of the dump have started nothing; what they have set up goes.
require_no_replication() {
    local TAKEN_OUT TALKED
    remove_all_replication
    # shellcheck disable=SC2153  # remove_all_replication sets both
    [[ $TALKED == no ]] || fail BACKUP_UNUSABLE "the dump starts replication, $TAKEN_OUT: make it without START SLAVE (--apply-slave-statements)"
    [[ -z $TAKEN_OUT ]] || log WARNING "the dump sets up replication, $TAKEN_OUT: removed"
}

# upgrade_system_tables: a dump of another series brought its own system tables.
upgrade_system_tables() {
    local UPGRADE output
    # shellcheck disable=SC2016  # the backticks are the dump's
    grep -qF -- '-- Current Database: `mysql`' "$WORK/contents" || return 0
    phase "upgrading the system tables"
    # shellcheck disable=SC2034  # read by upgrade_tool
    UPGRADE=$(find_tool mariadb-upgrade mysql_upgrade)
    output=$(upgrade_tool --upgrade-system-tables --force) || fail LOAD_FAILED "mariadb-upgrade: $(error_line "$output")"
    must_sql "preparing the accounts" <<<"$INIT_SQL"
}

# compare_dump: every table the dump has a section for is on staging.
compare_dump() {
    local missing
    phase "comparing"
    awk -v database="$DATABASE" '
        /^-- Current Database: / { database = substr($0, 23, length($0) - 23); gsub(/``/, "`", database) }
        /^-- Table structure for table / { name = substr($0, 31, length($0) - 31); gsub(/``/, "`", name)
            if (database != "mysql") print "table\t" database "\t" name }' "$WORK/contents" | sort -u >"$WORK/before"
    inventory sql | sed 's/^view\t/table\t/' | sort -u >"$WORK/staging"
    missing=$(comm -23 "$WORK/before" "$WORK/staging")
    [[ -z $missing ]] || fail INVENTORY_DIFFERS "missing on staging: $(tr '\t' ' ' <<<"$missing" | few)"
    answer objects "$(wc -l <"$WORK/staging")"
    system_objects | sql | answer_lines systemObject
}

# replace_reaching: tables that the dump makes with an engine that reaches out. That engine is not loaded, so
# they are empty tables of another one by now, and may hold the login to another server: stand-ins replace them.
replace_reaching() {
    local line
    local -a ROW
    while IFS=$'\t' read -r -a ROW; do
        [[ -n $(staging_engine "${ROW[0]}" "${ROW[1]}") ]] || continue
        load_blackhole
        stand_in sql "${ROW[@]}"
    done < <(awk -v database="$DATABASE" -v engines=", $REACHING," '
        /^-- Current Database: / { database = substr($0, 23, length($0) - 23); gsub(/``/, "`", database); name = "" }
        /^-- Table structure for table / { name = substr($0, 31, length($0) - 31); gsub(/``/, "`", name) }
        /^\) ENGINE=/ { engine = $2; sub(/^ENGINE=/, "", engine); sub(/[^A-Z0-9].*/, "", engine)
            if (name != "" && index(engines, ", \047" engine "\047,")) print database "\t" name "\t" engine; name = "" }' "$WORK/contents")
}

# require_present_rows: since 11.5 a present row of a system-versioned table ends in 2106, before in
# 2038. Loaded as it is, the history of an older server makes all its present rows history.
require_present_rows() {
    local lost runs
    runs=$(daemon_version "$DAEMON")
    (($(series_number "$runs") >= 11005)) || return 0
    lost=$(
        sql --raw <<'SQL' | sql | head -n 5
SELECT CONCAT('SELECT ''', REPLACE(CONCAT(t.table_schema, '.', t.table_name), '''', ''''''), ''' FROM `',
    REPLACE(t.table_schema, '`', '``'), '`.`', REPLACE(t.table_name, '`', '``'), '` FOR SYSTEM_TIME ALL WHERE `',
    REPLACE(IFNULL(c.column_name, 'row_end'), '`', '``'), '` = FROM_UNIXTIME(2147483647.999999) LIMIT 1;')
    FROM information_schema.tables t LEFT JOIN information_schema.columns c
    ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.generation_expression = 'ROW END'
    WHERE t.table_type = 'SYSTEM VERSIONED';
SQL
    )
    [[ -z $lost ]] || fail BACKUP_UNUSABLE "present rows of ${lost//$'\n'/, } came as history: the dump holds the history of a server before 11.5; make it with --update-history (mariadb-dump 11.5 and later), or without --dump-history"
}

# dump_position: the replication position that the dump tells, if it does.
dump_position() {
    local line
    line=$(grep -E 'gtid_slave_pos *=' "$WORK/contents" | head -n 1) || :
    if [[ $line =~ gtid_slave_pos\ *=\ *\'([0-9,\ -]*)\' ]]; then answer gtid "${BASH_REMATCH[1]}"; fi
    line=$(grep -E "MASTER_LOG_FILE=" "$WORK/contents" | head -n 1) || :
    if [[ $line =~ MASTER_LOG_FILE=\'([^\']+)\',\ MASTER_LOG_POS=([0-9]+) ]]; then
        answer binlogFile "${BASH_REMATCH[1]}"
        answer binlogPosition "${BASH_REMATCH[2]}"
    fi
}
