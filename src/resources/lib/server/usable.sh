#!/usr/bin/env bash
# The proof that the server of MOUNT has what its data and accounts need: libraries, tables that open, plugins
# of authentication, the event scheduler.
# Needs: copy/engines few server/ask server/client story
# Constants: ERROR_LOG OPTION_FILE REQUIRED_FILE SYSTEM_SCHEMAS

# How long the tables may be opened; those of InnoDB, which seldom have something to tell, come last.
OPEN_SECONDS=60

# ask_demanded: begins what `demanded` ends, while other things are done.
ask_demanded() { exec {DEMANDED}< <("$DAEMON" --defaults-file="$MOUNT/$OPTION_FILE" --print-defaults 2>/dev/null </dev/null 3>&- | tail -n 1 && printf ' '); }
DEMANDED=''

# demanded: the entries of plugin_load and plugin_load_add that the server reads in its option file: LIBRARY, or
# NAME=LIBRARY. A plugin_load takes back what stands before it.
demanded() {
    local word entry
    local -a found=() entries
    while IFS= read -r -d ' ' word; do
        [[ ${word//-/_} =~ ^__(loose_)?plugin_load(_a|_ad|_add)?=(.*) ]] || continue
        [[ -n ${BASH_REMATCH[2]} ]] || found=()
        IFS=';:' read -r -a entries <<<"${word#*=}"
        for entry in ${entries[@]+"${entries[@]}"}; do [[ -z $entry ]] || found+=("$entry"); done
    done <&"$DEMANDED"
    ((${#found[@]} == 0)) || printf '%s\n' "${found[@]}"
}

# prove_libraries: every demanded library is loaded; a plugin that its own option switches off counts as that.
# MADE is yes for a VDB that was made just now. Later, somebody with all privileges may have written into
# required.cnf; this shall keep nobody from the VDB.
prove_libraries() {
    local name library entry said
    local -A loaded=()
    [[ -n $DEMANDED ]] || ask_demanded
    ask "SELECT plugin_name, plugin_library FROM information_schema.plugins
        WHERE plugin_library IS NOT NULL AND plugin_status IN ('ACTIVE', 'DISABLED')"
    while IFS=$'\t' read -r name library; do
        [[ -n $library ]] || continue
        library=${library%.so}
        loaded[$library]=yes
        entry="${name,,}=$library"
        loaded[$entry]=yes
    done <<<"$TOLD"
    while IFS= read -r entry; do
        name=${entry%%=*}
        library=${entry##*=}
        library=${library%.so}
        if [[ $entry == *=* ]]; then entry=${name,,}=$library; else entry=$library; fi
        [[ -z ${loaded[$entry]:-} ]] || continue
        said=$(tail -c 262144 "$MOUNT/$ERROR_LOG" | grep -aF "$library" | grep -aF '[ERROR]' | tail -n 1) || :
        said="the library $entry is demanded and not loaded: ${said:-see the error log}"
        if [[ $MADE == yes ]] || ! grep -qF -- "$library" "$MOUNT/$REQUIRED_FILE"; then fail VDB_NOT_USABLE "$said"; fi
        log WARNING "$said"
    done < <(demanded)
    exec {DEMANDED}<&-
    DEMANDED=''
}

# prove_accounts: tells the accounts of which no plugin of authentication is loaded.
prove_accounts() {
    ask "SELECT CONCAT(User, '@', Host, ' (', JSON_VALUE(Priv, '$.plugin'), ')') FROM mysql.global_priv
            WHERE JSON_VALUE(Priv, '$.is_role') IS NULL AND IFNULL(JSON_VALUE(Priv, '$.account_locked'), '0') NOT IN ('1', 'true')
            AND IFNULL(JSON_VALUE(Priv, '$.plugin'), '') <> '' AND NOT EXISTS (SELECT 1 FROM information_schema.plugins
                WHERE plugin_type = 'AUTHENTICATION' AND plugin_status = 'ACTIVE' AND (plugin_name = JSON_VALUE(Priv, '$.plugin')
                OR JSON_CONTAINS(IFNULL(JSON_EXTRACT(Priv, '$.auth_or[*].plugin'), '[]'), JSON_QUOTE(plugin_name))))"
    [[ -z $TOLD ]] || log WARNING "these accounts cannot log in, their plugin of authentication is not loaded here: $(few '; ' <<<"$TOLD")"
}

# table_questions: questions that open tables and answer for those that cannot be opened. Those of InnoDB are opened
# some hundred at a time: a question for each takes twice as long.
table_questions() {
    local said="'SELECT CONCAT(table_schema, ''.'', table_name, '': '', table_comment), ''unopened'' FROM information_schema.tables WHERE table_schema = '"
    local closed="' AND (engine IS NULL OR table_rows IS NULL AND table_comment LIKE ''Unknown storage engine%'');'"
    sql --raw <<SQL
SET SESSION sql_mode = '';
SELECT CONCAT($said, QUOTE(table_schema), ' AND table_name = ', QUOTE(table_name), $closed)
    FROM information_schema.tables
    WHERE table_schema NOT IN ($SYSTEM_SCHEMAS, '#delphix_probe') AND table_type <> 'VIEW' AND IFNULL(engine, '') NOT IN ('InnoDB', $EXTERNAL)
    ORDER BY table_schema, table_name;
SELECT CONCAT($said, QUOTE(MIN(table_schema)), ' AND table_name BETWEEN ', QUOTE(MIN(table_name)), ' AND ', QUOTE(MAX(table_name)), $closed)
    FROM (SELECT table_schema, table_name, ROW_NUMBER() OVER (PARTITION BY BINARY table_schema ORDER BY table_name) DIV 200 AS part
        FROM information_schema.tables WHERE table_schema NOT IN ($SYSTEM_SCHEMAS, '#delphix_probe') AND engine = 'InnoDB') AS numbered
    GROUP BY BINARY table_schema, part;
SELECT 'SELECT ''all'', ''opened'';';
SQL
}

# look_at_tables: begins what `prove_tables` ends, while other things are done.
look_at_tables() {
    # shellcheck disable=SC2034  # `sql` reads these
    local SQL_SECONDS=$OPEN_SECONDS SESSION_SQL="SESSION sql_mode = ''"
    exec {TABLES_TOLD}< <(table_questions 3>&- | sql --force 2>/dev/null 3>&- || :)
}
TABLES_TOLD=''

# prove_tables: opens every table, as far as there is time for it, and tells those that cannot be opened.
prove_tables() {
    local rows
    [[ -n $TABLES_TOLD ]] || look_at_tables
    rows=$(cat <&"$TABLES_TOLD")
    exec {TABLES_TOLD}<&-
    TABLES_TOLD=''
    grep -q $'^all\topened$' <<<"$rows" || log WARNING "not all tables could be opened within $OPEN_SECONDS s: what of them is not told is not proven"
    rows=$(sed -n $'s/\tunopened$//p' <<<"$rows")
    [[ -z $rows ]] || log WARNING "these tables cannot be opened here: $(few '; ' <<<"$rows")"
}

# prove_events: the event scheduler runs, where it shall; an event that begins bears its name for a moment, too.
prove_events() {
    [[ $EVENTS == yes ]] || return 0
    ask "SELECT @@global.event_scheduler, EXISTS (SELECT * FROM information_schema.processlist WHERE user = 'event_scheduler' AND command = 'Daemon')"
    [[ $TOLD == ON$'\t'1 ]] || fail VDB_NOT_USABLE "the event scheduler is ${TOLD%%$'\t'*}: $(tail -c 65536 "$MOUNT/$ERROR_LOG" | grep -a 'Event Scheduler' | tail -n 1)"
}
