#!/usr/bin/env bash
# The raw tools on the demo's data, to compare the plugin with: runs as root on a host of the lab.
#
# Usage: by_hand.sh copy FOLDER DEFINER DATABASE...
#            Dump the databases of the source into a fresh server in FOLDER. The client's option
#            file (address, user, password of the source) comes on standard input. DEFINER is an
#            account without which the views cannot be loaded.
#        by_hand.sh start FOLDER MOUNT OWNER
#            Copy the files of the stopped server of MOUNT to FOLDER and start a server on them.
# Prints one line per part: its name and its seconds. FOLDER must not exist; it is removed.
set -euo pipefail
umask 022

timed() {
    local name="$1" start="$EPOCHREALTIME"
    shift
    "$@"
    local spent=$((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}))
    printf '%s %d.%06d\n' "$name" $((spent / 1000000)) $((spent % 1000000))
}

SERVER=""

# begin OWNER ARGUMENT...: start a server and wait until it answers.
begin() {
    local owner="$1"
    shift
    setsid runuser -u "$owner" -- mariadbd "$@" --socket="$FOLDER/socket" \
        --pid-file="$FOLDER/pid" --log-error="$FOLDER/error.log" --skip-networking \
        </dev/null >/dev/null 2>&1 &
    SERVER=$!
    until runuser -u "$owner" -- mariadb --no-defaults -S "$FOLDER/socket" -e 'DO 1' 2>/dev/null; do
        if ! kill -0 "$SERVER" 2>/dev/null; then
            tail -n 20 "$FOLDER/error.log" >&2
            return 1
        fi
        sleep 0.02
    done
}

end() {
    kill -- "$(<"$FOLDER/pid")"
    wait "$SERVER"
    SERVER=""
}

clear_up() {
    [[ -z $SERVER ]] || kill -KILL -- "-$SERVER" 2>/dev/null || true
    rm -rf --one-file-system "$FOLDER"
}

create() {
    mariadb-install-db --no-defaults --user=mysql --datadir="$FOLDER/data" --skip-test-db \
        --auth-root-authentication-method=socket >/dev/null
}

create_definer() {
    mariadb --no-defaults -S "$FOLDER/socket" -e "CREATE USER $1; GRANT ALL ON *.* TO $1"
}

dump_and_load() {
    mariadb-dump --defaults-file=/dev/fd/4 --single-transaction --routines --events \
        --triggers --databases "$@" 4< <(printf '%s' "$OPTIONS") |
        mariadb --no-defaults -S "$FOLDER/socket" --binary-mode
}

copy() {
    OPTIONS="$(cat)"
    install -d -o mysql -g mysql "$FOLDER"
    timed "create" create
    timed "start" begin mysql --no-defaults --datadir="$FOLDER/data"
    create_definer "$1"
    timed "dump and load" dump_and_load "${@:2}"
    timed "stop" end
}

start() {
    local mount="$1" owner="$2"
    install -d -o "$owner" -g "$owner" "$FOLDER"
    timed "copy" cp -a "$mount/data" "$FOLDER/data"
    timed "start" begin "$owner" --defaults-file="$mount/my.cnf" --datadir="$FOLDER/data" \
        --tmpdir="$FOLDER"
    timed "stop" end
}

main() {
    local what="$1"
    FOLDER="$2"
    trap clear_up EXIT
    "$what" "${@:3}"
}

main "$@"
