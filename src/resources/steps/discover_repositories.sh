#!/usr/bin/env bash
# Summary: finds every MariaDB server program on the host, without walking the file system.
# Inputs: DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY? MOUNT?
# Secrets: -
# Answers: installation
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer host/installations story

main() {
    # The hint is the host's own, set for the environment user.
    DELPHIX_MARIADB_PATH=${DELPHIX_MARIADB_PATH:-}
    list_installations | answer_lines installation
}

story_setup
main "$@"
