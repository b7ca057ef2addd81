#!/usr/bin/env bash
# What is compared: the tables that both ends define alike, and the queries that read them. WORK is the job's
# directory.
# Needs: copy/engines server/client writers

# left_alone: the tables that staging's replication leaves out, from its filters: exact names and extended
# expressions.
left_alone() {
    sql <<<"SELECT 'name', @@global.replicate_ignore_table UNION SELECT 'pattern', @@global.replicate_wild_ignore_table" | awk -F '\t' '
        { count = split($2, names, ",") }
        $1 == "name" { for (i = 1; i <= count; i++) print "name\t" names[i] }
        $1 == "pattern" { for (i = 1; i <= count; i++) print "pattern\t^" like(names[i]) "$" }
        function like(text,   out, at, char) {
            for (at = 1; at <= length(text); at++) {
                char = substr(text, at, 1)
                if (char == "\\") { at += (substr(text, at, 2) == "\\\\") ? 2 : 1; out = out "[" substr(text, at, 1) "]" }
                else if (char == "%") out = out ".*"
                else if (char == "_") out = out "."
                else if (char ~ /[a-zA-Z0-9]/) out = out char
                else out = out "[" char "]"
            }
            return out
        }'
}

# match_definitions: from the tables of `source` and `staging` makes WORK/plan (those to read: number, schema, table,
# engine, bytes, history, text of a row), WORK/skipped (reason, schema, table) and WORK/unequal (kind, schema, table,
# what is seen).
match_definitions() {
    left_alone >"$WORK/left_alone"
    : >"$WORK/plan"
    : >"$WORK/skipped"
    : >"$WORK/unequal"
    awk -F '\t' -v plan="$WORK/plan" -v skipped="$WORK/skipped" -v unequal="$WORK/unequal" '
        BEGIN { OFS = FS }
        FILENAME ~ /left_alone$/ { if ($1 == "name") names[$2] = 1; else patterns[$2] = 1; next }
        { key = $1 FS $2 }
        FILENAME ~ /staging.tables$/ { engine[key] = $4; digest[key] = $5; reason[key] = $3; next }
        { seen[key] = 1 }
        $3 != "" { print $3, key > skipped; next }
        ignored($1 "." $2) { print "not replicated", key > skipped; next }
        !(key in engine) { print "missing", key, "is not on staging" > unequal; next }
        engine[key] != $4 { print "definition", key, "engine " $4 " on the source, " engine[key] " on staging" > unequal; next }
        digest[key] != $5 { print "definition", key, "its columns differ" > unequal; next }
        { print ++number, key, $4, $6, $7, $8 > plan }
        END { for (key in engine) if (!(key in seen) && reason[key] == "") print "extra", key, "is not on the source" > unequal }
        function ignored(name,   pattern) {
            if (name in names) return 1
            for (pattern in patterns) if (name ~ pattern) return 1
            return 0
        }' "$WORK/left_alone" "$WORK/staging.tables" "$WORK/source.tables"
}

# queries: for each line of a plan on stdin a query whose row is its number, how many rows the table has, and the sum
# of their hashes, so that the order of rows means nothing and duplicates count. Behind each query its locks on
# the table's definition go, else a table change would wait for the end of the whole comparison.
# SHA1 and not CRC32, whose sums are the same when two rows have exchanged values; 64 bits of it make a number.
queries() {
    local line from
    local -a ROW
    while IFS= read -r line; do
        decode_row "$line"
        from=$(sql_name "${ROW[1]}" "${ROW[2]}")
        [[ ${ROW[5]} != all ]] || from+=' FOR SYSTEM_TIME ALL'
        printf 'SELECT SQL_NO_CACHE %s, COUNT(*) AS delphix_verify, IFNULL(SUM(CAST(CONV(LEFT(SHA1(CONCAT_WS(%s, %s)), 16), 16, 10) AS UNSIGNED)), 0) FROM %s;\nROLLBACK TO SAVEPOINT beginning;\n' \
            "${ROW[0]}" "','" "${ROW[6]}" "$from"
    done
}

# plain_plan: those lines of a plan whose tables take no part in a consistent snapshot.
plain_plan() { awk -F '\t' -v transactional="$TRANSACTIONAL" 'index(tolower(transactional), "\x27" tolower($4) "\x27") == 0 || $6 == "sequence"' "$1"; }
