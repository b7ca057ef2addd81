#!/usr/bin/env bash
# Questions to the source in one session, which stays open: each leaves nothing behind in it and has a short answer.
# Needs: answer source/client source/sql talk

# ask_source_within SECONDS QUESTION: as `talk`. A session that has ended is opened once more: the source may end
# one that was silent.
ask_source_within() {
    local status=0
    # shellcheck disable=SC2034  # source_session reads it
    local -a ASKED_BY=(exec)
    if [[ -n ${TALK_TO[source]:-} ]]; then
        talk source "$1" "$2" || status=$?
        ((status == 1)) || return "$status"
    fi
    begin_talk source source_session --unbuffered --skip-reconnect
    talk source "$1" "$2"
}

# ask_source QUESTION: ROWS and TOLD become the answer; without one the step ends with a code for its kind.
ask_source() {
    local status=0
    ask_source_within "$ASK_SECONDS" "$1" || status=$?
    ((status == 0)) || source_unanswered "$status" "$TOLD"
}

# tell_source QUESTION: each row of the answer, `key<TAB>row`, is a line of this step's answer.
tell_source() {
    ask_source "$1"
    answer_rows
}
