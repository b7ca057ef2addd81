#!/usr/bin/env bash
# Summary: creates an account with all privileges for people, or gives it a new password.
# Inputs: MOUNT DAEMON? BASE_DIR? LOGIN_USER LOGIN_GRANTS?
# Secrets: LOGIN_PASSWORD
# Answers: -
# Fails: MOUNT_NOT_OURS MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE INSTALLATION_NOT_FOUND SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT SQL_FAILED
# Repeatable: yes, an account of that name is replaced

main() {
    : "${MOUNT:?}" "${LOGIN_USER:?}"
    require_ours
    use_installation
    require_running >/dev/null
    create_login
}

story_setup
main "$@"
