#!/usr/bin/env bash
# Summary: takes the backup lock for a storage snapshot and notes the facts of that moment.
# Inputs: MOUNT DAEMON? BASE_DIR? LOCK_SECONDS HOLD_SECONDS NEEDS_SERVER SOURCE_GTID?
# Secrets: -
# Answers: consistency takenAt serverVersion currentGtid sourceGtid setting (into snapshot.facts, for the release)
# Fails: MOUNT_NOT_OURS MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE INSTALLATION_NOT_FOUND SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT QUIESCE_FAILED SQL_FAILED
# Repeatable: yes, a lock of an earlier attempt is released first

FILE_SETTINGS="'lower_case_table_names', 'innodb_page_size', 'innodb_data_file_path', 'innodb_undo_tablespaces'"

# facts CONSISTENCY: what the snapshot is, written where the release and the snapshot find it.
facts() {
    local version
    answer consistency "$1"
    answer takenAt "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    if [[ $1 == Consistent ]]; then
        sql <<<"SELECT 'serverVersion', VERSION()" | answer_tagged
        sql <<<"SELECT 'currentGtid', @@global.gtid_current_pos" | answer_tagged
        [[ -z ${SOURCE_GTID:-} ]] || answer sourceGtid "$SOURCE_GTID"
        # What a server must be told to open these very files, whoever made them.
        sql <<<"SELECT 'setting', LOWER(variable_name), variable_value FROM information_schema.global_variables
            WHERE LOWER(variable_name) IN ($FILE_SETTINGS)" | answer_tagged
        replica_answer
    else
        # Of the files: a newer server may have been installed since.
        read -r version _ < <(files_note) || version=$(daemon_version "$DAEMON")
        answer serverVersion "$version"
    fi
}

# stopped_how: whether the last thing in the error log is a complete shutdown.
stopped_how() {
    if [[ -f $MOUNT/log/error.log ]] && tail -n 5 "$MOUNT/log/error.log" | grep -q 'Shutdown complete'; then
        echo Stopped
    else
        echo "Crash Consistent"
    fi
}

main() {
    : "${MOUNT:?}" "${LOCK_SECONDS:?}" "${HOLD_SECONDS:?}" "${NEEDS_SERVER:?}"
    local how=Consistent
    require_ours
    take_over
    use_installation
    if [[ $NEEDS_SERVER == yes || -n $(server_pids) ]]; then
        require_running >/dev/null
        if release_hold; then log WARNING "released the lock of an earlier snapshot that nobody finished"; fi
        trap 'undo_hold "$?"' EXIT
        hold "$LOCK_SECONDS" "$HOLD_SECONDS"
    else
        how=$(stopped_how)
    fi
    rm -f -- "$MOUNT/run/snapshot.facts"
    facts "$how" 3>"$MOUNT/run/snapshot.facts.new"
    mv -f -- "$MOUNT/run/snapshot.facts.new" "$MOUNT/run/snapshot.facts"
}

story_setup
main "$@"
