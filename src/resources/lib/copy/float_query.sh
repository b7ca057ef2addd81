#!/usr/bin/env bash
# The query that reads the rows of a table with FLOAT columns: values that are short as SQL text, which the
# source writes, all others as the bytes they are. WORK is the job's directory.
# Needs: copy/float_tables story writers

# row_queries SNAPSHOT: prints, for the tables that float_names tells, what write_rows reads: a line `t`, the
# rows, exact defaults; at the end a line `e`.
row_queries() {
    local line table='' type='' QUOTED=''
    local -A types=()
    local -a ROW
    while IFS=$'\t' read -r line type; do types[$line]=$type; done < <(float_names "$1")
    while IFS= read -r line; do
        if [[ ${line%%$'\t'*} != "$table" ]]; then
            end_table
            table=${line%%$'\t'*} type=${types[${line%%$'\t'*}]:-}
            decode "$table"
            QUOTED=$DECODED
            NAMES='' FIELDS='' SHORT='' KINDS='' STRICT=,STRICT_ALL_TABLES DEFAULTS='' TIMES=no
        fi
        [[ -n $type ]] || continue
        decode_row "$line"
        add_column "${ROW[@]}"
    done <"$WORK/floats.columns"
    end_table
    echo "SELECT 'e';"
}

# with_history: whether the history of versioned tables is copied, as mariadb-dump is told to.
with_history() { [[ $type == "SYSTEM VERSIONED" && $DUMP_OPTIONS == *--dump-history* ]]; }

# add_column TABLE NAME TYPE NULLABLE GENERATED DEFAULT
add_column() {
    local text
    if [[ -n $5 ]]; then
        if with_history; then add_time "$1" "$2" "$3" "$5"; fi
        return
    fi
    case $3 in
        # A negative value too small for a FLOAT is stored as -0, which is told from 0 by no text of the server.
        float)
            text="IF($2 = 0 AND ATAN2($2, -1) < 0, '-1e-300', CAST($2 AS DOUBLE))"
            if [[ $6 =~ ^-?[0-9.]+(e-?[0-9]+)?$ ]]; then add_default "$2"; fi
            ;;
        double) text="CAST($2 AS DOUBLE)" ;;
        tinyint | smallint | mediumint | int | bigint | decimal | year) text=$2 ;;
        # 0 is the error value, which no strict mode takes.
        enum) text="CAST($2 AS UNSIGNED)" STRICT='' ;;
        bit | set) text="CAST($2 AS UNSIGNED)" ;;
        date | time | datetime | timestamp | inet4 | inet6 | uuid) text="CONCAT('''', $2, '''')" ;;
        *char | *text | *binary | *blob | vector | geometry* | *point | *linestring | *polygon)
            add_long "$2" "$4"
            return
            ;;
        *) fail DUMP_FAILED "$1 has FLOAT columns, and the type $3 of $2 is not known: it cannot be copied exactly" ;;
    esac
    add_short "$2" "$text"
}

# add_short NAME EXPRESSION: neighbours share one field.
add_short() {
    NAMES+="${NAMES:+, }$1"
    SHORT+="${SHORT:+, ',', }IFNULL($2, 'NULL')"
}

end_short() {
    [[ -z $SHORT ]] || FIELDS+=", CONCAT($SHORT)" KINDS+=n
    SHORT=''
}

# add_long NAME NULLABLE: NULL and the text NULL look alike, so another field tells them apart.
add_long() {
    end_short
    NAMES+="${NAMES:+, }$1"
    if [[ $2 == YES ]]; then FIELDS+=", $1 IS NULL, $1" KINDS+=z; else FIELDS+=", $1" KINDS+=s; fi
}

# add_time TABLE NAME TYPE GENERATED: row start or row end. Since 11.5 a present row ends in 2106, before in
# 2038; --update-history has mariadb-dump go over.
add_time() {
    local text="CONCAT('''', $2, '''')"
    [[ $3 == timestamp ]] || fail DUMP_FAILED "$1 has FLOAT columns and a transaction-precise history, which cannot be copied"
    TIMES=yes
    if [[ $4 == "ROW END" && $DUMP_OPTIONS == *--update-history* ]]; then
        text="IF($2 = '2038-01-19 03:14:07.999999', '''2106-02-07 06:28:15.999999''', $text)"
    fi
    add_short "$2" "$text"
}

# add_default NAME: a default, which SHOW CREATE TABLE rounds, too.
add_default() { DEFAULTS+=", $(sql_text "${DEFAULTS:+, }ALTER COLUMN $1 SET DEFAULT "), CAST(DEFAULT($1) AS DOUBLE)"; }

# end_defaults: prints the query for the statement that makes them exact. One for all of the table: each ALTER
# TABLE rounds those that it does not name.
end_defaults() {
    local alter="ALTER TABLE $QUOTED "
    [[ -n $DEFAULTS ]] || return 0
    [[ $type != "SYSTEM VERSIONED" ]] || alter="SET SESSION system_versioning_alter_history = KEEP; $alter"
    printf "SELECT 'd', CONCAT(%s%s) FROM (SELECT 1) one LEFT JOIN %s ON FALSE;\n" "$(sql_text "$alter")" "$DEFAULTS" "$QUOTED"
}

# end_table: prints the queries for the table whose columns have been added.
end_table() {
    local from=$QUOTED head
    [[ -n $type && -n $table ]] || return 0
    head="SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES$STRICT'"
    if with_history; then
        from+=" FOR SYSTEM_TIME ALL" head+=", SESSION system_versioning_insert_history = 1"
        # Without columns of its own for them, a table has hidden ones.
        if [[ $TIMES == no ]]; then
            add_time "$QUOTED" row_start timestamp "ROW START"
            add_time "$QUOTED" row_end timestamp "ROW END"
        fi
    fi
    end_short
    printf "SELECT 't', '%s', %s, %s;\nSELECT 'r'%s FROM %s;\n" "$KINDS" "$(sql_text "$head;")" \
        "$(sql_text "INSERT INTO $QUOTED ($NAMES) VALUES")" "$FIELDS" "$from"
    end_defaults
}
