#!/usr/bin/env bash
# The proof that nothing came to the source between the plan of a copy and its moment that the plan had to know of.
# Replication does not bring what came before that moment. WORK is the job's directory.
# Needs: copy/databases copy/engines copy/float_tables copy/inventory copy/lock few server/client story

# require_same_databases: the copy has begun. A database that came before would be in neither.
require_same_databases() {
    databases_now >"$WORK/databases.now"
    cmp -s "$WORK/databases" "$WORK/databases.now" ||
        fail SOURCE_CHANGED "databases were created or dropped while the copy began: $(sort "$WORK/databases" "$WORK/databases.now" | uniq -u | few)"
}

# require_locked: staging has no table that came after the list of those to lock: it was copied while it changed.
require_locked() {
    local others
    lock_rows "$(chosen table_schema)" sql >"$WORK/locked.staging"
    others=$(comm -13 "$WORK/locked" "$WORK/locked.staging" | tr '\t' . | few)
    [[ -z $others ]] || fail SOURCE_CHANGED "tables that take no part in a consistent snapshot came while the copy began: $others"
}

# require_no_other_floats: everything is loaded. A table with a FLOAT column that is not of the plan was rounded by
# mariadb-dump. Only of such is the engine asked, for which the server opens all tables.
require_no_other_floats() {
    local pairs others
    pairs=$(sql <<<"SELECT DISTINCT '', table_schema, table_name FROM information_schema.columns
        WHERE data_type = 'float' AND is_generated = 'NEVER' AND $(chosen table_schema) AND NOT $FLOATS" | pairs_of)
    [[ -n $pairs ]] || return 0
    others=$(sql <<<"SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE (table_schema, table_name) IN ($pairs)
        AND engine NOT IN ($EXTERNAL, $WITHOUT_ROWS)" | few)
    [[ -z $others ]] || fail SOURCE_CHANGED "FLOAT columns came while the copy began, in $others"
}
