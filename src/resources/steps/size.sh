#!/usr/bin/env bash
# Summary: says how large the data directory of a dataset is.
# Inputs: MOUNT PLACE?
# Secrets: -
# Answers: sizeInBytes
# Fails: DATASET_EMPTY DISK_SPACE MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_OLD_LAYOUT
#     UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer dataset/ours dataset/size story

main() {
    : "${MOUNT:?}"
    require_usable
    answer sizeInBytes "$(data_size)"
}

story_setup
main "$@"
