#!/usr/bin/env bash
# What of the source reaches out is not copied: stand-ins for its tables.
# Needs: copy/reaching copy/stand_ins source/sql writers

# make_stand_ins: one for each such table of the source.
make_stand_ins() {
    local rows line
    local -a ROW
    rows=$(reaching_tables)
    [[ -n $rows ]] || return 0
    load_blackhole
    while IFS= read -r line; do
        decode_row "$line"
        stand_in source_sql "${ROW[@]}"
    done <<<"$rows"
}
