#!/usr/bin/env bash
# The history of system-versioned tables that came by a dump.
# Needs: host/programs server/client story

# require_present_rows: since 11.5 a present row of a system-versioned table ends in 2106, before in
# 2038. Loaded as it is, the history of an older server makes all its present rows history.
require_present_rows() {
    local lost
    learn_daemon
    (($(series_number "$DAEMON_RUNS") >= 11005)) || return 0
    lost=$(
        sql --raw <<'SQL' | sql | head -n 5
SELECT CONCAT('SELECT ''', REPLACE(CONCAT(t.table_schema, '.', t.table_name), '''', ''''''), ''' FROM `',
    REPLACE(t.table_schema, '`', '``'), '`.`', REPLACE(t.table_name, '`', '``'), '` FOR SYSTEM_TIME ALL WHERE `',
    REPLACE(IFNULL(c.column_name, 'row_end'), '`', '``'), '` = FROM_UNIXTIME(2147483647.999999) LIMIT 1;')
    FROM information_schema.tables t LEFT JOIN information_schema.columns c
    ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.generation_expression = 'ROW END'
    WHERE t.table_type = 'SYSTEM VERSIONED';
SQL
    )
    [[ -z $lost ]] || fail BACKUP_UNUSABLE "present rows of ${lost//$'\n'/, } came as history: the dump holds the history of a server before 11.5; make it with --update-history (mariadb-dump 11.5 and later), or without --dump-history"
}
