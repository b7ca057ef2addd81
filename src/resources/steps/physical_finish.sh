#!/usr/bin/env bash
# Summary: makes a configured copy its owner's: by an option file of its own alone, proven, running or stopped.
# Inputs: MOUNT PORT SERVER_ID BIND_ADDRESS EVENTS OUTSIDE CONFIG UNIT GUIDE START START_SECONDS STOP_SECONDS
#     OPEN_ACCOUNTS_SQL LOGIN_USER? PLACE? PIPE?
# Secrets: LOGIN_PASSWORD?
# Answers: version
# Fails: ACCOUNT_OPEN DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED
#     MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_DIED SERVER_FOREIGN SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED TARGET_UNUSABLE TOOL_MISSING UNEXPECTED
#     VDB_NOT_INDEPENDENT VDB_NOT_USABLE
# Repeatable: no, the copy is not the plugin's any more
# Needs: dataset/left_behind dataset/note_files dataset/ours dataset/place host/programs server/for_people
#     server/handover server/installation server/launch server/prove server/running story

main() {
    : "${MOUNT:?}" "${PORT:?}" "${SERVER_ID:?}" "${BIND_ADDRESS:?}" "${EVENTS:?}" "${OUTSIDE:?}" "${CONFIG:?}" "${UNIT:?}" "${GUIDE:?}"
    : "${START:?}" "${START_SECONDS:?}" "${STOP_SECONDS:?}" "${OPEN_ACCOUNTS_SQL:?}"
    # shellcheck disable=SC2034  # read by the proof
    MADE=yes
    require_same_place
    require_ours
    take_over
    use_installation
    require_running >/dev/null
    forget_position
    stop_in_order
    leave_plugin
    learn_daemon
    note_files "$DAEMON_RUNS" open
    launch_server "$START_SECONDS"
    prove_server
    prove_untied
    prove_for_people
    [[ $START == yes ]] || stop_in_order
    hand_over
}

story_setup
main "$@"
