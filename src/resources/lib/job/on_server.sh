#!/usr/bin/env bash
# Starting a job that works on the running server of a dataset.
# Needs: answer dataset/left_behind dataset/ours job/run server/installation server/running
# Constants: RUN

# start_on_server [COMMAND...]: proves that the server runs, takes the dataset over, runs COMMAND and starts the job.
start_on_server() {
    require_ours
    take_over
    use_installation
    require_running >/dev/null
    "${@:-:}"
    job_start
    answer job started
}

# empty_facts: what dumps have told goes to a new place.
empty_facts() {
    remove_inside "$RUN/dump"
    mkdir -m 0700 -- "$MOUNT/$RUN/dump"
}
