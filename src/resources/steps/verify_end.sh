#!/usr/bin/env bash
# Summary: ends a comparison that was given up, its query on the source too, and lets replication go on.
# Inputs: MOUNT DAEMON? BASE_DIR? SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     PLACE?
# Secrets: SOURCE_PASSWORD
# Answers: -
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED
#     TOOL_MISSING UNEXPECTED
# Repeatable: yes, replication that runs already goes on
# Needs: dataset/left_behind dataset/ours job/state server/installation server/must_sql server/running
#     source/client story
# Constants: RUN

# end_query: ends the query of the comparison on the source, which would go on without its client.
end_query() {
    local id
    id=$(sed -n $'s/^session\t//p' "$MOUNT/$RUN/job/source.rows" 2>/dev/null) || return 0
    [[ $id =~ ^[0-9]+$ ]] || return 0
    id=$(source_client <<<"SELECT id FROM information_schema.processlist WHERE id = $id AND info LIKE '%delphix_verify%'") || return 0
    [[ -z $id ]] || source_client <<<"KILL CONNECTION $id" || log WARNING "the query $id on the source goes on"
}

main() {
    : "${MOUNT:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}"
    require_ours
    take_over
    job_clear
    use_installation
    end_query
    require_running >/dev/null
    must_sql "starting replication" <<<"START SLAVE"
}

story_setup
main "$@"
