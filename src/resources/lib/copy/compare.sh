#!/usr/bin/env bash
# The proof that a copy holds what its source held, and what looks out of it.
# Needs: answer copy/inventory copy/left_out dataset/warnings few server/client source/sql story writers
# Constants: REACHING SYSTEM_SCHEMAS

# compare: what was on the source before and after must be on staging.
compare() {
    local missing
    inventory source_sql >"$WORK/after"
    inventory sql >"$WORK/staging"
    missing=$(comm -12 "$WORK/before" "$WORK/after" | without_left_out | comm -23 - "$WORK/staging")
    [[ -z $missing ]] || fail INVENTORY_DIFFERS "missing on staging: $(tr '\t' ' ' <<<"$missing" | few)"
    answer objects "$(wc -l <"$WORK/staging")"
}

# tell_not_copied: triggers that were left out, and what looks for a database that was.
tell_not_copied() {
    local triggers
    triggers=$(unfired_triggers | few)
    [[ -z $triggers ]] || keep_warning "triggers on tables that reach out were not copied: $triggers"
    [[ -z $DATABASES ]] || outside_routines | answer_lines outside
}

# outside_routines: routines, triggers and events whose text names a database that is not copied.
outside_routines() {
    local others
    # shellcheck disable=SC2016  # the dollar belongs to the list of characters to escape
    others=$(source_sql --raw <<<"SELECT schema_name FROM information_schema.schemata WHERE NOT ($(chosen schema_name))
        AND schema_name NOT IN ($SYSTEM_SCHEMAS)" | sed 's/[][\\.*^$(){}?+|/]/\\&/g' | paste -sd '|')
    [[ -z $others ]] || source_sql <<SQL
SELECT CONCAT(LOWER(routine_type), ' ', routine_schema, '.', routine_name) FROM information_schema.routines
    WHERE $(chosen routine_schema) AND routine_definition REGEXP $(sql_text "\\b(\`?)($others)\\1[[:space:]]*\\.");
SELECT CONCAT('trigger ', trigger_schema, '.', trigger_name) FROM information_schema.triggers
    WHERE $(chosen trigger_schema) AND action_statement REGEXP $(sql_text "\\b(\`?)($others)\\1[[:space:]]*\\.");
SELECT CONCAT('event ', event_schema, '.', event_name) FROM information_schema.events
    WHERE $(chosen event_schema) AND event_definition REGEXP $(sql_text "\\b(\`?)($others)\\1[[:space:]]*\\.");
SQL
}

# unfired_triggers: triggers of the source on tables that reach out; they are not copied.
unfired_triggers() {
    source_sql <<<"SELECT CONCAT(trigger_schema, '.', trigger_name) FROM information_schema.triggers
        WHERE $(chosen trigger_schema) AND (trigger_schema, event_object_table) IN
        (SELECT table_schema, table_name FROM information_schema.tables WHERE engine IN ($REACHING))"
}
