#!/usr/bin/env bash
# Turning a copy of a dataset into a server of its own.
# Needs: dataset/ours dataset/write host/mounts plugin_1_0/recover plugin_1_0/settings server/ask
#     server/client server/client_errors server/forget_replication server/login server/must_sql
#     server/prepared server/start server/stop story
# Constants: DATA LOG MARKER_FILE REQUIRED_FILE RUN TMP

# prepare_clone: takes everything out that ties the files to their old server. KEEP_LOGS is yes when
# the dataset goes on with its own binary logs.
prepare_clone() {
    [[ -d $MOUNT/$DATA/mysql && -f $MOUNT/$DATA/ibdata1 ]] || fail SNAPSHOT_UNUSABLE "$MOUNT/$DATA holds $(entries "$MOUNT/$DATA" 2>/dev/null | head -5 | tr '\n' ' ')"
    stop_servers "$STOP_SECONDS"
    require_fitting_place
    remove_replication
    make_directories
    recover_legacy
    remove_inside "$RUN" "$TMP"
    # The parent's error, general, slow and audit logs are its own; what people said to it is not the copy's.
    [[ $KEEP_LOGS == yes ]] || remove_inside "$LOG" "$DATA/server_audit.log" "$DATA/sql_errors.log"
    # The index of the binary logs holds whole paths; the dataset may be mounted elsewhere now.
    if [[ -f $MOUNT/$LOG/binlog.index ]]; then
        sed "s|^.*/|$MOUNT/$LOG/|" "$MOUNT/$LOG/binlog.index" | write_text "$MOUNT/$LOG/binlog.index"
    fi
    make_directories
    inherit_settings
    write_text "$MOUNT/$MARKER_FILE" <<<"$MARKER"
    write_text "$MOUNT/$REQUIRED_FILE" <<<"$REQUIRED"
}

# wake_events: enables events that came by replication (SLAVESIDE_DISABLED) and keeps their definers. They run
# only when the event scheduler is on.
wake_events() {
    local statements
    ask "SELECT COUNT(*) FROM information_schema.events WHERE status = 'SLAVESIDE_DISABLED'"
    [[ $TOLD != 0 ]] || return 0
    statements=$(
        sql --raw <<'SQL'
SELECT CONCAT('ALTER DEFINER = `', REPLACE(LEFT(definer, CHAR_LENGTH(definer) - CHAR_LENGTH(SUBSTRING_INDEX(definer, '@', -1)) - 1), '`', '``'), '`@`',
    REPLACE(SUBSTRING_INDEX(definer, '@', -1), '`', '``'), '` EVENT `', REPLACE(event_schema, '`', '``'), '`.`', REPLACE(event_name, '`', '``'), '` ENABLE;')
    FROM information_schema.events WHERE status = 'SLAVESIDE_DISABLED';
SQL
    )
    [[ -z $statements ]] || must_sql "waking events" <<<"SET SESSION sql_log_bin = 0; $statements"
}

# require_writable: nothing keeps people from writing. That they can is proven by their own writes, see `prove_work`.
require_writable() {
    ask "SELECT @@global.read_only, @@global.innodb_read_only, @@global.innodb_force_recovery"
    [[ $TOLD == 0$'\t'0$'\t'[0-4] ]] || fail VDB_NOT_WRITABLE "read_only, innodb_read_only and innodb_force_recovery are ${TOLD//$'\t'/, }"
}

# forget_queries: empties the log tables, which hold statements of the users of the parent if its log_output
# was TABLE. A table may have been dropped.
forget_queries() {
    ask "SELECT CONCAT('TRUNCATE TABLE mysql.', table_name, ';') FROM information_schema.tables
        WHERE table_schema = 'mysql' AND table_name IN ('general_log', 'slow_log')"
    ask_unlogged "$TOLD" "emptying the query logs"
}

# forget_servers: empties mysql.servers, which holds logins to other servers.
forget_servers() {
    ask_unlogged "DELETE FROM mysql.servers; FLUSH PRIVILEGES;" "removing logins to other servers"
}

# roll_back_prepared: ends those that a copy has inherited, whose applications know another server only.
roll_back_prepared() {
    learn_prepared
    ((${#PREPARED[@]} > 0)) || return 0
    must_sql "rolling back XA transactions of the parent" < <(echo "SET SESSION sql_log_bin = 0;" && printf 'XA ROLLBACK %s;\n' "${PREPARED[@]}")
    log WARNING "rolled back ${#PREPARED[@]} XA transactions that the parent had prepared: ${PREPARED[*]}"
    learn_prepared
    ((${#PREPARED[@]} == 0)) || fail VDB_NOT_INDEPENDENT "XA transactions of the parent are still prepared: ${PREPARED[*]}"
}

# finish_clone: the last ties, on the running server, and the proof that none is left.
finish_clone() {
    ask "STOP ALL SLAVES; RESET SLAVE ALL" "removing the replication configuration"
    ask "SHOW ALL SLAVES STATUS"
    [[ -z $TOLD ]] || fail VDB_NOT_INDEPENDENT "$(error_line "$TOLD")"
    [[ ${OUTSIDE:-} == yes ]] || forget_servers
    if [[ $KEEP_LOGS != yes ]]; then
        roll_back_prepared
        forget_queries
    fi
    wake_events
    require_writable
    [[ -z ${LOGIN_USER:-} ]] || create_login
}
