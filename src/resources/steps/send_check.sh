#!/usr/bin/env bash
# Summary: on the source host: proves that the files of the source can be read there, and says what its server says of itself.
# Inputs: DAEMON BASE_DIR SOURCE_SOCKET? SOURCE_PORT SOURCE_USER VARIABLE_NAMES PACKED MOUNT?
# Secrets: SOURCE_PASSWORD
# Answers: variable account grant fileBytes toolVersion runsAs
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE SOURCE_FILES_CLOSED SOURCE_LOGIN_REFUSED SOURCE_QUERY_FAILED
#     SOURCE_UNREACHABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer host/programs send/ask send/rights send/server story transfer/tls

# server_facts: what decides whether its files can be copied, and how large they are.
server_facts() {
    local_sql <<SQL | answer_tagged
SELECT 'variable', LOWER(variable_name), variable_value FROM information_schema.global_variables
    WHERE FIND_IN_SET(LOWER(variable_name), '$VARIABLE_NAMES');
SELECT 'account', CURRENT_USER();
SQL
    local_sql <<<"SHOW GRANTS" | answer_lines grant
}

# file_bytes: asked only of an account that may know; its grants tell whether it may.
file_bytes() {
    local bytes
    bytes=$(size_query | local_client 2>/dev/null) || return 0
    answer fileBytes "$bytes"
}

size_query() {
    echo "SELECT CAST((SELECT IFNULL(SUM(file_size), 0) FROM information_schema.innodb_sys_tablespaces)
        + (SELECT IFNULL(SUM(data_length + index_length), 0) FROM information_schema.tables WHERE engine IN ('MyISAM', 'Aria', 'ARCHIVE', 'CSV')) AS UNSIGNED)"
}

main() {
    : "${DAEMON:?}" "${BASE_DIR:?}" "${SOURCE_PORT:?}" "${SOURCE_USER:?}" "${VARIABLE_NAMES:?}" "${PACKED:?}"
    local text OWNER TOOL data
    local -a AS
    # shellcheck disable=SC2034  # read by local_client
    CLIENT=$(find_tool mariadb mysql)
    learn_tool
    require_openssl
    [[ $PACKED != yes || -n $(type -P zstd) ]] || fail TOOL_MISSING "the program zstd, to pack what is sent to staging"
    server_facts
    file_bytes
    text=$("$TOOL" --no-defaults --version 2>&1 </dev/null) || :
    if [[ $text =~ MariaDB\ server\ ([0-9.]+) ]]; then answer toolVersion "${BASH_REMATCH[1]}"; fi
    data=$(local_sql <<<"SELECT @@global.datadir")
    learn_rights "${data%/}"
    answer runsAs "${AS[*]+$OWNER}"
}

story_setup
main "$@"
