#!/usr/bin/env bash
# The sending end of a managed physical copy, as it runs in the background on the source host: mariadb-backup's
# stream goes to staging by one TLS connection. SEND_DIR is its directory.
# Needs: copy/restore_failed dataset/write process send/end send/place send/rights send/server story
#     transfer/tls

# A connection comes about within this time, or a firewall drops it.
ARRIVAL_SECONDS=30

# send_files: the whole work.
send_files() {
    trap 'end_sending "$?"' EXIT
    trap 'fail TRANSFER_BROKEN "the sending job was ended by a signal"' TERM HUP INT
    SEEN_AT=$SECONDS
    learn_tool
    make_identity
    write_text "$SEND_DIR/certificate" <<<"$CERTIFICATE"
    sending_state waiting
    heed_until has_orders
    read_orders
    connect_to_staging
    back_up
    sending_state "done"
}

sending_state() {
    log INFO "state: $1"
    write_text "$SEND_DIR/state" <<<"$1"
}

# heed_until COMMAND...: waits until COMMAND succeeds, for as long as somebody looks after this job.
heed_until() {
    until "$@"; do
        sleep 0.1
        # `seen` is written at each look.
        if [[ $SEND_DIR/seen -nt $SEND_DIR/heeded ]]; then
            : >"$SEND_DIR/heeded"
            SEEN_AT=$SECONDS
        fi
        [[ ! -e $SEND_DIR/end ]] || fail TRANSFER_BROKEN "the sending job was told to end"
        ((SECONDS - SEEN_AT < FORGOTTEN_SECONDS)) || fail TRANSFER_BROKEN "nobody has asked for $FORGOTTEN_SECONDS s how far it is"
    done
}

has_orders() { [[ -s $SEND_DIR/orders ]]; }

# read_orders: where to send, and what the other end's certificate is.
read_orders() {
    # shellcheck disable=SC2034  # read by tls_end
    { read -r ADDRESS && read -r PORT && read -r PEER_TIME && PEER_CERTIFICATE=$(cat); } <"$SEND_DIR/orders"
}

# connect_to_staging: descriptor 5 leads to staging; CONNECTION is openssl.
connect_to_staging() {
    local to=$ADDRESS:$PORT deadline=$((SECONDS + ARRIVAL_SECONDS))
    [[ $ADDRESS != *:* ]] || to="[$ADDRESS]:$PORT"
    sending_state connecting
    mkfifo -m 0600 -- "$SEND_DIR/stream"
    (tls_end s_client -connect "$to" -verify 1) <"$SEND_DIR/stream" >/dev/null 2>"$SEND_DIR/tls.err" 3>&- &
    CONNECTION=$!
    CONNECTION_START=$(start_time "$CONNECTION")
    exec 5>"$SEND_DIR/stream"
    rm -f -- "$SEND_DIR/stream"
    heed_until has_connected "$deadline"
    was_trusted "$SEND_DIR/tls.err" || fail TRANSFER_BROKEN "no connection to $to within $ARRIVAL_SECONDS s: $(tls_error "$SEND_DIR/tls.err")"
}

# has_connected DEADLINE: there is a connection, or there will be none.
has_connected() { was_trusted "$SEND_DIR/tls.err" || hung_up || ((SECONDS >= $1)); }

hung_up() { process_gone "$CONNECTION" "$CONNECTION_START"; }

# back_up: mariadb-backup, then the mark that all of it has been sent.
back_up() {
    local status=0
    sending_state sending
    open_packer
    give_options
    # shellcheck disable=SC2086  # one word an option
    ${AS[@]+"${AS[@]}"} "$TOOL" $BACKUP_OPTIONS <&7 >&6 2>"$SEND_DIR/backup.log" 3>&- 5>&- &
    BACKUP=$!
    BACKUP_START=$(start_time "$BACKUP")
    exec 7<&-
    heed_until backup_over
    if hung_up; then fail TRANSFER_BROKEN "staging has hung up: $(tls_error "$SEND_DIR/tls.err")"; fi
    wait "$BACKUP" || status=$?
    if ((status != 0)) || ! tail -n 1 "$SEND_DIR/backup.log" | grep -q 'completed OK!$'; then backup_failed "$status"; fi
    printf '%s' "$TRANSFER_END" >&6
    close_packer
    heed_until hung_up
}

# backup_over: mariadb-backup has ended, or writes to nobody.
backup_over() { process_gone "$BACKUP" "$BACKUP_START" || hung_up; }

# open_packer: descriptor 6 is where the stream goes, packed on the way or not.
open_packer() {
    if [[ $PACKED != yes ]]; then
        exec 6>&5
        return
    fi
    mkfifo -m 0600 -- "$SEND_DIR/plain"
    zstd -1 -T0 -cq <"$SEND_DIR/plain" >&5 2>"$SEND_DIR/pack.err" 3>&- &
    ZSTD_PID=$!
    exec 6>"$SEND_DIR/plain"
    rm -f -- "$SEND_DIR/plain"
}

# close_packer: all that was packed is on its way. The unpacking zstd waits for whole blocks, and keeps its last output
# until it ends or has more: what comes behind is no frame, and ends it.
close_packer() {
    exec 6>&-
    [[ $PACKED == yes ]] || return 0
    wait "$ZSTD_PID" || fail SOURCE_BACKUP_FAILED "zstd has failed: $(head -n 1 "$SEND_DIR/pack.err")"
    head -c 1048576 /dev/zero >&5 || :
}

# give_options: descriptor 7 gives mariadb-backup its options, password included: a file in memory that has no name
# any more. It reads them three times, so it cannot be a pipe; whoever runs it may read it, and nobody else can come
# by a name to it.
give_options() {
    local file place=/dev/shm
    [[ -w $place ]] || place=$SEND_DIR
    file=$(mktemp "$place/delphix-send.XXXXXXXXXX")
    # shellcheck disable=SC2094  # it is written before it is read
    exec 8>"$file" 7<"$file"
    rm -f -- "$file"
    {
        printf '[mariabackup]\n'
        login_options
        # Nothing is written there.
        printf 'target-dir=/tmp\nparallel=%s\n' "$PARALLEL"
    } >&8
    exec 8>&-
    chmod 0444 /dev/fd/7
}

# backup_failed STATUS: why mariadb-backup has ended. Staging may have hung up first.
backup_failed() {
    local cause
    tail -n 30 "$SEND_DIR/backup.log" >&2
    if await 2 hung_up; then fail TRANSFER_BROKEN "staging has hung up: $(tls_error "$SEND_DIR/tls.err")"; fi
    (($1 <= 128)) || fail SOURCE_BACKUP_FAILED "mariadb-backup was ended by signal $(($1 - 128))"
    cause=$(cause_of_tool "$SEND_DIR/backup.log")
    fail SOURCE_BACKUP_FAILED "${cause:-status $1}"
}
