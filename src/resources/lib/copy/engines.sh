#!/usr/bin/env bash
# Storage engines and system tables, as a copy sees them.
# Constants: REACHING
# shellcheck disable=SC2034  # the files that copy use these names

# Engines that take part in a consistent snapshot. All others need the lock.
TRANSACTIONAL="'InnoDB', 'ROCKSDB'"

# Engines without rows of their own: those that reach out, which are not copied, and BLACKHOLE.
EXTERNAL="$REACHING, 'BLACKHOLE'"

# Engines whose tables hold no rows of their own, or lose them whenever the server starts.
WITHOUT_ROWS="'MRG_MyISAM', 'MEMORY'"

# True for a table whose engine its server has: without it nobody can open the table.
ALIVE="engine IN (SELECT engine FROM information_schema.engines WHERE support IN ('YES', 'DEFAULT'))"

# Tables of accounts, roles and their privileges.
GRANT_TABLES=(global_priv db tables_priv columns_priv procs_priv roles_mapping proxies_priv)

# Accounts and what else of the system tables belongs to the data. Not `servers`, which holds logins to other
# servers. `func` names functions whose libraries are not loaded on a copy: with it, the server knows that DROP
# FUNCTION in the source's binary log means one of these.
SYSTEM_TABLES=(global_priv db tables_priv columns_priv procs_priv roles_mapping proxies_priv func
    time_zone time_zone_name time_zone_transition time_zone_transition_type time_zone_leap_second
    column_stats index_stats table_stats)
