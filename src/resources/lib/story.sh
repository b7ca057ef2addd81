#!/usr/bin/env bash
# How a step talks: stdout is the answer, stderr is the story, the exit status is a catalogue code.
# The catalogue's codes (ERR_PORT_IN_USE=34 ...) are put in front of this text.

# story_setup: strict mode, a known environment and the answer channel; secrets stop being exported.
story_setup() {
    set -Eeuo pipefail
    umask 077
    export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    # These lead clients elsewhere, whatever their options say.
    unset MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_PWD MYSQL_GROUP_SUFFIX MYSQL_HOME
    export -n SOURCE_PASSWORD REPLICATION_PASSWORD LOGIN_PASSWORD
    # Answers reach the step's real stdout even from inside a command substitution.
    exec 3>&1
    # Else bash would run an EXIT trap with the status of whatever command was last, mostly 0.
    trap 'exit "$ERR_UNEXPECTED"' HUP INT TERM
    # A trap, not '': children get the default back, and a write to a dead reader fails as it should.
    trap : PIPE
    heed_errors
}

# heed_errors: an error ends the step; also again after a pipe whose statuses were read one by one.
heed_errors() {
    set -e
    trap 'story_end "$?" "$LINENO" "$BASH_COMMAND"' ERR
}

# story_end STATUS LINE COMMAND: a failure nobody expected says where it was. The command is the
# source text, not its expansion, so no secret is in it. A catalogue code passes as it is.
story_end() {
    if ((BASH_SUBSHELL > 0 || ($1 >= 10 && $1 <= 99))); then exit "$1"; fi
    log ERROR "unexpected status $1 near line $2: ${3%%$'\n'*}"
    exit "$ERR_UNEXPECTED"
}

# log LEVEL TEXT
log() {
    # Nobody may be listening any more; undoing goes on all the same.
    printf '%(%H:%M:%S)T %s %s\n' -1 "$1" "$2" >&2 2>/dev/null || :
}

# answer KEY VALUE: one line of the answer, escaped like the client's batch output.
answer() {
    local value=$2
    value=${value//\\/\\\\}
    value=${value//$'\t'/\\t}
    value=${value//$'\n'/\\n}
    printf '%s\t%s\n' "$1" "$value" >&3
}

# answer_lines KEY: each line of stdin as a value of KEY.
answer_lines() {
    local line
    while IFS= read -r line; do answer "$1" "$line"; done
}

# fail NAME SEEN: ends the step with the catalogue's code; SEEN is what people read.
fail() {
    local code="ERR_$1"
    answer seen "$2"
    log ERROR "$1: $2"
    exit "${!code}"
}

# await SECONDS COMMAND...: tries COMMAND ten times a second until it succeeds; 1 when time is up.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# answer_tagged: each line of stdin is `key<TAB>row`.
answer_tagged() {
    local line
    # A tab in IFS would swallow empty columns.
    while IFS= read -r line; do answer "${line%%$'\t'*}" "${line#*$'\t'}"; done
}
