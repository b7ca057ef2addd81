#!/usr/bin/env bash
# The session that holds the backup lock of a storage snapshot: found again, and ended.
# Needs: server/client server/find server/holder server/running story

# holder_id: connection id of the session that holds the lock, if it still does. The client may have
# warned of something before.
holder_id() {
    local id list
    # Not from information_schema: that writes a file, for which there may be no room.
    list=$(ask_sql <<<"SHOW PROCESSLIST") || return 1
    id=$(sed -n $'s/^held\t//p' "$MOUNT/$HOLDER" 2>/dev/null) || :
    # Where the file could not be written, it is the session of ours that sleeps as the holder does.
    awk -F '\t' -v id="$id" -v user="$OS_USER" '$8 ~ /^DO SLEEP\([0-9]+\)/ && (id == "" ? $2 == user : $1 == id) { print $1; exit }' <<<"$list"
}

session_gone() {
    local id
    id=$(holder_id) && [[ -z $id ]]
}

# release_hold: ends the session that holds the lock; the server then gives everything free. 1 when no
# session holds it.
release_hold() {
    local id status=0
    id=$(holder_id) || status=$?
    if ((status != 0)); then
        cut_holder
        require_running >/dev/null
        fail SERVER_NOT_READY "the lock cannot be released in good order: $(server_state); its session was cut off, so it goes when the server goes on"
    fi
    [[ -n $id ]] || return 1
    sql <<<"KILL CONNECTION $id"
    await 30 session_gone || fail QUIESCE_FAILED "session $id does not end"
    cut_holder
}
