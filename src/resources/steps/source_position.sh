#!/usr/bin/env bash
# Summary: reads what staging has applied, and after that the source's GTID position as it is now.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY? GUID?
# Secrets: SOURCE_PASSWORD
# Answers: applied gtid serverId binlog
# Fails: DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE
#     POSITION_MISSING QUIESCE_FAILED REPLICATION_BROKEN SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT
#     SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS
#     SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes; once, a dataset of plugin 1.0.0 is taken over, and its replication goes on by GTID
# Needs: dataset/ours plugin_1_0/adopt server/client server/follow_by_gtid server/installation server/quiesce
#     server/running source/client source/left_out source/sql story

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    adopt_old_dataset
    require_ours
    use_installation
    require_tls_files
    require_running >/dev/null
    follow_by_gtid
    # Under a backup lock that was never released, replication could not apply what the sync waits for next.
    if release_hold; then log WARNING "released the lock of an earlier snapshot that nobody finished"; fi
    # Staging first, then the source: while both have one history, staging has never applied more than the
    # source has written by then. The other order would take a transaction in between for divergence.
    sql <<<"SELECT 'applied', @@global.gtid_slave_pos" | answer_tagged
    source_sql <<'SQL' | answer_tagged
SELECT 'gtid', @@global.gtid_binlog_pos;
SELECT 'serverId', @@global.server_id;
SELECT 'binlog', @@global.log_bin;
SQL
    require_still_memory
}

story_setup
main "$@"
