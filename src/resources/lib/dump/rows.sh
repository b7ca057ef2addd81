#!/usr/bin/env bash
# The rows of a dump: nearly all of its text. A line of them is not taken apart character by character: split at its
# quotes, every other piece is outside of strings. A part of the program that `read_dump` runs.

# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together

# rows: whether this line (or its rest, which is split by then) is nothing but rows of the statement; if so, they are
# counted, and Q, DATA and IN are as it leaves them. Most lines are one row: the pattern is the proof.
DUMP_ROWS='
function rows(   i, inside, found, piece, last) {
    if (Q != "" && Q != QUOTE) return 0
    inside = Q == QUOTE
    ROW = DEEP; FOUND = 0; NESTED = 0
    if (ESC && !inside && !DEEP && $0 ~ ONE_ROW) {
        FOUND = 1
        return rows_done(0, substr($0, length($0)))
    }
    last = NF ? NF : 1
    for (i = 1; i <= last; i++) {
        piece = $i
        if (inside) {
            if (i < last && (!ESC || substr(piece, length(piece)) != "\\" || !escapes(piece))) inside = 0
            continue
        }
        if (i < last) inside = 1
        if (piece == "," || piece !~ RARE) continue
        if (piece ~ HARD) return 0
        if (i < last && index(piece, ";")) return 0
        if (piece == "),(") { FOUND++; if (!ROW) NESTED = 1 }
        else parens(piece)
    }
    return rows_done(inside, inside ? "" : piece)
}
'

# escapes: whether the quote after this piece of a string, which ends with a backslash, belongs to the string.
DUMP_ROWS+='
function escapes(piece) {
    match(piece, /\\+$/)
    return RLENGTH % 2
}
'

# parens: counts rows by their closing brackets; a bracket in a row (a function) makes the number unknown.
DUMP_ROWS+='
function parens(piece,   opened, closed) {
    opened = split(piece, PIECES, "(") - 1
    closed = split(piece, PIECES, ")") - 1
    if (piece ~ /\([^)]*\(/ || piece ~ /\)[^(]*\)/ || (opened && ROW && index(piece, "(") < index(piece ")", ")"))) NESTED = 1
    FOUND += closed
    ROW += opened - closed
    if (ROW < 0 || ROW > 1) NESTED = 1
}
'

# rows_done: piece is what stands outside after the last string.
DUMP_ROWS+='
function rows_done(inside, piece,   k) {
    if ((k = index(piece, ";")) && piece !~ /;[ \t]*$/) return 0
    if (k && index(substr(piece, k + 1), ";")) return 0
    if (DELIM != ";") return 0
    if (inside && Q == "") OPENED = NR
    Q = inside ? QUOTE : ""
    DEEP = ROW
    COUNT += FOUND
    if (NESTED) ODD = 1
    if (k) end_statement(0)
    return 1
}
'
