#!/usr/bin/env bash
# Summary: checks that a server can live at MOUNT and says what the host has.
# Inputs: MOUNT PORT SERVER_ID EXTRA_DIRECTORY? STARTER? DELPHIX_MARIADB_PATH?
# Secrets: -
# Answers: portTaken serverIdTaken endedAtLogout starterLine installation extraDirectory freeBytes memoryBytes cores running
# Fails: DATASET_EMPTY DISK_SPACE MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_OLD_LAYOUT
#     SETTING_REFUSED UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer dataset/marker dataset/ours host/installations host/logout host/option_file host/ports
#     plugin_1_0/recognise server/find story

# own_port: TCP port of the server that the dataset at MOUNT has, if it has one.
own_port() {
    if [[ $(legacy_home "$MOUNT") == "$MOUNT" ]]; then
        legacy_option "$MOUNT" port
    else
        marker_value "$MOUNT" port
    fi
}

main() {
    : "${MOUNT:?}" "${PORT:?}" "${SERVER_ID:?}"
    local running free
    require_usable
    running=$(server_pids)
    learn_others
    answer running "$([[ -n $running ]] && echo yes || echo no)"
    # Our own old server may hold the port: it goes away with the dataset's old content.
    if [[ -z $running || $(own_port) != "$PORT" ]]; then answer portTaken "$(port_taken "$PORT")"; fi
    answer serverIdTaken "$(server_id_taken "$SERVER_ID")"
    answer endedAtLogout "$(ended_at_logout)"
    if [[ -n ${EXTRA_DIRECTORY:-} ]]; then answer extraDirectory "$(readlink -e -- "$EXTRA_DIRECTORY" || :)"; fi
    answer_starter
    list_installations | answer_lines installation
    free=$(df -P -B1 "$MOUNT" | awk 'NR == 2 { print $4 }')
    answer freeBytes "$free"
    answer memoryBytes "$(awk '$1 == "MemAvailable:" { print $2 * 1024 }' /proc/meminfo)"
    answer cores "$(nproc)"
}

story_setup
main "$@"
