#!/usr/bin/env bash
# Replication of the server of MOUNT.

# replica_answer: the status of replication as answers; domain/replica.py reads them.
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

replica_error() {
    [[ $1 == 0 ]] || printf '%s: %s' "$1" "$2"
}

# change_master WHAT: tells the server where its source is; a position it has stays.
change_master() {
    secret_sql "$1" < <(printf '%s;\n' "STOP SLAVE" "CHANGE MASTER TO MASTER_HOST = $(sql_text "$SOURCE_HOST"), MASTER_PORT = $SOURCE_PORT,
    MASTER_USER = $(sql_text "$SOURCE_USER"), MASTER_PASSWORD = $(sql_text "${REPLICATION_PASSWORD:-}"),
    MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 10, $(master_tls)")
}

# follow_by_gtid: replication that was set up by file and position, as plugin 1.0.0 did, goes on by
# GTID from the very place where it stands.
follow_by_gtid() {
    local text file position gtid
    text=$(sql --vertical --column-names <<<"SHOW SLAVE STATUS")
    grep -qE '^ *Using_Gtid: No$' <<<"$text" || return 0
    must_sql "stopping replication" <<<"STOP SLAVE"
    text=$(sql --vertical --column-names <<<"SHOW SLAVE STATUS")
    file=$(sed -n 's/^ *Relay_Master_Log_File: //p' <<<"$text")
    position=$(sed -n 's/^ *Exec_Master_Log_Pos: //p' <<<"$text")
    gtid=$(source_sql <<<"SELECT BINLOG_GTID_POS($(sql_text "$file"), ${position:-0})")
    [[ $gtid != NULL ]] || fail POSITION_MISSING "replication stands at $file:$position, which the source's binary log no longer has"
    must_sql "going over to GTID" <<SQL
SET SESSION sql_mode = '';
SET GLOBAL gtid_slave_pos = $(sql_text "$gtid");
CHANGE MASTER TO MASTER_USE_GTID = slave_pos;
START SLAVE;
SQL
    log INFO "replication goes on by GTID from $gtid ($file:$position)"
}

# replica_settled: both threads run, or one of them has an error to show.
replica_settled() {
    local text
    text=$(try_sql --vertical --column-names <<<"SHOW SLAVE STATUS") || return 1
    grep -qE '^ *Last_(IO|SQL)_Errno: [1-9]' <<<"$text" && return 0
    grep -qE '^ *Slave_IO_Running: Yes$' <<<"$text" && grep -qE '^ *Slave_SQL_Running: Yes$' <<<"$text"
}
