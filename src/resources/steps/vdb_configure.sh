#!/usr/bin/env bash
# Summary: turns a copy of a dataset into an independent server, starts it and proves it.
# Inputs: MOUNT DAEMON BASE_DIR PORT SERVER_ID MARKER REQUIRED CONFIG INIT_SQL OPEN_ACCOUNTS_SQL START_SECONDS
#     STOP_SECONDS RESTART KEEP_LOGS OUTSIDE? LOGIN_USER? LOGIN_GRANTS? PROVE? BIND_ADDRESS? EVENTS? GUID?
#     PLACE? PIPE?
# Secrets: LOGIN_PASSWORD?
# Answers: version
# Fails: ACCOUNT_OPEN DATASET_EMPTY DISK_SPACE ENTRY_REFUSED FLUSH_FAILED HOST_ENDS_SERVERS
#     INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE PORT_IN_USE SERVER_DIED
#     SERVER_FOREIGN SERVER_ID_IN_USE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT
#     SNAPSHOT_UNUSABLE SQL_FAILED TOOL_MISSING UNEXPECTED UPGRADE_FAILED VDB_NOT_INDEPENDENT VDB_NOT_USABLE
#     VDB_NOT_WRITABLE VERSION_MISMATCH
# Repeatable: yes, a half-done attempt is stopped first; a copy of a dataset of plugin 1.0.0 is taken over, once
# Needs: dataset/left_behind dataset/ours host/logout host/programs plugin_1_0/adopt_copy server/clone
#     server/for_people server/installation server/start server/usable story

main() {
    : "${MOUNT:?}" "${DAEMON:?}" "${BASE_DIR:?}" "${PORT:?}" "${SERVER_ID:?}" "${MARKER:?}" "${REQUIRED:?}" "${CONFIG:?}"
    : "${INIT_SQL:?}" "${OPEN_ACCOUNTS_SQL:?}" "${START_SECONDS:?}" "${STOP_SECONDS:?}" "${RESTART:?}" "${KEEP_LOGS:?}"
    require_lasting_servers
    take_over
    ask_daemon
    adopt_copy
    require_ours
    use_installation
    prepare_clone
    start_server
    if [[ ${PROVE:-} != yes ]]; then
        finish_clone
        return
    fi
    # shellcheck disable=SC2034  # read by the proof
    MADE=yes
    ask_demanded
    finish_clone
    prove_for_people
}

story_setup
main "$@"
