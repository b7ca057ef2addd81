#!/usr/bin/env bash
# Summary: makes stand-ins on staging for the tables that reach out, when replication stopped for one.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_CA? TLS_CERT? TLS_KEY? TLS_MODE?
#     DATABASES? PLACE?
# Secrets: SOURCE_PASSWORD
# Answers: leftOut cured
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT SOURCE_LOCK_TIMEOUT
#     SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE
#     SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, stand-ins that are there are left alone
# Needs: answer copy/reaching copy/stand_ins dataset/left_behind dataset/ours server/client
#     server/installation server/left_out server/running source/client source/sql story writers
# Constants: REACHING

# stand_in_again SCHEMA TABLE ENGINE: if staging has none; a definition that came with files is kept unless
# REPLACE is yes.
stand_in_again() {
    local engine
    engine=$(staging_engine "$1" "$2")
    [[ $engine != BLACKHOLE ]] || return 0
    if [[ ", $REACHING," == *", '$engine',"* && $REPLACE != yes ]]; then return 0; fi
    # Its database may be yet to come by replication.
    [[ -n $(sql <<<"SET SESSION sql_mode = ''; SELECT 1 FROM information_schema.schemata WHERE schema_name = $(sql_text "$1")") ]] || return 0
    load_blackhole
    stand_in source_sql "$1" "$2" "$3"
    answer cured "$1.$2"
}

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    # shellcheck disable=SC2034  # `chosen` reads it
    DATABASES=${DATABASES:-}
    local rows line REPLACE=yes
    local -a ROW
    require_ours
    take_over
    use_installation
    require_tls_files
    require_running >/dev/null
    rows=$(reaching_tables)
    [[ -n $rows ]] || return 0
    # A second stop, when all of them are left out already: a statement or a trigger uses one.
    while IFS= read -r line; do
        decode_row "$line"
        grep -qxF -- "${ROW[0]}.${ROW[1]}" < <(left_out_tables) || REPLACE=no
    done <<<"$rows"
    while IFS= read -r line; do
        decode_row "$line"
        stand_in_again "${ROW[@]}"
        answer leftOut "${ROW[0]}.${ROW[1]}"
    done <<<"$rows"
}

story_setup
main "$@"
