#!/usr/bin/env bash
# Summary: checks that a server can live at MOUNT and says what the host has.
# Inputs: MOUNT GUID? PORT SERVER_ID EXTRA_DIRECTORY? STARTER?
# Secrets: -
# Answers: portTaken serverIdTaken starterLine installation extraDirectory freeBytes memoryBytes running
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS SETTING_REFUSED
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}" "${PORT:?}" "${SERVER_ID:?}"
    local running free
    require_usable
    running=$(server_pids)
    learn_others
    answer running "$([[ -n $running ]] && echo yes || echo no)"
    # Our own old server may hold the port: it goes away with the dataset's old content.
    if [[ -z $running || $(marker_value "$MOUNT" port) != "$PORT" ]]; then answer portTaken "$(port_taken "$PORT")"; fi
    answer serverIdTaken "$(server_id_taken "$SERVER_ID")"
    if [[ -n ${EXTRA_DIRECTORY:-} ]]; then answer extraDirectory "$(readlink -e -- "$EXTRA_DIRECTORY" || :)"; fi
    answer_starter
    list_installations | answer_lines installation
    free=$(df -P -B1 "$MOUNT" | awk 'NR == 2 { print $4 }')
    answer freeBytes "$free"
    answer memoryBytes "$(awk '$1 == "MemAvailable:" { print $2 * 1024 }' /proc/meminfo)"
}

story_setup
main "$@"
