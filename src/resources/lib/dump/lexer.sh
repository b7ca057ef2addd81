#!/usr/bin/env bash
# How the text of a dump is taken apart: strings, names, comments, delimiters, words. A part of the program that
# `read_dump` runs; it is awk's, since that is the one thing on every host that is fast enough.
#
# It keeps the rules of MariaDB's client: a versioned comment is text, except those for MySQL 5.7 and later, and the
# delimiter counts in it; DELIMITER is a command where no statement has begun.

# LINE is the line, without the CR of a file with such line ends; Q what a line ends inside of: a quote, or * for a
# comment; IN whether a statement has begun, at START of the line and FROM of the file; WANT whether its words count.
# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together
DUMP_LEXER='
function scan(pos,   n, c, two) {
    if (DATA) ODD = 1
    if (!IN && Q == "" && command()) return
    n = length(LINE)
    while (pos <= n) {
        if (Q == "*") { pos = in_comment(pos); continue }
        if (Q != "") { pos = in_quotes(pos, n); continue }
        c = substr(LINE, pos, 1)
        if (c == " " || c == "\t" || c == "\r") { pos++; continue }
        if (substr(LINE, pos, length(DELIM)) == DELIM) { pos += length(DELIM); end_statement(pos); continue }
        two = substr(LINE, pos, 2)
        if (c == "#" || (two == "--" && substr(LINE, pos + 2, 1) ~ /^[ \t\r]?$/)) {
            if (!IN) comment(substr(LINE, pos + length(c == "#" ? c : two)))
            return
        }
        if (two == "/*") { pos = open_comment(pos); continue }
        if (two == "*/") { pos += 2; continue }
        if (!IN) begin_statement(pos)
        if (c == "\047" || c == "\"" || c == "`") { Q = c; OPENED = NR; TEXT = ""; pos++; continue }
        pos = plain(pos, c)
        if (BEGUN) { BEGUN = 0; $0 = substr(LINE, pos); if (rows()) return; ODD = 1 }
    }
}
'

# command: a line that the client takes for itself. USE may come without a delimiter.
DUMP_LEXER+='
function command(   word) {
    if (LINE ~ /^[ \t]*[Dd][Ee][Ll][Ii][Mm][Ii][Tt][Ee][Rr][ \t]+[^ \t]/) {
        word = LINE
        sub(/^[ \t]*[A-Za-z]+[ \t]+/, "", word)
        sub(/[ \t\r].*$/, "", word)
        DELIM = word
        return 1
    }
    if (LINE ~ /^[ \t]*[Uu][Ss][Ee][ \t]+[^ \t]/ && !index(LINE, DELIM)) LINE = LINE DELIM
    return 0
}
'

# plain: a word or another character outside of quotes.
DUMP_LEXER+='
function plain(pos, c,   word, k) {
    word = substr(LINE, pos, 256)
    if (!WANT) {
        k = match(word, STOP[substr(DELIM, 1, 1)])
        return pos + (k > 1 ? k - 1 : k ? 1 : length(word))
    }
    if (match(word, /^[A-Za-z0-9_$\200-\377]+/)) {
        word = substr(word, 1, RLENGTH)
        k = index(word, DELIM)
        if (k > 1) word = substr(word, 1, k - 1)
        token("w", word)
        return pos + length(word)
    }
    if (c == ")") DEPTH--
    token(c, c)
    if (c == "(") DEPTH++
    return pos + 1
}
'

# in_quotes: up to the closing quote, or the end of the line.
DUMP_LEXER+='
function in_quotes(pos, n,   window, k) {
    while (pos <= n) {
        window = substr(LINE, pos, 1024)
        k = match(window, CLOSE[Q, ESC])
        if (!k) { keep(window); pos += length(window); continue }
        keep(substr(window, 1, k - 1))
        if (substr(window, k, 1) == "\\") { keep(substr(LINE, pos + k - 1, 2)); pos += k + 1; continue }
        if (substr(LINE, pos + k, 1) == Q) { keep(Q); pos += k + 1; continue }
        token(Q, TEXT)
        Q = ""
        return pos + k
    }
    keep("\n")
    return pos
}

function keep(text) { if (WANT && length(TEXT) < 1024) TEXT = TEXT text }
'

# open_comment: MariaDB takes no /*!50700 to /*!99999, and /*M!999999 is for no server at all.
DUMP_LEXER+='
function open_comment(pos,   text, number) {
    text = substr(LINE, pos + 2, 16)
    if (text !~ /^M?!/) { Q = "*"; OPENED = NR; return pos + 2 }
    number = text
    sub(/^M?![^0-9]*/, "", number)
    number += 0
    if (number == 999999) { if (!IN) cut_from(pos); Q = "*"; OPENED = NR; return pos + 2 }
    if (text ~ /^!/ && number >= 50700 && number <= 99999) { Q = "*"; OPENED = NR; return pos + 2 }
    if (!IN) begin_statement(pos)
    match(text, /^M?![0-9]*/)
    return pos + 2 + RLENGTH
}

function in_comment(pos,   k) {
    k = index(substr(LINE, pos), "*/")
    if (!k) return length(LINE) + 1
    Q = ""
    if (CUT_AT) { cut(CUT_AT, pos + k); CUT_AT = 0 }
    return pos + k + 1
}
'
