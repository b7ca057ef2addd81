#!/usr/bin/env bash
# After a failover of the source: sync, and copy the source anew only if staging has transactions
# that the new server lacks (MDB-063).
#
# resync-after-failover.sh DSOURCE [NEW_SOURCE_HOST]
#
# With NEW_SOURCE_HOST the parameter sourceHost is changed first. The parameters are written back
# as they are read, which is right with credentials from a vault only.
set -euo pipefail
(($# == 1 || $# == 2)) || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
# shellcheck source=examples/curl/lib.sh
source "$(dirname "$0")/lib.sh"
login

# sync_dsource RESYNC
sync_dsource() {
    jq -n --argjson resync "$1" '{type: "AppDataSyncParameters", parameters: {resync: $resync}}' |
        work "/database/$dsource/sync"
}

dsource="$(reference /database "$1")"
if (($# == 2)); then
    linked="$(call GET "/source?database=$dsource" | jq '.result[0]')"
    jq --arg host "$2" '{type, parameters: (.parameters + {sourceHost: $host})}' <<<"$linked" |
        call POST "/source/$(jq -r '.reference' <<<"$linked")" >/dev/null
fi

if told="$(sync_dsource false 2>&1)"; then
    printf 'replication goes on\n'
    exit
fi
printf '%s\n' "$told" >&2
[[ $told == *MDB-063* ]] || exit 1
sync_dsource true
printf 'copied anew\n'
