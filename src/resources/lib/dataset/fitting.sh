#!/usr/bin/env bash
# Which servers may open the files of MOUNT: a redo log that needs recovery is for its own series only.
# Needs: dataset/written_by host/programs story

# require_fitting_files: DAEMON may open the files: its series wrote them, or an older one that was
# shut down in good order. A redo log that needs recovery is for its own series only.
require_fitting_files() {
    local by='' state='' older newer
    read -r by state < <(files_note) || return 0
    learn_daemon
    older=$(series_number "$by")
    newer=$(series_number "$DAEMON_RUNS")
    ((newer >= older)) || fail VERSION_MISMATCH "the files of $MOUNT were written by $by, and $DAEMON is the older $DAEMON_RUNS"
    ((newer == older)) || [[ $state == closed ]] ||
        fail VERSION_MISMATCH "the files of $MOUNT were written by $by and not shut down in good order; $DAEMON is $DAEMON_RUNS"
}
