#!/usr/bin/env bash
# Summary: starts the replication threads of a staging server that is set up as a replica.
# Inputs: MOUNT DAEMON? BASE_DIR? CONNECT_SECONDS
# Secrets: -
# Answers: replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition gtidPosition
# Fails: MOUNT_NOT_OURS MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE INSTALLATION_NOT_FOUND SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT SQL_FAILED
# Repeatable: yes, threads that run already go on

main() {
    : "${MOUNT:?}" "${CONNECT_SECONDS:?}"
    require_ours
    use_installation
    require_running >/dev/null
    if [[ -n $(sql <<<"SHOW SLAVE STATUS") ]]; then
        must_sql "starting replication" <<<"START SLAVE"
        await "$CONNECT_SECONDS" replica_settled || log WARNING "replication has not settled after $CONNECT_SECONDS s"
    fi
    replica_answer
}

story_setup
main "$@"
