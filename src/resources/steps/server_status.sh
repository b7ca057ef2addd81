#!/usr/bin/env bash
# Summary: says whether the server of a dataset runs and answers.
# Inputs: MOUNT DAEMON? BASE_DIR? DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY?
# Secrets: -
# Answers: running answering
# Fails: DISK_SPACE INSTALLATION_NOT_FOUND MOUNT_NOT_WRITABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer dataset/written_by plugin_1_0/recognise plugin_1_0/speaks server/answers server/find
#     server/installation story

main() {
    : "${MOUNT:?}"
    local pid
    pid=$(server_pid)
    if [[ -z $pid ]]; then
        answer running no
        return
    fi
    answer running yes
    if legacy_running; then
        if legacy_speaks; then answer answering yes; else answer answering no; fi
        return
    fi
    if being_upgraded; then
        answer answering no
        return
    fi
    use_installation
    answer answering "$(server_answers "$pid" && echo yes || echo no)"
}

story_setup
main "$@"
