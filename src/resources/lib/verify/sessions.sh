#!/usr/bin/env bash
# The sessions that read a whole server for a comparison, in the background, and waiting for them. Session NAME
# reads WORK/NAME.sql; NAME.rows are its rows, NAME.err its errors, NAME.status appears at its end. WORK is
# the job's directory.
# Needs: dataset/write job/movement server/client server/must_sql source/client source/sql story
#     verify/definitions verify/plan verify/progress

# source_reader: a session on the source that may last days. It never connects again by itself: that would
# be another snapshot.
source_reader() { ASK_SECONDS=604800 source_client --skip-reconnect --unbuffered --force; }

staging_reader() { session --skip-reconnect --unbuffered --force; }

# read_all NAME COMMAND...: has the command run WORK/NAME.sql, in the background.
read_all() {
    local name=$1
    shift
    : >"$WORK/$name.rows"
    {
        set +e
        trap - ERR
        "$@" <"$WORK/$name.sql" >"$WORK/$name.rows" 2>"$WORK/$name.err" 3>&-
        write_text "$WORK/$name.status" <<<"$?"
    } &
}

# open_snapshot: the session `source`: begins a consistent snapshot and waits for WORK/source.sql. The tables of
# WORK/plain are read before it begins and after.
open_snapshot() {
    : >"$WORK/source.rows"
    {
        set +e
        trap - ERR
        {
            printf "SELECT 'session', CONNECTION_ID();\n%s;\n" "$READING_SQL"
            cat <<'SQL'
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SET SESSION idle_transaction_timeout = 0, SESSION idle_readonly_transaction_timeout = 0;
START TRANSACTION;
SAVEPOINT beginning;
SQL
            queries <"$WORK/plain"
            cat <<'SQL'
COMMIT;
START TRANSACTION WITH CONSISTENT SNAPSHOT;
SHOW STATUS LIKE 'Binlog\_snapshot\_%';
SAVEPOINT beginning;
SQL
            queries <"$WORK/plain"
            printf "SELECT 'begun', 1;\n"
            # A job that was killed leaves nobody who would write it.
            until [[ -f $WORK/source.sql ]] || ! kill -0 "$$" 2>/dev/null; do pause 0.1; done
            cat "$WORK/source.sql"
        } | source_reader >"$WORK/source.rows" 2>"$WORK/source.err" 3>&-
        write_text "$WORK/source.status" <<<"${PIPESTATUS[1]}"
    } &
}

# said NAME KEY: prints what follows KEY in the rows of a session.
said() { sed -n "s/^$2\t//p" "$WORK/$1.rows" 2>/dev/null || :; }

# await_snapshot: the session `source` has begun its snapshot.
await_snapshot() {
    stand_still
    until [[ -n $(said source begun) || -f $WORK/source.status ]]; do
        probe source
        pause 0.1
    done
    require_read source
    [[ ! -f $WORK/source.status ]] || fail SOURCE_UNREACHABLE "$SOURCE_HOST:$SOURCE_PORT ends the session of the snapshot"
}

# await_sessions NAME...: waits for sessions to end, and tells how far they are.
await_sessions() {
    local waiting="$*" name left
    stand_still
    while [[ -n $waiting ]]; do
        left=''
        for name in $waiting; do
            if [[ -f $WORK/$name.status ]]; then require_read "$name"; else left+=" $name"; fi
        done
        waiting=$left
        tell_progress
        # shellcheck disable=SC2086  # one word per name
        probe $waiting
        [[ -z $waiting ]] || pause 0.2
    done
}

# probe NAME...: now and then: those whose session we wait for still work on it. A query of hours moves no byte, so
# the servers are asked in other sessions.
probe() {
    local name
    ((SECONDS - ASKED_AT >= PROBE_SECONDS)) || return 0
    ASKED_AT=$SECONDS
    for name in "$@"; do
        if [[ $name == staging ]]; then require_staging "comparing"; else require_source_session; fi
    done
}

# require_source_session: the source knows the session of the snapshot. Between two looks it may just have ended.
require_source_session() {
    local id
    id=$(said source session)
    [[ $id =~ ^[0-9]+$ ]] || id=0
    [[ -z $(source_sql <<<"SELECT id FROM information_schema.processlist WHERE id = $id") ]] || return 0
    await 5 test -f "$WORK/source.status" ||
        fail SOURCE_UNREACHABLE "the connection to $SOURCE_HOST:$SOURCE_PORT that reads the tables was cut"
}

# require_read NAME: an ended session has failed at most at tables that were changed, dropped or locked
# meanwhile: what has no row then is not compared.
require_read() {
    local line
    while IFS= read -r line; do
        [[ $line =~ ^ERROR\ ([0-9]+) ]] || continue
        case ${BASH_REMATCH[1]} in
            1049 | 1054 | 1146 | 1205 | 1412) log INFO "$1: $line" ;;
            *) if [[ $1 == staging ]]; then sql_failed comparing 1 "$line"; else source_failed "$line"; fi ;;
        esac
    done <"$WORK/$1.err"
}
