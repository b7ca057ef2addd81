#!/usr/bin/env bash
# What a server holds, as a list that two servers can be compared by.
# Needs: writers
# Constants: REACHING SYSTEM_SCHEMAS

# chosen COLUMN: an SQL condition that is true for the databases to copy. DATABASES names them, one
# escaped name a line; empty stands for all but the system's.
chosen() {
    local name list=''
    if [[ -z ${DATABASES:-} ]]; then
        # A stray directory in the source's data directory shows as a database called #mysql50#...
        printf "(%s NOT IN (%s) AND %s NOT LIKE '#mysql50#%%')" "$1" "$SYSTEM_SCHEMAS" "$1"
        return
    fi
    local -a LIST
    decode_list <<<"$DATABASES"
    for name in "${LIST[@]}"; do list+="${list:+, }$(sql_text "$name")"; done
    printf '%s IN (%s)' "$1" "$list"
}

# True for an event that may still run. A server that is to create one whose time is over drops or disables it.
TO_COME="COALESCE(execute_at, ends, '9999-12-31') > UTC_TIMESTAMP()"

# inventory: `kind schema name` of every object, from the server that the given command asks.
inventory() {
    "$@" <<SQL | sort -u
SET SESSION sql_mode = '';
SELECT IF(table_type = 'VIEW', 'view', 'table'), table_schema, table_name FROM information_schema.tables
    WHERE $(chosen table_schema) AND table_type NOT LIKE 'TEMPORARY%';
SELECT LOWER(routine_type), routine_schema, routine_name FROM information_schema.routines
    WHERE $(chosen routine_schema);
SELECT 'trigger', trigger_schema, trigger_name FROM information_schema.triggers
    WHERE $(chosen trigger_schema) AND (trigger_schema, event_object_table) NOT IN
    (SELECT table_schema, table_name FROM information_schema.tables WHERE engine IN ($REACHING));
SELECT 'event', db, name FROM mysql.event WHERE $(chosen db) AND $TO_COME;
SELECT 'account', User, Host FROM mysql.global_priv WHERE User <> '';
SQL
}

# system_objects: prints the query for the tables and routines of the schema mysql.
system_objects() {
    cat <<'SQL'
SELECT table_name FROM information_schema.tables WHERE table_schema = 'mysql' AND table_type <> 'VIEW'
UNION SELECT routine_name FROM information_schema.routines WHERE routine_schema = 'mysql';
SQL
}
