#!/usr/bin/env bash
# What the source itself cannot open, and so nobody can copy. WORK/left_out names it: database, name and the
# source's own words, as the client escapes them.
# Needs: dataset/warnings writers

# leave_out ROW WORDS: one view more, told; ROW is `view schema name` as the inventory has it.
leave_out() {
    local -a ROW
    printf '%s\t-\n' "${1#*$'\t'}" >>"$WORK/left_out"
    decode_row "$1"
    keep_warning "view ${ROW[1]}.${ROW[2]} is left out: $2"
}

# ignore_left_out: option file lines that leave it out of a dump.
ignore_left_out() {
    local line
    local -a ROW
    while IFS= read -r line; do
        decode_row "$line"
        option_line ignore-table "${ROW[0]}.${ROW[1]}"
    done <"$WORK/left_out"
}

# without_left_out: passes on sorted lines `kind schema name` of an inventory, but for what is left out.
without_left_out() {
    awk -F '\t' '{ print "table\t" $1 "\t" $2; print "view\t" $1 "\t" $2 }' "$WORK/left_out" | sort >"$WORK/left_out.names"
    comm -23 - "$WORK/left_out.names"
}
