#!/usr/bin/env bash
# Summary: takes the backup lock for a storage snapshot and notes the facts of that moment.
# Inputs: MOUNT DAEMON? BASE_DIR? LOCK_SECONDS HOLD_SECONDS NEEDS_SERVER SOURCE_GTID? DELPHIX_MARIADB_PATH?
#     EXTRA_DIRECTORY? GUID? WARNINGS? REPLICATES? VERIFIED? SOURCE_SEEN? PLACE? PIPE?
# Secrets: -
# Answers: consistency takenAt heldSince serverVersion currentGtid sourceGtid setting verified warning (into snapshot.facts, for the
#     release)
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED FLUSH_FAILED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED
#     MOUNT_NOT_OURS MOUNT_NOT_WRITABLE QUIESCE_FAILED REPLICA_DIVERGED SERVER_NOT_READY SERVER_NOT_RUNNING
#     SERVER_NOT_STOPPED SERVER_OLD_LAYOUT SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: yes, a lock of an earlier attempt is released first; a dataset of plugin 1.0.0 is taken over, once
# Needs: answer dataset/flush dataset/left_behind dataset/ours dataset/source_seen dataset/warnings
#     dataset/written_by few host/programs plugin_1_0/adopt server/ask server/find server/hold server/inert
#     server/installation server/no_replication server/own_libraries server/prepared server/quiesce
#     server/replica server/running story writers
# Constants: ERROR_LOG FILE_SETTINGS RUN

# facts CONSISTENCY: what the snapshot is, written where the release and the snapshot find it.
facts() {
    local version text
    local -a LIST
    answer consistency "$1"
    answer takenAt "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    if [[ $1 == Consistent ]]; then
        answer heldSince "$HELD_SINCE"
        tell "SELECT 'serverVersion', VERSION(); SELECT 'currentGtid', @@global.gtid_current_pos"
        [[ -z ${SOURCE_GTID:-} ]] || answer sourceGtid "$SOURCE_GTID"
        # What a server must be told to open these very files, whoever made them.
        tell "SELECT 'setting', LOWER(variable_name), variable_value FROM information_schema.global_variables
            WHERE LOWER(variable_name) IN ($FILE_SETTINGS)"
        replica_answer
        learn_prepared
        ((${#PREPARED[@]} == 0)) || answer warning "${#PREPARED[@]} XA transactions are prepared and not committed at this moment; a VDB that is made of this snapshot rolls them back: $(printf '%s\n' "${PREPARED[@]}" | few)"
    else
        # Of the files: a newer server may have been installed since.
        read -r version _ < <(files_note) || version=$(daemon_version "$DAEMON")
        answer serverVersion "$version"
    fi
    [[ -z ${VERIFIED:-} ]] || answer verified "$VERIFIED"
    answer_warnings
    decode_list <<<"${WARNINGS:-}"
    for text in ${LIST[@]+"${LIST[@]}"}; do [[ -z $text ]] || answer warning "$text"; done
}

# stopped_how: whether the last thing in the error log is a complete shutdown.
stopped_how() {
    if [[ -f $MOUNT/$ERROR_LOG ]] && tail -n 5 "$MOUNT/$ERROR_LOG" | grep -q 'Shutdown complete'; then
        echo Stopped
    else
        echo "Crash Consistent"
    fi
}

# forget_foreign: a server that is not to replicate does not. Whoever loads a seed may have begun it.
forget_foreign() {
    # shellcheck disable=SC2034  # remove_all_replication sets both
    local TAKEN_OUT TALKED
    remove_all_replication
    # shellcheck disable=SC2153
    [[ -z $TAKEN_OUT ]] || keep_warning "this server replicated, which was stopped and removed: $TAKEN_OUT; what it changed is in the data"
}

main() {
    : "${MOUNT:?}" "${LOCK_SECONDS:?}" "${HOLD_SECONDS:?}" "${NEEDS_SERVER:?}"
    local how=Consistent inert=''
    adopt_old_dataset
    require_ours
    take_over
    use_installation
    # Most of it before anybody has to wait for us.
    [[ -d $MOUNT/$RUN ]] || mkdir -- "$MOUNT/$RUN"
    flush_dataset 600
    if [[ $NEEDS_SERVER == yes || -n $(server_pids) ]]; then
        require_running >/dev/null
        if release_hold; then log WARNING "released the lock of an earlier snapshot that nobody finished"; fi
        # Never of a VDB, which a snapshot does not stop.
        [[ $NEEDS_SERVER != yes ]] || require_own_libraries
        [[ ${REPLICATES:-} != no ]] || forget_foreign
        [[ $NEEDS_SERVER != yes ]] || require_stand_ins
        # Before the lock: with many tables it takes a moment.
        inert=$(inert_warnings 3>&1)
        trap 'undo_hold "$?"' EXIT
        hold "$LOCK_SECONDS" "$HOLD_SECONDS"
        now_ms
        HELD_SINCE=$NOW_MS
    else
        how=$(stopped_how)
    fi
    rm -f -- "$MOUNT/$RUN/snapshot.facts"
    keep_seen "${SOURCE_SEEN:-}"
    {
        facts "$how"
        [[ -z $inert ]] || printf '%s\n' "$inert" >&3
    } 6>&3 3>"$MOUNT/$RUN/snapshot.facts.new"
    mv -f -- "$MOUNT/$RUN/snapshot.facts.new" "$MOUNT/$RUN/snapshot.facts"
    flush_dataset 60
}

story_setup
main "$@"
