#!/usr/bin/env bash
# Questions to the source. The password goes through a pipe that the client reads as its only option
# file; option files of the host or the user are not read.
# Needs: story writers

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

# require_tls_files: what tlsCaPath, tlsCertPath and tlsKeyPath name can be read.
require_tls_files() {
    local path
    for path in "${TLS_CA:-}" "${TLS_CERT:-}" "${TLS_KEY:-}"; do
        [[ -z $path || (-f $path && -r $path) ]] || fail SOURCE_TLS "$OS_USER cannot read $path"
    done
}

# How long one question to the source may take. Its connection may be cut, or its server frozen, while
# it is asked, and no client would ever notice.
ASK_SECONDS=120

# source_client OPTION...: runs the client on the source, for ASK_SECONDS at most. Its session does not depend
# on settings of the source: with an empty sql_mode a backslash escapes, as our writers assume.
# A client that does not verify certificates goes on unencrypted when the server has no TLS. With tlsMode
# Required, sql_mode is then set to `not encrypted`, which fails with error 1231 and ends the client.
# shellcheck disable=SC2120  # the options are for callers in other files
source_client() {
    local -a ASKED_BY=(timeout --foreground -k 5 "$ASK_SECONDS")
    source_session "$@"
}

# source_session OPTION...: the same, run by what ASKED_BY holds.
source_session() {
    local mode="''"
    [[ ${TLS_MODE:-} != REQUIRED ]] ||
        mode="IF((SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER') = '', 'not encrypted', '')"
    "${ASKED_BY[@]}" "$CLIENT" --defaults-file=<(source_options) --batch --skip-column-names --binary-mode --local-infile=0 \
        --init-command="SET SESSION sql_mode = $mode, NAMES utf8mb4, SESSION autocommit = 1, SESSION sql_quote_show_create = 1, SESSION lc_messages = 'en_US', SESSION max_statement_time = $ASK_SECONDS" "$@"
}

# source_lives: the source answers the simplest of questions at once.
source_lives() {
    local ASK_SECONDS=15
    # shellcheck disable=SC2119
    source_client <<<'DO 0' >/dev/null 2>&1
}
