#!/usr/bin/env bash
# Summary: checks that a directory can take a physical copy, and says what its host has.
# Inputs: TARGET PORT SERVER_ID EXTRA_DIRECTORY? STARTER? DELPHIX_MARIADB_PATH?
# Secrets: -
# Answers: portTaken serverIdTaken endedAtLogout starterLine installation extraDirectory freeBytes memoryBytes
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE SETTING_REFUSED TARGET_UNUSABLE UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer host/free_place host/installations host/logout host/option_file host/ports story

main() {
    : "${TARGET:?}" "${PORT:?}" "${SERVER_ID:?}"
    # TARGET is somebody's: a step that fails would try to write to MOUNT, whatever the user's environment has there.
    # shellcheck disable=SC2034
    MOUNT=''
    local free
    require_free_place
    answer portTaken "$(port_taken "$PORT")"
    answer serverIdTaken "$(server_id_taken "$SERVER_ID")"
    answer endedAtLogout "$(ended_at_logout)"
    if [[ -n ${EXTRA_DIRECTORY:-} ]]; then answer extraDirectory "$(readlink -e -- "$EXTRA_DIRECTORY" || :)"; fi
    answer_starter
    list_installations | answer_lines installation
    free=$(df -P -B1 -- "$(nearest_there "$TARGET")" | awk 'NR == 2 { print $4 }')
    answer freeBytes "$free"
    answer memoryBytes "$(awk '$1 == "MemAvailable:" { print $2 * 1024 }' /proc/meminfo)"
}

story_setup
main "$@"
