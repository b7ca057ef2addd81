#!/usr/bin/env bash
# Tables that have FLOAT columns. No client gets more than 6 digits of a FLOAT, so mariadb-dump rounds it; our
# own query reads it exactly. WORK is the job's directory.
# Needs: copy/engines copy/inventory source/sql story writers

# find_floats: prints one line for each table to read exactly: its quoted name, schema and name, `yes` if it takes
# part in a consistent snapshot, and its type.
find_floats() {
    local pairs
    # Never as an argument or a redirection: a failure there goes unseen, and FLOATs would be rounded.
    pairs=$(source_sql <<<"SELECT DISTINCT '', table_schema, table_name FROM information_schema.columns
        WHERE data_type = 'float' AND is_generated = 'NEVER' AND $(chosen table_schema)" | pairs_of)
    [[ -z $pairs ]] || source_sql <<<"SELECT $QUOTED_TABLE, table_schema, table_name, IF(engine IN ($TRANSACTIONAL), 'yes', 'no'), table_type
        FROM information_schema.tables WHERE (table_schema, table_name) IN ($pairs)
        AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND engine NOT IN ($EXTERNAL, $WITHOUT_ROWS)"
}

# use_floats: FLOATS becomes an SQL condition on table_schema and table_name that is true for the tables of
# WORK/floats.tables.
use_floats() {
    FLOATS=FALSE
    [[ ! -s $WORK/floats.tables ]] || FLOATS="((table_schema, table_name) IN ($(pairs_of <"$WORK/floats.tables")))"
}

# The name of a table, and of a column, as an identifier.
QUOTED_TABLE="CONCAT('\`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`')"
QUOTED_COLUMN="CONCAT('\`', REPLACE(column_name, '\`', '\`\`'), '\`')"

# pairs_of: columns 2 and 3 of each row of stdin as pairs in SQL. They stand for every table whose name differs in
# case only, too: mariadb-dump cannot leave out one of them alone.
pairs_of() {
    local line text=''
    local -a ROW
    while IFS= read -r line && [[ -n $line ]]; do
        decode_row "$line"
        text+="${text:+, }($(sql_text "${ROW[1]}"), $(sql_text "${ROW[2]}"))"
    done
    printf '%s' "$text"
}

# float_columns: prints the columns of these tables that hold data, in order.
float_columns() {
    source_sql <<<"SELECT $QUOTED_TABLE, $QUOTED_COLUMN, LOWER(data_type), is_nullable,
        IF(is_generated = 'NEVER', '', generation_expression), IFNULL(column_default, '')
        FROM information_schema.columns WHERE $FLOATS AND (is_generated = 'NEVER' OR generation_expression IN ('ROW START', 'ROW END'))
        ORDER BY BINARY table_schema, BINARY table_name, ordinal_position"
}

# float_names SNAPSHOT: tables that take part in a consistent snapshot (yes), or do not (no), each with a type.
float_names() {
    local line
    local -a ROW
    while IFS= read -r line && [[ -n $line ]]; do
        decode_row "$line"
        [[ ${ROW[3]} != "$1" ]] || printf '%s\t%s\n' "${line%%$'\t'*}" "${ROW[4]}"
    done <"$WORK/floats.tables"
}

# require_same_floats: no table has changed while its structure and its rows were read one after the other.
require_same_floats() {
    float_columns >"$WORK/floats.now"
    cmp -s "$WORK/floats.columns" "$WORK/floats.now" || fail SOURCE_CHANGED "columns of tables that have FLOAT columns"
}
