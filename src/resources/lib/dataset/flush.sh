#!/usr/bin/env bash
# Bringing what was written to MOUNT to its storage. A client of network storage keeps written pages for a
# while; a storage snapshot does not hold them.
# Needs: story

# flush_dataset SECONDS: whatever programs of this host have written to MOUNT is in its storage now.
flush_dataset() {
    local said line='' status=0
    # Read, not waited for: while a file server is away, not even SIGKILL ends it.
    exec {said}< <(sync_and_tell)
    IFS= read -r -t "$1" line <&"$said" || status=$?
    exec {said}<&-
    ((status <= 128)) || finish FLUSH_FAILED "sync has not ended in $1 s"
    # What could not be written is told once, for any file. A stale one has been deleted: temporary files are.
    [[ $line != 'done' && $line != *'Stale file handle' ]] || return 0
    unwritable "sync failed: $line"
    fail FLUSH_FAILED "sync failed: ${line:-it was ended}"
}

# sync_and_tell: prints `done`, or what went wrong. `sync -f` is there since coreutils 8.24; older ones flush every
# file system of the host.
sync_and_tell() {
    local words status=0
    # Whoever waits for the output of this step does not wait for this.
    exec 2>/dev/null 3>&-
    words=$(sync -f -- "$MOUNT" 2>&1 </dev/null) || status=$?
    if [[ $words == *'invalid option'* || $words == *'unrecognized option'* ]]; then
        status=0
        words=$(sync 2>&1 </dev/null) || status=$?
    fi
    if ((status == 0)); then echo 'done'; else echo "status $status: ${words%%$'\n'*}"; fi
}
