#!/usr/bin/env bash
# What a dump that the user provides has lost already. WORK is the job's directory.
# Needs: dataset/warnings few server/client
# Constants: SYSTEM_SCHEMAS

# tell_rounded: a dump, whoever made it, has a FLOAT with 6 digits. Named apart are tables without a key by which replication
# finds a row: there it compares all columns with what the source had, and ends when a FLOAT differs.
tell_rounded() {
    local rounded keyless
    rounded=$(
        sql <<<"SELECT DISTINCT c.table_schema, c.table_name FROM information_schema.columns c
            JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
            WHERE c.data_type = 'float' AND c.is_generated = 'NEVER' AND t.table_type <> 'VIEW' AND c.table_schema NOT IN ($SYSTEM_SCHEMAS)" | sort
    )
    [[ -n $rounded ]] || return 0
    keep_warning "the dump has FLOAT columns with 6 digits: $(tr '\t' . <<<"$rounded" | few)"
    keyless=$(
        sql <<<"SELECT table_schema, table_name FROM information_schema.statistics WHERE non_unique = 0
            GROUP BY table_schema, table_name, index_name HAVING SUM(nullable = 'YES') = 0" | sort -u | comm -23 <(echo "$rounded") -
    )
    [[ -z $keyless ]] || keep_warning "tables with FLOAT columns and no unique key, where replication may end at the change of a row: $(tr '\t' . <<<"$keyless" | few)"
}
