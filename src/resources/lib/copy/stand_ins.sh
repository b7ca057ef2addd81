#!/usr/bin/env bash
# What stands in on staging for tables of the source that reach out: tables of the engine BLACKHOLE with the
# same columns. They read as empty and keep nothing; views, triggers and statements of replication find them.
# Needs: server/client server/must_sql story writers
# Constants: STAND_IN

# staging_engine SCHEMA TABLE: the engine of a table of staging, nothing when there is none.
staging_engine() {
    sql <<<"SET SESSION sql_mode = ''; SELECT UPPER(engine) FROM information_schema.tables
        WHERE table_schema = $(sql_text "$1") AND table_name = $(sql_text "$2")"
}

# load_blackhole: staging has the engine of stand-ins. Its row in mysql.plugin goes along with the files.
load_blackhole() {
    [[ -z $(sql <<<"SELECT engine FROM information_schema.engines WHERE engine = 'BLACKHOLE' AND support IN ('YES', 'DEFAULT')") ]] || return 0
    must_sql "loading the engine BLACKHOLE, which stands in for tables that reach out" <<<"SET SESSION sql_log_bin = 0; INSTALL SONAME 'ha_blackhole'"
}

# stand_in ASK SCHEMA TABLE ENGINE: puts a stand-in where such a table is to be, in place of what is there. The
# command ASK tells its columns. They may all be NULL, so that whatever the source writes finds room.
stand_in() {
    local columns name ask=$1
    shift
    columns=$(
        "$ask" --raw <<SQL
SET SESSION group_concat_max_len = 16777216;
SELECT IFNULL(GROUP_CONCAT(CONCAT('\`', REPLACE(column_name, '\`', '\`\`'), '\` ', column_type,
    IF(character_set_name IS NULL, '', CONCAT(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name)), ' NULL')
    ORDER BY ordinal_position SEPARATOR ', '), '')
    FROM information_schema.columns WHERE table_schema = $(sql_text "$1") AND table_name = $(sql_text "$2");
SQL
    )
    if [[ -z $columns ]]; then
        log WARNING "nobody tells the columns of $1.$2 ($3): nothing stands in for it"
        return 0
    fi
    name=$(sql_name "$1" "$2")
    must_sql "making a stand-in for $1.$2" <<SQL
SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', sql_log_bin = 0, foreign_key_checks = 0, lock_wait_timeout = 60;
DROP TABLE IF EXISTS $name;
CREATE TABLE $name ($columns) ENGINE = BLACKHOLE COMMENT = $(sql_text "$STAND_IN ($3)");
SQL
    log INFO "$1.$2 ($3) reaches out and was not copied: an empty table stands in for it"
}
