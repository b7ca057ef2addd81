#!/usr/bin/env bash
# The private directory of a sending job on the source host: what it says, how far it is, what it is told. GUID is
# that of the dSource.
# Needs: process story

# Nobody has looked for this long: then nobody will any more.
# shellcheck disable=SC2034  # read by the job
FORGOTTEN_SECONDS=300

# known_guid: it becomes a part of a path.
known_guid() { [[ $GUID =~ ^[A-Za-z0-9-]{1,80}$ ]] || fail UNEXPECTED "'$GUID' is no guid"; }

# make_place: SEND_DIR becomes a new one.
make_place() {
    known_guid
    SEND_DIR=$(mktemp -d "/tmp/delphix-send-$GUID.XXXXXXXXXX") || fail DISK_SPACE "no directory can be made in /tmp"
    : >"$SEND_DIR/seen"
}

# require_place: SEND_DIR is one that we have made; 1 when it is gone.
require_place() {
    known_guid
    [[ $SEND_DIR =~ ^/tmp/delphix-send-"$GUID"\.[A-Za-z0-9]{10}$ ]] || fail UNEXPECTED "'$SEND_DIR' is no directory of a sending job"
    [[ -d $SEND_DIR && ! -L $SEND_DIR && -O $SEND_DIR ]]
}

# remove_place: it has files only, all of them ours.
remove_place() {
    rm -f -- "$SEND_DIR"/* && rmdir -- "$SEND_DIR"
}

# sender_alive: the job of SEND_DIR lives.
sender_alive() {
    local pid start
    read -r pid start 2>/dev/null <"$SEND_DIR/pid" && same_process "$pid" "$start"
}

# sender_gone: no process of the job's session is left, of those that are ours to end.
sender_gone() { ! kill -0 -- "-$1" 2>/dev/null; }

# end_sender: ends the job of SEND_DIR with all that it has started, and removes its directory.
end_sender() {
    local pid='' start=''
    read -r pid start 2>/dev/null <"$SEND_DIR/pid" || :
    if [[ $pid =~ ^[1-9][0-9]*$ && $pid != 1 && $start =~ ^[0-9]+$ ]]; then
        : >"$SEND_DIR/end"
        # Its end takes along what runs as another user, whom only its own means can reach.
        if sender_alive && ! await 60 process_gone "$pid" "$start"; then log WARNING "the sending job $pid does not end by itself"; fi
        if [[ -z $(start_time "$pid") ]] || same_process "$pid" "$start"; then
            kill -KILL -- "-$pid" 2>/dev/null || :
            await 10 sender_gone "$pid" || log WARNING "processes of the sending job $pid are still there"
        fi
    fi
    [[ ! -d $SEND_DIR ]] || remove_place
}

# end_earlier: what earlier attempts have left on this host.
end_earlier() {
    local SEND_DIR
    known_guid
    for SEND_DIR in /tmp/delphix-send-"$GUID".*; do
        if [[ ! -d $SEND_DIR ]] || ! require_place; then continue; fi
        log WARNING "ending an earlier attempt to send: $SEND_DIR"
        end_sender
    done
}
