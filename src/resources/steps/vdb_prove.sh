#!/usr/bin/env bash
# Summary: proves that people can work with a virtual database that runs.
# Inputs: MOUNT DAEMON? BASE_DIR? PORT BIND_ADDRESS EVENTS MADE LOGIN_USER? PLACE? PIPE?
# Secrets: LOGIN_PASSWORD?
# Answers: -
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING
#     UNEXPECTED VDB_NOT_USABLE
# Repeatable: yes, what it writes it takes back
# Needs: dataset/ours server/for_people server/installation server/running story

main() {
    : "${MOUNT:?}" "${PORT:?}" "${BIND_ADDRESS:?}" "${EVENTS:?}" "${MADE:?}"
    require_ours
    use_installation
    require_running >/dev/null
    prove_for_people
}

story_setup
main "$@"
