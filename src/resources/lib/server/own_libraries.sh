#!/usr/bin/env bash
# The proof that a staging server loads libraries from its own directory only.
# Needs: server/ask story
# Constants: PLUGINS

# require_own_libraries: a server that an earlier build of the plugin started could still load any. A restart
# cures that, as it does for one of plugin 1.0.0.
require_own_libraries() {
    ask "SELECT TRIM(TRAILING '/' FROM @@global.plugin_dir)"
    [[ $TOLD == "$MOUNT/$PLUGINS" ]] ||
        fail SERVER_OLD_LAYOUT "the server of $MOUNT may load any library of its installation"
}
