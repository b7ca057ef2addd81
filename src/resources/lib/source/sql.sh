#!/usr/bin/env bash
# Questions to the source whose failure ends the step with a code for its kind.
# Needs: server/client_errors source/client story

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
