#!/usr/bin/env bash
# A VDB for each branch of your code, to be made and taken away by a pipeline.
#
# clone-per-branch.sh up DSOURCE BRANCH TARGET_ENVIRONMENT
#     Make the branch's VDB from the newest snapshot, or refresh it; print its name and port.
# clone-per-branch.sh down DSOURCE BRANCH
#     Delete it, if there is one.
#
# Ports 3400 to 3499 are the clones'. The login to create is the secret mariadb/DSOURCE/clone.
set -euo pipefail
[[ $#,${1:-} == 4,up || $#,${1:-} == 3,down ]] || {
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
# shellcheck source=examples/curl/lib.sh
source "$(dirname "$0")/lib.sh"

# feature/A and feature-a are two branches: a part of a checksum keeps them apart.
name_of() {
    local slug sum
    slug="$(tr -c 'a-z0-9\n' _ <<<"${2,,}")"
    sum="$(printf '%s' "$2" | sha256sum)"
    printf '%s_%s_%s\n' "$1" "${slug:0:24}" "${sum:0:6}"
}

free_port() {
    call GET /source | jq -e '[.result[].parameters.port?] as $used
        | [range(3400; 3500) | select(. as $port | $used | index($port) | not)] | first'
}

provision() {
    local target repository group port login
    target="$(one /environment "$3")"
    repository="$(call GET "/repository?environment=$(jq -r '.reference' <<<"$target")" |
        jq -er --argjson dsource "$2" 'first(.result[] | select(.toolkit == $dsource.toolkit)).reference')"
    group="$(reference /group "${DELPHIX_GROUP:-Untitled}")"
    port="$(free_port)"
    login="$(vault_secret "mariadb/$(jq -r '.name' <<<"$2")/clone")"
    jq -n --arg name "$1" --argjson dsource "$2" --argjson target "$target" --arg group "$group" \
        --arg repository "$repository" --argjson port "$port" --argjson login "$login" '{
            type: "AppDataProvisionParameters",
            container: {
                type: "AppDataContainer", name: $name, group: $group,
                sourcingPolicy: {type: "SourcingPolicy", logsyncEnabled: false}
            },
            source: {
                type: "AppDataVirtualSource",
                name: $name,
                allowAutoVDBRestartOnHostReboot: true,
                additionalMountPoints: [],
                parameters: {
                    mountPath: "/mnt/delphix/\($name)",
                    port: $port,
                    vdbCredentials: $login
                }
            },
            sourceConfig: {
                type: "AppDataDirectSourceConfig", name: $name, path: "/mnt/delphix/\($name)",
                repository: $repository, environmentUser: $target.primaryUser,
                linkingEnabled: true, parameters: {}
            },
            timeflowPointParameters: {
                type: "TimeflowPointSemantic",
                container: $dsource.reference,
                location: "LATEST_SNAPSHOT"
            },
            masked: false
        }' | work /database/provision >/dev/null
}

refresh() {
    jq -n --argjson dsource "$2" '{
        type: "RefreshParameters",
        timeflowPointParameters: {
            type: "TimeflowPointSemantic",
            container: $dsource.reference,
            location: "LATEST_SNAPSHOT"
        }
    }' | work "/database/$1/refresh"
}

login
name="$(name_of "$2" "$3")"
vdb="$(call GET /database | jq -r --arg name "$name" '.result[] | select(.name == $name).reference')"
if [[ $1 == down ]]; then
    [[ -n $vdb ]] || exit 0
    jq -n '{type: "DeleteParameters", force: false}' | work "/database/$vdb/delete"
    exit
fi
dsource="$(one /database "$2")"
if [[ -n $vdb ]]; then
    refresh "$vdb" "$dsource"
else
    provision "$name" "$dsource" "$4"
fi
vdb="$(reference /database "$name")"
call GET "/source?database=$vdb" | jq --arg name "$name" '{name: $name, port: .result[0].parameters.port}'
