#!/usr/bin/env bash
# Summary: reads what staging has applied and read, and after that what the source and its binary log are now.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     REPLICATION_USER? VARIABLE_NAMES DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY? GUID? PLACE? PIPE?
# Secrets: SOURCE_PASSWORD REPLICATION_PASSWORD?
# Answers: applied seen read logSize variable sourceTime uptime sourcesRunning stagingTime sources coordinates oldestLog state file
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE POSITION_MISSING QUIESCE_FAILED REPLICATION_BROKEN SERVER_NOT_READY
#     SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING
#     SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes; once, a dataset of plugin 1.0.0 is taken over, and its replication goes on by GTID
# Needs: answer dataset/ours dataset/source_seen plugin_1_0/adopt server/ask server/follow_by_gtid
#     server/installation server/quiesce server/replica_read server/running source/ask source/client
#     source/memory_tables source/now story talk writers

# LOGS are the files of the source's binary log, STATES the questions for the GTID position at coordinates.

# ask_state FILE POSITION: to be asked, if the source has the file and it was not asked yet.
ask_state() {
    local question
    [[ $2 =~ ^[0-9]{1,19}$ && $'\n'$LOGS$'\n' == *$'\n'$1$'\n'* ]] || return 0
    question="SELECT 'state', $(sql_text "$1"), $2, IFNULL(BINLOG_GTID_POS($(sql_text "$1"), $2), 'none');"
    case $STATES in *"$question"*) return ;; esac
    STATES+=$question$'\n'
    case $'\n'$FILES_ASKED$'\n' in *$'\n'$1$'\n'*) return ;; esac
    FILES_ASKED+=${FILES_ASKED:+$'\n'}$1
}

# answer_history: where the source's binary log ends and begins, and what it holds at each place that staging knows.
answer_history() {
    local now line birth LOGS='' STATES='' FILES_ASKED=''
    local -a ROW
    ask_source "SHOW MASTER STATUS"
    now=$TOLD
    [[ -n $now ]] || return 0
    answer coordinates "$now"
    ask_source "SHOW BINARY LOGS"
    for line in ${ROWS[@]+"${ROWS[@]}"}; do LOGS+=${LOGS:+$'\n'}${line%%$'\t'*}; done
    answer oldestLog "${LOGS%%$'\n'*}"
    decode_row "$now"
    ask_state "${ROW[0]}" "${ROW[1]}"
    ask_state "${LOGS%%$'\n'*}" 4
    ask_state "$(seen_value file)" "$(seen_value position)"
    for line in ${READ[@]+"${READ[@]}"}; do ask_state "${line%$'\t'*}" "${line##*$'\t'}"; done
    tell_source "$STATES"
    # The account that replicates may be the same, and may be allowed one connection.
    end_talk source
    while IFS= read -r line; do
        birth=$(binlog_birth "$line")
        [[ -z $birth ]] || answer file "$line"$'\t'"$birth"
    done <<<"$FILES_ASKED"
}

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${VARIABLE_NAMES:?}"
    local -a READ
    adopt_old_dataset
    require_ours
    use_installation
    require_tls_files
    require_running >/dev/null
    follow_by_gtid
    # Under a backup lock that was never released, replication could not apply what the sync waits for next.
    if release_hold; then log WARNING "released the lock of an earlier snapshot that nobody finished"; fi
    # From the next connection on, a source that lacks the last transaction of staging refuses to go on.
    ask "SET GLOBAL gtid_strict_mode = 1" "making replication strict"
    answer_read
    # Staging first, then the source: while both have one history, staging has never applied more than the
    # source has written by then. The other order would take a transaction in between for divergence.
    tell "SELECT 'applied', @@global.gtid_slave_pos"
    seen_lines | answer_lines seen
    tell_source "SELECT 'variable', LOWER(variable_name), variable_value FROM information_schema.global_variables
        WHERE FIND_IN_SET(LOWER(variable_name), '$VARIABLE_NAMES')"
    answer_source_life
    answer_history
    require_still_memory
}

story_setup
main "$@"
