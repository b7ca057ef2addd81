#!/usr/bin/env bash
# Making the server of MOUNT its owner's, who runs it without the plugin.
# Needs: dataset/ours dataset/write dataset/written_by server/client server/client_errors server/libraries
#     server/log_cause server/must_sql server/stop story
# Constants: DATA GUIDE_FILE LOG MARKER_FILE OPTION_FILE RUN TMP UNIT_FILE WARNINGS_FILE

# forget_position: the server knows no place in anybody's binary log.
forget_position() {
    local left
    must_sql "removing the position of replication" <<<"SET GLOBAL gtid_slave_pos = ''"
    left=$(sql <<<"SELECT @@global.gtid_slave_pos")
    [[ -z $left ]] || fail VDB_NOT_INDEPENDENT "gtid_slave_pos is still $left"
}

# leave_plugin: takes out of the stopped server's files what is the plugin's (1.0.0 put a socket and a pid file beside
# the data); the marker, which lets a failed step be undone, stays until `hand_over`.
leave_plugin() {
    remove_inside "$RUN" "$TMP" "$LOG" "$WARNINGS_FILE" mysql.sock clone.pid
    make_directories
    [[ $OUTSIDE == yes ]] || link_libraries
    write_text "$MOUNT/$OPTION_FILE" <<<"$CONFIG"
    write_text "$MOUNT/$UNIT_FILE" <<<"$UNIT"
    write_text "$MOUNT/$GUIDE_FILE" <<<"$GUIDE"
}

# prove_untied: the server runs by its own option file alone, replicates from nobody, and has no file that says from
# whom. Every server makes an empty multi-master.info.
prove_untied() {
    local seen
    seen=$(sql <<<"SHOW ALL SLAVES STATUS")
    [[ -z $seen ]] || fail VDB_NOT_INDEPENDENT "$(error_line "$seen")"
    seen=$(sql <<<"SELECT CONCAT_WS(', ', @@global.init_file, NULLIF(@@global.gtid_slave_pos, ''))")
    [[ -z $seen ]] || fail VDB_NOT_INDEPENDENT "of the plugin or of replication is left: $seen"
    seen=$(find "$MOUNT/$DATA" "$MOUNT/$LOG" -maxdepth 1 -size +0 \( -name '*master*.info' -o -name 'relay*' -o -name '*-relay-bin*' \) -printf '%f ')
    [[ -z $seen ]] || fail VDB_NOT_INDEPENDENT "files of replication are left: $seen"
}

# stop_in_order: stops the server, which must shut down cleanly.
stop_in_order() {
    stop_servers "$STOP_SECONDS"
    [[ $(files_note) == *" closed" ]] || fail SERVER_NOT_STOPPED "the server of $MOUNT did not shut down in good order: $(last_words)"
}

# hand_over: the last of the plugin goes. Nothing may fail after it.
hand_over() { remove_inside written.by legacy.binlog "$MARKER_FILE"; }
