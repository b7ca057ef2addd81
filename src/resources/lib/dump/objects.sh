#!/usr/bin/env bash
# What the statements of a dump make, drop, fill and set. A part of the program that `read_dump` runs.

# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together
DUMP_OBJECTS='
function use(name) { DB = name; USED = 1 }
'

# named: NAME_DB and NAME of what follows the word, from token i on; 0 when nothing does.
DUMP_OBJECTS+='
function named(i, after) {
    while (i <= NT && W(i) != after) i++
    i++
    if (W(i) == "IF") { i++; if (W(i) == "NOT") i++; i++ }
    if (i > NT) return 0
    NAME_DB = DB; NAME = T[i]; NEXT = i + 1
    if (K[i + 1] == ".") { NAME_DB = T[i]; NAME = T[i + 2]; NEXT = i + 3 }
    else if (!USED) unplaced()
    return 1
}
'

# unplaced: it belongs to the database that nothing before it names.
DUMP_OBJECTS+='
function unplaced() {
    if (!DB) NEEDS = 1
    if (PARTS > 1) problem("the dump that begins at line " PART_FROM " has no USE, and another one stands before it in the file")
}
'

# kind_of: of a CREATE statement, empty as long as it is not said.
DUMP_OBJECTS+='
function kind_of(   i, w) {
    for (i = 2; i <= NT; i++) {
        w = W(i)
        if (w ~ /^(TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|SEQUENCE|PACKAGE|DATABASE|SCHEMA|USER|ROLE|SERVER|INDEX)$/ && K[i - 1] != "=" && K[i - 1] != "@") return w
    }
    return ""
}

function created(   kind, key) {
    kind = kind_of()
    if (kind == "INDEX") { if (named(2, "ON")) delete TEXTS["TABLE", NAME_DB, NAME]; return }
    if (kind == "DATABASE" || kind == "SCHEMA") { if (place(kind)) fact("database", NAME); return }
    if (kind !~ /^(TABLE|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|SEQUENCE|PACKAGE)$/ || !named(2, kind)) return
    if (W(2) == "TEMPORARY" || W(4) == "TEMPORARY") return
    HEAD = 0
    if (kind == "PACKAGE" && W(NEXT - 1) == "BODY") { kind = "PACKAGE BODY"; named(2, "BODY") }
    key = NAME_DB SUBSEP NAME
    TEXTS[kind, key] = WRITTEN
    if (kind == "FUNCTION" || kind ~ /^PACKAGE/) definer(kind)
    if (kind == "VIEW") {
        delete ROWS[key]; delete LOST[key]
        if (!VIEW_HERE && W(2) != "VIEW") VIEW_HERE = FROM == NR ? START : 1
    }
    if (kind == "TABLE" || kind == "VIEW" || kind == "SEQUENCE") {
        if (kind == "TABLE" && key in LOST) problem("the table " NAME_DB "." NAME " is defined a second time at line " FROM ", after its rows from line " LOST[key] " on")
        KIND[key] = kind; MAKES[key] = ENGINE; AT[key] = FROM
        if (kind == "TABLE" && !(key in ROWS)) ROWS[key] = 0
    } else {
        OTHERS[kind SUBSEP key] = FROM
        if (kind == "TRIGGER") ON_TABLE[key] = table_of_trigger()
    }
}

'

# table_of_trigger: it is of the trigger's own database.
DUMP_OBJECTS+='
function table_of_trigger(   i) {
    for (i = NEXT; i <= NT && W(i) != "ON"; i++);
    return K[i + 2] == "." ? T[i + 3] : T[i + 1]
}

function place(kind,   i) {
    for (i = 2; i <= NT && W(i) != kind; i++);
    i++
    if (W(i) == "IF") i += 3
    NAME = T[i]
    return i <= NT
}

function dropped(   i, kind, key) {
    kind = W(2) == "TEMPORARY" ? "" : W(2)
    if (kind == "DATABASE" || kind == "SCHEMA" || kind !~ /^(TABLE|VIEW|SEQUENCE)$/) return
    i = 3
    if (W(i) == "IF") i += 2
    for (; i <= NT; i++) {
        if (K[i] == "," || K[i] == ".") continue
        key = (K[i + 1] == "." ? T[i] SUBSEP T[i + 2] : DB SUBSEP T[i])
        if (K[i + 1] == ".") i += 2
        if (KIND[key] == "TABLE" && (ROWS[key] != 0)) LOST[key] = AT[key]
        delete KIND[key]; delete ROWS[key]
    }
}

function inserted(   key) {
    if (!named(1, "INTO")) { DOUBT = 1; return }
    HEAD = 0
    if (NAME_DB == "mysql") FRESH = 0
    key = NAME_DB SUBSEP NAME
    if (!DATA || ODD || DEEP || ROWS[key] == "?") ROWS[key] = "?"
    else ROWS[key] += COUNT
}
'

# setting: what changes how the text that follows is read, and what a dump saves at its begin and brings back at its end.
DUMP_OBJECTS+='
function setting(   i, name) {
    if (W(2) == "NAMES" && CHARSET == "") CHARSET = tolower(T[3])
    for (i = 2; i < NT; i++) {
        name = W(i)
        if (name ~ /^OLD_/ && K[i - 1] == "@") { if (K[i + 1] != "=") BROUGHT_BACK++; else { SAVED++; if (name == "OLD_SQL_MODE") HEADED = 1 } }
        if (K[i + 1] != "=" || K[i - 1] == "@" && K[i - 2] != "@" && name ~ /^OLD_/) continue
        if (name == "SQL_MODE") modes(text_at(i + 2) ? toupper(T[i + 2]) : "")
        if (name == "TIME_ZONE" && text_at(i + 2) && ZONE == "") ZONE = T[i + 2]
    }
    if (W(NT) ~ /^OLD_/ && K[NT - 1] == "@") BROUGHT_BACK++
}

function modes(text) { ESC = index(text, "NO_BACKSLASH_ESCAPES") ? 0 : 1 }
'
