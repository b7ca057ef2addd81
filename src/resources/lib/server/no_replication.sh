#!/usr/bin/env bash
# Taking replication out of the running server of MOUNT, which came with data or by whoever loads it.
# Needs: server/client server/must_sql story writers

# replication_there: `name io-thread host` of each replication that is configured, one a line, escaped.
replication_there() {
    sql --column-names <<<"SHOW ALL SLAVES STATUS" | awk -F '\t' -v OFS='\t' '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { print $column["Connection_name"], $column["Slave_IO_Running"], $column["Master_Host"] }'
}

# remove_all_replication: stops its threads and removes its configuration; TAKEN_OUT becomes what there was,
# for people, and TALKED is yes if a thread was talking to a server, or trying to.
remove_all_replication() {
    local line name rows
    local -a ROW
    TAKEN_OUT='' TALKED=no
    rows=$(replication_there)
    [[ -n $rows ]] || return 0
    while IFS= read -r line; do
        decode_row "$line"
        # shellcheck disable=SC2034  # for the caller
        [[ ${ROW[1]} == No ]] || TALKED=yes
        TAKEN_OUT+="${TAKEN_OUT:+, }'${ROW[0]}' from '${ROW[2]}'"
        name=$(sql_text "${ROW[0]}")
        must_sql "removing replication" <<<"SET SESSION sql_mode = ''; STOP SLAVE $name; RESET SLAVE $name ALL"
    done <<<"$rows"
    rows=$(replication_there)
    [[ -z $rows ]] || fail SQL_FAILED "replication is still configured: ${rows//$'\n'/, }"
}
