#!/usr/bin/env bash
# The session that holds the backup lock of a storage snapshot: found again, and ended.
# Needs: server/ask server/find server/holder server/running story

# learn_holder: HOLDER_ID becomes the connection id of the session that holds the lock, if it still does.
learn_holder() {
    local id row
    local -a columns
    HOLDER_ID=''
    # Not from information_schema: that writes a file, for which there may be no room.
    try_ask "SHOW PROCESSLIST" || return 1
    id=$(held_by)
    # Where the file could not be written, it is the session of ours that sleeps as the holder does.
    for row in "${ROWS[@]}"; do
        IFS=$'\x1f' read -r -a columns <<<"${row//$'\t'/$'\x1f'}"
        [[ ${columns[7]:-} =~ ^DO\ SLEEP\([0-9]+\) ]] || continue
        if [[ (-n $id && ${columns[0]} == "$id") || (-z $id && ${columns[1]} == "$OS_USER") ]]; then HOLDER_ID=${columns[0]}; fi
    done
}

session_gone() {
    learn_holder && [[ -z $HOLDER_ID ]]
}

# release_hold: ends the session that holds the lock; the server then gives everything free. 1 when no
# session holds it.
release_hold() {
    local id
    if ! learn_holder; then
        cut_holder
        require_running >/dev/null
        fail SERVER_NOT_READY "the lock cannot be released in good order: $(server_state); its session was cut off, so it goes when the server goes on"
    fi
    id=$HOLDER_ID
    [[ -n $id ]] || return 1
    ask "KILL CONNECTION $id"
    await 30 session_gone || fail QUIESCE_FAILED "session $id does not end"
    cut_holder
}
