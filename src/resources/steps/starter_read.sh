#!/usr/bin/env bash
# Summary: reads the host's starter option file, if there is one.
# Inputs: STARTER MOUNT?
# Secrets: -
# Answers: starterLine
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE SETTING_REFUSED UNEXPECTED
# Repeatable: yes, it only reads
# Needs: host/option_file story

main() {
    : "${STARTER:?}"
    answer_starter
}

story_setup
main "$@"
