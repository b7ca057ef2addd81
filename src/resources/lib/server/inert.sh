#!/usr/bin/env bash
# What the dataset of MOUNT has that reaches out, and that does nothing here: told with each snapshot.
# Needs: answer few server/ask story writers
# Constants: PLUGINS REACHING STAND_IN SYSTEM_SCHEMAS

# ask_inert CONDITION: TOLD becomes `database.table (engine)` of tables. A table that is being changed is not waited for:
# the backup lock, which comes after this, names what holds it off.
ask_inert() {
    ask "SET STATEMENT lock_wait_timeout = 1 FOR SELECT CONCAT(table_schema, '.', table_name, ' (', UPPER(engine), ')') FROM information_schema.tables
        WHERE table_schema NOT IN ($SYSTEM_SCHEMAS) AND table_type <> 'VIEW' AND $1 ORDER BY 1"
}

# inert_warnings: answers a warning for each kind; nothing for a VDB that may reach out.
inert_warnings() {
    local mark
    mark="table_comment LIKE $(sql_text "$STAND_IN%")"
    ask "SELECT TRIM(TRAILING '/' FROM @@global.plugin_dir)"
    [[ $TOLD == "$MOUNT/$PLUGINS" ]] || return 0
    ask_inert "engine = 'BLACKHOLE' AND $mark"
    [[ -z $TOLD ]] || answer warning "these tables reached out of the source; here empty tables stand in for them, which keep nothing: $(few <<<"$TOLD")"
    ask_inert "engine IN ($REACHING)"
    [[ -z $TOLD ]] || answer warning "the engines of these tables reach out and are not loaded here; to use one ends in error 1286: $(few <<<"$TOLD")"
    # A dump may have brought system tables of its own.
    try_ask "SELECT CONCAT(name, ' (', dl, ')') FROM mysql.func ORDER BY 1" || TOLD=''
    [[ -z $TOLD ]] || answer warning "functions of libraries are not loaded here: $(few <<<"$TOLD")"
    try_ask "SELECT Server_name FROM mysql.servers ORDER BY 1" || TOLD=''
    [[ -z $TOLD ]] || answer warning "logins to other servers (mysql.servers) came with the files: $(few <<<"$TOLD")"
}

# require_stand_ins: replication has made no table with rows of a stand-in, which was empty.
require_stand_ins() {
    ask "SHOW SLAVE STATUS"
    [[ -n $TOLD ]] || return 0
    ask_inert "engine <> 'BLACKHOLE' AND table_comment LIKE $(sql_text "$STAND_IN%")"
    [[ -z $TOLD ]] || fail REPLICA_DIVERGED "these tables reached out of the source and have rows of their own by now, which replication does not bring: $(few <<<"$TOLD")"
}
