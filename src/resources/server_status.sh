#!/usr/bin/env bash
# Summary: says whether the server of a dataset runs and answers.
# Inputs: MOUNT DAEMON BASE_DIR
# Secrets: -
# Answers: running answering
# Fails: TOOL_MISSING
# Repeatable: yes, it only reads

main() {
    : "${MOUNT:?}" "${DAEMON:?}" "${BASE_DIR:?}"
    local pid
    pid=$(server_pids | head -n 1)
    answer running "$([[ -n $pid ]] && echo yes || echo no)"
    answer answering "$([[ -n $pid ]] && server_answers "$pid" && echo yes || echo no)"
}

story_setup
main "$@"
