#!/usr/bin/env bash
# The proof that what a dump defines says on staging what it says in the dump. WORK is the job's directory.
# Needs: copy/definitions copy/staging_definitions dataset/warnings dump/facts few job/run story
# Constants: REACHING

# compare_texts: programs of many versions print definitions, so what differs is told, and ends nothing.
compare_texts() {
    local differing
    phase "comparing definitions"
    awk -F '\t' -v reaching=", $REACHING," "$TEXTS_OF_DUMP" "$FACTS" >"$WORK/texts"
    : >"$WORK/grants.sql"
    staging_definitions
    {
        awk -F '\t' "$READ_DEFINITIONS" "$WORK/texts"
        told definition | awk -F '\t' '$1 != "table" { gsub(/utf8mb3/, "utf8"); print }'
    } >"$WORK/definitions.dump"
    differing=$(awk -F '\t' -v fold="$FOLD" "$COMPARE_TEXTS" "$WORK/definitions.staging" "$WORK/definitions.dump")
    log INFO "compared with the texts in the dump: ${differing%%$'\n'*}"
    differing=$(sed 1d <<<"$differing")
    [[ -z $differing ]] || keep_warning "staging has other definitions than the dump says: $(few '; ' <<<"$differing")"
}

# TEXTS_OF_DUMP: the tables that are written as a server shows them, in the form that READ_DEFINITIONS reads. Stand-ins
# replace those that reach out.
# shellcheck disable=SC2016  # it is awk's
TEXTS_OF_DUMP='
    $1 == "object" && $2 == "table" && $5 != "" && index(toupper(reaching), "\047" $5 "\047,") { apart[$3, $4] }
    $1 != "definition" || $2 != "table" || ($3, $4) in apart || $5 !~ /^CREATE TABLE (IF NOT EXISTS )?[^ ]+ \(\\n  [^ ]/ { next }
    { sub(/ IF NOT EXISTS/, "", $5); print "\t" $3 "\t"; print $4 "\t" $5 }
'

# COMPARE_TEXTS: how many could be compared, then each that differs. Older servers print numbers in quotes and the
# present time without brackets; --skip-create-options leaves out what follows the columns. Of what runs, the server
# keeps the body, and the dump has it in its statement.
# shellcheck disable=SC2016  # it is awk's
COMPARE_TEXTS='
    function key() { return fold == "yes" ? tolower($1 "\t" $2 "\t" $3) : $1 "\t" $2 "\t" $3 }
    function body() { return $1 == "trigger" ? $7 : $1 == "event" ? $4 : $9 }
    function same(text) {
        gsub(/CURRENT_TIMESTAMP(\(\))?/, "current_timestamp()", text)
        if (fold == "yes") text = tolower(text)
        gsub(/`/, "", text); gsub(/\\n$/, "", text)
        while (match(text, / [Dd][Ee][Ff][Aa][Uu][Ll][Tt] \047-?[0-9.]+\047/)) text = substr(text, 1, RSTART + 8) substr(text, RSTART + 10, RLENGTH - 11) substr(text, RSTART + RLENGTH)
        return text
    }
    function piece(a, b,    n, m, i, x, y) {
        n = split(a, x, /\\n/); m = split(b, y, /\\n/)
        for (i = 1; i <= n || i <= m; i++) {
            sub(/,$/, "", x[i]); sub(/,$/, "", y[i])
            if (x[i] != y[i] && x[i] != ")") return " (dump: " substr(x[i], 1, 200) ", staging: " substr(y[i], 1, 200) ")"
        }
    }
    FILENAME ~ /staging$/ { if ($1 ~ /^(table|procedure|function|package|package body|trigger|event)$/) is[key()] = $1 == "table" ? $4 : body(); next }
    !(key() in is) { next }
    $1 == "table" { tables++; if (what = piece(same($4), same(is[key()]))) told[++count] = $1 " " $2 "." $3 what; next }
    $1 == "trigger" && is[key()] ~ /[\200-\377]/ { next }
    { bodies++; if (!index($4, is[key()])) told[++count] = $1 " " $2 "." $3 }
    END { printf "%d tables, %d bodies\n", tables, bodies; for (i = 1; i <= count; i++) print told[i] }
'
