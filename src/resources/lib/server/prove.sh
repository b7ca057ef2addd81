#!/usr/bin/env bash
# The proof that the server of MOUNT is the right one, and closed.
# Needs: answer server/client story

# prove_server: asks the server itself who it is and who may enter.
prove_server() {
    local seen open
    seen=$(sql <<<"SELECT @@global.port, @@global.server_id")
    [[ $seen == "$PORT"$'\t'"$SERVER_ID" ]] || fail SERVER_FOREIGN "expected port $PORT and server id $SERVER_ID, the server says ${seen//$'\t'/ and }"
    open=$(sql <<<"SET SESSION sql_mode = ''; $OPEN_ACCOUNTS_SQL")
    [[ -z $open ]] || fail ACCOUNT_OPEN "${open//$'\n'/, }"
    sql <<<"SELECT 'version', VERSION()" | answer_tagged
}
