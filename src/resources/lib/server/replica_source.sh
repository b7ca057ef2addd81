#!/usr/bin/env bash
# Telling the server of MOUNT which source it replicates from, and how it logs in there.
# Needs: server/client server/secret_sql source/sql writers

# change_master WHAT: tells the server where its source is; a position it has stays.
change_master() {
    # Strict: a source that lacks the last transaction of this server refuses to go on. Without a binary log
    # of its own, it means nothing else to a replica.
    secret_sql "$1" < <(printf '%s;\n' "STOP SLAVE" "SET GLOBAL gtid_strict_mode = 1" "CHANGE MASTER TO MASTER_HOST = $(sql_text "$SOURCE_HOST"), MASTER_PORT = $SOURCE_PORT,
    MASTER_USER = $(sql_text "$SOURCE_USER"), MASTER_PASSWORD = $(sql_text "${REPLICATION_PASSWORD:-}"),
    MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 10, $(master_tls)")
}

# tell_refusal: when the source refuses the login of the I/O thread, asks it with the same login: how it refuses us
# tells more than the thread does.
tell_refusal() {
    # shellcheck disable=SC2034  # source_sql asks with it
    local text SOURCE_PASSWORD=${REPLICATION_PASSWORD:-}
    text=$(try_sql --vertical --column-names <<<"SHOW SLAVE STATUS") || return 0
    [[ ! $text =~ Last_IO_Errno:\ (1045|1130|1524|1698|1820|1862|2059|3159|4151) ]] || source_sql <<<"DO 0"
}

# master_tls: prints the options of CHANGE MASTER for TLS_MODE, as client_tls does for clients.
master_tls() {
    local on=1 verify=0
    case ${TLS_MODE:-DISABLED} in
        DISABLED) on=0 ;;
        VERIFY_*) verify=1 ;;
    esac
    printf 'MASTER_SSL = %s, MASTER_SSL_VERIFY_SERVER_CERT = %s' "$on" "$verify"
    [[ -z ${TLS_CA:-} ]] || printf ', MASTER_SSL_CA = %s' "$(sql_text "$TLS_CA")"
    [[ -z ${TLS_CERT:-} ]] || printf ', MASTER_SSL_CERT = %s, MASTER_SSL_KEY = %s' "$(sql_text "$TLS_CERT")" "$(sql_text "$TLS_KEY")"
}
