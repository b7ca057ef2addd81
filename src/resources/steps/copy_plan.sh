#!/usr/bin/env bash
# Summary: notes what the source holds, how it has defined it and how it is to be copied, before the copy begins.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     DATABASES? DUMP_OPTIONS? PIPES PIECE_BYTES
# Secrets: SOURCE_PASSWORD
# Answers: systemObject copyBytes
# Fails: DATASET_EMPTY DISK_SPACE DUMP_FAILED ENTRY_REFUSED INSTALLATION_NOT_FOUND LOAD_FAILED
#     MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_OLD_LAYOUT SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED
#     SOURCE_TLS SOURCE_UNREACHABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, what it notes takes the place of what was noted
# Needs: answer copy/engines copy/inventory copy/plan copy/source_definitions dataset/left_behind dataset/ours
#     server/client server/installation server/running source/sql story
# Constants: RUN

# shellcheck disable=SC2034  # what reads the source and notes what it says reads these
main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${PIPES:?}" "${PIECE_BYTES:?}"
    local WORK
    DATABASES=${DATABASES:-} DUMP_OPTIONS=${DUMP_OPTIONS:-}
    require_ours
    take_over
    use_installation
    require_running >/dev/null
    remove_inside "$RUN/plan"
    remove_inside "$RUN/definitions"
    mkdir -m 0700 -- "$MOUNT/$RUN/plan" "$MOUNT/$RUN/definitions"
    system_objects | sql | answer_lines systemObject
    WORK=$MOUNT/$RUN/plan
    make_plan
    source_sql <<<"SELECT 'copyBytes', CAST(IFNULL(SUM(data_length), 0) AS UNSIGNED) FROM information_schema.tables
        WHERE $(chosen table_schema) AND engine NOT IN ($EXTERNAL, $WITHOUT_ROWS)" | answer_tagged
    WORK=$MOUNT/$RUN/definitions
    note_definitions
}

story_setup
main "$@"
