#!/usr/bin/env bash
# Servers that a step has started and not proven: MOUNT/run/launched.by names the step.
# Needs: dataset/left_behind process server/find story
# Constants: RUN

# being_started: a living step is starting a server of MOUNT. That server may not have changed into its data
# directory yet, so is_current could not tell whose it is.
being_started() {
    local step='' start=''
    read -r step start 2>/dev/null <"$MOUNT/$RUN/launched.by" && same_process "$step" "$start"
}

# abandoned PID: this server was started by a step that died before it had proven it. Seen from the
# server's own directory: another dataset, or none, may be mounted at MOUNT by now.
abandoned() {
    local step='' start=''
    read -r step start 2>/dev/null <"/proc/$1/cwd/../run/launched.by" || read -r step start 2>/dev/null <"$MOUNT/$RUN/launched.by" || return 1
    ! same_process "$step" "$start"
}

# stop_left_behind SECONDS: stops servers at MOUNT that no operation knows of: those of dead steps, and
# those of a dataset that is not mounted there any more.
stop_left_behind() {
    local pid
    end_orphans
    if being_started; then return; fi
    for pid in $(server_pids); do
        if abandoned "$pid" || ! is_current "$pid"; then
            log WARNING "stopping server $pid, which an operation that was cut off has left"
            stop_process "$pid" "$(start_time "$pid")" "$1"
        fi
    done
}
