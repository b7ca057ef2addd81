#!/usr/bin/env bash
# mariadb-upgrade on the server of MOUNT.
# Needs: server/client
# Constants: TMP

# upgrade_tool OPTION...: mariadb-upgrade, at UPGRADE, on the server of MOUNT. Large schemas take
# minutes, and none may take for ever.
UPGRADE_SECONDS=1800

upgrade_tool() {
    # shellcheck disable=SC2034  # `client` reads it
    local -a UNDER=(timeout --foreground -k 10 "$UPGRADE_SECONDS")
    client "$UPGRADE" --tmpdir="$MOUNT/$TMP" "$@" 2>&1 </dev/null
}
