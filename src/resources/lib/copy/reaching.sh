#!/usr/bin/env bash
# Tables of the source that reach out of it: their rows lie elsewhere.
# Needs: copy/inventory source/sql
# Constants: REACHING

# reaching_tables: `schema table engine` of each, one a line.
reaching_tables() {
    source_sql <<<"SELECT table_schema, table_name, UPPER(engine) FROM information_schema.tables
        WHERE $(chosen table_schema) AND table_type <> 'VIEW' AND engine IN ($REACHING) ORDER BY 1, 2"
}
