#!/usr/bin/env bash
# What the source says of its life, its own sources and its binary log; domain/replication/history.py and
# domain/source/log.py judge it.
# Needs: answer host/programs server/client_errors source/ask source/client source/sql story

# answer_source_life: when the source was started, and whether it replicates from others.
answer_source_life() {
    tell_source "SELECT 'sourceTime', UNIX_TIMESTAMP(NOW(6));
SELECT 'uptime', variable_value FROM information_schema.global_status WHERE variable_name = 'UPTIME';
SELECT 'sourcesRunning', variable_value FROM information_schema.global_status WHERE variable_name = 'SLAVES_RUNNING'"
    # In the same moment.
    now_ms
    answer stagingTime "$((NOW_MS / 1000)).${NOW_MS: -3}"
    # Only some accounts may know more.
    ask_source_within "$ASK_SECONDS" "SHOW ALL SLAVES STATUS" || return 0
    if [[ -n $TOLD ]]; then answer sources some; else answer sources none; fi
}

# binlog_client TOOL FILE: reads the first event of a file of the source's binary log, as the account that
# replicates. It is called in a subshell, where it leaves another login behind.
binlog_client() {
    if [[ -n ${REPLICATION_USER:-} ]]; then
        # Assigned, not put before the call: that would export them to all the call starts.
        # shellcheck disable=SC2030,SC2031,SC2034  # read by source_options, and by nobody after this
        SOURCE_USER=$REPLICATION_USER SOURCE_PASSWORD=${REPLICATION_PASSWORD:-}
    fi
    # It knows no default-character-set.
    TZ=UTC0 timeout --foreground -k 5 30 "$1" --defaults-file=<(source_options | sed '/^default-character-set/d') \
        --read-from-remote-server --stop-position=5 -- "$2" 2>&1 | head -c 65536
}

# binlog_birth FILE: what tells a file of the source's binary log from another of the same name: when it was begun
# by the source's clock (in seconds), by which server id, and the checksum of its first event; nothing when the
# source has no such file. A failure ends the step with a code for its kind.
binlog_birth() {
    local tool text status=0 line
    local -a words
    # The head of a file is the same to each version: the host's own does, where the installation has none.
    tool=$( (find_tool mariadb-binlog mysqlbinlog) 2>/dev/null 3>/dev/null) ||
        tool=$(type -P mariadb-binlog || type -P mysqlbinlog) ||
        fail TOOL_MISSING "neither mariadb-binlog nor mysqlbinlog is in $BASE_DIR/bin or on this host"
    text=$(binlog_client "$tool" "$1") || status=$?
    line=$(sed -nE '/^#[0-9]{6} .*Start: binlog v/{s/^#([0-9]{6}) +([0-9:]+) server id ([0-9]+) .*end_log_pos [0-9]+ *(CRC32 (0x[0-9a-f]+))?.*/\1 \2 \3 \5/p;q}' <<<"$text")
    if [[ -n $line ]]; then
        read -r -a words <<<"$line"
        printf '%s %s\n' "$(date -u -d "20${words[0]} ${words[1]}" +%s)" "${words[*]:2}"
        return
    fi
    case $text in *"Could not find first log file name"*) return ;; esac
    ((status != 124 && status != 137)) || fail SOURCE_UNREACHABLE "$SOURCE_HOST:$SOURCE_PORT: its binary log $1 was not read in 30 s"
    source_failed "$(error_line "$text")"
}
