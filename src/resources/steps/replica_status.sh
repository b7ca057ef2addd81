#!/usr/bin/env bash
# Summary: tells how replication into a staging server does.
# Inputs: MOUNT DAEMON? BASE_DIR? PLACE? PIPE?
# Secrets: -
# Answers: making busy replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile
#     binlogPosition gtidPosition
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING
#     UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer dataset/left_behind dataset/ours job/state server/answers server/find server/installation
#     server/replica server/running server/stopped story

main() {
    : "${MOUNT:?}"
    local pid
    require_usable
    if being_made || job_alive; then
        answer making yes
        return
    fi
    require_ours
    use_installation
    pid=$(server_pid)
    if { [[ -z $pid ]] || ! server_answers "$pid"; } && { at_work || stopped_just_now; }; then
        answer busy yes
        return
    fi
    require_running >/dev/null
    replica_answer
}

story_setup
main "$@"
