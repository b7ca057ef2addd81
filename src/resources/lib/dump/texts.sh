#!/usr/bin/env bash
# The words in which a dump defines tables and what runs. A part of the program that `read_dump` runs.

# gather: this line of the statement, up to here. What is longer than any statement of people is not kept.
# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together
DUMP_TEXTS='
function gather(to,   from) {
    if (W(1) != "CREATE" || length(WRITTEN) > 65536) return
    from = FROM == NR ? START : 1
    WRITTEN = WRITTEN substr(LINE, from, to - from + 1) (to == length(LINE) ? (CR && Q != "" && Q != "*" ? "\r" : "") "\n" : "")
}
'

# altered: a table is what several statements make of it, then; switching its keys off and on is none.
DUMP_TEXTS+='
function altered() {
    if (W(NT) == "KEYS" && W(NT - 1) ~ /^(DISABLE|ENABLE)$/) return
    if (W(2) == "TABLE" && named(2, "TABLE")) delete TEXTS["TABLE", NAME_DB, NAME]
}
'

# tell_texts: of what is still there at the end.
DUMP_TEXTS+='
function tell_texts(   key, part) {
    for (key in TEXTS) {
        split(key, part, SUBSEP)
        if (length(TEXTS[key]) > 65536 || part[1] ~ /^(VIEW|SEQUENCE)$/) continue
        if (part[1] == "TABLE" && KIND[part[2], part[3]] != "TABLE") continue
        fact("definition", tolower(part[1]) "\t" esc(part[2]) "\t" esc(part[3]) "\t" esc(TEXTS[key]))
    }
}
'
