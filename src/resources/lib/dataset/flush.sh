#!/usr/bin/env bash
# Bringing what was written to MOUNT to its storage. A client of network storage keeps written pages for a
# while; a storage snapshot does not hold them.
# Needs: process story
# Constants: RUN

# flush_dataset SECONDS: whatever programs of this host have written to MOUNT is in its storage now. By
# `sync -f`, since coreutils 8.24; older ones flush every file system of the host.
flush_dataset() {
    local pid start turn=0 status=0 out="$MOUNT/$RUN/flush.out"
    local -a which=(-f -- "$MOUNT")
    sync --help 2>/dev/null | grep -e --file-system >/dev/null || which=()
    # In the background: while a file server is away, not even SIGKILL ends it.
    sync ${which[@]+"${which[@]}"} </dev/null >"$out" 2>&1 3>&- &
    pid=$!
    start=$(start_time "$pid")
    # It takes some milliseconds, and commits wait: looked at more often than `await` does, at first.
    while ((turn++ < 10)) && same_process "$pid" "$start"; do pause 0.01; done
    if ! await "$1" process_gone "$pid" "$start"; then
        kill -KILL "$pid" 2>/dev/null || :
        disown "$pid"
        finish FLUSH_FAILED "sync has not ended in $1 s"
    fi
    wait "$pid" || status=$?
    # What could not be written is told once, for any file. A stale one has been deleted: temporary files are.
    if grep -q 'Stale file handle$' "$out"; then status=0; fi
    if ((status != 0)); then
        unwritable "sync ended with status $status"
        fail FLUSH_FAILED "sync ended with status $status: $(head -n 1 "$out")"
    fi
    rm -f -- "$out"
}
