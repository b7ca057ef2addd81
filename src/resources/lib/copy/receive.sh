#!/usr/bin/env bash
# The staging end of a managed physical copy: listens for the source host, and takes the stream of mariadb-backup
# into the data directory. WORK is the job's directory.
# Needs: copy/restore_failed copy/restore_files copy/stream_gate copy/unpack dataset/write host/ports
#     host/programs job/run server/client_errors server/installation story transfer/tls
# Constants: DATA

# receive_files: listens, takes the stream, and prepares the files.
receive_files() {
    use_installation
    phase "waiting for the source host"
    make_identity
    listen
    write_text "$WORK/certificate" <<<"$CERTIFICATE"
    write_text "$WORK/port" <<<"$PORT"
    take_stream
    settle_files
}

# listen: has openssl listen on PORT, the first free one of TRANSFER_PORTS; PIPE becomes the process that unpacks.
listen() {
    local first=${TRANSFER_PORTS%-*} last=${TRANSFER_PORTS#*-} taken=''
    mkfifo -m 0600 -- "$WORK/stream"
    learn_others
    for ((PORT = first; PORT <= last; PORT++)); do
        taken=$(port_taken "$PORT")
        [[ -n $taken ]] || break
    done
    ((PORT <= last)) || fail PORT_IN_USE "$taken"
    pass_stream &
    PIPE=$!
    serve_stream &
    await 20 is_listening || fail TRANSFER_BROKEN "openssl does not listen on port $PORT: $(tls_error "$WORK/tls.err")"
    rm -f -- "$WORK/stream"
}

# serve_stream: listens until the source host has come, and writes what it sends to the stream. openssl takes one
# connection at a time; one that does not come from there is told, and the next one is taken.
serve_stream() {
    local strangers=0 pid
    set +e
    trap - ERR
    exec >"$WORK/stream"
    # Nothing ever comes from there: openssl would take the end of its input for the end of its work.
    exec 8< <(exec tail -f /dev/null)
    until was_trusted "$WORK/tls.err" || ((++strangers > 50)); do
        [[ ! -s $WORK/tls.err ]] || log WARNING "somebody else has connected to port $PORT: $(tls_error "$WORK/tls.err")"
        (tls_end s_server -accept "$PORT" -naccept 1 -Verify 1) <&8 2>"$WORK/tls.err" 3>&- &
        pid=$!
        write_text "$WORK/unpack.pid" <<<"$pid"
        wait "$pid"
    done
}

# is_listening: the process of unpack.pid listens on PORT.
is_listening() {
    local pid hex socket
    pid=$(cat "$WORK/unpack.pid" 2>/dev/null) || return 1
    hex=$(printf '%04X' "$PORT")
    while read -r socket; do
        [[ -z $(find "/proc/$pid/fd" -lname "socket:\[$socket\]" 2>/dev/null) ]] || return 0
    done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" '$4 == "0A" { split($2, at, ":"); if (at[2] == port) print $10 }')
    return 1
}

# pass_stream: from the stream through the gate into the data directory. When the gate has seen the mark at the end,
# nobody needs the connection any more.
pass_stream() {
    local mbstream
    set +e
    trap - ERR
    mbstream=$(find_tool mbstream)
    exec <"$WORK/stream"
    if [[ $PACKED == yes ]]; then exec < <(exec zstd -dcq 2>"$WORK/unpack.err" 3>&-); fi
    {
        gate_stream "$TRANSFER_END" 2>"$WORK/gate.err" && { kill "$(cat "$WORK/unpack.pid")" 2>/dev/null || :; }
    } | "$mbstream" -x -C "$MOUNT/$DATA" 2>"$WORK/load.err" 3>&-
    write_text "$WORK/received.status" <<<"${PIPESTATUS[*]}"
}

# take_stream: the whole stream is in the data directory; else who has broken it.
take_stream() {
    local -a STATUS
    copy_phase "copying the files of the source"
    await_pipe received "receiving the files of the source" "$PIPE"
    if ((STATUS[1] != 0)); then restore_failed mbstream "${STATUS[1]}" "$(error_line "$(cat "$WORK/load.err")")"; fi
    ((STATUS[0] == 0)) || fail TRANSFER_BROKEN "$(head -n 1 "$WORK/gate.err"); the connection: $(tls_error "$WORK/tls.err")"
    ! grep -q -i 'invalid filename' "$WORK/load.err" || fail BACKUP_UNUSABLE "the source sends a file that leads out of the data directory: $(grep -m 1 -i 'invalid filename' "$WORK/load.err")"
}
