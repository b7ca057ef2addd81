#!/usr/bin/env bash
# What a copy begins with: a list of what the source holds, and the queries for it. It is made before anything is
# locked, and the copy proves at its end that nothing has come since that it would have had to know of. WORK is a
# directory of the plan's own.
# Needs: copy/databases copy/float_query copy/float_tables copy/inventory copy/openable copy/shares source/sql
#     story

# make_plan: into WORK.
make_plan() {
    inventory source_sql >"$WORK/before"
    databases_now >"$WORK/databases"
    source_sql <<<"SELECT table_name FROM information_schema.tables WHERE table_schema = 'mysql'" | sort >"$WORK/system"
    find_left_out
    require_engines
    find_floats >"$WORK/floats.tables"
    use_floats
    make_shares
    [[ $FLOATS != FALSE ]] || return 0
    log INFO "tables with FLOAT columns are read exactly: $(wc -l <"$WORK/floats.tables") tables"
    float_columns >"$WORK/floats.columns"
    row_queries yes >"$WORK/floats.sql"
    row_queries no >"$WORK/plainfloats.sql"
}
