#!/usr/bin/env bash
# Whether the server of MOUNT responds, and accepts our account.
# Needs: server/client
# Constants: DATA PID_FILE SOCKET

# server_answers PID: what responds on our socket is this process on our data directory, and it takes us for
# its management account (without that account, an anonymous one might let us in).
server_answers() {
    local seen expected
    [[ -S $MOUNT/$SOCKET ]] || return 1
    expected="$MOUNT/$DATA/"$'\t'"$MOUNT/$PID_FILE"$'\t'"$OS_USER@localhost"
    seen=$(try_sql <<<"SELECT @@global.datadir, @@global.pid_file, CURRENT_USER()") || return 1
    [[ $seen == "$expected" && $(<"$MOUNT/$PID_FILE") == "$1" ]]
}

# server_speaks PID: our server responds, if only by refusing our account, as it does when its grant tables
# were replaced.
server_speaks() {
    local account
    server_answers "$1" && return 0
    account=$(ask_sql <<<"SELECT CURRENT_USER()" 2>&1) && [[ $account != "$OS_USER@localhost" ]] && return 0
    # Errors 2000 to 2999 are those of the client itself: no server has answered.
    grep -qE '^ERROR [13-9][0-9]{3} ' <<<"$account"
}
