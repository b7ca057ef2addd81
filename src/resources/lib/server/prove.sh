#!/usr/bin/env bash
# The proof that the server of MOUNT is the right one, and closed.
# Needs: answer few server/ask story

# prove_server: asks the server itself who it is and who may enter.
prove_server() {
    local seen
    ask "SELECT @@global.port, @@global.server_id; SELECT 'version', VERSION(); $OPEN_ACCOUNTS_SQL"
    seen=${ROWS[0]:-}
    [[ $seen == "$PORT"$'\t'"$SERVER_ID" ]] || fail SERVER_FOREIGN "expected port $PORT and server id $SERVER_ID, the server says ${seen//$'\t'/ and }"
    seen=${ROWS[1]:-}
    [[ $seen == version$'\t'* ]] || fail SQL_FAILED "the server does not tell its version: $TOLD"
    ((${#ROWS[@]} == 2)) || fail ACCOUNT_OPEN "$(printf '%s\n' "${ROWS[@]:2}" | few)"
    answer version "${seen#*$'\t'}"
}
