#!/usr/bin/env bash
# The raw tools, by hand, as the environment user of a host.
# Variables: DO (one of the functions below), FOLDER (of the server; its socket is raw.sock there), and
# SOCKET (of another server); OPTIONS, one a line; NAMES, one a line; FILE; LOGIN: an option file for the source.
# Prints the seconds of each part: `NAME SECONDS`.
# shellcheck disable=SC2153 # the names in capitals come from outside
set -euo pipefail
export -n LOGIN="${LOGIN:-}"
PATH+=:/usr/local/sbin:/usr/sbin

timed() {
    local name="$1" start="$EPOCHREALTIME"
    shift
    "$@"
    local spent=$((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}))
    printf '%s %d.%06d\n' "$name" $((spent / 1000000)) $((spent % 1000000))
}

local_client() { mariadb --no-defaults --skip-ssl --socket="${SOCKET:-$FOLDER/raw.sock}" -N "$@"; }

on_source() {
    local program="$1"
    shift
    "$program" --defaults-file=/dev/fd/4 "$@" 4< <(printf '%s' "$LOGIN")
}

create_server() {
    mariadb-install-db --no-defaults --datadir="$FOLDER/data" --skip-test-db \
        --auth-root-authentication-method=socket >/dev/null
}

start_server() {
    local options=() pid
    mapfile -t options <<<"$OPTIONS"
    # A background job is no group leader, so setsid does not fork: the pid is the server's.
    setsid mariadbd "${options[@]}" --socket="$FOLDER/raw.sock" --pid-file="$FOLDER/raw.pid" \
        --log-error="$FOLDER/raw.log" </dev/null >/dev/null 2>&1 &
    pid=$!
    until local_client -e 'DO 1' 2>/dev/null; do
        if ! kill -0 "$pid" 2>/dev/null; then
            tail -n 20 "$FOLDER/raw.log" >&2
            return 1
        fi
        sleep 0.01
    done
}

stop_server() {
    local pid
    pid="$(<"$FOLDER/raw.pid")"
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
}

dump_and_load() {
    local names=()
    mapfile -t names <<<"$NAMES"
    on_source mariadb-dump --single-transaction --routines --events --triggers --databases "${names[@]}" |
        local_client --binary-mode
}

dump_to_file() {
    on_source mariadb-dump --all-databases --single-transaction --routines --events --triggers --hex-blob \
        --master-data=2 --gtid >"$FILE"
}

load_file() { local_client --binary-mode <"$FILE"; }

# What somebody does by hand to know that a replica has all that its source has committed.
follow() {
    local position answer
    position="$(on_source mariadb -N -e 'SELECT @@gtid_binlog_pos')"
    answer="$(local_client -e "SELECT MASTER_GTID_WAIT('$position', 300)")"
    [[ $answer == 0 ]] || { printf 'the replica did not come to %s: %s\n' "$position" "$answer" >&2 && return 1; }
}

# The rows of all tables, on both sides, one after the other.
checksums() {
    local statement="CHECKSUM TABLE ${NAMES//$'\n'/, }" here there
    there="$(on_source mariadb -N -e "$statement")"
    here="$(local_client -e "$statement")"
    [[ $here == "$there" ]] || { printf 'the checksums differ\n' >&2 && return 1; }
}

ask() { local_client -e 'SELECT 1' >/dev/null; }

timed "$DO" "$DO"
