#!/usr/bin/env bash
# What a dump says of itself in comments between its statements. A part of the program that `read_dump` runs.

# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together
DUMP_REMARKS='
function comment(text) {
    sub(/^[ \t]+/, "", text)
    sub(/[ \t\r]+$/, "", text)
    if (text ~ /^(MariaDB|MySQL) dump /) { begin_part(text); return }
    if (text ~ /^Dump completed/) { COMPLETE = NR; return }
    if (text ~ /^The deferred gtid setting for slave corresponding to the (dump-slave|master-data) CHANGE-MASTER follows/) { HEAD = 1; OF_MASTER = index(text, "dump-slave") }
    if (text ~ /^Table structure for table `.*`$/) HEADING[DB SUBSEP bare(after(text, "for table"))] = NR
    if (!HEAD) return
    if (text ~ /^(phpMyAdmin SQL Dump|HeidiSQL Version|Adminer |mydumper|MySQLWorkbench|Sequel|Navicat|DBeaver)/ && !TOOL) { TOOL = text; if (text ~ /^Adminer/) origin(text) }
    else if (text ~ /^Host: .*[ \t]Database: ./) { if (!NAMED) NAMED = after(text, "Database:") }
    else if (text ~ /^Database: ./) { if (!NAMED) NAMED = bare(after(text, "Database:")) }
    else if (text ~ /^Server version[: \t]/) { sub(/^Server version[: \t]+/, "", text); if (!VERSION) VERSION = text }
    else if (text ~ /SHOW SLAVE STATUS at the time of backup|\(the master of this slave\)/) OF_MASTER = 1
    else if (text ~ /SHOW MASTER STATUS at point of backup|point-in-time recovery from$/) OF_MASTER = 0
    else if (text ~ /^(CHANGE MASTER |SET GLOBAL gtid_slave_pos)/) replication(text)
}

function after(text, label) { sub("^.*[ \t]*" label "[ \t]*", "", text); return text }
function bare(text) { if (text ~ /^`.*`$/) { text = substr(text, 2, length(text) - 2); gsub(/``/, "`", text) }; return text }
'

# origin: Adminer tells the server in its own line: `Adminer 4.8.1 MySQL 10.11.6-MariaDB dump`.
DUMP_REMARKS+='
function origin(text) { if (!VERSION && match(text, /[0-9]+\.[0-9]+\.[0-9]+-[A-Za-z][^ ]*/)) VERSION = substr(text, RSTART, RLENGTH) }

function begin_part(text) {
    if (PARTS && !whole()) problem("the dump that begins at line " PART_FROM " is cut off: another one begins at line " NR)
    PARTS++; PART_FROM = NR; COMPLETE = 0; SAVED = 0; BROUGHT_BACK = 0; HEAD = 1; OF_MASTER = 0
    if (PARTS > 1) { USED = 0; DB = "" }
    if (!TOOL) TOOL = text
}
'

# whole: a dump that marks its end has done so.
DUMP_REMARKS+='
function whole() { return COMPLETE || (!(PARTS) && (!SAVED || BROUGHT_BACK)) || (PARTS && SAVED && BROUGHT_BACK) }
'

# replication: the coordinates that a comment or a statement in the head of a dump tells.
DUMP_REMARKS+='
function replication(text,   file, position, gtid) {
    if (!HEAD) return
    if (match(text, /MASTER_LOG_FILE *= *\047[^\047]*\047/)) { file = substr(text, RSTART, RLENGTH); gsub(/^[^\047]*\047|\047$/, "", file) }
    if (match(text, /MASTER_LOG_POS *= *[0-9]+/)) { position = substr(text, RSTART, RLENGTH); sub(/^.*= */, "", position) }
    if (file != "" && position != "") fact("position", (OF_MASTER ? "master" : "own") "\t" esc(file) "\t" position "\t" NR)
    if (match(text, /[Gg][Tt][Ii][Dd]_[Ss][Ll][Aa][Vv][Ee]_[Pp][Oo][Ss] *= *\047[0-9, -]*\047/)) { gtid = substr(text, RSTART, RLENGTH); gsub(/^[^\047]*\047|\047$/, "", gtid); fact("gtid", (OF_MASTER ? "master" : "own") "\t" gtid "\t" NR) }
}
'
