#!/usr/bin/env bash
# The one writer of each foreign language in bash: option files, SQL, lists. Python holds their equals
# in domain/options/option_file.py, domain/sql.py and remote/lists.py; tests hold all against the real
# readers.

# option_line NAME VALUE: one line of an option file, so that the server and its tools read just that
# value, whatever it holds.
option_line() {
    local value=$2
    value=${value//\\/\\\\}
    value=${value//\"/\\\"}
    value=${value//$'\n'/\\n}
    value=${value//$'\t'/\\t}
    value=${value//$'\r'/\\r}
    value=${value//$'\b'/\\b}
    printf '%s = "%s"\n' "$1" "$value"
}

# sql_text VALUE: a string literal, for sessions whose sql_mode is empty.
sql_text() {
    local value=$1
    value=${value//\\/\\\\}
    value=${value//\'/\\\'}
    printf "'%s'" "$value"
}

# sql_name NAME...: a quoted identifier, its parts joined by dots.
sql_name() {
    local part text=''
    for part in "$@"; do text+="${text:+.}\`${part//\`/\`\`}\`"; done
    printf '%s' "$text"
}

# decode VALUE: DECODED becomes what the client's batch mode, `answer` and Python's lists have escaped.
decode() { printf -v DECODED '%b' "$1"; }

# decode_row LINE: ROW becomes the columns of a line of batch output.
decode_row() {
    local rest=$1
    ROW=()
    while [[ $rest == *$'\t'* ]]; do
        decode "${rest%%$'\t'*}"
        ROW+=("$DECODED")
        rest=${rest#*$'\t'}
    done
    decode "$rest"
    ROW+=("$DECODED")
}

# decode_list: LIST becomes the values that stdin holds, one escaped value a line.
decode_list() {
    local line
    LIST=()
    while IFS= read -r line; do
        decode "$line"
        LIST+=("$DECODED")
    done
}
