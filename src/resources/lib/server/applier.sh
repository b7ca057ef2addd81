#!/usr/bin/env bash
# The applier of replication, which is all that writes to a staging server: it rests while a snapshot is taken. Both
# threads do: SQL_THREAD alone, stopped and started, has run an event of a second GTID domain again (seen on 10.11).
# Needs: server/client server/must_sql
# Constants: RUN

# pause_applier: REPLICA_LAG becomes the seconds that it was behind until then. A file notes that it is we who stopped it.
pause_applier() {
    local text
    rm -f -- "$MOUNT/$RUN/applier.rests"
    text=$(sql --vertical --column-names <<<"SHOW SLAVE STATUS")
    # shellcheck disable=SC2034  # replica_answer tells it
    REPLICA_LAG=$(sed -n 's/^ *Seconds_Behind_Master: //p' <<<"$text")
    grep -qE '^ *Slave_SQL_Running: Yes$' <<<"$text" || return 0
    : >"$MOUNT/$RUN/applier.rests"
    must_sql "pausing replication" <<<"STOP SLAVE"
}

# wake_applier: only if we have stopped it.
wake_applier() {
    [[ -f $MOUNT/$RUN/applier.rests ]] || return 0
    must_sql "letting replication go on" <<<"START SLAVE"
    rm -f -- "$MOUNT/$RUN/applier.rests"
}
