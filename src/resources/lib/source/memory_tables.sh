#!/usr/bin/env bash
# Whether tables that replication leaves out are still what they were when it began to.
# Needs: server/ask source/sql story writers

# require_still_memory: the MEMORY tables that replication leaves out are MEMORY tables on the source. It passes over
# every statement about one of them: if it was converted, its rows are missing; if it was dropped or renamed,
# the same statement may have named others.
require_still_memory() {
    local name filter=no rows line pairs='' changed
    local -a names
    local -a ROW
    ask "SELECT @@global.replicate_ignore_table"
    IFS=, read -r -a names <<<"$TOLD"
    for name in ${names[@]+"${names[@]}"}; do [[ $name == mysql.* ]] || filter=yes; done
    [[ $filter == yes ]] || return 0
    ask "SELECT table_schema, table_name FROM information_schema.tables WHERE engine = 'MEMORY'
        AND FIND_IN_SET(CONCAT(table_schema, '.', table_name), @@global.replicate_ignore_table)"
    rows=$TOLD
    [[ -n $rows ]] || return 0
    while IFS= read -r line; do
        decode_row "$line"
        pairs+="${pairs:+, }($(sql_text "${ROW[0]}"), $(sql_text "${ROW[1]}"))"
    done <<<"$rows"
    changed=$(source_sql <<<"SELECT table_schema, table_name FROM information_schema.tables WHERE engine = 'MEMORY' AND (table_schema, table_name) IN ($pairs)" |
        sort | comm -13 - <(sort <<<"$rows") | tr '\t' . | paste -sd ' ')
    [[ -z $changed ]] || fail REPLICATION_BROKEN "MEMORY tables that replication leaves out were dropped, renamed or converted on the source: $changed"
}
