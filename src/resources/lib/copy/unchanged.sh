#!/usr/bin/env bash
# The proof that what no lock held still has not changed while it was copied. WORK is the job's directory.
# Needs: copy/engines copy/inventory source/sql story

# unlocked_state KIND...: a checksum of what the source has of each kind, in alphabetical order.
unlocked_state() {
    local kind sum
    for kind in "$@"; do
        sum=$(state_query "$kind" | source_sql --raw | sort | sha256sum)
        printf '%s\t%s\n' "$kind" "$sum"
    done
}

# require_unchanged KIND...: where nothing was locked, these are as they were before the copy.
require_unchanged() {
    local changed
    [[ -f $WORK/state ]] || return 0
    unlocked_state "$@" >"$WORK/state.now"
    changed=$(comm -13 "$WORK/state" "$WORK/state.now" | cut -f1 | paste -sd ,)
    [[ -z $changed ]] || fail SOURCE_CHANGED "changed on the source while it was copied without locks: ${changed//,/, }"
}

# state_query KIND: prints the query for all that the source has of this kind.
state_query() {
    case $1 in
        accounts) accounts_query ;;
        events) events_query ;;
        routines) routines_query ;;
        triggers) triggers_query ;;
    esac
}

accounts_query() {
    local table
    for table in "${GRANT_TABLES[@]}"; do echo "SELECT '$table', t.* FROM mysql.$table t;"; done
}

routines_query() { echo "SELECT * FROM mysql.proc WHERE $(chosen db)"; }

# Not last_executed, which the scheduler writes.
events_query() {
    echo "SELECT db, name, body, definer, execute_at, interval_value, interval_field, created, modified, starts, ends, status, on_completion,
        sql_mode, comment, originator, time_zone, body_utf8 FROM mysql.event WHERE $(chosen db)"
}

triggers_query() { echo "SELECT * FROM information_schema.triggers WHERE $(chosen trigger_schema)"; }
