#!/usr/bin/env bash
# XA transactions on the source. One that is prepared at the moment of the copy is not in it, while its changes
# stand in the binary log before that moment: replication would end at its commit. WORK is the job's directory.
# Needs: few source/sql story

# await_no_prepared SECONDS: waits for a moment without one, and notes it.
await_no_prepared() {
    local deadline=$((SECONDS + $1)) left told=''
    logs_prepared || return 0
    while :; do
        # In this order: whatever becomes prepared after the answer changes a count.
        xa_counts >"$WORK/xa"
        left=$(prepared)
        [[ -n $left ]] || return 0
        ((SECONDS < deadline)) || fail SOURCE_LOCK_TIMEOUT "XA transactions stayed prepared for $1 s, and a copy with LogSync cannot begin while one is: $left"
        [[ -n $told ]] || log WARNING "waiting for prepared XA transactions of the source to end: $left"
        told=yes
        pause 0.2
    done
}

# require_none_prepared: the snapshots have begun. None was prepared before, none is now, and none has become so
# or ended in between: so none was prepared at that moment.
require_none_prepared() {
    local left
    logs_prepared || return 0
    left=$(prepared)
    [[ -z $left ]] || fail SOURCE_CHANGED "XA transactions were prepared while the copy began: $left"
    xa_counts >"$WORK/xa.now"
    cmp -s "$WORK/xa" "$WORK/xa.now" || fail SOURCE_CHANGED "XA transactions were prepared or ended while the copy began"
}

# logs_prepared: whether it matters: for replication, and since 10.5, where a transaction is logged when it is
# prepared; before that, when it is committed.
logs_prepared() {
    local version older='^(5\.5\.5-)?10\.[0-4]\.'
    [[ $LOG_SYNC == yes ]] || return 1
    version=$(source_sql <<<"SELECT VERSION()")
    [[ ! $version =~ $older ]]
}

# prepared: their names, as SQL takes them, on one line.
prepared() { source_sql <<<"XA RECOVER FORMAT = 'SQL'" | cut -f4 | few; }

xa_counts() { source_sql <<<"SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_xa_prepare', 'Com_xa_commit', 'Com_xa_rollback')"; }
