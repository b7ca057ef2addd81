#!/usr/bin/env bash
# Storage engines and system tables, as a copy sees them.
# shellcheck disable=SC2034  # the files that copy use these names

# Engines that take part in a consistent snapshot. All others need the lock.
TRANSACTIONAL="'InnoDB', 'ROCKSDB'"

# Engines whose rows live elsewhere: mariadb-dump takes only their structure.
EXTERNAL="'FEDERATED', 'CONNECT', 'SPIDER', 'OQGRAPH', 'SPHINX', 'BLACKHOLE'"

# Engines whose tables hold no rows of their own, or lose them whenever the server starts.
WITHOUT_ROWS="'MRG_MyISAM', 'MEMORY'"

# Tables of accounts, roles and their privileges.
GRANT_TABLES=(global_priv db tables_priv columns_priv procs_priv roles_mapping proxies_priv)

# Accounts and what else of the system tables belongs to the data.
SYSTEM_TABLES=(global_priv db tables_priv columns_priv procs_priv roles_mapping proxies_priv servers
    time_zone time_zone_name time_zone_transition time_zone_transition_type time_zone_leap_second
    column_stats index_stats table_stats)
