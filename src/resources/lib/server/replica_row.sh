#!/usr/bin/env bash
# What the server of MOUNT says of its replication, by names of columns.
# Needs: server/client

# shellcheck disable=SC2034  # others read it
declare -A REPLICA=()

# learn_replica: REPLICA becomes the row of SHOW SLAVE STATUS, escaped as in batch output; empty without replication.
learn_replica() {
    local text index
    local -a names values
    REPLICA=()
    text=$(sql --column-names <<<"SHOW SLAVE STATUS")
    [[ -n $text ]] || return 0
    # A tab is white space to `read` and would swallow empty columns.
    text=${text//$'\t'/$'\x1f'}
    IFS=$'\x1f' read -r -a names <<<"${text%%$'\n'*}"
    text=${text#*$'\n'}
    IFS=$'\x1f' read -r -a values <<<"${text%%$'\n'*}"
    for index in "${!names[@]}"; do REPLICA[${names[index]}]=${values[index]:-}; done
}
