#!/usr/bin/env bash
# One pipe from our query of tables with FLOAT columns to the load into staging. WORK is the job's directory.
# Needs: copy/load dataset/write source/client

# copy_rows NAME SNAPSHOT: reads the rows by the queries in WORK/NAME.sql, in the background, as `copy` does. With
# `yes`, a consistent snapshot begins at once, WORK/NAME.header tells so, and the rows wait for WORK/NAME.go.
copy_rows() {
    {
        set +e
        trap - ERR
        read_rows "$1" "$2" 2>"$WORK/$1.dump" | pass_rows "$1" | load '' 2>"$WORK/$1.load"
        write_text "$WORK/$1.status" <<<"${PIPESTATUS[*]}"
    } &
}

# read_rows NAME SNAPSHOT: limits that the source has for its sessions do not count here. Without a character set
# for results, texts come as the bytes that they are.
read_rows() {
    # shellcheck disable=SC2034  # `source_client` reads it
    local ASK_SECONDS=604800
    source_client --quick --unbuffered --max-allowed-packet=1G < <(
        echo "SET SESSION time_zone = '+00:00', SESSION character_set_results = NULL, SESSION max_statement_time = 0, SESSION net_write_timeout = 86400,"
        echo "SESSION wait_timeout = 86400, SESSION sql_select_limit = DEFAULT; SET SESSION sql_select_limit = 18446744073709551615;"
        if [[ $2 == yes ]]; then
            echo "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT;"
        fi
        echo "SELECT 'b';"
        if [[ $2 == yes ]]; then : <"$WORK/$1.go"; fi
        cat "$WORK/$1.sql"
    )
}

# pass_rows NAME: what read_rows gives as statements.
pass_rows() {
    local line
    echo "$BASHPID" >"$WORK/$1.pid"
    IFS= read -r line
    [[ $line == b ]] || exit 3
    : >"$WORK/$1.header"
    echo "SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0, SESSION check_constraint_checks = 0, SESSION time_zone = '+00:00';"
    exec awk "$ROWS_TO_SQL"
}

# Rows of the client's batch output as INSERTs of about 1 MB. Its escapes are SQL's, but for the quote. A line `t`
# tells kinds of fields, settings, and how the INSERT begins; `r` is a row, `d` a statement, `e` the end.
# shellcheck disable=SC2016  # awk's dollars
ROWS_TO_SQL='
function plain(text,  done, c) {
    while (match(text, /\\./)) {
        c = substr(text, RSTART + 1, 1)
        done = done substr(text, 1, RSTART - 1) (c == "n" ? "\n" : c == "t" ? "\t" : c)
        text = substr(text, RSTART + 2)
    }
    return done text
}
function finish() { if (size) print ";"; size = 0 }
function values(  i, f, kind, null, part, text) {
    f = 2
    for (i = 1; i <= fields; i++) {
        kind = substr(kinds, i, 1)
        null = kind == "z" && $(f++) == 1
        part = $(f++)
        if (null) part = "NULL"
        else if (kind != "n") {
            gsub(/\047/, "\047\047", part)
            part = "_binary\047" part "\047"
        }
        text = text (i > 1 ? "," : "") part
    }
    if (f != NF + 1) exit bad = 4
    return text
}
BEGIN { FS = "\t" }
ended { exit bad = 5 }
$1 == "r" {
    row = kinds == "n" ? substr($0, 3) : values()
    printf "%s(%s)", size ? ",\n" : head "\n", row
    size += length(row) + 4
    if (size > 1000000) finish()
    next
}
$1 == "t" { finish(); kinds = $2; fields = length(kinds); print plain($3); head = plain($4); next }
$1 == "d" { finish(); print plain($2) ";"; next }
$1 == "e" { finish(); ended = 1; next }
{ exit bad = 6 }
END { exit bad ? bad : ended ? 0 : 3 }
'
