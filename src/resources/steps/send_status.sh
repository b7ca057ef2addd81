#!/usr/bin/env bash
# Summary: on the source host: says how far the sending job is, and what it has said since the last look.
# Inputs: GUID SEND_DIR TOLD WAIT_SECONDS MOUNT?
# Secrets: -
# Answers: state told (and what the job itself answered)
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE SOURCE_BACKUP_FAILED TRANSFER_BROKEN UNEXPECTED
# Repeatable: yes; the job ends when nobody asks any more
# Needs: answer send/place story

# has_ended: it has left its result, or is gone.
has_ended() { [[ -s $SEND_DIR/exit ]] || ! sender_alive; }

main() {
    : "${GUID:?}" "${SEND_DIR:?}" "${TOLD:?}" "${WAIT_SECONDS:?}"
    local alive=no status
    require_place || fail TRANSFER_BROKEN "the sending job is gone, and has left nothing"
    : >"$SEND_DIR/seen"
    await "$WAIT_SECONDS" has_ended || :
    # Alive is asked before the result: a job that ends in between has left its result by then.
    ! sender_alive || alive=yes
    answer told "$(wc -l <"$SEND_DIR/story")"
    tail -n "+$((TOLD + 1))" "$SEND_DIR/story" >&2
    if [[ -s $SEND_DIR/exit ]]; then
        status=$(cat "$SEND_DIR/exit")
        cat "$SEND_DIR/answer" >&3
        ((status == 0)) || exit "$status"
        answer state "done"
        return
    fi
    [[ $alive == yes ]] || fail SOURCE_BACKUP_FAILED "the sending job has ended without a result: it was killed, or the host was restarted"
    answer state "$(cat "$SEND_DIR/state" 2>/dev/null)"
}

story_setup
main "$@"
