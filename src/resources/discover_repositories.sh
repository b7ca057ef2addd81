#!/usr/bin/env bash
# Summary: finds every MariaDB server program on the host, without walking the file system.
# Inputs: DELPHIX_MARIADB_PATH?
# Secrets: -
# Answers: installation
# Fails: UNEXPECTED
# Repeatable: yes, it only reads

main() {
    # The hint is the host's own, set for the environment user.
    DELPHIX_MARIADB_PATH=${DELPHIX_MARIADB_PATH:-}
    list_installations | answer_lines installation
}

story_setup
main "$@"
