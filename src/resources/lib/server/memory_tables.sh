#!/usr/bin/env bash
# MEMORY tables of the server of MOUNT: each start empties them.
# Needs: dataset/warnings few server/client
# Constants: SYSTEM_SCHEMAS

# memory_tables: database and name of each.
memory_tables() {
    sql <<<"SELECT table_schema, table_name FROM information_schema.tables
        WHERE engine = 'MEMORY' AND table_type = 'BASE TABLE' AND table_schema NOT IN ($SYSTEM_SCHEMAS)"
}

# tell_memory [ROWS]: names them now, and with each snapshot until the next resync.
tell_memory() {
    local rows=${1:-}
    [[ -n $rows ]] || rows=$(memory_tables)
    [[ -n $rows ]] || return 0
    keep_warning "MEMORY tables are empty on staging and in each VDB: $(tr '\t' . <<<"$rows" | few)"
}
