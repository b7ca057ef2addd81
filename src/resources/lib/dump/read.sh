#!/usr/bin/env bash
# The one reader of dump text. Nothing else looks for words in a dump.
# Needs: dump/definers dump/lexer dump/objects dump/remarks dump/rows dump/statements dump/texts

# read_dump FACTS [BEFORE]: reads a dump on stdin. FACTS becomes what it is and holds, one fact a line, escaped as
# the client's batch output:
#
#     tool TEXT, version TEXT, named DATABASE     as its head says
#     needs yes                                   something in it belongs to a database that it does not name
#     saves yes                                   it begins as mariadb-dump does by default: it saves the sql_mode
#     zone TEXT, charset NAME                     the first that it sets
#     position own|master FILE NUMBER LINE, gtid own|master TEXT LINE
#     replication TEXT                            a statement about replication, which is not passed on
#     database NAME, object KIND DATABASE NAME ENGINE LINE (of a trigger: its table), rows DATABASE NAME COUNT
#     definition KIND DATABASE NAME TEXT          the statement that makes it, unless it is long or another one changes it
#     doubt yes                                   statements change rows in other ways than INSERT: no rows are told
#     mark yes|no                                 it told its end
#     problem TEXT                                it cannot be loaded as it is
#
# With BEFORE, a file of statements, the dump goes to stdout: without byte order mark, sandbox line, line ends of
# Windows and statements about replication, CREATE USER as CREATE OR REPLACE USER, with BEFORE before the first view that
# follows on the schema mysql, or on functions whose definers have to be stood in for, and at the end. Without it, reading ends at the first problem. DATABASE is where statements go before the first USE. QUOTE is
# what strings in rows stand in, an apostrophe unless told. PIECE is yes for a file that holds rows of tables which others
# define: they are told all the same, as ? where their number is unknown.
read_dump() {
    DUMP_FACTS=$1 DUMP_BEFORE=${2:-} DUMP_DATABASE=${DATABASE:-} DUMP_QUOTE=${QUOTE:-\'} DUMP_PIECE=${PIECE:-} awk "$DUMP_LEXER$DUMP_ROWS$DUMP_STATEMENTS$DUMP_OBJECTS$DUMP_DEFINERS$DUMP_TEXTS$DUMP_REMARKS$DUMP_PASSING$DUMP_MAIN"
}

# shellcheck disable=SC2016  # it is awk's

# cut: these characters of the line are not passed on.
DUMP_PASSING='
function cut(from, to, text) { CUTS++; CUT_FROM[CUTS] = from; CUT_TO[CUTS] = to; CUT_TEXT[CUTS] = text }
function cut_from(pos) { CUT_AT = pos }
'

# pass: the line, or what of it is passed on. A statement that may become a view is held until that is known.
DUMP_PASSING+='
function pass(   text, i, done, kind) {
    text = LINE
    if (CUTS) {
        text = ""; done = 0
        for (i = 1; i <= CUTS; i++) { text = text substr(LINE, done + 1, CUT_FROM[i] - 1 - done) CUT_TEXT[i]; done = CUT_TO[i] }
        text = text substr(LINE, done + 1)
        CUTS = 0; VIEW_HERE = 0
        if (text ~ /^[ \t]*$/) return
    }
    if (HOLDING) { HELD = HELD text "\n"; release(); return }
    if (due() && IN && FROM == NR && W(1) == "CREATE" && kind_of() == "") {
        if (START > 1) { print substr(text, 1, START - 1); text = substr(text, START) }
        HELD = text "\n"; HOLDING = 1
        return
    }
    if (!VIEW_HERE && IN && FROM == NR && kind_of() == "VIEW" && W(2) != "VIEW") VIEW_HERE = START
    if (due() && VIEW_HERE) { if (VIEW_HERE > 1) print substr(text, 1, VIEW_HERE - 1); refresh(); text = substr(text, VIEW_HERE) }
    print text
}
'

# release: the held statement has told its kind.
DUMP_PASSING+='
function release(   kind) {
    if (IN && kind_of() == "" && HOLDING < 64) { HOLDING++; return }
    if (VIEW_HERE || (IN && kind_of() == "VIEW")) refresh()
    printf "%s", HELD
    HOLDING = 0; HELD = ""
}

function due() { return !FRESH || STOOD_IN < DEFINERS }

function refresh(   line) {
    if (!due()) return
    FRESH = 1
    if (DELIM != ";") print "DELIMITER ;"
    print "SET @delphix_sql_mode = @@sql_mode, sql_mode = \047\047;"
    while ((getline line < BEFORE) > 0) print line
    close(BEFORE)
    stand_ins()
    print "SET sql_mode = @delphix_sql_mode;"
    if (DELIM != ";") print "DELIMITER " DELIM
}

function esc(text) { gsub(/\\/, "\\\\", text); gsub(/\t/, "\\t", text); gsub(/\n/, "\\n", text); return text }
function fact(name, text) { print name "\t" text > FACTS }

function problem(text) {
    if (PROBLEM) return
    PROBLEM = text
    if (BEFORE == "") exit
}
'

# shellcheck disable=SC2016  # it is awk's
DUMP_MAIN='
BEGIN {
    QUOTE = ENVIRON["DUMP_QUOTE"]
    FS = QUOTE
    ONE_ROW = "^\\(([^\047\"`\\\\()#/-]|-[0-9.]|" QUOTE "([^" QUOTE "\\\\]|\\\\.)*" QUOTE ")*\\)[,;]$"
    RARE = "[()\"\047`#\\\\;]|/[*]|--"
    HARD = "[\"\047`#\\\\]|/[*]|--"
    FACTS = ENVIRON["DUMP_FACTS"]; BEFORE = ENVIRON["DUMP_BEFORE"]; DB = ENVIRON["DUMP_DATABASE"]
    DELIM = ";"; ESC = 1; HEAD = 1; FRESH = 1
    CLOSE["\047", 1] = "[\047\\\\]"; CLOSE["\"", 1] = "[\"\\\\]"; CLOSE["`", 1] = "`"
    CLOSE["\047", 0] = "\047"; CLOSE["\"", 0] = "\""; CLOSE["`", 0] = "`"
    for (i = 33; i < 127; i++) { c = sprintf("%c", i); STOP[c] = "[\047\"`#/*" (c == "]" || c == "^" || c == "\\" ? "\\" c : c) "-]" }
    printf "" > FACTS
}
NR == 1 {
    if (substr($0, 1, 3) == "\357\273\277") $0 = substr($0, 4)
    CRLF = substr($0, length($0)) == "\r"
}
{
    CR = 0
    if (CRLF && substr($0, length($0)) == "\r") { CR = 1; $0 = substr($0, 1, length($0) - 1) }
    LINE = $0
    if (!DATA || !rows()) scan(1)
    if (IN && !DATA) gather(length(LINE))
    if (BEFORE == "") next
    if (IN) { judge(); if (MUTED) { cut(FROM == NR ? START : 1, length(LINE)) } }
    if (CR && Q != "" && Q != "*") LINE = LINE "\r"
    pass()
    VIEW_HERE = 0
}
END {
    if (!PROBLEM) {
        if (IN || Q != "") PROBLEM = "it ends inside of " (Q == "*" ? "a comment that begins at line " OPENED : Q != "" ? "a text that begins at line " OPENED : "a statement that begins at line " FROM)
        else for (key in HEADING) if (!(key in KIND)) { split(key, part, SUBSEP); PROBLEM = "it names the table " part[2] " at line " HEADING[key] " and does not define it" }
        if (!PROBLEM && !whole()) PROBLEM = PARTS > 1 ? "the dump that begins at line " PART_FROM " is cut off: it does not tell its end" : "it does not end with what dumps of its kind end with"
    }
    if (BEFORE != "") { printf "%s", HELD; FRESH = 0; STOOD_IN = DEFINERS; refresh() }
    if (DOUBT) fact("doubt", "yes")
    if (TOOL != "") fact("tool", esc(TOOL))
    if (VERSION != "") fact("version", esc(VERSION))
    if (NAMED != "") fact("named", esc(NAMED))
    if (NEEDS) fact("needs", "yes")
    if (HEADED) fact("saves", "yes")
    if (CHARSET != "") fact("charset", esc(CHARSET))
    if (ZONE != "") fact("zone", esc(ZONE))
    if (REPLICATION != "") fact("replication", esc(substr(REPLICATION, 1, 60)))
    for (key in KIND) { split(key, part, SUBSEP); fact("object", tolower(KIND[key]) "\t" esc(part[1]) "\t" esc(part[2]) "\t" MAKES[key] "\t" AT[key]) }
    for (key in OTHERS) { split(key, part, SUBSEP); fact("object", tolower(part[1]) "\t" esc(part[2]) "\t" esc(part[3]) "\t" esc(ON_TABLE[part[2] SUBSEP part[3]]) "\t" OTHERS[key]) }
    tell_texts()
    piece = ENVIRON["DUMP_PIECE"] == "yes"
    for (key in ROWS) if (piece || (KIND[key] == "TABLE" && ROWS[key] != "?" && !DOUBT)) { split(key, part, SUBSEP); fact("rows", esc(part[1]) "\t" esc(part[2]) "\t" ROWS[key]) }
    fact("mark", COMPLETE || BROUGHT_BACK ? "yes" : "no")
    if (PROBLEM) fact("problem", esc(PROBLEM))
}
'
