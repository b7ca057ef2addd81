#!/usr/bin/env bash
# What of the source reaches out is not copied: stand-ins for its tables, nothing for their triggers.
# Needs: copy/inventory copy/reaching copy/stand_ins source/sql writers
# Constants: REACHING

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

# unfired_triggers: triggers of the source on tables that reach out; they are not copied.
unfired_triggers() {
    source_sql <<<"SELECT CONCAT(trigger_schema, '.', trigger_name) FROM information_schema.triggers
        WHERE $(chosen trigger_schema) AND (trigger_schema, event_object_table) IN
        (SELECT table_schema, table_name FROM information_schema.tables WHERE engine IN ($REACHING))"
}
