#!/usr/bin/env bash
# Sequences of the source. Tables may take defaults from them, so they come before any table; their values
# come when the snapshot of the tables has begun. WORK is the job's directory.
# Needs: copy/inventory copy/pipe server/must_sql source/sql story

# sequence_questions: a query for each sequence of the source, which answers the INSERT that gives another
# sequence its state.
sequence_questions() {
    source_sql --raw <<SQL
SELECT CONCAT('SELECT CONCAT(', QUOTE(CONCAT('INSERT INTO ', full_name, ' VALUES (')), ', CONCAT_WS('','', next_not_cached_value, minimum_value,
    maximum_value, start_value, increment, cache_size, cycle_option, cycle_count), '');'') FROM ', full_name, ';')
    FROM (SELECT CONCAT('\`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\`') AS full_name
        FROM information_schema.tables WHERE table_type = 'SEQUENCE' AND $(chosen table_schema)) AS sequences ORDER BY full_name;
SQL
}

# copy_sequences DATABASE...: their definitions, and the databases that they lie in.
copy_sequences() {
    local others
    sequence_questions >"$WORK/sequences.sql"
    [[ -s $WORK/sequences.sql ]] || return 0
    others=$(ignore_lines "table_type <> 'SEQUENCE'")
    copy sequences '' "$others" --skip-add-locks --skip-triggers --databases -- "$@"
    follow sequences
}

# set_sequences: their values. A sequence is no part of a consistent snapshot: read earlier, its value could
# lie behind what rows of the snapshot have taken from it. Where it is ahead, replication sets it again to
# each value that the source has logged since the snapshot.
set_sequences() {
    sequence_questions >"$WORK/sequences.now"
    cmp -s "$WORK/sequences.sql" "$WORK/sequences.now" || fail SOURCE_CHANGED "sequences were created or dropped on the source while it was copied"
    [[ -s $WORK/sequences.sql ]] || return 0
    source_sql --raw <"$WORK/sequences.sql" >"$WORK/sequences.values"
    must_sql "setting the sequences" <"$WORK/sequences.values"
}
