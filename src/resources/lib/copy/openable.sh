#!/usr/bin/env bash
# Tables and views of the source that nobody can open there, or not on staging. WORK is the plan's directory.
# Needs: copy/closed_views copy/engines copy/inventory copy/load_warnings dataset/warnings server/client
#     source/sql story writers

# find_left_out: views whose tables, columns, functions or rights are gone, and tables of an engine that the
# source does not have any more. Both are told now and with each snapshot.
find_left_out() {
    local line
    local -a ROW
    closed_views source_sql >"$WORK/left_out"
    source_sql <<SQL >>"$WORK/left_out"
SELECT table_schema, table_name, table_comment FROM information_schema.tables WHERE table_type <> 'VIEW' AND $(chosen table_schema)
    AND NOT $ALIVE;
SQL
    while IFS= read -r line; do
        decode_row "$line"
        keep_warning "${ROW[0]}.${ROW[1]} is left out, the source itself cannot open it: ${ROW[2]}"
    done <"$WORK/left_out"
}

# require_engines: staging has every engine that a table to copy needs; with another one its rows would come too.
require_engines() {
    local lacking
    source_sql <<SQL | sort >"$WORK/engines.source"
SELECT engine, MIN(CONCAT(table_schema, '.', table_name)), COUNT(*) FROM information_schema.tables WHERE table_type <> 'VIEW'
    AND $(chosen table_schema) AND $ALIVE AND (engine NOT IN ($EXTERNAL) OR engine = 'BLACKHOLE') GROUP BY engine;
SQL
    sql <<<"SELECT engine FROM information_schema.engines WHERE support IN ('YES', 'DEFAULT')" | sort >"$WORK/engines.staging"
    lacking=$(join -t $'\t' -v 1 "$WORK/engines.source" "$WORK/engines.staging" | awk -F '\t' '{ print $1 " (" $3 " tables, such as " $2 ")" }')
    [[ -z $lacking ]] || fail LOAD_FAILED "staging lacks the storage engine ${lacking//$'\n'/, }: install its library ($(engine_libraries "$(cut -d' ' -f1 <<<"$lacking")")) in this installation"
}
