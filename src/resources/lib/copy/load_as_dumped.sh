#!/usr/bin/env bash
# Loading text that a dump holds.
# Needs: copy/load dump/facts server/no_replication story

# load_as_dumped [bodies]: routines and their like are made in the server's own sql_mode, unless they tell theirs. Else the session begins with what the head of mariadb-dump would set, for dumps that have none.
load_as_dumped() {
    local LOAD_SQL=", SESSION foreign_key_checks = 0, SESSION unique_checks = 0"
    [[ ${1:-} == bodies ]] || LOAD_SQL+=", SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"
    # shellcheck disable=SC2034  # `load` reads it
    [[ $UTC != yes ]] || LOAD_SQL+=", SESSION time_zone = '+00:00'"
    # Only servers since 11.2 have the variable.
    [[ ${OLD_COLLATIONS:-} != yes ]] || LOAD_SQL+=" /*M!110200 , SESSION character_set_collations = '' */"
    load "$DATABASE"
}

# require_no_replication: statements of the dump have started nothing; what they have set up goes.
require_no_replication() {
    local TAKEN_OUT TALKED
    remove_all_replication
    # shellcheck disable=SC2153  # remove_all_replication sets both
    [[ $TALKED == no ]] || fail BACKUP_UNUSABLE "the dump starts replication in a way that cannot be left out, $TAKEN_OUT"
    [[ -z $TAKEN_OUT ]] || log WARNING "the dump sets up replication, $TAKEN_OUT: removed"
    [[ -z $(told replication) ]] || log INFO "statements of the dump about replication were read, not run"
}
