#!/usr/bin/env bash
# A copy of a dataset of plugin 1.0.0, which may have been mounted elsewhere.
# Needs: dataset/mount host/programs plugin_1_0/convert plugin_1_0/recognise story

# adopt_copy: as adopt_legacy, for a copy of such a dataset, which may have been mounted elsewhere
# and whose files must be of the server's own series.
adopt_copy() {
    local written
    require_mount
    [[ -n $(legacy_home "$MOUNT") ]] || return 0
    written=$(legacy_version)
    learn_daemon
    if [[ $written =~ ^([0-9]+\.[0-9]+)\. && $DAEMON_RUNS != "${BASH_REMATCH[1]}".* ]]; then
        fail VERSION_MISMATCH "the files were written by $written, the repository runs $DAEMON_RUNS"
    fi
    [[ -n $written ]] || log WARNING "nothing tells which version wrote the files"
    adopt_legacy
}
