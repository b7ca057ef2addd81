#!/usr/bin/env bash
# Summary: reads what a start of a dataset's server depends on: the host's starter file and what its files need.
# Inputs: MOUNT DAEMON? BASE_DIR? STARTER? DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY? GUID? PLACE?
# Secrets: -
# Answers: starterLine marker requiredLine daemonPath baseDir
# Fails: DATASET_EMPTY DISK_SPACE INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE
#     SERVER_OLD_LAYOUT SETTING_REFUSED TOOL_MISSING UNEXPECTED
# Repeatable: yes; a dataset of plugin 1.0.0 is taken over first, once
# Needs: answer dataset/ours host/option_file plugin_1_0/adopt server/installation story
# Constants: MARKER_FILE REQUIRED_FILE

main() {
    : "${MOUNT:?}"
    adopt_old_dataset
    require_ours
    use_installation
    answer daemonPath "$DAEMON"
    answer baseDir "$BASE_DIR"
    answer_starter
    answer marker "$(head -c 262144 "$MOUNT/$MARKER_FILE")"
    if [[ -f $MOUNT/$REQUIRED_FILE ]]; then head -c 262144 "$MOUNT/$REQUIRED_FILE" | tr '\000' ' ' | answer_lines requiredLine; fi
}

story_setup
main "$@"
