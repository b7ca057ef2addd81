#!/usr/bin/env bash
# Link a source by replication; both accounts are in a vault. Prints the dSource's reference.
# The job ends before the first sync does: go on with wait-first-snapshot.sh.
#
# link.sh DSOURCE SOURCE_ENVIRONMENT SOURCE_CONFIG STAGING_ENVIRONMENT STAGING_PORT
#
# Secrets: mariadb/DSOURCE/copy and mariadb/DSOURCE/replication, each with `user` and `password`.
set -euo pipefail
(($# == 5)) || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
# shellcheck source=examples/curl/lib.sh
source "$(dirname "$0")/lib.sh"
login

source="$(one /environment "$2")"
staging="$(one /environment "$4")"
config="$(reference "/sourceconfig?environment=$(jq -r '.reference' <<<"$source")" "$3")"
group="$(reference /group "${DELPHIX_GROUP:-Untitled}")"
copy="$(vault_secret "mariadb/$1/copy")"
replication="$(vault_secret "mariadb/$1/replication")"

jq -n --arg name "$1" --arg config "$config" --arg group "$group" --argjson port "$5" \
    --argjson source "$source" --argjson staging "$staging" \
    --argjson copy "$copy" --argjson replication "$replication" '{
        type: "LinkParameters",
        name: $name,
        group: $group,
        linkData: {
            type: "AppDataStagedLinkData",
            config: $config,
            environmentUser: $source.primaryUser,
            stagingEnvironment: $staging.reference,
            stagingEnvironmentUser: $staging.primaryUser,
            parameters: {
                mountPath: "/mnt/delphix/\($name)_staging",
                stagingPort: $port,
                ingestionMode: "Replication",
                sourceCredentials: $copy,
                replicationCredentials: $replication
            },
            syncParameters: {type: "AppDataSyncParameters", parameters: {resync: true}},
            operations: {type: "LinkedSourceOperations", preSync: [], postSync: []},
            sourcingPolicy: {type: "SourcingPolicy", logsyncEnabled: false}
        }
    }' | work /database/link
