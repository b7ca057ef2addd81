#!/usr/bin/env bash
# Summary: logs in to the source and says everything that decides whether it can be linked.
# Inputs: DAEMON BASE_DIR SOURCE_HOST SOURCE_PORT SOURCE_USER TLS_MODE? TLS_CA? TLS_CERT? TLS_KEY?
#     REPLICATION_USER? VARIABLE_NAMES MOUNT? FOLLOW PIPE?
# Secrets: SOURCE_PASSWORD REPLICATION_PASSWORD?
# Answers: variable account database dataBytes viewsAndFunctions ambiguous hiddenEvents plainTables encrypted
#     systemObject unreadable grant replicationAccount replicationGrant library sourceTime uptime sourcesRunning
#     stagingTime sources coordinates state file
# Fails: DISK_SPACE INSTALLATION_NOT_FOUND MOUNT_NOT_WRITABLE SOURCE_LOCK_TIMEOUT SOURCE_LOGIN_REFUSED
#     SOURCE_PRIVILEGE_MISSING SOURCE_QUERY_FAILED SOURCE_TLS SOURCE_UNREACHABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer copy/engines copy/inventory server/client_errors server/installation source/client source/now
#     source/sql story writers
# Constants: SYSTEM_SCHEMAS

# grants: of the account that is logged in and of its default role.
grants() {
    local role
    source_sql <<<"SHOW GRANTS"
    role=$(source_sql <<<"SELECT IFNULL(CURRENT_ROLE(), '')")
    [[ -z $role ]] || source_sql <<<"SHOW GRANTS FOR CURRENT_ROLE"
}

# general_facts: variables, databases, and what of them a copy must know before it begins.
general_facts() {
    source_sql <<SQL | answer_tagged
SELECT 'variable', LOWER(variable_name), variable_value FROM information_schema.global_variables
    WHERE FIND_IN_SET(LOWER(variable_name), '$VARIABLE_NAMES');
SELECT 'account', CURRENT_USER();
SELECT 'database', schema_name FROM information_schema.schemata WHERE schema_name NOT IN ($SYSTEM_SCHEMAS) AND schema_name NOT LIKE '#mysql50#%';
SELECT 'dataBytes', CAST(IFNULL(SUM(data_length + index_length), 0) AS UNSIGNED)
    FROM information_schema.tables WHERE table_schema NOT IN ($SYSTEM_SCHEMAS);
SELECT 'viewsAndFunctions', IF(
    EXISTS (SELECT 1 FROM information_schema.views WHERE table_schema NOT IN ($SYSTEM_SCHEMAS)) AND
    EXISTS (SELECT 1 FROM information_schema.routines WHERE routine_type = 'FUNCTION' AND routine_schema NOT IN ($SYSTEM_SCHEMAS)),
    'yes', 'no');
SELECT 'ambiguous', CONCAT(table_schema, '.', table_name) FROM information_schema.tables
    WHERE table_schema NOT IN ($SYSTEM_SCHEMAS) AND (table_schema LIKE '%.%' OR table_name LIKE '%.%')
    GROUP BY 2 HAVING COUNT(*) > 1 LIMIT 5;
SELECT DISTINCT 'hiddenEvents', event_schema FROM information_schema.events
    WHERE event_schema REGEXP CONCAT('[', CHAR(34, 39, 92, 92, 10, 13, 26 USING utf8mb4), ']');
SELECT 'plainTables', table_schema, COUNT(*),
    SUBSTRING_INDEX(GROUP_CONCAT(CONCAT(table_name, ' (', engine, ')') ORDER BY table_name SEPARATOR ', '), ', ', 3)
    FROM information_schema.tables WHERE engine NOT IN ($TRANSACTIONAL, $EXTERNAL, 'MEMORY') AND $ALIVE AND table_type <> 'VIEW'
    AND table_schema NOT IN ($SYSTEM_SCHEMAS) AND table_schema NOT LIKE '#mysql50#%' GROUP BY table_schema;
SELECT 'floatTables', c.table_schema, COUNT(DISTINCT c.table_name),
    SUBSTRING_INDEX(GROUP_CONCAT(DISTINCT c.table_name ORDER BY c.table_name SEPARATOR ', '), ', ', 3)
    FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.data_type = 'float' AND c.is_generated = 'NEVER' AND t.engine IN ($TRANSACTIONAL) AND t.table_type <> 'VIEW'
    AND c.table_schema NOT IN ($SYSTEM_SCHEMAS) AND c.table_schema NOT LIKE '#mysql50#%' GROUP BY c.table_schema;
SELECT 'encrypted', table_schema, COUNT(*),
    SUBSTRING_INDEX(GROUP_CONCAT(table_name ORDER BY table_name SEPARATOR ', '), ', ', 3)
    FROM information_schema.tables WHERE LOWER(create_options) REGEXP 'encrypted.{0,2}=.?yes|encryption_key_id'
    AND table_schema NOT IN ($SYSTEM_SCHEMAS) AND table_schema NOT LIKE '#mysql50#%' GROUP BY table_schema;
SQL
}

# binlog_end: where the source's binary log ends and what it holds, as far as both accounts may ask: what they lack
# their grants tell.
binlog_end() {
    local now birth
    local -a ROW
    now=$(source_client <<<"SHOW MASTER STATUS" 2>/dev/null) || return 0
    [[ -n $now ]] || return 0
    answer coordinates "$now"
    decode_row "$now"
    [[ ${ROW[1]} =~ ^[0-9]{1,19}$ ]] || return 0
    source_sql <<<"SELECT 'state', $(sql_text "${ROW[0]}"), ${ROW[1]}, IFNULL(BINLOG_GTID_POS($(sql_text "${ROW[0]}"), ${ROW[1]}), 'none')" | answer_tagged
    birth=$( (binlog_birth "${ROW[0]}") 3>/dev/null 2>/dev/null) || return 0
    [[ -z $birth ]] || answer file "${now%%$'\t'*}"$'\t'"$birth"
}

# libraries: plugin libraries that the source's accounts and tables lean on. Only an account that may read
# mysql.global_priv can say, and one that may not is refused for that by its grants.
libraries() {
    { (source_sql) 3>/dev/null 2>/dev/null || :; } <<SQL | answer_tagged
SELECT DISTINCT 'library', p.plugin_library FROM information_schema.plugins p
    JOIN mysql.global_priv g ON g.Priv LIKE CONCAT('%"', p.plugin_name, '"%')
    WHERE p.plugin_type = 'AUTHENTICATION' AND p.plugin_library IS NOT NULL;
SELECT DISTINCT 'library', p.plugin_library FROM information_schema.plugins p
    JOIN information_schema.tables t ON t.engine = p.plugin_name
    WHERE p.plugin_type = 'STORAGE ENGINE' AND p.plugin_library IS NOT NULL;
SQL
}

main() {
    : "${DAEMON:?}" "${BASE_DIR:?}" "${SOURCE_HOST:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${VARIABLE_NAMES:?}" "${FOLLOW:?}"
    local refusal
    use_installation
    require_tls_files
    general_facts
    system_objects | source_sql | answer_lines systemObject
    grants | answer_lines grant
    if [[ -n ${REPLICATION_USER:-} ]]; then
        # Assigned, not put before the call: that would export them to all the call starts.
        # shellcheck disable=SC2030,SC2031,SC2034  # read by source_options, and by nobody after this
        (
            SOURCE_USER=$REPLICATION_USER
            SOURCE_PASSWORD=${REPLICATION_PASSWORD:-}
            source_sql <<<"SELECT 'replicationAccount', CURRENT_USER()" | answer_tagged
            grants | answer_lines replicationGrant
        )
    fi
    # Grants do not tell everything: a service may keep its own tables to itself all the same.
    refusal=$(printf 'SELECT 1 FROM mysql.%s LIMIT 0;\n' "${GRANT_TABLES[@]}" proc event | source_client 2>&1) || :
    if [[ $refusal =~ ERROR\ (1044|1142|1143|1227)\  ]]; then answer unreadable "$(error_line "$refusal")"; fi
    libraries
    if [[ $FOLLOW == yes ]]; then
        answer_source_life
        binlog_end
    fi
}

story_setup
main "$@"
