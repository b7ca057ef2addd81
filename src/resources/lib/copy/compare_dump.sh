#!/usr/bin/env bash
# The proof that what a dump defines is on staging: objects, engines, rows. WORK is the job's directory.
# Needs: answer copy/await_server copy/compare_texts copy/engines copy/inventory copy/load_failed
#     copy/present_rows copy/rounded dump/facts few job/run server/client server/client_errors
#     server/installation server/memory_tables story
# Constants: REACHING SYSTEM_SCHEMAS

# prove_dump: everything that the dumps define, and what they have lost themselves.
prove_dump() {
    use_installation
    compare_dump
    require_present_rows
    tell_memory
    tell_rounded
    phase "done"
}

compare_dump() {
    local missing
    phase "comparing"
    fold_names
    told_objects | sort -u >"$WORK/before"
    inventory sql | sort -u >"$WORK/staging"
    missing=$(folded "$WORK/staging" | sort -u | comm -23 "$WORK/before" -)
    # An event whose time is over is dropped at once.
    missing=$(grep -v $'^event\t' <<<"$missing" || :)
    [[ -z $missing ]] || fail INVENTORY_DIFFERS "missing on staging: $(tr '\t' ' ' <<<"$missing" | few)"
    compare_engines
    compare_texts
    compare_row_counts
    answer objects "$(wc -l <"$WORK/staging")"
    system_objects | sql | answer_lines systemObject
}

# fold_names: FOLD becomes `yes` on a server that does not tell upper case of names.
fold_names() { FOLD=$(sql <<<"SELECT IF(@@lower_case_table_names = 0, 'no', 'yes')"); }

# folded FILE: the lines of an inventory, as this server compares names.
folded() { if [[ $FOLD == yes ]]; then tr '[:upper:]' '[:lower:]' <"$1"; else cat "$1"; fi; }

# told_objects: the inventory that the dump itself gives, without triggers on tables that reach out (`table` sorts before
# `trigger`). Names in another character set than ours cannot be compared.
told_objects() {
    local plain=yes
    case $(told charset) in '' | utf8* | binary) ;; *) plain=no ;; esac
    told object | sort | awk -F '\t' -v OFS='\t' -v plain="$plain" -v system_schemas=", $SYSTEM_SCHEMAS," -v reaching=", $REACHING," '
        $1 == "table" && $4 != "" && index(toupper(reaching), "\047" $4 "\047,") { apart[$2, $3] }
        index(system_schemas, "\047" tolower($2) "\047,") || (plain == "no" && ($2 $3) ~ /[\200-\377]/) { next }
        $1 == "trigger" && ($2, $4) in apart { next }
        { if ($1 == "sequence") $1 = "table"; print $1, $2, $3 }' | folded /dev/stdin
}

# compare_engines: each table is of the engine that its definition names.
compare_engines() {
    local other
    told object | awk -F '\t' -v OFS='\t' -v reaching=", $REACHING," '$1 == "table" && $4 != "" && !index(toupper(reaching), "\047" $4 "\047,") { print $2, $3, $4 }' |
        folded /dev/stdin | sort -u >"$WORK/engines"
    sql <<<"SET SESSION sql_mode = ''; SELECT table_schema, table_name, UPPER(IFNULL(engine, '')) FROM information_schema.tables WHERE table_type <> 'VIEW'" >"$WORK/engines.all"
    folded "$WORK/engines.all" | sort -u >"$WORK/engines.staging"
    # Of those that are there: what is missing has been told.
    other=$(comm -23 "$WORK/engines" "$WORK/engines.staging" | awk -F '\t' -v OFS='\t' '
        NR == FNR { is[$1, $2] = $3; next } ($1, $2) in is { print $1 "." $2 " is " toupper(is[$1, $2]) " and was to be " toupper($3) }' "$WORK/engines.staging" -)
    [[ -z $other ]] || fail INVENTORY_DIFFERS "tables of another storage engine than the dump says: $(few <<<"$other")"
}

# compare_row_counts: each table has as many rows as the dump has for it, wherever that is known.
compare_row_counts() {
    local differ
    told rows | folded /dev/stdin | sort >"$WORK/rows"
    [[ -s $WORK/rows ]] || return 0
    phase "counting rows"
    count_rows
    differ=$(folded "$WORK/rows.counted" | sort | awk -F '\t' '
        NR == FNR { has[$1, $2] = $3; next }
        ($1, $2) in has && has[$1, $2] != $3 { print $1 "." $2 ": " has[$1, $2] " of " $3 }' - "$WORK/rows")
    [[ -z $differ ]] || fail INVENTORY_DIFFERS "tables with another number of rows than the dump has: $(few <<<"$differ")"
}

# count_rows: `schema table count` of every table with rows of its own. The server reads them all.
count_rows() {
    sql --raw <<SQL >"$WORK/rows.sql"
SET SESSION sql_mode = '';
SELECT CONCAT('SELECT ''', REPLACE(REPLACE(table_schema, '\\\\', '\\\\\\\\'), '''', ''''''), ''', ''', REPLACE(REPLACE(table_name, '\\\\', '\\\\\\\\'), '''', ''''''),
    ''', COUNT(*) FROM \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`',
    IF(table_type = 'SYSTEM VERSIONED', ' FOR SYSTEM_TIME ALL', ''), ';')
    FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_schema NOT IN ($SYSTEM_SCHEMAS)
    AND engine NOT IN ($EXTERNAL, $WITHOUT_ROWS);
SQL
    session <"$WORK/rows.sql" >"$WORK/rows.counted" 2>"$WORK/rows.err" &
    await_server "$!" "counting rows" || load_failed "$(error_line "$(<"$WORK/rows.err")")"
}
