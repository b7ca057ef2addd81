#!/usr/bin/env bash
# The end of accounts that stood in while a dump was loaded.
# Needs: copy/closed_views dump/stand_in_mark few server/client server/must_sql story

# drop_stand_ins: those that the dump has not replaced by its own go. A view that wants one of them is told by name.
drop_stand_ins() {
    local orders closed
    orders=$(
        sql --raw <<SQL
SET SESSION sql_mode = '';
SELECT CONCAT('DROP USER ', QUOTE(User), '@', QUOTE(Host), ';') FROM mysql.global_priv WHERE JSON_VALUE(Priv, '\$.authentication_string') = '$STAND_IN_MARK';
SQL
    )
    [[ -n $orders ]] || return 0
    must_sql "dropping accounts that stood in" <<<"SET SESSION sql_log_bin = 0, SESSION sql_mode = ''; $orders"
    # shellcheck disable=SC2034  # `chosen` reads it
    closed=$(DATABASES='' closed_views sql | awk -F '\t' 'tolower($3) ~ /definer/ { print $1 "." $2 ": " $3 }' | few '; ')
    [[ -z $closed ]] || fail LOAD_FAILED "ERROR 1449 (HY000), views call functions of accounts that the dump does not bring: $closed"
}
