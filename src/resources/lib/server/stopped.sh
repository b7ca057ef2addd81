#!/usr/bin/env bash
# Whether the server of MOUNT was stopped by an operation of ours: whoever looks after it in between is not to
# raise an alarm.
# Constants: RUN

# note_stopped: MOUNT/run/stopped. A full dataset takes no note, and that is no failure.
note_stopped() { [[ ! -d $MOUNT/$RUN ]] || { : >"$MOUNT/$RUN/stopped"; } 2>/dev/null || :; }

# stopped_just_now: an operation has stopped the server in the last 3 minutes, and none has started it since.
stopped_just_now() { [[ -n $(find "$MOUNT/$RUN/stopped" -mmin -3 2>/dev/null) ]]; }
