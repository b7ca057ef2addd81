#!/usr/bin/env bash
# Whether the server that plugin 1.0.0 has started is there.
# Needs: host/programs plugin_1_0/program server/client

# legacy_speaks: whether the server that plugin 1.0.0 started is there; it may refuse us.
legacy_speaks() {
    local said program DAEMON=${DAEMON:-} BASE_DIR
    # shellcheck disable=SC2034  # `client` reads both
    local SOCKET=mysql.sock UNDER=(timeout -k 1 10)
    DAEMON=$(legacy_daemon)
    # shellcheck disable=SC2034  # read by `find_tool`
    BASE_DIR=$(base_dir "$DAEMON")
    program=$(find_tool mariadb mysql)
    said=$(client "$program" --execute='DO 0' 2>&1) && return 0
    grep -qE '^ERROR (1045|1698|1524|1130)' <<<"$said"
}
