#!/usr/bin/env bash
# Summary: tells how replication into a staging server does.
# Inputs: MOUNT DAEMON? BASE_DIR?
# Secrets: -
# Answers: making replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition gtidPosition
# Fails: MOUNT_NOT_OURS MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE INSTALLATION_NOT_FOUND SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}"
    require_usable
    if being_made; then
        answer making yes
        return
    fi
    require_ours
    use_installation
    require_running >/dev/null
    replica_answer
}

story_setup
main "$@"
