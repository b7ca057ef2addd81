#!/usr/bin/env bash
# Replication of the server of MOUNT.
# Needs: answer server/client story

# replica_answer: the status of replication as answers; domain/replication/status.py reads them.
replica_answer() {
    local -a names values
    local -A status=()
    local text index
    text=$(sql --column-names <<<"SHOW SLAVE STATUS")
    if [[ -z $text ]]; then
        answer replica no
        return
    fi
    # A tab is white space to `read` and would swallow empty columns.
    IFS=$'\x1f' read -r -a names <<<"$(head -n 1 <<<"$text" | tr '\t' '\037')"
    IFS=$'\x1f' read -r -a values <<<"$(sed -n 2p <<<"$text" | tr '\t' '\037')"
    for index in "${!names[@]}"; do status[${names[index]}]=${values[index]:-}; done
    require_room_of_replica "${status[Last_IO_Error]} ${status[Last_SQL_Error]}" "${status[Slave_IO_State]:-}"
    answer replica yes
    answer replicatesFrom "${status[Master_Host]}:${status[Master_Port]}"
    answer ioRunning "${status[Slave_IO_Running]}"
    answer sqlRunning "${status[Slave_SQL_Running]}"
    answer ioError "$(replica_error "${status[Last_IO_Errno]}" "${status[Last_IO_Error]}")"
    answer sqlError "$(replica_error "${status[Last_SQL_Errno]}" "${status[Last_SQL_Error]}")"
    answer lagSeconds "${status[Seconds_Behind_Master]}"
    answer binlogFile "${status[Relay_Master_Log_File]}"
    answer binlogPosition "${status[Exec_Master_Log_Pos]}"
    sql <<<"SELECT 'gtidPosition', @@global.gtid_slave_pos" | answer_tagged
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
