#!/usr/bin/env bash
# SQL to the server of this dataset: over its socket, as the OS user, statements on stdin.
# shellcheck disable=SC2119,SC2120  # the options are for callers in other files

# sql [OPTION...]: runs stdin; rows come tab separated and escaped, without names. Clients of 11.4 and
# later would ask for TLS on a socket too, and fail where the server's settings switch it off.
sql() {
    "$CLIENT" --no-defaults --skip-ssl --protocol=socket --socket="$MOUNT/run/mariadb.sock" --user="$(id -un)" \
        --connect-timeout=10 --default-character-set=utf8mb4 --batch --skip-column-names "$@"
}

# ask_sql [OPTION...]: as `sql`, within ten seconds: the socket of a hung server takes us and never speaks.
ask_sql() {
    timeout -k 1 10 "$CLIENT" --no-defaults --skip-ssl --protocol=socket --socket="$MOUNT/run/mariadb.sock" --user="$(id -un)" \
        --connect-timeout=10 --batch --skip-column-names "$@"
}

# try_sql [OPTION...]: as `ask_sql` without a story; for questions whose answer may be "no".
try_sql() {
    ask_sql "$@" 2>/dev/null
}

# must_sql WHAT: as `sql`, but a failure ends the step with the server's own words.
must_sql() {
    local errors status=0
    { errors=$(sql 2>&1 >&4); } 4>&1 || status=$?
    ((status == 0)) || fail SQL_FAILED "$1: $(error_line "$errors")"
}

# error_line TEXT: the line of a client's output that tells the error. The 10.11 client also prints
# the whole statement, which may hold a password.
error_line() {
    local line
    while IFS= read -r line; do
        case $line in ERROR* | *rror:*) break ;; esac
    done <<<"$1"
    printf '%s' "${line:-${1%%$'\n'*}}"
}

# sql_text VALUE: a string literal, for sessions whose sql_mode is empty.
sql_text() {
    local value=$1
    value=${value//\\/\\\\}
    value=${value//\'/\\\'}
    printf "'%s'" "$value"
}

# option_value VALUE: a value for an option file.
option_value() {
    local value=$1
    value=${value//\\/\\\\}
    value=${value//\"/\\\"}
    value=${value//$'\n'/\\n}
    value=${value//$'\t'/\\t}
    value=${value//$'\r'/\\r}
    printf '"%s"' "$value"
}

# create_login: an account for people with all privileges, LOGIN_USER with LOGIN_PASSWORD.
create_login() {
    must_sql "creating the login $LOGIN_USER" <<SQL
SET SESSION sql_mode = '', SESSION sql_log_bin = 0;
CREATE OR REPLACE USER $(sql_text "$LOGIN_USER")@'%' IDENTIFIED BY $(sql_text "${LOGIN_PASSWORD:-}");
GRANT ALL PRIVILEGES ON *.* TO $(sql_text "$LOGIN_USER")@'%' WITH GRANT OPTION;
GRANT PROXY ON ''@'' TO $(sql_text "$LOGIN_USER")@'%' WITH GRANT OPTION;
SQL
}
