#!/usr/bin/env bash
# Holding the staging server at one GTID position.
# Needs: job/movement server/client server/must_sql source/client story writers

# stands_at GTID: staging has applied just this, domain by domain.
stands_at() {
    local part seen
    seen=",$(sql <<<"SELECT @@global.gtid_slave_pos" | tr -d '\n '),"
    for part in ${1//,/ }; do
        [[ $seen == *",$part,"* ]] || return 1
    done
}

# require_standing GTID: the same, or the comparison is worth nothing.
require_standing() {
    stands_at "$1" || fail VERIFY_FAILED "staging is not at GTID $1 of the source's snapshot, it is at $(sql <<<"SELECT @@global.gtid_slave_pos")"
}

# replica_row NAME: a column of the status of replication.
replica_row() { sed -n "s/^ *$1: //p" <<<"$REPLICA_STATUS"; }

# halted: both threads of replication have ended. REPLICA_STATUS becomes their status.
halted() {
    REPLICA_STATUS=$(sql --vertical --column-names <<<"SHOW SLAVE STATUS")
    [[ $(replica_row Slave_IO_Running) == No && $(replica_row Slave_SQL_Running) == No ]]
}

# stand_at GTID: has staging, whose replication rests, apply what the source had at GTID and no more.
stand_at() {
    local deadline=$((SECONDS + WAIT_SECONDS)) REPLICA_STATUS
    if ! stands_at "$1"; then
        must_sql "starting replication up to $1" <<<"START SLAVE UNTIL master_gtid_pos = $(sql_text "$1")"
        stand_still
        until halted; do
            if [[ $(replica_row Slave_SQL_Running) == No && $(replica_row Last_SQL_Errno) != 0 ]]; then break; fi
            ((SECONDS < deadline)) || fail CATCH_UP_TIMEOUT "waited $WAIT_SECONDS s for GTID $1; $(replica_errors)"
            if ((SECONDS - ASKED_AT >= PROBE_SECONDS)); then
                ASKED_AT=$SECONDS
                source_lives || source_lives || fail SOURCE_UNREACHABLE "$SOURCE_HOST:$SOURCE_PORT does not answer any more"
            fi
            pause 0.1
        done
        [[ $(replica_row Last_SQL_Errno) == 0 && $(replica_row Last_IO_Errno) == 0 ]] || fail REPLICATION_BROKEN "$(replica_errors)"
    fi
    require_standing "$1"
}

replica_errors() { printf 'I/O thread: %s; SQL thread: %s' "$(replica_row Last_IO_Error)" "$(replica_row Last_SQL_Error)"; }
