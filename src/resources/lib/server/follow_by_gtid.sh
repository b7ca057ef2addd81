#!/usr/bin/env bash
# Replication that plugin 1.0.0 has set up by file and position goes on by GTID.
# Needs: server/memory_left_out server/must_sql server/replica_row source/sql story writers

# follow_by_gtid: replication that was set up by file and position, as plugin 1.0.0 did, goes on by
# GTID from the very place where it stands.
follow_by_gtid() {
    local file position gtid
    learn_replica
    [[ ${REPLICA[Using_Gtid]:-} == No ]] || return 0
    must_sql "stopping replication" <<<"STOP SLAVE"
    learn_replica
    file=${REPLICA[Relay_Master_Log_File]} position=${REPLICA[Exec_Master_Log_Pos]}
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
