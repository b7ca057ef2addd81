#!/usr/bin/env bash
# Summary: says which server wrote the files of a dataset, and which ones the host has.
# Inputs: MOUNT DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY? PLACE?
# Secrets: -
# Answers: writtenBy state installation extraDirectory
# Fails: DISK_SPACE MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE TARGET_UNUSABLE UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer dataset/mount dataset/place dataset/written_by host/installations story

main() {
    : "${MOUNT:?}"
    local by='' state=''
    require_same_place
    require_mount
    read -r by state < <(files_note) || :
    answer writtenBy "$by"
    answer state "$state"
    list_installations | answer_lines installation
    if [[ -n ${EXTRA_DIRECTORY:-} ]]; then answer extraDirectory "$(readlink -e -- "$EXTRA_DIRECTORY" || :)"; fi
}

story_setup
main "$@"
