#!/usr/bin/env bash
# Statements that hold a secret, to the server of this dataset.
# Needs: server/ask server/must_sql

# secret_sql WHAT: as must_sql, for statements that hold a secret: they are in no history of the
# performance schema either. They come by a pipe: a here-document would be a file.
secret_sql() {
    local prelude=''
    # Where it is off, its database may be missing, too.
    ask "SELECT @@performance_schema"
    if [[ $TOLD == 1 ]]; then
        prelude="UPDATE performance_schema.threads SET INSTRUMENTED = 'NO' WHERE PROCESSLIST_ID = CONNECTION_ID();"
    fi
    must_sql "$1" < <(printf "SET SESSION sql_mode = '', SESSION sql_log_bin = 0;\n%s\n" "$prelude" && cat)
}
