#!/usr/bin/env bash
# Questions to the source whose failure ends the step with a code for its kind.
# Needs: server/client_errors source/client story

# source_sql OPTION...: runs stdin on the source; a failure ends the step with a code for its kind.
source_sql() {
    local errors status=0
    { errors=$(source_client "$@" 2>&1 >&4); } 4>&1 || status=$?
    ((status == 0)) || source_unanswered "$status" "$errors"
}

# source_unanswered STATUS ERRORS: ends the step; timeout ends with 124, or 137 where it had to kill.
source_unanswered() {
    case $1 in 124 | 137) fail SOURCE_UNREACHABLE "$SOURCE_USER@$SOURCE_HOST:$SOURCE_PORT: no answer in $ASK_SECONDS s; the server is frozen or the connection is cut" ;; esac
    source_failed "$(error_line "$2")"
}

# source_failed TEXT: what a client's error about the source means.
source_failed() {
    local at="$SOURCE_USER@$SOURCE_HOST:$SOURCE_PORT" number=0
    [[ $1 =~ (ERROR|error:?)\ +([0-9]+) ]] && number=${BASH_REMATCH[2]}
    case $1 in *'could not be loaded'* | *'cannot be loaded'*) number=2059 ;; esac
    case $number in
        1045) source_refuses "$at: $1" ;;
        1130 | 1251 | 1275 | 1524 | 1698 | 1820 | 1862 | 2049 | 2058 | 4151) fail SOURCE_LOGIN_REFUSED "$at: $1; $(cure_of_login "$number")" ;;
        2059) fail TOOL_MISSING "$at: $1; $(cure_of_login 2059)" ;;
        1040 | 1129 | 1203 | 1226) fail SOURCE_UNREACHABLE "$at: $1; $(cure_of_login "$number")" ;;
        2002 | 2003 | 2005 | 2006 | 2012 | 2013) fail SOURCE_UNREACHABLE "$at: $1" ;;
        2026) fail SOURCE_TLS "$at: $1" ;;
        3159) fail SOURCE_TLS "$at: $1; $TO_TLS" ;;
        1231) fail SOURCE_TLS "$at: the source has no TLS; tlsMode demands it" ;;
        1205 | 1213) fail SOURCE_LOCK_TIMEOUT "$at: $1" ;;
        1044 | 1142 | 1143 | 1227 | 1370) fail SOURCE_PRIVILEGE_MISSING "$at: $1" ;;
        1969) fail SOURCE_QUERY_FAILED "$at: $1; $(limit_of_statements)" ;;
        *) fail SOURCE_QUERY_FAILED "$at: $1" ;;
    esac
}

# What to do where a source takes nobody without TLS.
TO_TLS='set tlsMode Required, or a mode that verifies'

# source_refuses TEXT: Access denied (1045). The server says just this, too, when it wants TLS and gets none, or
# a client certificate: so it is asked again by TLS.
source_refuses() {
    local wants
    if [[ ${TLS_MODE:-DISABLED} == DISABLED ]]; then
        if wants=$(asked_by_tls); then
            if [[ $wants == ON ]]; then wants="require_secure_transport is ON there"; else wants="the account is made with REQUIRE SSL"; fi
            fail SOURCE_TLS "$1; with TLS it lets this login in: $wants; $TO_TLS"
        fi
        fail SOURCE_LOGIN_REFUSED "$1; by TLS, too"
    fi
    [[ -n ${TLS_CERT:-} ]] || fail SOURCE_LOGIN_REFUSED "$1; an account with REQUIRE X509 would need tlsCertPath and tlsKeyPath, too"
    fail SOURCE_LOGIN_REFUSED "$1"
}

# asked_by_tls: logs in with encryption; prints require_secure_transport, empty where there is no such variable.
asked_by_tls() {
    local TLS_MODE=REQUIRED ASK_SECONDS=20
    # shellcheck disable=SC2119
    source_client <<<"SELECT MAX(variable_value) FROM information_schema.global_variables WHERE variable_name = 'REQUIRE_SECURE_TRANSPORT'" 2>/dev/null
}

# cure_of_login NUMBER: what to do on the source about a login that is refused with this error.
cure_of_login() {
    case $1 in
        1040) echo "raise max_connections on the source, or end sessions there" ;;
        1129) echo "run FLUSH HOSTS on the source" ;;
        1130) echo "no account of the source may come from this host" ;;
        1203 | 1226) echo "the account's limits (ALTER USER ... WITH) or max_user_connections are too low: a copy takes two connections more than copySessions" ;;
        1251 | 1275 | 2049) echo "give the account a password of today's format: ALTER USER ... IDENTIFIED BY" ;;
        1524 | 2058) echo "the account logs in by a plugin that is not there" ;;
        1698) echo "the account logs in without a password (unix_socket); give it one: ALTER USER ... IDENTIFIED BY" ;;
        1820 | 1862) echo "its password has expired: ALTER USER ... IDENTIFIED BY" ;;
        2059) echo "install the client library of this authentication plugin on the staging host" ;;
        4151) echo "ALTER USER ... ACCOUNT UNLOCK" ;;
    esac
}

# limit_of_statements: error 1969.
limit_of_statements() { echo "max_statement_time of the source or of the account ended it: raise it for this account"; }
