#!/usr/bin/env bash
# SQL and dumps from the source. The password goes through a pipe that the client reads as its only
# option file; option files of the host or the user are not read.

# source_options: the option file of a client of the source.
source_options() {
    printf '[client]\nprotocol=tcp\n'
    option_line host "$SOURCE_HOST"
    option_line port "$SOURCE_PORT"
    option_line user "$SOURCE_USER"
    option_line password "$SOURCE_PASSWORD"
    client_tls
    printf 'default-character-set=utf8mb4\n[mysql]\nconnect-timeout=15\n'
}

# client_tls: option file lines for TLS_MODE. The verifying modes are one: neither replication nor
# clients of 11.4 and later can check a certificate's chain without the host's name (seen on 10.5,
# 10.11 and 11.8: without verification they take any certificate, whatever the CA file says).
client_tls() {
    case ${TLS_MODE:-DISABLED} in
        DISABLED) printf 'skip-ssl\n' ;;
        REQUIRED) printf 'ssl\nskip-ssl-verify-server-cert\n' ;;
        *) printf 'ssl\nssl-verify-server-cert\n' ;;
    esac
    [[ -z ${TLS_CA:-} ]] || option_line ssl-ca "$TLS_CA"
    if [[ -n ${TLS_CERT:-} ]]; then
        option_line ssl-cert "$TLS_CERT"
        option_line ssl-key "$TLS_KEY"
    fi
}

# master_tls: the same for CHANGE MASTER.
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

# require_tls_files: what tlsCaPath, tlsCertPath and tlsKeyPath name can be read.
require_tls_files() {
    local path
    for path in "${TLS_CA:-}" "${TLS_CERT:-}" "${TLS_KEY:-}"; do
        [[ -z $path || (-f $path && -r $path) ]] || fail SOURCE_TLS "$(id -un) cannot read $path"
    done
}

# How long one question to the source may take. Its connection may be cut, or its server frozen, while
# it is asked, and no client would ever notice.
ASK_SECONDS=120

# source_client OPTION...: the client on the source, for ASK_SECONDS; with an empty sql_mode a backslash escapes. The
# source's own settings may turn names, quotes or messages into something else.
# Clients that do not verify go on in clear when a server has no TLS: REQUIRED makes the first
# statement fail then, with error 1231, and with it the connection.
source_client() {
    local mode="''"
    [[ ${TLS_MODE:-} != REQUIRED ]] ||
        mode="IF((SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER') = '', 'not encrypted', '')"
    timeout --foreground -k 5 "$ASK_SECONDS" "$CLIENT" --defaults-file=<(source_options) --batch --skip-column-names --binary-mode --local-infile=0 \
        --init-command="SET SESSION sql_mode = $mode, NAMES utf8mb4, SESSION sql_quote_show_create = 1, SESSION lc_messages = 'en_US'" "$@"
}

# source_sql OPTION...: runs stdin on the source; a failure ends the step with a code for its kind.
source_sql() {
    local errors status=0
    { errors=$(source_client "$@" 2>&1 >&4); } 4>&1 || status=$?
    case $status in
        0) ;;
        124 | 137) fail SOURCE_UNREACHABLE "$SOURCE_USER@$SOURCE_HOST:$SOURCE_PORT: no answer in $ASK_SECONDS s; the server is frozen or the connection is cut" ;;
        *) source_failed "$(error_line "$errors")" ;;
    esac
}

# source_lives: the source answers the simplest of questions at once.
source_lives() {
    local ASK_SECONDS=15
    source_client <<<'DO 0' >/dev/null 2>&1
}

# source_failed TEXT: what a client's error about the source means.
source_failed() {
    local at="$SOURCE_USER@$SOURCE_HOST:$SOURCE_PORT" number=0
    [[ $1 =~ (ERROR|error:?)\ +([0-9]+) ]] && number=${BASH_REMATCH[2]}
    case $number in
        1045 | 1698 | 1130 | 1524 | 1820 | 1862 | 4151 | 2058 | 2059) fail SOURCE_LOGIN_REFUSED "$at: $1" ;;
        2002 | 2003 | 2005 | 2006 | 2012 | 2013 | 1040 | 1129 | 1203) fail SOURCE_UNREACHABLE "$at: $1" ;;
        2026 | 3159) fail SOURCE_TLS "$at: $1" ;;
        1231) fail SOURCE_TLS "$at: the source has no TLS; tlsMode demands it" ;;
        1205 | 1213) fail SOURCE_LOCK_TIMEOUT "$at: $1" ;;
        1044 | 1142 | 1143 | 1227 | 1370) fail SOURCE_PRIVILEGE_MISSING "$at: $1" ;;
        *) fail SOURCE_QUERY_FAILED "$at: $1" ;;
    esac
}
