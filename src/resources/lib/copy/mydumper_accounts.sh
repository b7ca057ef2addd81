#!/usr/bin/env bash
# The accounts of a directory of mydumper.
# Needs: copy/engines copy/mydumper_file job/run server/must_sql

# load_accounts: rows of the tables of accounts, where the dump has the schema mysql.
load_accounts() {
    local name file
    phase "loading accounts"
    [[ -n $(find "$BACKUP_PATH" -maxdepth 1 -name 'mysql.global_priv.*' -print -quit) ]] || return 0
    for name in "${GRANT_TABLES[@]}"; do
        must_sql "emptying mysql.$name" <<<"SET SESSION sql_log_bin = 0; DELETE FROM mysql.$name"
        for file in "$BACKUP_PATH"/mysql."$name".*; do
            [[ ! -f $file ]] || load_file "${file##*/}" mysql rows "$WORK/stream.0"
        done
    done
    must_sql "preparing the accounts" <"$WORK/accounts.sql"
}
