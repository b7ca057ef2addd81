#!/usr/bin/env bash
# The answer of a step: lines of a key and a value on descriptor 3, which is the step's stdout.

# escape VALUE: ESCAPED becomes what the client's batch output has for it.
escape() {
    ESCAPED=${1//\\/\\\\}
    ESCAPED=${ESCAPED//$'\t'/\\t} ESCAPED=${ESCAPED//$'\n'/\\n}
}

# answer KEY VALUE: one line of the answer.
answer() {
    local ESCAPED
    escape "$2"
    printf '%s\t%s\n' "$1" "$ESCAPED" >&3
}

# answer_lines KEY: each line of stdin as a value of KEY.
answer_lines() {
    local line
    while IFS= read -r line; do answer "$1" "$line"; done
}

# answer_tagged: each line of stdin is `key<TAB>row`.
answer_tagged() {
    local line
    # A tab in IFS would swallow empty columns.
    while IFS= read -r line; do answer "${line%%$'\t'*}" "${line#*$'\t'}"; done
}

# answer_rows: as answer_tagged, of ROWS.
answer_rows() {
    local line
    for line in ${ROWS[@]+"${ROWS[@]}"}; do answer "${line%%$'\t'*}" "${line#*$'\t'}"; done
}
