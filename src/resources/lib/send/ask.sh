#!/usr/bin/env bash
# Questions to the server whose files are sent, whose failure ends the step with a code for its kind.
# Needs: send/server server/client_errors story

# local_sql: runs stdin; a failure ends the step with a code for its kind.
local_sql() {
    local errors status=0 at="$SOURCE_USER by ${SOURCE_SOCKET:-127.0.0.1:$SOURCE_PORT}"
    { errors=$(local_client 2>&1 >&4); } 4>&1 || status=$?
    ((status != 0)) || return 0
    ((status != 124 && status != 137)) || fail SOURCE_UNREACHABLE "$at: no answer in 60 s"
    errors=$(error_line "$errors")
    case $errors in
        *'ERROR 1045'* | *'ERROR 1130'* | *'ERROR 1698'* | *'ERROR 4151'* | *'ERROR 1862'* | *'ERROR 1820'*)
            fail SOURCE_LOGIN_REFUSED "$at: $errors; on its own host the account comes from localhost"
            ;;
        *'ERROR 20'[0-9][0-9]*) fail SOURCE_UNREACHABLE "$at: $errors" ;;
        *) fail SOURCE_QUERY_FAILED "$at: $errors" ;;
    esac
}
