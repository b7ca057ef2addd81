#!/usr/bin/env bash
# What the server of MOUNT has read of its source's binary log: now, and whenever its connection ended.
# Needs: answer dataset/source_seen server/replica_row story
# Constants: ERROR_LOG

# keep_read KIND SECONDS FILE POSITION GTID: answers it, and adds it to READ. SECONDS is the time of this host.
keep_read() {
    [[ $3 =~ ^[^[:cntrl:]]+\.[0-9]+$ && $4 =~ ^[0-9]{1,19}$ ]] || return 0
    answer read "$1"$'\t'"$2"$'\t'"$3"$'\t'"$4"$'\t'"$5"
    READ+=("$3"$'\t'"$4")
}

# ends_of_connections: `time<US>kind<US>file<US>position<US>gtid` for each line about one in the error log since the note;
# `bye` is the last word of a server that shuts down.
ends_of_connections() {
    local from size
    size=$(stat -c %s "$MOUNT/$ERROR_LOG" 2>/dev/null) || return 0
    from=$(seen_value logSize)
    [[ $from =~ ^[0-9]{1,18}$ ]] && ((from <= size)) || from=0
    tail -c +"$((from + 1))" "$MOUNT/$ERROR_LOG" | sed -nE \
        -e "s/^([0-9-]{10} +[0-9:]{7,8}) .*(reconnecting to retry, log|Slave I\/O thread exiting, read up to log) '([^']*)'(,| at) position ([0-9]+)(; GTID position '?([0-9,-]*))?.*/\1\x1fended\x1f\3\x1f\5\x1f\7/p" \
        -e "s/^([0-9-]{10} +[0-9:]{7,8}) .*,replication resumed in log '([^']*)' at position ([0-9]+).*/\1\x1fresumed\x1f\2\x1f\3\x1f/p" \
        -e "s/^([0-9-]{10} +[0-9:]{7,8}) .*received end packet from server, apparent master shutdown.*/\1\x1fbye\x1f\x1f\x1f/p" |
        tail -n 60
}

# answer_read: READ becomes the coordinates; `read` answers hold more of each.
answer_read() {
    local kind bye=''
    local -a row
    READ=()
    answer logSize "$(stat -c %s "$MOUNT/$ERROR_LOG" 2>/dev/null || echo 0)"
    learn_replica
    now_ms
    keep_read now "$((NOW_MS / 1000))" "${REPLICA[Master_Log_File]:-}" "${REPLICA[Read_Master_Log_Pos]:-}" ""
    keep_read executed "$((NOW_MS / 1000))" "${REPLICA[Relay_Master_Log_File]:-}" "${REPLICA[Exec_Master_Log_Pos]:-}" ""
    while IFS=$'\x1f' read -r -a row; do
        kind=${row[1]}
        case $kind$bye in
            bye*) bye=yes ;;
            endedyes) kind=shut bye='' ;;
        esac
        keep_read "$kind" "$(env -u TZ date -d "${row[0]}" +%s)" "${row[2]}" "${row[3]}" "${row[4]:-}"
    done < <(ends_of_connections)
}
