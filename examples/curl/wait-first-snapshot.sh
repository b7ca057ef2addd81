#!/usr/bin/env bash
# Wait until a new dSource has its first snapshot and print its reference; fail when its sync fails.
#
# wait-first-snapshot.sh DSOURCE
set -euo pipefail
(($# == 1)) || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
# shellcheck source=examples/curl/lib.sh
source "$(dirname "$0")/lib.sh"
login

dsource="$(reference /database "$1")"
snapshot=""
while [[ -z $snapshot ]]; do
    job="$(call GET "/job?jobType=DB_SYNC&target=$dsource" |
        jq -r '.result | max_by(.startTime).reference // empty')"
    if [[ -n $job ]]; then
        wait_for_job "$job"
    else
        ((SECONDS < TIMEOUT)) || die "$1 has had no sync within $TIMEOUT seconds."
        sleep "$POLL"
    fi
    snapshot="$(newest_snapshot "$dsource" | jq -r '.reference // empty')"
done
printf '%s\n' "$snapshot"
