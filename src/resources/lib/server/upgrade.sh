#!/usr/bin/env bash
# Bringing the files of MOUNT to the series of a newer server.
# Needs: copy/engines host/programs server/client server/launch server/stop server/upgrade_tool story
# Constants: SYSTEM_SCHEMAS

# upgrade_files: has system tables and tables brought to the series of DAEMON, by a server that nobody
# else can reach and where no event runs; proves that it is done, and stops the server.
upgrade_files() {
    local UPGRADE before story status=0
    # shellcheck disable=SC2034  # read by `upgrade_tool`
    UPGRADE=$(find_tool mariadb-upgrade mysql_upgrade)
    launch_server "$START_SECONDS" --skip-networking --event-scheduler=OFF
    before=$(user_tables)
    story=$(upgrade_tool --force --upgrade-system-tables) || status=$?
    if ((status != 0)); then
        tail -n 20 <<<"$story" >&2
        fail UPGRADE_FAILED "mariadb-upgrade ended with status $status: $(grep -iE -m 1 'error' <<<"$story" || tail -n 1 <<<"$story")"
    fi
    upgrade_tables
    # It answers 1 when nothing is left to do.
    story=$(upgrade_tool --check-if-upgrade-is-needed) && status=0 || status=$?
    ((status == 1)) || fail UPGRADE_FAILED "mariadb-upgrade has run and is still needed (status $status): $(tail -n 1 <<<"$story")"
    [[ $(user_tables) == "$before" ]] || fail UPGRADE_FAILED "the tables before and after mariadb-upgrade are not the same"
    stop_servers "$STOP_SECONDS"
}

# user_tables: every table and view that is not the server's own, with its engine and its collation.
user_tables() {
    sql <<<"SELECT table_schema, table_name, table_type, engine, table_collation FROM information_schema.tables
        WHERE table_schema NOT IN ($SYSTEM_SCHEMAS) ORDER BY 1, 2"
}

# on_tables BEFORE AFTER [NUMBERS]: runs a statement on each table that users have (or those with these
# numbers), each behind a row `table NUMBER`; an error does not end it.
on_tables() {
    # Tables are checked and rebuilt: that takes what it takes.
    # shellcheck disable=SC2034  # `sql` reads it
    local SQL_SECONDS=604800
    sql --raw <<SQL | sql --force 2>/dev/null
SELECT CONCAT('SELECT ''table'', ', n, '; $1 \`', REPLACE(s, '\`', '\`\`'), '\`.\`', REPLACE(t, '\`', '\`\`'), '\` $2;')
    FROM (SELECT ROW_NUMBER() OVER (ORDER BY table_schema, table_name) AS n, table_schema AS s, table_name AS t
        FROM information_schema.tables WHERE table_schema NOT IN ($SYSTEM_SCHEMAS) AND engine NOT IN ($EXTERNAL, 'MRG_MyISAM')
        AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')) AS numbered
    ${3:+WHERE n IN ($3)};
SQL
}

# tables_in_need: `NUMBER NAME: REASON` of each table that the server wants rebuilt.
tables_in_need() {
    on_tables 'CHECK TABLE' 'FOR UPGRADE' |
        awk -F '\t' '
            function silent() { if (n && !answered) print n, "table " n ": no answer" }
            $1 == "table" && NF == 2 { silent(); n = $2; answered = 0; next }
            { answered = 1 }
            tolower($3) == "error" { print n, $1 ": " $4 }
            END { silent() }'
}

# upgrade_tables: has the tables of users checked, and rebuilt where needed. Not by mariadb-upgrade,
# which gives up at a database with a backtick in its name.
upgrade_tables() {
    local needy numbers
    needy=$(tables_in_need)
    [[ -n $needy ]] || return 0
    log INFO "rebuilding: ${needy//$'\n'/, }"
    numbers=$(cut -d' ' -f1 <<<"$needy" | sort -un | paste -sd,)
    on_tables 'SET sql_log_bin = 0, system_versioning_alter_history = KEEP; ALTER TABLE' 'FORCE' "$numbers" >/dev/null || :
    needy=$(tables_in_need)
    [[ -z $needy ]] || fail UPGRADE_FAILED "still not fit after ALTER TABLE ... FORCE: ${needy//$'\n'/, }"
}
