#!/usr/bin/env bash
# The proof that a copy holds what its source held, and what looks out of it.
# Needs: copy/inventory copy/left_out server/client source/sql story writers
# Constants: SYSTEM_SCHEMAS

# compare: what was on the source before and after must be on staging.
compare() {
    local missing
    inventory source_sql >"$WORK/after"
    inventory sql >"$WORK/staging"
    missing=$(comm -12 "$WORK/before" "$WORK/after" | without_left_out | comm -23 - "$WORK/staging")
    missing=${missing//$'\t'/ }
    [[ -z $missing ]] || fail INVENTORY_DIFFERS "missing on staging: $(head -n 20 <<<"$missing" | paste -sd ,) ($(wc -l <<<"$missing") in all)"
    answer objects "$(wc -l <"$WORK/staging")"
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
