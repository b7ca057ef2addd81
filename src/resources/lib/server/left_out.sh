#!/usr/bin/env bash
# Tables that replication into the server of MOUNT leaves out, because they reach out.
# Needs: server/client

# left_out_tables: `database.table` of each, one a line, escaped; not those of the schema mysql, nor MEMORY tables,
# which are left out for another reason.
left_out_tables() {
    local names
    names=$(sql <<<"SELECT @@global.replicate_ignore_table" | tr ',' '\n' | { grep -v -e '^mysql\.' -e '^$' || :; } | sort)
    [[ -n $names ]] || return 0
    comm -23 <(echo "$names") <(sql <<<"SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE engine = 'MEMORY'" | sort)
}
