#!/usr/bin/env bash
# Which server wrote the files of MOUNT, and bringing them to a newer series. MOUNT/written.by holds
# `VERSION STATE`: `open` from before a start until a clean shutdown is proven, then `closed`;
# `upgrading` until mariadb-upgrade has done its work. It is about the files, so copies keep it.

# being_upgraded: the server that runs, if any, is the closed one of an upgrade that was cut off.
being_upgraded() { [[ $(files_note) == *" upgrading" ]]; }

# files_note: `VERSION STATE`, nothing when no server has noted itself.
files_note() {
    [[ ! -f $MOUNT/written.by ]] || head -n 1 -- "$MOUNT/written.by"
}

# note_files VERSION STATE
note_files() {
    write_text "$MOUNT/written.by" <<<"$1 $2"
}

# series_number VERSION: its first two numbers as one that can be compared.
series_number() {
    [[ $1 =~ ^([0-9]+)\.([0-9]+)\. ]] || fail VERSION_MISMATCH "'$1' is no version (of $DAEMON, or in $MOUNT/written.by)"
    printf '%d\n' "$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))"
}

# require_fitting_files: DAEMON may open the files: its series wrote them, or an older one that was
# shut down in good order. A redo log that needs recovery is for its own series only.
require_fitting_files() {
    local by='' state='' runs older newer
    read -r by state < <(files_note) || return 0
    runs=$(daemon_version "$DAEMON")
    older=$(series_number "$by")
    newer=$(series_number "$runs")
    ((newer >= older)) || fail VERSION_MISMATCH "the files of $MOUNT were written by $by, and $DAEMON is the older $runs"
    ((newer == older)) || [[ $state == closed ]] ||
        fail VERSION_MISMATCH "the files of $MOUNT were written by $by and not shut down in good order; $DAEMON is $runs"
}

# open_files: the files are about to be opened by DAEMON; those of an older series are upgraded.
open_files() {
    local by='' state='' runs
    read -r by state < <(files_note) || :
    runs=$(daemon_version "$DAEMON")
    if [[ $state == upgrading || (-n $by && $(series_number "$by") != "$(series_number "$runs")") ]]; then
        require_sound_options
        log INFO "bringing the files from $by to $runs"
        note_files "$runs" upgrading
        upgrade_files
    fi
    note_files "$runs" open
}

# require_sound_options: DAEMON understands its option file. Asked before it may touch files of another
# series, which could not go back then.
require_sound_options() {
    local story
    story=$(timeout -k 1 30 "$DAEMON" --defaults-file="$MOUNT/my.cnf" --verbose --help 2>&1 >/dev/null </dev/null) ||
        fail SERVER_DIED "$(grep -F -m 1 '[ERROR]' <<<"$story" || tail -n 1 <<<"$story")"
}

# note_running PID: a server that an earlier build of the plugin started has not noted itself. Its
# program may have been exchanged since: what runs counts.
note_running() {
    local runs
    [[ -z $(files_note) ]] && is_ours "$MOUNT" || return 0
    runs=$(daemon_version "/proc/$1/exe")
    [[ -z $runs ]] || note_files "$runs" open || log WARNING "$MOUNT/written.by could not be written"
}

# close_files OFFSET: the server that ran on the files has ended; notes it if that was in good order,
# which its log tells after OFFSET bytes.
close_files() {
    local by='' state=''
    read -r by state < <(files_note) || return 0
    [[ $state == open ]] || return 0
    # Without -q: a reader that leaves early would make the pipe a failure.
    if log_since "$1" | grep 'crash recovery' >/dev/null; then
        log WARNING "the server was told to leave its files to crash recovery (innodb_fast_shutdown)"
    elif log_since "$1" | grep 'Shutdown complete' >/dev/null; then
        note_files "$by" closed || log WARNING "$MOUNT/written.by could not be written"
    else
        log WARNING "the server did not end in good order"
    fi
}

# upgrade_tool OPTION...: mariadb-upgrade, at UPGRADE, on the server of MOUNT. Large schemas take
# minutes, and none may take for ever.
UPGRADE_SECONDS=1800
upgrade_tool() {
    timeout --foreground -k 10 "$UPGRADE_SECONDS" "$UPGRADE" --no-defaults --skip-ssl --protocol=socket \
        --tmpdir="$MOUNT/tmp" --socket="$MOUNT/run/mariadb.sock" --user="$(id -un)" "$@" 2>&1 </dev/null
}

# user_tables: every table and view that is not the server's own.
user_tables() {
    sql <<<"SELECT table_schema, table_name FROM information_schema.tables
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

# upgrade_files: has system tables and tables brought to the series of DAEMON, by a server that nobody
# else can reach and where no event runs; proves that it is done, and stops the server.
upgrade_files() {
    local UPGRADE before story status=0
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
