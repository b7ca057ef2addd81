#!/usr/bin/env bash
# Running a step again, in the background.
# Constants: COMMAND INPUTS SECRETS

# run_again FOLDER [NAME...]: runs this very step again, detached, with `job` as the argument of its `main` and
# what it says in FOLDER; AGAIN becomes its pid. Its text and what it was given (and the variables NAME) go through
# a pipe, secrets included, so that they are neither in its arguments nor in its environment.
run_again() {
    local folder=$1
    shift
    setsid env -i HOME="$HOME" bash /dev/fd/9 job 9< <(
        job_inputs
        (($# == 0)) || declare -p "$@"
        printf '%s\n' "$COMMAND"
    ) </dev/null >"$folder/answer" 2>"$folder/story" 3>&- &
    AGAIN=$!
    disown "$AGAIN"
}

# job_inputs: declares what this step was given: its environment, by which `take_over` finds the programs of
# an abandoned job, and its secrets, which stay unexported.
job_inputs() {
    local name
    for name in $(compgen -e) $INPUTS $SECRETS; do
        case $name in PATH | TMPDIR | HOME | PWD | OLDPWD | SHLVL | DELPHIX_PARENT) continue ;; esac
        [[ -z ${!name+given} ]] || declare -p "$name"
    done
}
