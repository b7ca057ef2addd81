#!/usr/bin/env bash
# Cutting a large table of the source by ranges of its key, so that several pipes copy it.
# Needs: source/sql writers

# So many ranges of equal width are looked at, to find ranges of like numbers of rows.
RANGES=64

# cut_table DATABASE TABLE PIECES: a condition for each piece, one a line; they exclude each other, and one is always
# true. Nothing for a table whose primary key does not begin with an integer of a plain name.
cut_table() {
    local column table
    table=$(sql_name "$1" "$2")
    column=$(integer_key "$1" "$2")
    [[ $column =~ ^[A-Za-z0-9_]+$ ]] || return 0
    column=$(sql_name "$column")
    bounds "$table" "$column" >"$WORK/bounds"
    [[ -s $WORK/bounds ]] || return 0
    rows_between "$table" "$column" | source_sql | awk -F '\t' '{ print $9 + 0 }' >"$WORK/between"
    paste "$WORK/bounds" "$WORK/between" | cuts "$3" | conditions "$column"
}

# integer_key DATABASE TABLE: the first column of its primary key, when that is an integer.
integer_key() {
    source_sql <<<"SELECT c.column_name FROM information_schema.statistics s JOIN information_schema.columns c
        ON c.table_schema = s.table_schema AND c.table_name = s.table_name AND c.column_name = s.column_name
        WHERE s.table_schema = BINARY $(sql_text "$1") AND s.table_name = BINARY $(sql_text "$2") AND s.table_schema = $(sql_text "$1") AND s.table_name = $(sql_text "$2")
        AND s.index_name = 'PRIMARY' AND s.seq_in_index = 1 AND c.data_type IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') LIMIT 1"
}

# bounds TABLE COLUMN: ends of RANGES ranges of equal width, but for the last.
bounds() {
    local i
    {
        echo "SELECT CAST(MIN($2) AS DECIMAL(40)), CAST(MAX($2) AS DECIMAL(40)) INTO @low, @high FROM $1;"
        for ((i = 1; i < RANGES; i++)); do echo "SELECT DISTINCT @low + FLOOR((@high - @low) * $i / $RANGES) FROM DUAL WHERE @high - @low >= $RANGES;"; done
    } | source_sql
}

# rows_between TABLE COLUMN: a question for about how many rows lie before each of WORK/bounds and after the one before.
rows_between() {
    local bound last=''
    while IFS= read -r bound; do
        echo "EXPLAIN SELECT COUNT(*) FROM $1 FORCE INDEX (PRIMARY) WHERE $2 < $bound${last:+ AND $2 >= $last};"
        last=$bound
    done <"$WORK/bounds"
}

# cuts PIECES: of rows `bound rows`, the bounds that make pieces of like numbers of rows. What lies after the last
# bound counts as much as what lies before the first.
cuts() {
    awk -F '\t' -v pieces="$1" '
        { bound[NR] = $1; rows[NR] = $2; all += $2 }
        END {
            all += all / NR
            for (i = 1; i <= NR; i++) { sum += rows[i]; if (sum >= all * (cut + 1) / pieces && cut < pieces - 1) { cut++; print bound[i] } }
        }'
}

# conditions COLUMN: of bounds, a condition for each range. Nothing is in no range, not even what a change of the
# column's type would make of it.
conditions() {
    local bound last=''
    while IFS= read -r bound; do
        echo "$1 < $bound${last:+ AND $1 >= $last}"
        last=$bound
    done
    [[ -z $last ]] || echo "($1 >= $last OR $1 IS NULL)"
}
