#!/usr/bin/env bash
# What the server of MOUNT says in its error log.
# Constants: ERROR_LOG

# How long the server's error log was when the step began to watch it.
LOG_MARK=0

# mark_log: from now on only what is new in the error log counts.
mark_log() { LOG_MARK=$(stat -c %s "$MOUNT/$ERROR_LOG" 2>/dev/null || echo 0); }

# new_log: the last lines that the server has written to its error log since the mark.
new_log() {
    [[ ! -f $MOUNT/$ERROR_LOG ]] || tail -c +"$((LOG_MARK + 1))" "$MOUNT/$ERROR_LOG" | tail -n 40
}
