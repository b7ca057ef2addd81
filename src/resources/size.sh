#!/usr/bin/env bash
# Summary: says how large the data directory of a dataset is.
# Inputs: MOUNT
# Secrets: -
# Answers: sizeInBytes
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}"
    require_ours
    answer sizeInBytes "$(du -s -B1 "$MOUNT/data" | cut -f1)"
}

story_setup
main "$@"
