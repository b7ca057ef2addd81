#!/usr/bin/env bash
# The databases of the source that are copied.
# Needs: copy/inventory source/sql

# databases_now: their names, one escaped name a line, in the order of their bytes: to the server, names that differ in case
# are equal and come in any order. An empty `test` comes with every installation.
databases_now() {
    source_sql <<<"SELECT schema_name FROM information_schema.schemata s WHERE $(chosen schema_name)
        AND (schema_name <> 'test' OR EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = s.schema_name)
            OR EXISTS (SELECT 1 FROM information_schema.routines r WHERE r.routine_schema = s.schema_name))" | sort
}
