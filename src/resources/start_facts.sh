#!/usr/bin/env bash
# Summary: reads what a start of a dataset's server depends on: the host's starter file and what its files need.
# Inputs: MOUNT DAEMON? BASE_DIR? STARTER?
# Secrets: -
# Answers: starterLine marker requiredLine daemonPath baseDir
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS INSTALLATION_NOT_FOUND TOOL_MISSING SETTING_REFUSED
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}"
    require_ours
    use_installation
    answer daemonPath "$DAEMON"
    answer baseDir "$BASE_DIR"
    answer_starter
    answer marker "$(head -c 262144 "$MOUNT/delphix.json")"
    if [[ -f $MOUNT/required.cnf ]]; then head -c 262144 "$MOUNT/required.cnf" | tr '\000' ' ' | answer_lines requiredLine; fi
}

story_setup
main "$@"
