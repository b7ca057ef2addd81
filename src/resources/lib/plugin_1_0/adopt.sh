#!/usr/bin/env bash
# Taking over a dataset of plugin 1.0.0 without touching a file of the data.
# Needs: dataset/ours host/programs plugin_1_0/convert plugin_1_0/program plugin_1_0/recognise

# adopt_old_dataset: what lies at MOUNT becomes a dataset of this plugin if plugin 1.0.0 has made it there.
adopt_old_dataset() {
    require_own_places
    [[ $(legacy_home "$MOUNT") == "$MOUNT" ]] || return 0
    local DAEMON=${DAEMON:-} BASE_DIR
    DAEMON=$(legacy_daemon)
    # shellcheck disable=SC2034  # read by `adopt_legacy`
    BASE_DIR=$(base_dir "$DAEMON")
    adopt_legacy
}
