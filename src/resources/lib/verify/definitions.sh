#!/usr/bin/env bash
# The tables of a server and how each is read: which columns it has, and the SQL text that makes one
# exact text of a row, the same on every series. WORK is the job's directory.
# Needs: copy/engines copy/inventory writers

# Session variables without which the same row could read differently, or a query could end early.
READING_SQL="SET SESSION sql_mode = '', SESSION time_zone = '+00:00', SESSION max_statement_time = 0, SESSION sql_big_selects = 1, SESSION sql_select_limit = DEFAULT,
    SESSION group_concat_max_len = 1073741824, SESSION lock_wait_timeout = 60, SESSION wait_timeout = 2000000, SESSION net_write_timeout = 3600"

# table_definitions NAME COMMAND...: writes WORK/NAME.tables, one line for each table of the server that the command
# asks: schema, table, why it is not compared, engine, digest of its columns, bytes, `all` where history is read
# or `sequence`, and the text of a row. Names are escaped as the client does. To list 100 000 tables takes minutes.
# shellcheck disable=SC2034  # the clients read these
table_definitions() {
    local name=$1 ASK_SECONDS=1800 SQL_SECONDS=1800
    shift
    {
        printf '%s;\n' "$READING_SQL"
        tables_query
        columns_query
    } | "$@" >"$WORK/$name.listed"
    awk -F '\t' '
        BEGIN { OFS = FS }
        { key = $2 FS $3 }
        $1 == "column" { digest[key] = $4; text[key] = $5; period[key] = $6 }
        $1 == "table" { table[key] = $4 FS $5; bytes[key] = $6; special[key] = $7; order[++count] = key }
        END {
            for (i = 1; i <= count; i++) {
                key = order[i]; row = text[key]
                if (special[key] == "all" && period[key] == "bigint") special[key] = ""
                if (special[key] == "all" && period[key] == "") row = row ",row_start,IF(row_end>20380119031407,0,row_end)"
                print key, table[key], digest[key], bytes[key], special[key], row
            }
        }' "$WORK/$name.listed" >"$WORK/$name.tables"
}

# suspects COLUMN COLUMN: an SQL condition for the tables to look at: all, or SUSPECTS when it is done AGAIN.
suspects() {
    local line list=''
    local -a ROW
    while IFS= read -r line; do
        [[ -n $line ]] || continue
        decode_row "$line"
        list+="${list:+, }($(sql_text "${ROW[0]}"), $(sql_text "${ROW[1]}"))"
    done <<<"${SUSPECTS:-}"
    if [[ -n $list ]]; then list=" AND ($1, $2) IN ($list)"; elif [[ $AGAIN == yes ]]; then list=' AND 1 = 0'; fi
    printf '%s%s' "$(chosen "$1")" "$list"
}

# tables_query: every table, its engine, and the reason if its rows are no part of a copy.
tables_query() {
    cat <<SQL
SELECT 'table', table_schema, table_name, CASE WHEN engine IS NULL THEN 'cannot be opened' WHEN engine IN ($EXTERNAL) THEN 'rows elsewhere'
        WHEN engine = 'MEMORY' THEN 'in memory' ELSE '' END, IFNULL(engine, ''), IFNULL(data_length, 0),
    CASE WHEN table_type = 'SYSTEM VERSIONED' AND '$HISTORY' = 'yes' THEN 'all' WHEN table_type = 'SEQUENCE' THEN 'sequence' ELSE '' END
    FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') AND $(suspects table_schema table_name);
SQL
}

# columns_query: for each table the digest of its columns, the text of a row, and the type of its period. The
# groups are binary: names that differ in case only are two tables.
columns_query() {
    cat <<SQL
SELECT 'column', table_schema, table_name, SHA1(GROUP_CONCAT(CONCAT_WS('|', column_name,
        REGEXP_REPLACE(column_type, ' */[*].*?[*]/', ''), is_nullable, REPLACE(IFNULL(collation_name, ''), 'utf8mb3_', 'utf8_')) ORDER BY ordinal_position)),
    IFNULL(GROUP_CONCAT($(column_text) ORDER BY ordinal_position), '1'),
    IFNULL(MAX(IF(generation_expression = 'ROW START', data_type, NULL)), '')
    FROM (SELECT *, CONCAT('\`', REPLACE(column_name, '\`', '\`\`'), '\`') AS q FROM information_schema.columns
        WHERE $(suspects table_schema table_name)) AS named
    GROUP BY BINARY table_schema, BINARY table_name;
SQL
}

# What gives another value at each call or to each user. A virtual column of it holds no data.
NOT_FIXED='(@@|\\b(now|current_timestamp|localtime|localtimestamp|current_date|curdate|current_time|curtime|sysdate|utc_date|utc_time|utc_timestamp|unix_timestamp|rand|uuid|uuid_short|uuid_v4|uuid_v7|sys_guid|random_bytes|user|current_user|session_user|system_user|current_role|connection_id|database|schema|version|last_insert_id|found_rows|row_count|load_file|sleep|benchmark)\\b)'

# column_text: an SQL expression: how the value of the column \`q\` becomes a text, NULL if it takes no part. What
# may hold anything bears its length or is hashed, so no two rows have one text. FLOAT becomes text exactly only
# as DOUBLE. A current row ends in 2038 or, from 11.5 on, in 2106: 0 here. Transaction numbers of a period are
# each server's own.
column_text() {
    cat <<SQL
CASE WHEN generation_expression IN ('ROW START', 'ROW END') THEN
        IF('$HISTORY' = 'yes' AND data_type = 'timestamp', CONCAT('IF(', q, '>20380119031407,0,', q, ')'), NULL)
    WHEN extra LIKE '%VIRTUAL%' AND generation_expression REGEXP '$NOT_FIXED' THEN NULL
    ELSE CONCAT(IF(is_nullable = 'NO', '', 'IFNULL('), CASE
        WHEN data_type IN ('float', 'double') THEN CONCAT('CAST(', q, ' AS DOUBLE)')
        WHEN data_type IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'date', 'datetime', 'timestamp', 'time', 'year') THEN q
        WHEN data_type IN ('char', 'varchar', 'binary', 'varbinary') THEN CONCAT('CONCAT(LENGTH(', q, '),'':'',CAST(', q, ' AS BINARY))')
        WHEN data_type IN ('enum', 'set') THEN CONCAT('CAST(', q, ' AS UNSIGNED)')
        WHEN data_type = 'bit' THEN CONCAT('HEX(', q, ')')
        WHEN data_type IN ('inet4', 'inet6', 'uuid') THEN CONCAT('CAST(', q, ' AS CHAR)')
        ELSE CONCAT('SHA1(', q, ')') END, IF(is_nullable = 'NO', '', ',''~'')'))
    END
SQL
}
