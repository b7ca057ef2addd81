#!/usr/bin/env bash
# What belongs to several pipes of a copy: the place that they load into, and what may come only after all of them.
# WORK is the job's directory.
# Needs: copy/float_tables copy/pipe writers

# open_gate: the databases of single tables, and the tables that come in pieces; then all goes on.
open_gate() {
    local tables condition
    local -a LIST=()
    [[ $BEGUN == yes ]] || return 0
    shared_databases
    if ((${#LIST[@]} > 0)); then
        condition=$(in_pieces)
        tables=$(ignore_lines "NOT $condition")
        copy bases '' "$tables" --no-data --skip-triggers --databases -- "${LIST[@]}"
        follow bases
    fi
    : >"$WORK/go"
}

# shared_databases: LIST becomes the databases that more than one pipe copies.
shared_databases() { decode_list < <(awk -F '\t' '$2 != "own" { print $3 }' "$WORK/shares" | sort -u); }

# in_pieces: an SQL condition that is true for the tables that come in pieces.
in_pieces() {
    local pairs
    pairs=$(awk -F '\t' -v OFS='\t' '$2 == "piece" { print "", $3, $4 }' "$WORK/shares" | sort -u | pairs_of)
    if [[ -n $pairs ]]; then printf '((table_schema, table_name) IN (%s))' "$pairs"; else printf FALSE; fi
}

# finish_pieces: their triggers, which would have changed the rows.
finish_pieces() {
    local tables condition
    local -a LIST
    grep -q $'\tpiece\t' "$WORK/shares" || return 0
    shared_databases
    condition=$(in_pieces)
    tables=$(ignore_lines "NOT $condition")
    copy piecetriggers '' "$tables" --no-data --no-create-info --no-create-db --triggers --databases -- "${LIST[@]}"
    follow piecetriggers
}
