#!/usr/bin/env bash
# Backups that the user provides. The file or directory at BACKUP_PATH is only ever read. WORK is
# the directory of the background job.

# first_file PATH...: the first of these that exists.
first_file() {
    local path
    for path in "$@"; do
        if [[ -f $path ]]; then
            printf '%s\n' "$path"
            return
        fi
    done
}

# compression_of FILE: by its first bytes.
compression_of() {
    local magic
    magic=$(head -c 6 "$1" | od -An -tx1 | tr -d ' \n')
    case $magic in
        1f8b*) echo gzip ;;
        28b52ffd*) echo zstd ;;
        fd377a585a00) echo xz ;;
        425a68*) echo bzip2 ;;
        *) echo none ;;
    esac
}

# unpack COMPRESSION FILE: the content on stdout.
unpack() {
    [[ $1 == none || -n $(type -P "$1") ]] || fail TOOL_MISSING "the program $1, to unpack $2"
    if [[ $1 == none ]]; then cat -- "$2"; else "$1" -dc <"$2"; fi
}

# restore_dump: loads the dump into the running staging server. The dump may replace the grant tables,
# so the same session makes our account again: at its end, and before the views, which run the
# definers of their functions at once.
restore_dump() {
    local -a status
    local grep_pid
    phase "loading the dump"
    printf 'FLUSH PRIVILEGES;\n%s\n' "$INIT_SQL" >"$WORK/accounts.sql"
    mkfifo "$WORK/scan"
    grep -aE "$DUMP_MARKS" <"$WORK/scan" >"$WORK/contents" &
    grep_pid=$!
    set +e
    trap - ERR
    {
        echo "$BASHPID" >"$WORK/unpack.pid"
        unpack "$COMPRESSION" "$BACKUP_PATH" 2>"$WORK/unpack.err" && cat "$WORK/accounts.sql"
    } | sed "0,/^-- Final view structure for view/{/^-- Final view structure for view/r $WORK/accounts.sql
}" | tee "$WORK/scan" | load "$DATABASE" 2>"$WORK/load.err"
    status=("${PIPESTATUS[@]}")
    wait "$grep_pid"
    heed_errors
    # 141: it found its reader gone, which is not its fault.
    ((status[0] == 0 || status[0] == 141)) || fail BACKUP_UNUSABLE "$BACKUP_PATH cannot be read to its end: $(grep -m 1 . "$WORK/unpack.err")"
    ((status[3] == 0)) || fail LOAD_FAILED "$(error_line "$(cat "$WORK/load.err")")"
    require_complete_dump
    upgrade_system_tables
    compare_dump
    require_present_rows
    dump_position
    phase "done"
}

# What a dump says of itself, in comments at the start of a line.
DUMP_MARKS='^(-- (MariaDB|MySQL) dump|-- Current Database: |-- Table structure for table |-- Dump completed|(-- )?CHANGE MASTER TO |(-- )?SET GLOBAL gtid_slave_pos)'

require_complete_dump() {
    grep -qE '^-- (MariaDB|MySQL) dump' "$WORK/contents" || return 0
    tail -n 3 "$WORK/contents" | grep -q '^-- Dump completed' || fail BACKUP_UNUSABLE "$BACKUP_PATH is truncated: it does not end with '-- Dump completed'"
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
    [[ -z $missing ]] || fail INVENTORY_DIFFERS "missing on staging: $(head -n 20 <<<"${missing//$'\t'/ }" | paste -sd ,)"
    answer objects "$(wc -l <"$WORK/staging")"
    system_objects | sql | answer_lines systemObject
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

# restore_physical: puts the files of a mariadb-backup into the data directory and prepares them.
restore_physical() {
    local checkpoints kind output
    phase "copying the files of the backup"
    # shellcheck disable=SC2153  # an input of the step
    if [[ $KIND == directory ]]; then
        output=$(cp -R --reflink=auto -- "$BACKUP_PATH/." "$MOUNT/data" 2>&1) || fail BACKUP_UNUSABLE "${output%%$'\n'*}"
    else
        set +e
        trap - ERR
        unpack "$COMPRESSION" "$BACKUP_PATH" 2>"$WORK/unpack.err" | "$(find_tool mbstream)" -x -C "$MOUNT/data" 2>"$WORK/load.err"
        output="${PIPESTATUS[*]}"
        heed_errors
        [[ $output == "0 0" ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH: $(cat "$WORK/unpack.err" "$WORK/load.err" | head -n 1)"
    fi
    chmod -R u+rwX,go= "$MOUNT/data"
    unpack_packed_files
    checkpoints=$(first_file "$MOUNT"/data/{mariadb_backup,xtrabackup}_checkpoints)
    [[ -n $checkpoints ]] || fail BACKUP_UNUSABLE "the backup holds no mariadb_backup_checkpoints: it is incomplete"
    kind=$(sed -n 's/^backup_type *= *//p' "$checkpoints")
    case $kind in
        full-backuped | full-prepared | log-applied) ;;
        *) fail BACKUP_UNUSABLE "a backup of type '$kind' cannot be restored by itself" ;;
    esac
    # Prepared files say `log-applied` (MariaDB) or `full-prepared` (its ancestor).
    if [[ $kind == full-backuped ]]; then
        phase "preparing the files"
        output=$("$(find_tool mariadb-backup mariabackup)" --prepare --target-dir="$MOUNT/data" 2>&1) || {
            tail -n 30 <<<"$output" >&2
            fail BACKUP_UNUSABLE "mariadb-backup --prepare: $(tail -n 1 <<<"$output")"
        }
    fi
    physical_facts
    phase "done"
}

# physical_facts: position and file settings, then away with all that is no data.
physical_facts() {
    local file info gtid position
    info=$(first_file "$MOUNT"/data/{mariadb_backup,xtrabackup}_binlog_info)
    if [[ -n $info ]]; then
        read -r file position gtid <"$info" || :
        [[ -z ${gtid:-} ]] || answer gtid "$gtid"
        answer binlogFile "${file:-}"
        answer binlogPosition "${position:-}"
    fi
    if [[ -f $MOUNT/data/backup-my.cnf ]]; then
        sed -n 's/^\(innodb_page_size\|innodb_data_file_path\|innodb_undo_tablespaces\|lower_case_table_names\) *= *\(.*\)$/\1\t\2/p' \
            "$MOUNT/data/backup-my.cnf" | answer_lines setting
    fi
    [[ -d $MOUNT/data/mysql && -f $MOUNT/data/ibdata1 ]] || fail BACKUP_UNUSABLE "the backup holds no mysql directory or no ibdata1"
    for file in "$MOUNT"/data/{xtrabackup_,mariadb_backup_,backup-my.cnf,aria_log_control.copy}* "$MOUNT"/data/{master,relay-log,multi-master}*.info; do
        [[ ! -e $file ]] || remove_inside "${file#"$MOUNT"/}"
    done
}
