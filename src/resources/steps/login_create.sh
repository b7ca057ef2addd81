#!/usr/bin/env bash
# Summary: creates the login that people use, with the privileges that LOGIN_GRANTS names.
# Inputs: MOUNT DAEMON? BASE_DIR? LOGIN_USER LOGIN_GRANTS? PLACE? PIPE?
# Secrets: LOGIN_PASSWORD
# Answers: -
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING
#     UNEXPECTED
# Repeatable: yes, an account of that name is replaced
# Needs: dataset/ours server/installation server/login server/running story

main() {
    : "${MOUNT:?}" "${LOGIN_USER:?}"
    require_ours
    use_installation
    require_running >/dev/null
    create_login
}

story_setup
main "$@"
