#!/usr/bin/env bash
# What the statements of a dump are about. A part of the program that `read_dump` runs.

# T and K are the words of the statement and their kinds: w for a word, else the quote or the character itself.
# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together
DUMP_STATEMENTS='
function W(i) { return K[i] == "w" ? toupper(T[i]) : "" }
function text_at(i) { return K[i] == "\047" || K[i] == "\"" }

function begin_statement(pos) {
    IN = 1; START = pos; FROM = NR; NT = 0; WANT = 1; DEPTH = 0; ENGINE = ""; MUTED = 0; KNOWN = 0; WRITTEN = ""
}

function token(kind, text,   first) {
    if (!WANT) return
    first = W(1)
    if (DEPTH > 0 && first != "SET") return
    if (NT < 64) { T[++NT] = text; K[NT] = kind }
    else if (first != "CREATE" || kind_of() != "TABLE") { WANT = 0; return }
    if (kind == "w") word(first, toupper(text))
    if (first == "CREATE" && !ENGINE && EXPECT && kind != "=") { ENGINE = toupper(text); EXPECT = 0 }
    if (kind == "w" && first == "CREATE" && toupper(text) == "ENGINE") EXPECT = 1
}

function word(first, text) {
    if ((first == "INSERT" || first == "REPLACE") && (text == "VALUES" || text == "VALUE")) {
        DATA = 1; BEGUN = 1; WANT = 0; DEEP = 0; COUNT = 0
        ODD = first == "REPLACE" || W(2) == "IGNORE" || W(3) == "IGNORE"
    }
}

function end_statement(pos) {
    if (IN) {
        judge()
        if (pos) gather(pos - 1 - length(DELIM))
        statement()
        if (MUTED && pos) cut(FROM == NR ? START : 1, pos - 1)
    }
    IN = 0; WANT = 0; DATA = 0; NT = 0; DEPTH = 0; EXPECT = 0; CUT_AT = 0
}
'

# judge: a statement about replication is read and never run.
DUMP_STATEMENTS+='
function judge() {
    if (MUTED || NT < 2) return
    if (W(1) == "CHANGE" && W(2) == "MASTER") MUTED = 1
    if (W(1) ~ /^(START|STOP|RESET)$/ && W(2) ~ /^(SLAVE|REPLICA|ALL|MASTER)$/) MUTED = 1
    if (W(1) == "CREATE" && W(2) ~ /^(USER|ROLE)$/ && (W(3) != "IF" || W(2) == "USER") && FROM == NR && !KNOWN) {
        KNOWN = 1
        if (match(toupper(substr(LINE, START, 40)), /CREATE +USER +IF +NOT +EXISTS/)) cut(START + RSTART - 1, START + RSTART + RLENGTH - 2, "CREATE OR REPLACE USER")
        else if (match(toupper(substr(LINE, START, 40)), /CREATE/)) cut(START + RSTART - 1, START + RSTART + 4, "CREATE OR REPLACE")
    }
    if (W(1) == "SET" && joined() ~ /^SET (GLOBAL|@ @ GLOBAL \.) *(GTID_SLAVE_POS|GTID_BINLOG_STATE|GTID_PURGED)/) MUTED = 1
}

function joined(   i, text) {
    for (i = 1; i <= NT; i++) text = text (i > 1 ? " " : "") (text_at(i) ? "\047" T[i] "\047" : toupper(T[i]))
    return text
}

function statement(   first) {
    first = W(1)
    if (MUTED) { REPLICATION = joined(); replication(as_written()) }
    else if (first == "USE") use(T[2])
    else if (first == "CREATE") created()
    else if (first == "ALTER") altered()
    else if (first == "DROP") dropped()
    else if (first == "SET") setting()
    else if (first == "INSERT" || first == "REPLACE") inserted()
    else if (first == "EXECUTE" && W(2) != "IMMEDIATE") DOUBT = 1
    else if (first ~ /^(CALL|DELETE|LOAD|RENAME|TRUNCATE|UPDATE|WITH)$/) DOUBT = 1
}

function as_written(   i, text) {
    for (i = 1; i <= NT; i++) text = text (K[i] ~ /[=,]/ || K[i - 1] == "=" || i == 1 ? "" : " ") (text_at(i) ? "\047" T[i] "\047" : T[i])
    return text
}
'
