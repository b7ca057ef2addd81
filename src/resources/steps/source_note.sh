#!/usr/bin/env bash
# Summary: notes the source and the place in its binary log at which staging's history was proven.
# Inputs: MOUNT SOURCE_SEEN? PLACE?
# Secrets: -
# Answers: -
# Fails: DATASET_EMPTY DISK_SPACE MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_OLD_LAYOUT
#     UNEXPECTED
# Repeatable: yes, the note is replaced
# Needs: dataset/ours dataset/source_seen story

main() {
    : "${MOUNT:?}"
    require_ours
    keep_seen "${SOURCE_SEEN:-}"
}

story_setup
main "$@"
