#!/usr/bin/env bash
# Summary: on the source host: ends the sending job of a dSource, and proves that nothing of it is left.
# Inputs: GUID MOUNT?
# Secrets: -
# Answers: -
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE UNEXPECTED
# Repeatable: yes, what is gone stays so
# Needs: send/place story

main() {
    : "${GUID:?}"
    local SEND_DIR
    known_guid
    for SEND_DIR in /tmp/delphix-send-"$GUID".*; do
        if [[ -d $SEND_DIR ]] && require_place; then end_sender; fi
    done
}

story_setup
main "$@"
