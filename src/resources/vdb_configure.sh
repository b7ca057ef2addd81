#!/usr/bin/env bash
# Summary: turns a copy of a dataset into an independent server, starts it and proves it.
# Inputs: MOUNT DAEMON BASE_DIR PORT SERVER_ID MARKER REQUIRED CONFIG INIT_SQL DOORS_SQL START_SECONDS STOP_SECONDS RESTART KEEP_LOGS LOGIN_USER? LOGIN_GRANTS?
# Secrets: LOGIN_PASSWORD?
# Answers: version
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS INSTALLATION_NOT_FOUND VERSION_MISMATCH SNAPSHOT_UNUSABLE PORT_IN_USE SERVER_ID_IN_USE SERVER_NOT_STOPPED SERVER_NOT_READY SERVER_DIED UPGRADE_FAILED SERVER_FOREIGN ACCOUNT_OPEN SQL_FAILED VDB_NOT_INDEPENDENT VDB_NOT_WRITABLE TOOL_MISSING
# Repeatable: yes, a half-done attempt is stopped first

main() {
    : "${MOUNT:?}" "${DAEMON:?}" "${BASE_DIR:?}" "${PORT:?}" "${SERVER_ID:?}" "${MARKER:?}" "${REQUIRED:?}" "${CONFIG:?}"
    : "${INIT_SQL:?}" "${DOORS_SQL:?}" "${START_SECONDS:?}" "${STOP_SECONDS:?}" "${RESTART:?}" "${KEEP_LOGS:?}"
    take_over
    adopt_copy
    require_ours
    use_installation
    prepare_clone
    start_server
    finish_clone
}

story_setup
main "$@"
