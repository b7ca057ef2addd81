#!/usr/bin/env bash
# The login that people get: what it may do, and how its password reaches the server.
# Needs: server/secret_sql writers

# login_grants: what the login for people may do. LOGIN_GRANTS is `all`, or `data`: everything with
# the data of every database, nothing with the host's files, other accounts or the server itself. The
# row for mysql decides alone there, so it takes away what the pattern for all databases gives.
# shellcheck disable=SC2016  # the backticks are SQL
login_grants() {
    local account
    account="$(sql_text "$LOGIN_USER")@'%'"
    if [[ ${LOGIN_GRANTS:-all} == all ]]; then
        printf 'GRANT ALL PRIVILEGES ON *.* TO %s WITH GRANT OPTION;\nGRANT PROXY ON %s TO %s WITH GRANT OPTION;\n' "$account" "''@''" "$account"
        return
    fi
    printf 'GRANT ALL PRIVILEGES ON `%%`.* TO %s WITH GRANT OPTION;\n' "$account"
    printf 'GRANT SELECT ON `mysql`.* TO %s;\nGRANT SHOW DATABASES, PROCESS ON *.* TO %s;\n' "$account" "$account"
}

# create_login: an account for people, LOGIN_USER with LOGIN_PASSWORD.
create_login() {
    secret_sql "creating the login $LOGIN_USER" < <(
        printf "CREATE OR REPLACE USER %s@'%%' IDENTIFIED BY %s;\n" "$(sql_text "$LOGIN_USER")" "$(sql_text "${LOGIN_PASSWORD:-}")"
        login_grants
    )
}
