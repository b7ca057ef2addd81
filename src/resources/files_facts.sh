#!/usr/bin/env bash
# Summary: says which server wrote the files of a dataset, and which ones the host has.
# Inputs: MOUNT
# Secrets: -
# Answers: writtenBy state installation
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}"
    local by='' state=''
    require_mount
    read -r by state < <(files_note) || :
    answer writtenBy "$by"
    answer state "$state"
    list_installations | answer_lines installation
}

story_setup
main "$@"
