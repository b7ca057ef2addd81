#!/usr/bin/env bash
# The streamed copy of a source, as it runs in the background. WORK is the job's directory.
# Needs: answer copy/engines copy/float_tables copy/floats copy/inventory copy/latecomers copy/left_out
#     copy/load_warnings copy/lock copy/parts copy/pipe copy/pipes copy/position copy/reached_tables
#     copy/sequences copy/small copy/start_pipes copy/unchanged copy/views copy/xa job/run server/installation
#     server/memory_tables server/must_sql source/sql writers
# Constants: REACHING RUN

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
    await_no_prepared 60
    phase "locking the non-transactional tables of the source"
    hold_still
    copy_phase "copying tables"
    if ((${#databases[@]} > 0)); then
        copy_sequences "${databases[@]}"
        await_no_prepared 5
        begin_together begin_tables "${databases[@]}"
        require_same_databases
        open_gate
        copy_others
        set_sequences
        make_stand_ins
        copy_floats "${databases[@]}"
    elif [[ $LOG_SYNC == yes ]]; then
        source_sql <<<"SELECT 'gtid', @@global.gtid_binlog_pos" | answer_tagged
        require_same_databases
    fi
    copy_accounts
    let_go
    require_locked
    ((${#databases[@]} > 0)) || return 0
    follow "${PIPE_NAMES[@]}"
    finish_shares
    finish_floats "${databases[@]}"
    require_no_other_floats
    judge_warnings
    require_unchanged triggers
    copy_views
}

# begin_tables DATABASE...: has one or more of mariadb-dump begin one snapshot.
begin_tables() {
    begin_pipes
    if [[ $BEGUN == no ]]; then
        PIPE_NAMES=(tables)
        start_tables "$@"
    fi
    note_position
    require_none_prepared
}

# start_tables DATABASE...: copies the transactional tables, in the background. --skip-add-locks: the stream
# `others` also creates the databases. With LOCK TABLES in the load, it would wait until a large table is
# loaded, and the read locks on the source would last as long.
start_tables() {
    local -a options coordinates=()
    local others CHECKED
    # shellcheck disable=SC2034  # `copy` reads it
    CHECKED=$(holds_small tables)
    others=$(not_in_snapshot)
    read -r -a options <<<"$DUMP_OPTIONS"
    [[ $LOG_SYNC != yes ]] || coordinates=(--master-data=2)
    copy tables '' "$others" \
        --single-transaction --skip-add-locks ${coordinates[@]+"${coordinates[@]}"} ${options[@]+"${options[@]}"} --databases -- "$@"
}

# databases_with_others: LIST becomes the databases of these, and of all else that does not come with the snapshot.
databases_with_others() {
    local rows
    # Not DISTINCT: to the server, names that differ in case are one.
    rows=$(
        source_sql <<SQL | sort -u
SELECT table_schema FROM information_schema.tables WHERE $(chosen table_schema)
    AND table_type NOT IN ('VIEW', 'SEQUENCE') AND (IFNULL(engine, '') NOT IN ($TRANSACTIONAL) OR $FLOATS);
SELECT routine_schema FROM information_schema.routines WHERE $(chosen routine_schema);
SELECT db FROM mysql.event WHERE $(chosen db);
SQL
    )
    LIST=()
    [[ -z $rows ]] || decode_list <<<"$rows"
}

# copy_others: tables of all other engines, routines and events.
copy_others() {
    local -a options
    local tables broken
    local -a LIST
    databases_with_others
    ((${#LIST[@]} > 0)) || return 0
    tables=$(
        ignore_lines "table_type IN ('VIEW', 'SEQUENCE') OR IFNULL(engine, '') IN ($TRANSACTIONAL, $REACHING) OR $FLOATS"
        # Every start of a server empties them.
        ignore_lines "engine = 'MEMORY'" ignore-table-data
    )
    broken=$(ignore_left_out)
    read -r -a options <<<"$DUMP_OPTIONS"
    copy others '' "$tables"$'\n'"$broken" --skip-add-locks \
        --routines --events ${options[@]+"${options[@]}"} --databases -- "${LIST[@]}"
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
DELETE FROM mysql.global_priv WHERE User NOT IN ('mariadb.sys', 'PUBLIC', $(sql_text "$OS_USER"));
SQL
    mapfile -t system < <(printf '%s\n' "${SYSTEM_TABLES[@]}" | sort | comm -12 - "$WORK/system")
    copy accounts mysql '' --no-create-info --replace --complete-insert --skip-triggers -- mysql "${system[@]}"
    follow accounts
}

ingest() {
    use_installation
    # What `copy_plan` has made.
    mv -- "$MOUNT/$RUN/plan"/* "$WORK/"
    rmdir -- "$MOUNT/$RUN/plan"
    use_floats
    copy_everything
    phase "locking open accounts"
    must_sql "preparing the accounts" <<<"$INIT_SQL"
    tell_memory
    phase "done"
}
