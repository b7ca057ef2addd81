#!/usr/bin/env bash
# A session that stays open while a step runs and is asked through a pipe, so that a question needs no program of its own.
# For questions that leave nothing behind in the session and have short answers, one at a time.

# Of each session that is open, by its name: a word of ours, never one that came from elsewhere.
declare -A TALK_TO=() TALK_FROM=() TALK_MARK=() TALK_PID=()

# begin_talk NAME COMMAND...: COMMAND, which runs a client on its stdin, becomes the session NAME.
begin_talk() {
    local name=$1 to from pid mark
    shift
    new_pipe <(:)
    exec {from}< <(run_client "$@")
    exec {to}>"/proc/self/fd/$PIPE"
    exec {PIPE}>&-
    IFS= read -r pid <&"$from"
    # Nobody who writes names or rows of a table knows it.
    IFS= read -r mark </proc/sys/kernel/random/uuid
    TALK_TO[$name]=$to TALK_FROM[$name]=$from TALK_PID[$name]=$pid TALK_MARK[$name]=$mark
}

# new_pipe PIPE: PIPE becomes a descriptor of a pipe without a name, for both directions; each end is opened alone then.
new_pipe() { exec {PIPE}<>"$1"; }

# run_client COMMAND...: reads PIPE, and tells its pid first.
run_client() {
    echo "$BASHPID"
    exec <"/proc/self/fd/$PIPE" 2>&1 3>&-
    exec {PIPE}>&-
    "$@"
}

# end_talk [NAME...]: closes these sessions, or all. Called before a step starts what outlives it, which would inherit them.
end_talk() {
    local name fd
    (($# > 0)) || set -- ${TALK_TO[@]+"${!TALK_TO[@]}"}
    for name in "$@"; do
        [[ -n ${TALK_TO[$name]:-} ]] || continue
        fd=${TALK_TO[$name]}
        exec {fd}>&-
        fd=${TALK_FROM[$name]}
        exec {fd}<&-
        unset "TALK_TO[$name]"
    done
}

# put_question DESCRIPTOR QUESTION MARK: between two marks: a client under its old name says first that it is old.
put_question() { printf "SELECT '%s';\n%s\n;\nSELECT '%s';\n" "$3" "$2" "$3" >&"$1"; }

# talk NAME SECONDS QUESTION: ROWS and TOLD become the lines of the answer, as an array and as one text. 1 when the session
# has ended and TOLD is what it said; 124 when time is up. The session is closed then.
talk() {
    local line begun=no status=0 mark=${TALK_MARK[$1]} deadline=$((SECONDS + $2))
    ROWS=() TOLD=''
    # It may have ended, which the answer tells.
    put_question "${TALK_TO[$1]}" "$3" "$mark" 2>/dev/null || :
    while true; do
        ((SECONDS <= deadline)) && IFS= read -r -t "$2" line <&"${TALK_FROM[$1]}" || status=$?
        ((status == 0)) || break
        if [[ $line != "$mark" ]]; then
            ROWS+=("$line")
        elif [[ $begun == yes ]]; then
            break
        else
            begun=yes ROWS=()
        fi
    done
    ((${#ROWS[@]} == 0)) || printf -v TOLD '%s\n' "${ROWS[@]}"
    TOLD=${TOLD%$'\n'}
    ((status != 0)) || return 0
    kill -KILL "${TALK_PID[$1]}" 2>/dev/null || :
    end_talk "$1"
    if ((status > 128 || SECONDS > deadline)); then return 124; fi
    return 1
}
