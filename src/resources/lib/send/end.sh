#!/usr/bin/env bash
# The end of a sending job: nothing of it stays on the source host.
# Needs: dataset/write process send/place send/server story

# end_sending STATUS: ends what the job has started, leaves its result, waits until it was read, and goes.
end_sending() {
    local status=$1 until=$((SECONDS + FORGOTTEN_SECONDS))
    trap - EXIT ERR
    trap '' TERM HUP INT
    set +e
    exec 5>&- 6>&-
    [[ -z ${CONNECTION:-} ]] || kill "$CONNECTION" 2>/dev/null
    [[ -z ${BACKUP:-} ]] || end_backup
    write_text "$SEND_DIR/exit" <<<"$status"
    until [[ -e $SEND_DIR/end || ! -d $SEND_DIR ]] || ((SECONDS >= until)); do sleep 0.1; done
    remove_place
    trap '' TERM
    kill -TERM 0
}

# end_backup: mariadb-backup ends when it writes to nobody. One that runs as another user cannot be told to; where it
# waits on the server, its statement is ended there.
end_backup() {
    backup_gone || kill -TERM "$BACKUP" 2>/dev/null
    ! await 10 backup_gone || return 0
    kill -KILL "$BACKUP" 2>/dev/null
    own_backup_query | local_client 2>/dev/null | local_client >/dev/null 2>&1
    await 20 backup_gone || log WARNING "mariadb-backup (process $BACKUP) is still there"
}

backup_gone() { process_gone "$BACKUP" "$BACKUP_START"; }

# own_backup_query: statements that end what mariadb-backup waits for.
own_backup_query() {
    echo "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist
        WHERE user = SUBSTRING_INDEX(USER(), '@', 1) AND id <> CONNECTION_ID() AND (info LIKE 'BACKUP %' OR info LIKE 'FLUSH %');"
}
