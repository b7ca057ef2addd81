#!/usr/bin/env bash
# Views that their own server cannot open.
# Needs: copy/inventory

# closed_views COMMAND...: `schema name text` of each, from the server that the command asks. A view is opened, and says
# what is wrong with it, only where more than its name is asked for. By its exact name: a condition on table_type would
# open every table.
closed_views() {
    "$@" --raw <<SQL | "$@"
SELECT CONCAT('SELECT table_schema, table_name, table_comment FROM information_schema.tables WHERE table_schema = ', QUOTE(table_schema),
    ' AND table_name = ', QUOTE(table_name), ' AND table_comment <> ''VIEW'' AND table_rows IS NULL;')
    FROM information_schema.tables WHERE table_type = 'VIEW' AND $(chosen table_schema);
SQL
}
