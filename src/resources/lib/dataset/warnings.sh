#!/usr/bin/env bash
# What people must be told of the data of MOUNT for as long as it holds them, its copies included: one
# escaped text a line in MOUNT/warnings. A resync empties the dataset and begins anew.
# Needs: answer story
# Constants: WARNINGS_FILE

# keep_warning TEXT: tells it now, and with each snapshot from now on.
keep_warning() {
    local line
    log WARNING "$1"
    line=$(answer warning "$1" 3>&1)
    [[ -f $MOUNT/$WARNINGS_FILE ]] && grep -qxF -- "$line" "$MOUNT/$WARNINGS_FILE" || printf '%s\n' "$line" >>"$MOUNT/$WARNINGS_FILE"
}

# answer_warnings: what was kept. The server of the dataset could have changed the file, so it is cut. Not by grep,
# which takes a minute for an expression that counts to 4000.
answer_warnings() {
    [[ ! -f $MOUNT/$WARNINGS_FILE ]] || head -c 65536 -- "$MOUNT/$WARNINGS_FILE" |
        awk -F '\t' 'NF == 2 && $1 == "warning" && length($2) > 0 && length($2) <= 4000 && ++told <= 200' >&3
}
