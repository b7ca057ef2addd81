#!/usr/bin/env bash
# Summary: releases the backup lock and tells the facts of the snapshot.
# Inputs: MOUNT DAEMON? BASE_DIR? PLACE? PIPE?
# Secrets: -
# Answers: database lockedMilliseconds sizeInBytes marker (and what quiesce noted)
# Fails: DATASET_EMPTY DISK_SPACE ENTRY_REFUSED INSTALLATION_NOT_FOUND MOUNT_NOT_MOUNTED MOUNT_NOT_OURS
#     MOUNT_NOT_WRITABLE QUIESCE_FAILED QUIESCE_LOST SERVER_NOT_READY SERVER_NOT_RUNNING SERVER_OLD_LAYOUT
#     SQL_FAILED TOOL_MISSING UNEXPECTED
# Repeatable: no, a lock can be released once
# Needs: answer dataset/ours dataset/size server/ask server/find server/holder server/installation
#     server/quiesce story
# Constants: MARKER_FILE RUN SYSTEM_SCHEMAS

main() {
    : "${MOUNT:?}"
    local since lost=''
    require_ours
    use_installation
    if [[ ! -f $MOUNT/$RUN/snapshot.facts ]]; then
        # A quiesce that was killed may have left a lock.
        if [[ -n $(server_pids) ]]; then release_hold || :; fi
        fail QUIESCE_LOST "no snapshot was begun: $MOUNT/$RUN/snapshot.facts is missing"
    fi
    if grep -q $'^consistency\tConsistent$' "$MOUNT/$RUN/snapshot.facts"; then
        release_hold || lost="the session that held the lock has ended: $(tail -n 1 "$MOUNT/$HOLDER" 2>/dev/null)"
        now_ms
        since=$(sed -n $'s/^heldSince\t//p' "$MOUNT/$RUN/snapshot.facts")
        [[ -z $since ]] || answer lockedMilliseconds "$((NOW_MS - since))"
        [[ -z $lost ]] || fail QUIESCE_LOST "$lost"
        tell "SELECT 'database', schema_name FROM information_schema.schemata
            WHERE schema_name NOT IN ($SYSTEM_SCHEMAS)"
    fi
    cat "$MOUNT/$RUN/snapshot.facts" >&3
    rm -f -- "$MOUNT/$RUN/snapshot.facts" "$MOUNT/$HOLDER" "$MOUNT/$HOLDER_PID"
    answer sizeInBytes "$(data_size)"
    answer marker "$(<"$MOUNT/$MARKER_FILE")"
}

story_setup
main "$@"
