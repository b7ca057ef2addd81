#!/usr/bin/env bash
# What people must be told of the data of MOUNT for as long as it holds them, its copies included: one
# escaped text a line in MOUNT/warnings. A resync empties the dataset and begins anew.
# Needs: story
# Constants: WARNINGS_FILE

# keep_warning TEXT: tells it now, and with each snapshot from now on.
keep_warning() {
    local line
    log WARNING "$1"
    line=$(answer warning "$1" 3>&1)
    [[ -f $MOUNT/$WARNINGS_FILE ]] && grep -qxF -- "$line" "$MOUNT/$WARNINGS_FILE" || printf '%s\n' "$line" >>"$MOUNT/$WARNINGS_FILE"
}

# answer_warnings: what was kept. The server of the dataset could have changed the file, so it is cut.
answer_warnings() {
    [[ ! -f $MOUNT/$WARNINGS_FILE ]] || head -c 65536 -- "$MOUNT/$WARNINGS_FILE" | { grep -aE $'^warning\t[^\t]{1,4000}$' || :; } | head -n 200 >&3
}
