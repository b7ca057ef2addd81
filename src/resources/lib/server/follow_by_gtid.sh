#!/usr/bin/env bash
# Replication that plugin 1.0.0 has set up by file and position goes on by GTID.
# Needs: server/client server/memory_left_out server/must_sql source/sql story writers

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
    leave_out_memory
    must_sql "going over to GTID" <<SQL
SET SESSION sql_mode = '';
SET GLOBAL gtid_slave_pos = $(sql_text "$gtid");
CHANGE MASTER TO MASTER_USE_GTID = slave_pos;
START SLAVE;
SQL
    log INFO "replication goes on by GTID from $gtid ($file:$position)"
}
