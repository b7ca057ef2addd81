#!/usr/bin/env bash
# Settings of a VDB whose snapshot was taken by plugin 1.0.0.
# Constants: MARKER_FILE REQUIRED_FILE

# inherit_settings: a snapshot of plugin 1.0.0 brings no settings; those of the dataset stay.
inherit_settings() {
    local none='"requiredSettings": []' kept
    [[ $MARKER == *"$none"* ]] || return 0
    kept=$(sed -n '/^ "requiredSettings": \[$/,/^ \]/p' "$MOUNT/$MARKER_FILE")
    [[ -n $kept ]] || return 0
    MARKER=${MARKER%%"$none"*}${kept# }${MARKER#*"$none"}
    REQUIRED+=$'\n'$(grep -v -e '^#' -e '^\[' -e '^basedir' "$MOUNT/$REQUIRED_FILE" || :)
}
