#!/usr/bin/env bash
# What the dataset of MOUNT has that reaches out, and that does nothing here: told with each snapshot.
# Needs: answer few server/client story writers
# Constants: PLUGINS REACHING STAND_IN SYSTEM_SCHEMAS

# inert_rows CONDITION: `database.table (engine)` of tables. A table that is being changed is not waited for: the
# backup lock, which comes after this, names what holds it off.
inert_rows() {
    sql <<<"SET SESSION sql_mode = '', SESSION lock_wait_timeout = 1; SELECT CONCAT(table_schema, '.', table_name, ' (', UPPER(engine), ')') FROM information_schema.tables
        WHERE table_schema NOT IN ($SYSTEM_SCHEMAS) AND table_type <> 'VIEW' AND $1 ORDER BY 1"
}

# inert_warnings: answers a warning for each kind; nothing for a VDB that may reach out.
inert_warnings() {
    local rows mark
    mark="table_comment LIKE $(sql_text "$STAND_IN%")"
    [[ $(sql <<<"SELECT TRIM(TRAILING '/' FROM @@global.plugin_dir)") == "$MOUNT/$PLUGINS" ]] || return 0
    rows=$(inert_rows "engine = 'BLACKHOLE' AND $mark")
    [[ -z $rows ]] || answer warning "these tables reached out of the source; here empty tables stand in for them, which keep nothing: $(few <<<"$rows")"
    rows=$(inert_rows "engine IN ($REACHING)")
    [[ -z $rows ]] || answer warning "the engines of these tables reach out and are not loaded here; to use one ends in error 1286: $(few <<<"$rows")"
    # A dump may have brought system tables of its own.
    rows=$(try_sql <<<"SELECT CONCAT(name, ' (', dl, ')') FROM mysql.func ORDER BY 1") || rows=''
    [[ -z $rows ]] || answer warning "functions of libraries are not loaded here: $(few <<<"$rows")"
    rows=$(try_sql <<<"SELECT Server_name FROM mysql.servers ORDER BY 1") || rows=''
    [[ -z $rows ]] || answer warning "logins to other servers (mysql.servers) came with the files: $(few <<<"$rows")"
}

# require_stand_ins: replication has made no table with rows of a stand-in, which was empty.
require_stand_ins() {
    local rows
    [[ -n $(sql <<<"SHOW SLAVE STATUS") ]] || return 0
    rows=$(inert_rows "engine <> 'BLACKHOLE' AND table_comment LIKE $(sql_text "$STAND_IN%")")
    [[ -z $rows ]] || fail REPLICA_DIVERGED "these tables reached out of the source and have rows of their own by now, which replication does not bring: $(few <<<"$rows")"
}
