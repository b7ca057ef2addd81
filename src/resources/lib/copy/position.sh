#!/usr/bin/env bash
# The replication position that a copy holds. WORK is the job's directory.
# Needs: answer copy/pipe job/movement source/sql story writers

# note_position: the replication position of the snapshot, from the dump's header.
note_position() {
    local file position gtid
    stand_still
    until [[ -f $WORK/tables.header || -f $WORK/tables.status ]]; do
        require_flow "waiting for the dump to begin" "$WORK"/*.pid
        pause 0.1
    done
    if [[ ! -f $WORK/tables.header ]]; then
        require_copied tables
        fail POSITION_MISSING "the dump holds nothing"
    fi
    [[ $LOG_SYNC == yes ]] || return 0
    read -r file position <"$WORK/tables.header" || :
    [[ -n ${position:-} ]] || fail POSITION_MISSING "the dump of $SOURCE_HOST has no binary log coordinates in its header"
    gtid=$(source_sql <<<"SELECT BINLOG_GTID_POS($(sql_text "$file"), $position)")
    [[ $gtid != NULL ]] || fail POSITION_MISSING "the source knows no GTID position for $file:$position"
    answer gtid "$gtid"
    answer binlogFile "$file"
    answer binlogPosition "$position"
}
