#!/usr/bin/env bash
# What a server has defined, in lines that two servers can be compared by: kind, database, name, and then what
# makes it up, as the client escapes it. WORK is the job's directory.
# Needs: copy/engines copy/inventory writers

# Sessions of two servers print the same only under the same settings.
PLAIN_SESSION="SET SESSION sql_mode = '', SESSION sql_quote_show_create = 1, SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1000000, NAMES utf8mb4, SESSION character_set_results = binary;"

# READ_DEFINITIONS: makes lines of the answers, without what servers print in more than one way: names of character
# sets that stand for themselves (compared for each column), utf8 by its new name, marks of versions, quotes of
# values that need none, the place of INVISIBLE, defaults of binary columns, where files lie; and without the next value of AUTO_INCREMENT, which grows.
# shellcheck disable=SC2016  # it is awk's
READ_DEFINITIONS='
    function plain(text,    n, i, line, all) {
        gsub(/utf8mb3/, "utf8", text)
        gsub(/ AUTO_INCREMENT=[0-9]+/, "", text)
        gsub(/ COLLATE[ =][a-z0-9_]+/, "", text)
        gsub(/ CHARACTER SET [a-z0-9_]+/, "", text)
        gsub(/ (DEFAULT )?CHARSET[ =][a-z0-9_]+/, "", text)
        gsub(/ (DATA|INDEX) DIRECTORY ?= ?\047[^\047]*\047/, "", text)
        gsub(/ \/\* mariadb-5.3 \*\//, "", text)
        gsub(/\/\*M?![0-9]+ /, "", text)
        gsub(/ ?\*\//, "", text)
        while (match(text, /`=\047[0-9A-Za-z_]*\047/))
            text = substr(text, 1, RSTART + 1) substr(text, RSTART + 3, RLENGTH - 4) substr(text, RSTART + RLENGTH)
        n = split(text, line, /\\n/)
        for (i = 1; i <= n; i++) {
            if (line[i] ~ /^ *`.*` ((var)?binary\(|[a-z]*blob)/) sub(/ DEFAULT x?\047.*/, " DEFAULT ...", line[i])
            if (sub(/ INVISIBLE/, "", line[i])) line[i] = line[i] " INVISIBLE"
            all = all (i > 1 ? "\\n" : "") line[i]
        }
        return all
    }
    NF == 3 && $1 == "" { schema = $2; next }
    NF == 2 { print ($2 ~ /^CREATE SEQUENCE/ ? "sequence" : "table") "\t" schema "\t" $1 "\t" plain($2) }
    NF == 4 { is_view[schema "\t" $1] = 1; print "view\t" schema "\t" $1 "\t" plain($2) "\t" plain($3) "\t" plain($4) }
    NF == 5 { print "value of sequence\t" schema "\t" $1 "\t" $2 "\t" $3 }
    $1 == "column" && ($2 "\t" $6) in is_view { next }
    NF > 5 { gsub(/utf8mb3/, "utf8"); print }
'

# definitions FILE COMMAND...: writes the lines of the server that the command asks; 1 when it does not tell them
# all, and FILE.err says why. What it holds no more when it is asked is passed over.
definitions() {
    local file=$1 seconds
    shift
    printf '%s\n' "$PLAIN_SESSION" >"$file.sql"
    show_questions "$@" >>"$file.sql" 2>"$file.err" || return 1
    {
        one_row_questions
        cat "$WORK/grants.sql"
        printf 'SELECT 1;\n'
    } >>"$file.sql"
    seconds=$((120 + $(wc -l <"$file.sql") / 50))
    # shellcheck disable=SC2034  # the commands read these
    local ASK_SECONDS=$seconds SQL_SECONDS=$seconds
    "$@" --force <"$file.sql" >"$file.raw" 2>"$file.err" || :
    # Gone, or broken, since it was listed.
    ! grep '^ERROR' "$file.err" | grep -qvE '^ERROR (1045|1146|1286|1356|1449|1932) .* at line ' || return 1
    [[ $(tail -n 1 "$file.raw") == 1 ]] || return 1
    awk -F '\t' "$READ_DEFINITIONS" "$file.raw" | LC_ALL=C sort -u >"$file" || return 1
}

# show_questions COMMAND...: a statement for each table, view and sequence. Before those of a database stands one
# that answers its name, alone on its line in three columns.
show_questions() {
    "$@" --raw <<SQL
$PLAIN_SESSION
SELECT IF(ROW_NUMBER() OVER (PARTITION BY s ORDER BY k, t) = 1, CONCAT('SELECT '''', ', QUOTE(s), ', '''';\n'), ''),
    CONCAT('SHOW CREATE ', k, ' ', n, ';', IF(k = 'SEQUENCE', CONCAT('\nSELECT ', QUOTE(t), ', next_not_cached_value, cycle_count, '''', '''' FROM ', n, ';'), ''))
    FROM (SELECT table_schema AS s, table_name AS t, CASE table_type WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END AS k,
        CONCAT('\`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`') AS n
        FROM information_schema.tables WHERE $(chosen table_schema) AND table_type NOT LIKE 'TEMPORARY%'
        AND (engine IS NULL OR engine NOT IN ($EXTERNAL) OR engine = 'BLACKHOLE')) AS named ORDER BY s, k, t;
SQL
}

# one_row_questions: what takes one query for all objects of a kind. Statements print no collation where an older
# server thinks it goes without saying, so each column tells its own.
one_row_questions() {
    cat <<SQL
SELECT 'series', '', '', SUBSTRING_INDEX(VERSION(), '.', 2), '', '', '';
SELECT 'database', schema_name, '', default_character_set_name, default_collation_name, schema_comment, '' FROM information_schema.schemata WHERE $(chosen schema_name);
SELECT 'column', table_schema, CONCAT(table_name, '.', column_name), character_set_name, collation_name, table_name, '' FROM information_schema.columns
    WHERE $(chosen table_schema) AND collation_name IS NOT NULL;
SELECT LOWER(type), db, name, sql_data_access, is_deterministic, security_type, param_list, returns, body, definer, sql_mode, comment,
    character_set_client, collation_connection, db_collation, aggregate FROM mysql.proc WHERE $(chosen db);
SELECT 'trigger', trigger_schema, trigger_name, event_manipulation, event_object_table, action_order, action_statement, action_timing, sql_mode,
    definer, character_set_client, collation_connection, database_collation FROM information_schema.triggers WHERE $(chosen trigger_schema);
SELECT 'event', db, name, body, definer, execute_at, interval_value, interval_field, starts, ends, status, on_completion, sql_mode, comment,
    time_zone, character_set_client, collation_connection, db_collation FROM mysql.event WHERE $(chosen db) AND $TO_COME;
SELECT 'account', '', CONCAT(User, '@', Host), MD5(JSON_COMPACT(JSON_REMOVE(Priv, '\$.account_locked'))), '', '', '' FROM mysql.global_priv WHERE $(not_ours);
SELECT 'locked account', '', CONCAT(User, '@', Host), '', '', '', '' FROM mysql.global_priv WHERE $(not_ours)
    AND JSON_VALUE(Priv, '\$.account_locked') IN ('1', 'true');
SQL
}

# not_ours: a condition on accounts and grants, false for those that the plugin makes, and for those of the server.
not_ours() { printf "User NOT IN ('', 'mariadb.sys', 'PUBLIC') AND NOT (User = %s AND Host = 'localhost')" "$(sql_text "$OS_USER")"; }

# grant_questions COMMAND...: a query for each table of grants, with the columns that this server has.
grant_questions() {
    "$@" --raw <<SQL
$PLAIN_SESSION
SELECT CONCAT('SELECT ''grant'', ''', table_name, ''', CONCAT_WS('' '', ',
    GROUP_CONCAT(IF(column_key = 'PRI', CONCAT('\`', column_name, '\`'), NULL) ORDER BY column_name), '), ''', '''',
    IFNULL(GROUP_CONCAT(IF(column_key = 'PRI' OR column_name = 'Timestamp', NULL, CONCAT('\`', column_name, '\`')) ORDER BY column_name), ''''''),
    ', '''', '''', '''' FROM mysql.', table_name, ' WHERE ', $(sql_text "$(not_ours)"), ';')
    FROM information_schema.columns WHERE table_schema = 'mysql'
    AND table_name IN ('db', 'tables_priv', 'columns_priv', 'procs_priv', 'roles_mapping', 'proxies_priv') GROUP BY table_name;
SQL
}
