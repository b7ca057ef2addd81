#!/usr/bin/env bash
# The session that holds the backup lock, as a process of this host.
# Needs: process
# Constants: RUN

# shellcheck disable=SC2034  # read by server/quiesce.sh
HOLDER=$RUN/quiesce.out

HOLDER_PID=$RUN/quiesce.pid

# held_by: the connection id of the session, as soon as it has the lock. Its client may have warned of something before.
held_by() {
    local line
    while IFS= read -r line; do
        if [[ $line == held$'\t'* ]]; then echo "${line#*$'\t'}" && break; fi
    done 2>/dev/null <"$MOUNT/$HOLDER" || :
}

# cut_holder: ends the client of the session that holds the lock. A server that does not answer us
# gives the lock free as soon as it goes on: a session that sleeps looks for its client every 5 s.
cut_holder() {
    local pid='' start=''
    read -r pid start 2>/dev/null <"$MOUNT/$HOLDER_PID" || return 0
    if same_process "$pid" "$start"; then kill -KILL "$pid" 2>/dev/null || :; fi
}
