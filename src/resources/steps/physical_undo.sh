#!/usr/bin/env bash
# Summary: takes a physical copy that failed out of its directory: its server and all files that were copied or made.
# Inputs: MOUNT STOP_SECONDS PLACE?
# Secrets: -
# Answers: -
# Fails: DATASET_EMPTY DISK_SPACE MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_STOPPED
#     SERVER_OLD_LAYOUT TARGET_UNUSABLE UNEXPECTED
# Repeatable: yes, an empty directory is fine
# Needs: dataset/left_behind dataset/mount dataset/ours dataset/place host/mounts server/stop story
# Constants: DATA GUIDE_FILE LOG MARKER_FILE OPTION_FILE REQUIRED_FILE RUN TMP UNIT_FILE WARNINGS_FILE

main() {
    : "${MOUNT:?}" "${STOP_SECONDS:?}"
    require_same_place
    require_mount
    [[ -n $(entries "$MOUNT") ]] || return 0
    require_ours
    take_over
    stop_servers "$STOP_SECONDS"
    # By name: what somebody else has put there meanwhile stays.
    remove_inside "$DATA" "$LOG" "$TMP" "$RUN" "$OPTION_FILE" "$REQUIRED_FILE" "$WARNINGS_FILE" "$UNIT_FILE" "$GUIDE_FILE" written.by legacy.binlog mysql.sock clone.pid
    remove_inside "$MARKER_FILE"
    [[ -z $(entries "$MOUNT") ]] || log WARNING "left in $MOUNT: $(entries "$MOUNT" | head -5 | tr '\n' ' ')"
}

story_setup
main "$@"
