#!/usr/bin/env bash
# What belongs to several pipes of a copy: the place that they load into, and what may come only after all of them.
# WORK is the job's directory.
# Needs: copy/float_tables copy/keys copy/pipe writers

# open_gate: the tables of those pipes that have single ones, as yet without their keys; then all goes on.
open_gate() {
    # shellcheck disable=SC2034  # `copy` reads it
    local tables condition BODY=without_keys
    local -a LIST=()
    [[ $BEGUN == yes ]] || return 0
    shared_databases
    if ((${#LIST[@]} > 0)); then
        condition=$(in_shares)
        tables=$(ignore_lines "NOT $condition")
        copy bases '' "$tables" --no-data --skip-triggers --databases -- "${LIST[@]}"
        follow bases
    fi
    : >"$WORK/go"
}

# shared_databases: LIST becomes the databases that more than one pipe copies.
shared_databases() { decode_list < <(awk -F '\t' '$2 != "own" { print $3 }' "$WORK/shares" | sort -u); }

# in_shares: an SQL condition that is true for the tables that such pipes have.
in_shares() {
    local pairs
    pairs=$(awk -F '\t' -v OFS='\t' '$2 != "own" { print "", $3, $4 }' "$WORK/shares" | sort -u | pairs_of)
    printf '((table_schema, table_name) IN (%s))' "$pairs"
}

# finish_shares: the keys of these tables, and the triggers, which would have changed the rows.
finish_shares() {
    local tables condition
    local -a LIST=()
    shared_databases
    ((${#LIST[@]} > 0)) || return 0
    add_keys
    condition=$(in_shares)
    tables=$(ignore_lines "NOT $condition")
    copy sharetriggers '' "$tables" --no-data --no-create-info --no-create-db --triggers --databases -- "${LIST[@]}"
    follow sharetriggers
}
