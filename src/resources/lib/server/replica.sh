#!/usr/bin/env bash
# Replication of the server of MOUNT.
# Needs: answer server/ask server/client server/replica_row story

# replica_answer: the status of replication as answers; domain/replication/status.py reads them.
replica_answer() {
    learn_replica
    if ((${#REPLICA[@]} == 0)); then
        answer replica no
        return
    fi
    require_room_of_replica "${REPLICA[Last_IO_Error]} ${REPLICA[Last_SQL_Error]}" "${REPLICA[Slave_IO_State]:-}"
    answer replica yes
    answer replicatesFrom "${REPLICA[Master_Host]}:${REPLICA[Master_Port]}"
    answer ioRunning "${REPLICA[Slave_IO_Running]}"
    answer sqlRunning "${REPLICA[Slave_SQL_Running]}"
    answer ioError "$(replica_error "${REPLICA[Last_IO_Errno]}" "${REPLICA[Last_IO_Error]}")"
    answer sqlError "$(replica_error "${REPLICA[Last_SQL_Errno]}" "${REPLICA[Last_SQL_Error]}")"
    answer lagSeconds "${REPLICA[Seconds_Behind_Master]}"
    answer binlogFile "${REPLICA[Relay_Master_Log_File]}"
    answer binlogPosition "${REPLICA[Exec_Master_Log_Pos]}"
    tell "SELECT 'gtidPosition', @@global.gtid_slave_pos"
}

# require_room_of_replica ERRORS STATE: threads that failed for want of room, or wait for it, end the step.
require_room_of_replica() {
    if [[ $1 =~ $NO_SPACE || $1 =~ $MAY_BE_FULL || $2 == *'free'*'space'* ]]; then unwritable "replication: ${1# }"; fi
}

replica_error() {
    [[ $1 == 0 ]] || printf '%s: %s' "$1" "$2"
}

# replica_settled: both threads run, or one of them has an error to show.
replica_settled() {
    local text
    text=$(try_sql --vertical --column-names <<<"SHOW SLAVE STATUS") || return 1
    grep -qE '^ *Last_(IO|SQL)_Errno: [1-9]' <<<"$text" && return 0
    grep -qE '^ *Slave_IO_Running: Yes$' <<<"$text" && grep -qE '^ *Slave_SQL_Running: Yes$' <<<"$text"
}
