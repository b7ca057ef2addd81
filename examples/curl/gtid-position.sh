#!/usr/bin/env bash
# Print the GTID position of the newest snapshot of a dSource: every transaction of the source up to
# there is in it.
#
# gtid-position.sh DSOURCE
set -euo pipefail
(($# == 1)) || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
# shellcheck source=examples/curl/lib.sh
source "$(dirname "$0")/lib.sh"
login

dsource="$(reference /database "$1")"
newest_snapshot "$dsource" | jq -er '.metadata.gtidPosition'
