#!/usr/bin/env bash
# Summary: says how large the data directory of a dataset is.
# Inputs: MOUNT
# Secrets: -
# Answers: sizeInBytes
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}"
    require_usable
    answer sizeInBytes "$(data_size)"
}

story_setup
main "$@"
