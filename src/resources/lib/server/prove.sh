#!/usr/bin/env bash
# The proof that the server of MOUNT is the right one, and closed.
# Needs: answer few server/client story

# prove_server: asks the server itself who it is and who may enter.
prove_server() {
    local rows seen version
    rows=$(sql <<<"SET SESSION sql_mode = ''; SELECT @@global.port, @@global.server_id; SELECT 'version', VERSION(); $OPEN_ACCOUNTS_SQL")
    seen=${rows%%$'\n'*}
    [[ $seen == "$PORT"$'\t'"$SERVER_ID" ]] || fail SERVER_FOREIGN "expected port $PORT and server id $SERVER_ID, the server says ${seen//$'\t'/ and }"
    rows=${rows#*$'\n'}
    version=${rows%%$'\n'*}
    [[ $version == version$'\t'* ]] || fail SQL_FAILED "the server does not tell its version: $rows"
    [[ $rows == "$version" ]] || fail ACCOUNT_OPEN "$(few <<<"${rows#*$'\n'}")"
    answer version "${version#*$'\t'}"
}
