#!/usr/bin/env bash
# The streamed copy of a source, as it runs in the background. WORK is the job's directory.
# Needs: copy/compare copy/engines copy/inventory copy/left_out copy/load_warnings copy/lock copy/pipe
#     copy/reached_tables copy/sequences copy/unchanged copy/views dataset/warnings job/movement job/run
#     server/client server/installation server/must_sql source/sql story writers
# Constants: REACHING

# note_position: the replication position of the snapshot, from the dump's header.
note_position() {
    local file position gtid
    stand_still
    until [[ -f $WORK/tables.header || -f $WORK/tables.status ]]; do
        require_flow "waiting for the dump to begin" "$WORK"/*.pid
        sleep 0.1
    done
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

# copy_everything: copies one moment of the source. The consistent snapshot of the transactional tables begins
# while the read locks are held (note_position waits for it), so all tables and the position belong to that
# moment. The locks go when the other tables, routines, events and accounts are copied; what could not be
# locked must be unchanged. Views come last, when every table is there.
copy_everything() {
    local -a databases
    # Names, not lines: one may hold anything.
    local -a LIST
    decode_list <"$WORK/databases"
    databases=(${LIST[@]+"${LIST[@]}"})
    phase "locking the non-transactional tables of the source"
    hold_still
    phase "copying tables"
    if ((${#databases[@]} > 0)); then
        copy_sequences "${databases[@]}"
        start_tables "${databases[@]}"
        note_position
        copy_others "${databases[@]}"
        set_sequences
        make_stand_ins
    elif [[ $LOG_SYNC == yes ]]; then
        source_sql <<<"SELECT 'gtid', @@global.gtid_binlog_pos" | answer_tagged
    fi
    copy_accounts
    let_go
    ((${#databases[@]} > 0)) || return 0
    follow tables
    judge_warnings
    require_unchanged triggers
    copy_views "${databases[@]}"
}

# start_tables DATABASE...: copies the transactional tables, in the background. --skip-add-locks: the stream
# `others` also creates the databases. With LOCK TABLES in the load, it would wait until a large table is
# loaded, and the read locks on the source would last as long.
start_tables() {
    local -a options coordinates=()
    local others
    # Never as an argument: a failure there goes unseen, and nothing would be left out.
    others=$(ignore_lines "table_type IN ('VIEW', 'SEQUENCE') OR IFNULL(engine, '') NOT IN ($TRANSACTIONAL)")
    read -r -a options <<<"$DUMP_OPTIONS"
    [[ $LOG_SYNC != yes ]] || coordinates=(--master-data=2)
    copy tables '' "$others" \
        --single-transaction --skip-add-locks ${coordinates[@]+"${coordinates[@]}"} ${options[@]+"${options[@]}"} --databases -- "$@"
}

# copy_others DATABASE...: tables of all other engines, routines and events.
copy_others() {
    local -a options
    local tables broken
    tables=$(ignore_lines "table_type IN ('VIEW', 'SEQUENCE') OR IFNULL(engine, '') IN ($TRANSACTIONAL, $REACHING)")
    broken=$(ignore_left_out)
    read -r -a options <<<"$DUMP_OPTIONS"
    copy others '' "$tables"$'\n'"$broken" --skip-add-locks \
        --routines --events ${options[@]+"${options[@]}"} --databases -- "$@"
    follow others
}

# copy_accounts: accounts, grants and what else of the system tables belongs to the data. After the
# routines: loading a routine drops the grants on its predecessor.
copy_accounts() {
    local -a system
    # What mariadb-install-db put there is not the source's.
    must_sql "clearing the accounts of the installation" <<SQL
SET SESSION sql_mode = '';
DELETE FROM mysql.proxies_priv;
DELETE FROM mysql.roles_mapping;
DELETE FROM mysql.db;
DELETE FROM mysql.tables_priv WHERE User <> 'mariadb.sys';
DELETE FROM mysql.global_priv WHERE User NOT IN ('mariadb.sys', 'PUBLIC', $(sql_text "$(id -un)"));
SQL
    mapfile -t system < <(printf '%s\n' "${SYSTEM_TABLES[@]}" | sort | comm -12 - "$WORK/system")
    copy accounts mysql '' --no-create-info --replace --complete-insert --skip-triggers -- mysql "${system[@]}"
    follow accounts
}

ingest() {
    local triggers
    use_installation
    phase "reading what the source holds"
    system_objects | sql | answer_lines systemObject
    inventory source_sql >"$WORK/before"
    source_sql <<<"SELECT schema_name FROM information_schema.schemata s WHERE $(chosen schema_name)
        AND (schema_name <> 'test' OR EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = s.schema_name)
            OR EXISTS (SELECT 1 FROM information_schema.routines r WHERE r.routine_schema = s.schema_name))" >"$WORK/databases"
    source_sql <<<"SELECT table_name FROM information_schema.tables WHERE table_schema = 'mysql'" | sort >"$WORK/system"
    find_left_out
    require_engines
    copy_everything
    triggers=$(unfired_triggers | paste -sd , | cut -c 1-2000)
    [[ -z $triggers ]] || keep_warning "triggers on tables that reach out were not copied: $triggers"
    [[ -z $DATABASES ]] || outside_routines | answer_lines outside
    phase "locking open accounts and comparing"
    must_sql "preparing the accounts" <<<"$INIT_SQL"
    compare
    phase "done"
}
