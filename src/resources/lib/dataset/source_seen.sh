#!/usr/bin/env bash
# MOUNT/run/source.seen: the source and the place in its binary log at which the history of staging was proven last, one
# `key<TAB>value` a line. domain/replication/seen.py writes and reads it. It belongs to staging: copies lose it.
# Needs: dataset/write
# Constants: SEEN_FILE

# keep_seen TEXT: notes it; an empty text changes nothing.
keep_seen() { [[ -z $1 ]] || write_text "$MOUNT/$SEEN_FILE" <<<"$1"; }

# seen_lines: the lines of the note. The server of the dataset could have changed the file.
seen_lines() {
    [[ ! -f $MOUNT/$SEEN_FILE || -L $MOUNT/$SEEN_FILE ]] || head -c 16384 -- "$MOUNT/$SEEN_FILE" | { grep -aE $'^[A-Za-z]+\t[^\t]*$' || :; }
}

# seen_value KEY: a value of the note.
seen_value() { seen_lines | sed -n "s/^$1"$'\t//p' | head -n 1; }
