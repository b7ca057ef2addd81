#!/usr/bin/env bash
# Restoring a dump that the user provides. WORK is the job's directory.
# Needs: copy/drop_stand_ins copy/dump_position copy/load_as_dumped copy/load_failed copy/load_warnings
#     copy/stand_ins copy/unpack dataset/warnings dataset/write dump/facts dump/read few host/programs job/run
#     server/client server/client_errors server/installation server/must_sql server/upgrade_tool story writers
# Constants: REACHING SYSTEM_SCHEMAS

# restore_dump: loads the dump into the running staging server. The dump may replace the grant tables, so the
# reader adds INIT_SQL, which makes our account again: at the end, and before the views that follow, because creating
# a view looks up the definers of the functions that it calls.
restore_dump() {
    local -a ROW
    local line
    use_installation
    printf 'FLUSH PRIVILEGES;\n%s\n' "$INIT_SQL" >"$WORK/accounts.sql"
    while IFS= read -r line; do
        decode_row "$line"
        load_dump "${ROW[@]}"
    done <<<"$DUMPS"
    judge_warnings
    drop_stand_ins
    tell_time_zone
    require_no_replication
    upgrade_system_tables
    replace_reaching
    dump_position
    phase "done"
}

# load_dump PATH COMPRESSION DATABASE: one file; DATABASE is where its statements go before it names one.
load_dump() {
    # shellcheck disable=SC2034  # what unpacks reads these
    local BACKUP_PATH=$1 COMPRESSION=$2 DATABASE=$3
    local -a STATUS
    copy_phase "loading ${BACKUP_PATH##*/}"
    rm -f -- "$WORK/dump.status" "$WORK/facts.one"
    [[ -z $DATABASE ]] || must_sql "creating the database $DATABASE" <<<"CREATE DATABASE IF NOT EXISTS $(sql_name "$DATABASE")"
    pipe_dump &
    await_pipe dump "loading $BACKUP_PATH"
    # 141: it found its reader gone, which is not its fault.
    ((STATUS[0] == 0 || STATUS[0] == 141)) || fail BACKUP_UNUSABLE "$BACKUP_PATH cannot be read to its end: $(grep -m 1 . "$WORK/unpack.err")"
    ((STATUS[2] == 0)) || load_failed "$(error_line "$(<"$WORK/load.err")")"
    ((STATUS[1] == 0)) || fail LOAD_FAILED "the reader of the dump ended with status ${STATUS[1]}: $(head -n 1 "$WORK/read.err")"
    require_whole_dump
    cat "$WORK/facts.one" >>"$FACTS"
}

# pipe_dump: unpacks the file into the server by way of the reader; dump.status holds the status of each part.
pipe_dump() {
    set +e
    trap - ERR
    noted_unpack | read_dump "$WORK/facts.one" "$WORK/accounts.sql" 2>"$WORK/read.err" | load_as_dumped 2>"$WORK/load.err"
    write_text "$WORK/dump.status" <<<"${PIPESTATUS[*]}"
}

# tell_time_zone: nobody knows which one TIMESTAMP values of such a dump were written in.
tell_time_zone() {
    local tables
    [[ $UTC == no ]] || return 0
    tables=$(sql <<<"SELECT DISTINCT CONCAT(table_schema, '.', table_name) FROM information_schema.columns WHERE data_type = 'timestamp' AND table_schema NOT IN ($SYSTEM_SCHEMAS)" | few)
    [[ -z $tables ]] || keep_warning "the dump sets no time zone (--skip-tz-utc): TIMESTAMP values were read in the time zone of the staging server, in $tables"
}

# require_whole_dump: the reader has found nothing that makes the load another one than the dump means.
require_whole_dump() {
    local seen
    seen=$(sed -n 's/^problem\t//p' "$WORK/facts.one")
    [[ -z $seen ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH: $seen"
    grep -qx $'mark\tyes' "$WORK/facts.one" || keep_warning "nothing at the end of $BACKUP_PATH says that it is whole"
}

# upgrade_system_tables: a dump of another series brought its own system tables.
upgrade_system_tables() {
    local UPGRADE output
    told object | grep -q $'^table\tmysql\t' || return 0
    phase "upgrading the system tables"
    # shellcheck disable=SC2034  # read by upgrade_tool
    UPGRADE=$(find_tool mariadb-upgrade mysql_upgrade)
    output=$(upgrade_tool --upgrade-system-tables --force) || fail LOAD_FAILED "mariadb-upgrade: $(error_line "$output")"
    must_sql "preparing the accounts" <<<"$INIT_SQL"
}

# replace_reaching: tables that the dump makes with an engine that reaches out. That engine is not loaded, so
# they are empty tables of another one by now, and may hold the login to another server: stand-ins replace them.
replace_reaching() {
    local line
    local -a ROW
    while IFS= read -r line; do
        decode_row "$line"
        [[ -n $(staging_engine "${ROW[0]}" "${ROW[1]}") ]] || continue
        load_blackhole
        stand_in sql "${ROW[@]}"
    done < <(told object | awk -F '\t' -v engines=", $REACHING," '$1 == "table" && $4 != "" && index(toupper(engines), "\047" $4 "\047,") { print $2 "\t" $3 "\t" $4 }')
}
