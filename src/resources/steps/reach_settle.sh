#!/usr/bin/env bash
# Summary: proves after a sync that tables which reach out have their stand-ins, and no other table is left out.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_CA? TLS_CERT? TLS_KEY? TLS_MODE?
#     DATABASES? REACHED? PLACE?
# Secrets: SOURCE_PASSWORD
# Answers: replaced
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE REPLICA_DIVERGED SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT
#     SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS
#     SOURCE_UNREACHABLE SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, what has been replaced is left alone
# Needs: answer copy/reaching copy/stand_ins dataset/left_behind dataset/ours server/installation
#     server/left_out server/running source/client source/sql story writers
# Constants: REACHING

# replace_substitutes: a table that reached out before staging caught up, and still does, is none of staging's
# engines with rows. Where it is, a session without NO_ENGINE_SUBSTITUTION made it.
replace_substitutes() {
    local rows line engine
    local -a ROW
    rows=$(reaching_tables | sort | comm -12 - <(sort <<<"$REACHED"))
    [[ -n $rows ]] || return 0
    while IFS= read -r line; do
        decode_row "$line"
        engine=$(staging_engine "${ROW[0]}" "${ROW[1]}")
        [[ -n $engine && $engine != BLACKHOLE && ", $REACHING," != *", '$engine',"* ]] || continue
        load_blackhole
        stand_in source_sql "${ROW[@]}"
        answer replaced "${ROW[0]}.${ROW[1]}"
    done <<<"$rows"
}

# require_still_reaching: what replication leaves out still reaches out on the source, or is gone there.
require_still_reaching() {
    local names='' line lost
    local -a LIST
    decode_list < <(left_out_tables)
    ((${#LIST[@]} > 0)) || return 0
    for line in "${LIST[@]}"; do names+="${names:+, }$(sql_text "$line")"; done
    lost=$(source_sql <<<"SELECT CONCAT(table_schema, '.', table_name, ' (', engine, ')') FROM information_schema.tables
        WHERE CONCAT(table_schema, '.', table_name) IN ($names) AND table_type <> 'VIEW' AND engine NOT IN ($REACHING)" | paste -sd ,)
    [[ -z $lost ]] || fail REPLICA_DIVERGED "replication leaves these tables out, because they reached out of the source, and they do not any more: $lost"
}

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    # shellcheck disable=SC2034  # `chosen` reads it
    DATABASES=${DATABASES:-}
    REACHED=${REACHED:-}
    require_ours
    take_over
    use_installation
    require_tls_files
    require_running >/dev/null
    replace_substitutes
    require_still_reaching
}

story_setup
main "$@"
