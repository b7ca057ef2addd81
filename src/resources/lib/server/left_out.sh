#!/usr/bin/env bash
# Tables that replication into the server of MOUNT leaves out, because they reach out.
# Needs: server/client

# left_out_tables: `database.table` of each, one a line, escaped; not those of the schema mysql.
left_out_tables() {
    sql <<<"SELECT @@global.replicate_ignore_table" | tr ',' '\n' | grep -v -e '^mysql\.' -e '^$' || :
}
