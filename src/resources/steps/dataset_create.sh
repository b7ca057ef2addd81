#!/usr/bin/env bash
# Summary: empties the dataset (ours or empty) and puts a new, empty data directory into it.
# Inputs: MOUNT DAEMON BASE_DIR MARKER REQUIRED CONFIG INITIALISE DELPHIX_MARIADB_PATH? EXTRA_DIRECTORY? GUID?
#     PLACE?
# Secrets: -
# Answers: -
# Fails: DATASET_EMPTY DISK_SPACE INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS MOUNT_NOT_WRITABLE
#     SERVER_INIT_FAILED SERVER_NOT_READY SERVER_NOT_STOPPED SERVER_OLD_LAYOUT TOOL_MISSING UNEXPECTED
# Repeatable: yes, a half-done attempt is cleared first; a dataset of plugin 1.0.0 becomes ours before it goes
# Needs: dataset/left_behind dataset/ours dataset/write host/programs job/state plugin_1_0/adopt server/cause
#     server/client_errors server/error_log server/libraries server/log_cause server/stop story
# Constants: DATA MARKER_FILE OPTION_FILE REQUIRED_FILE RUN

main() {
    : "${MOUNT:?}" "${DAEMON:?}" "${BASE_DIR:?}" "${MARKER:?}" "${REQUIRED:?}" "${CONFIG:?}" "${INITIALISE:?}"
    local output tool cause
    # Before anything goes, and as an assignment: inside a longer command a failure would go unseen.
    [[ $INITIALISE != yes ]] || tool=$(install_tool)
    adopt_old_dataset
    require_usable
    take_over
    job_clear
    stop_servers 120
    clear_dataset
    write_text "$MOUNT/$MARKER_FILE" <<<"$MARKER"
    write_text "$MOUNT/$REQUIRED_FILE" <<<"$REQUIRED"
    make_directories
    mark_log
    : >"$MOUNT/$RUN/making"
    write_text "$MOUNT/$OPTION_FILE" <<<"$CONFIG"
    [[ $INITIALISE == yes ]] || return 0
    link_libraries
    # The init file belongs to a server that people can reach; the bootstrap server has no use for it.
    grep -v '^init_file' "$MOUNT/$OPTION_FILE" | write_text "$MOUNT/$RUN/bootstrap.cnf"
    if ! output=$("$tool" --defaults-file="$MOUNT/$RUN/bootstrap.cnf" --skip-test-db --force \
        --auth-root-authentication-method=socket 2>&1 </dev/null); then
        printf '%s\n' "$output" | tail -n 30 >&2
        new_log >&2
        cause=$({ whole_log && printf '%s\n' "$output"; } | cause_of)
        fail SERVER_INIT_FAILED "${cause:-$(error_line "$output")}"
    fi
    rm -f -- "$MOUNT/$RUN/bootstrap.cnf"
    [[ -d $MOUNT/$DATA/mysql && -f $MOUNT/$DATA/ibdata1 ]] ||
        fail SERVER_INIT_FAILED "mariadb-install-db said nothing but made no data directory"
}

story_setup
main "$@"
