#!/usr/bin/env bash
# MOUNT/run/source.seen: the source and the place in its binary log at which the history of staging was proven last, one
# `key<TAB>value` a line. domain/replication/seen.py writes and reads it. It belongs to staging: copies lose it.
# Needs: dataset/write
# Constants: SEEN_FILE

# keep_seen TEXT: notes it; an empty text changes nothing.
keep_seen() { [[ -z $1 ]] || write_text "$MOUNT/$SEEN_FILE" <<<"$1"; }

# seen_lines: the lines of the note. The server of the dataset could have changed the file.
seen_lines() {
    local text line pattern=$'^[A-Za-z]+\t[^\t]*$'
    [[ -f $MOUNT/$SEEN_FILE && ! -L $MOUNT/$SEEN_FILE ]] || return 0
    IFS= read -r -d '' -N 16384 text <"$MOUNT/$SEEN_FILE" || :
    while IFS= read -r line; do
        [[ ! $line =~ $pattern ]] || printf '%s\n' "$line"
    done <<<"$text"
}

# seen_value KEY: a value of the note.
seen_value() {
    local line
    while IFS= read -r line; do
        if [[ $line == "$1"$'\t'* ]]; then printf '%s\n' "${line#*$'\t'}" && return; fi
    done < <(seen_lines)
}
