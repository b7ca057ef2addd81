#!/usr/bin/env bash
# Sync a dSource, then refresh VDBs from the new snapshot, all from the same one. A VDB that fails
# does not keep the others from theirs; the exit code tells.
#
# nightly-refresh.sh DSOURCE VDB...
set -euo pipefail
(($# >= 2)) || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
# shellcheck source=examples/curl/lib.sh
source "$(dirname "$0")/lib.sh"
login

dsource="$(reference /database "$1")"
jq -n '{type: "AppDataSyncParameters", parameters: {resync: false}}' | work "/database/$dsource/sync"
snapshot="$(newest_snapshot "$dsource" | jq -er '.reference')"

failed=0
for name in "${@:2}"; do
    vdb="$(reference /database "$name")" || {
        failed=1
        continue
    }
    jq -n --arg snapshot "$snapshot" '{
        type: "RefreshParameters",
        timeflowPointParameters: {type: "TimeflowPointSnapshot", snapshot: $snapshot}
    }' | work "/database/$vdb/refresh" || {
        printf '%s is not refreshed\n' "$name" >&2
        failed=1
    }
done
exit "$failed"
