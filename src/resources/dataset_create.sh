#!/usr/bin/env bash
# Summary: empties the dataset (ours or empty) and puts a new, empty data directory into it.
# Inputs: MOUNT DAEMON BASE_DIR MARKER REQUIRED CONFIG INITIALISE
# Secrets: -
# Answers: -
# Fails: MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE MOUNT_NOT_OURS SERVER_NOT_STOPPED SERVER_INIT_FAILED TOOL_MISSING
# Repeatable: yes, a half-done attempt is cleared first

main() {
    : "${MOUNT:?}" "${DAEMON:?}" "${BASE_DIR:?}" "${MARKER:?}" "${REQUIRED:?}" "${CONFIG:?}" "${INITIALISE:?}"
    local output
    require_usable
    take_over
    job_clear
    stop_servers 120
    clear_dataset
    write_text "$MOUNT/delphix.json" <<<"$MARKER"
    write_text "$MOUNT/required.cnf" <<<"$REQUIRED"
    make_directories
    : >"$MOUNT/run/making"
    write_text "$MOUNT/my.cnf" <<<"$CONFIG"
    [[ $INITIALISE == yes ]] || return 0
    # The init file belongs to a server that people can reach; the bootstrap server has no use for it.
    grep -v '^init_file' "$MOUNT/my.cnf" | write_text "$MOUNT/run/bootstrap.cnf"
    if ! output=$("$(install_tool)" --defaults-file="$MOUNT/run/bootstrap.cnf" --skip-test-db --force \
        --auth-root-authentication-method=socket 2>&1 </dev/null); then
        printf '%s\n' "$output" | tail -n 30 >&2
        log_since 0 >&2
        fail SERVER_INIT_FAILED "$(log_since 0 | grep -F -m 1 '[ERROR]' || error_line "$output")"
    fi
    rm -f -- "$MOUNT/run/bootstrap.cnf"
    [[ -d $MOUNT/data/mysql && -f $MOUNT/data/ibdata1 ]] ||
        fail SERVER_INIT_FAILED "mariadb-install-db said nothing but made no data directory"
}

story_setup
main "$@"
