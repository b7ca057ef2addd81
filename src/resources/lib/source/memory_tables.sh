#!/usr/bin/env bash
# Whether tables that replication leaves out are still what they were when it began to.
# Needs: server/client source/sql story writers

# require_still_memory: the MEMORY tables that replication leaves out are MEMORY tables on the source. It passes over
# every statement about one of them: if it was converted, its rows are missing; if it was dropped or renamed,
# the same statement may have named others.
require_still_memory() {
    local filter rows line pairs='' changed
    local -a ROW
    filter=$(sql --raw <<<"SELECT @@global.replicate_ignore_table" | tr , '\n' | sed '/^mysql\./d')
    [[ -n $filter ]] || return 0
    rows=$(sql <<<"SELECT table_schema, table_name FROM information_schema.tables WHERE engine = 'MEMORY'
        AND FIND_IN_SET(CONCAT(table_schema, '.', table_name), @@global.replicate_ignore_table)")
    [[ -n $rows ]] || return 0
    while IFS= read -r line; do
        decode_row "$line"
        pairs+="${pairs:+, }($(sql_text "${ROW[0]}"), $(sql_text "${ROW[1]}"))"
    done <<<"$rows"
    changed=$(source_sql <<<"SELECT table_schema, table_name FROM information_schema.tables WHERE engine = 'MEMORY' AND (table_schema, table_name) IN ($pairs)" |
        sort | comm -13 - <(sort <<<"$rows") | tr '\t' . | paste -sd ' ')
    [[ -z $changed ]] || fail REPLICATION_BROKEN "MEMORY tables that replication leaves out were dropped, renamed or converted on the source: $changed"
}
