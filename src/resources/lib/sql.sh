#!/usr/bin/env bash
# SQL to the server of this dataset: over its socket, as the OS user, statements on stdin.
# shellcheck disable=SC2119,SC2120  # the options are for callers in other files

# client_options: how a client reaches the server of this dataset. Clients of 11.4 and later would ask for
# TLS on a socket too, and fail where the server's settings switch it off.
# --binary-mode: nothing in a statement is a command of the client, and no line end is changed.
client_options() {
    CLIENT_OPTIONS=(--no-defaults --skip-ssl --protocol=socket --socket="$MOUNT/run/mariadb.sock" --user="$(id -un)"
    --connect-timeout=10 --default-character-set=utf8mb4 --batch --skip-column-names --binary-mode --local-infile=0)
}

# What every session of ours begins with: what it says is in no query log of the server, and in no
# history of its performance schema.
QUIET_SQL="SET SESSION sql_log_off = 1, SESSION slow_query_log = 0"

# How long one question to the server of this dataset may take: a frozen one never answers.
SQL_SECONDS=100

# sql [OPTION...]: runs stdin; rows come tab separated and escaped, without names.
sql() {
    local -a CLIENT_OPTIONS
    client_options
    timeout --foreground -k 5 "$SQL_SECONDS" "$CLIENT" "${CLIENT_OPTIONS[@]}" --init-command="$QUIET_SQL" "$@"
}

# ask_sql [OPTION...]: as `sql`, within ten seconds: the socket of a hung server takes us and never speaks.
ask_sql() {
    local SQL_SECONDS=10
    sql "$@"
}

# try_sql [OPTION...]: as `ask_sql` without a story; for questions whose answer may be "no".
try_sql() {
    ask_sql "$@" 2>/dev/null
}

# must_sql WHAT: as `sql`, but a failure ends the step with the server's own words.
must_sql() {
    local errors status=0
    { errors=$(sql 2>&1 >&4); } 4>&1 || status=$?
    ((status == 0)) || sql_failed "$1" "$status" "$errors"
}

# sql_failed WHAT STATUS ERRORS: timeout ends with 124, or 137 where it had to kill.
sql_failed() {
    local line
    line=$(error_line "$3")
    case $2 in 124 | 137) fail SERVER_NOT_READY "$1: no answer in $SQL_SECONDS s: $(server_state)" ;; esac
    if [[ ! $line =~ ^ERROR\ (2002|2003|2006|2013)\  ]]; then fail SQL_FAILED "$1: $line"; fi
    # The connection broke: what became of the server is the cause.
    [[ -n $(server_pids) ]] || fail SERVER_NOT_RUNNING "$1: the server has ended: $line"
    fail SERVER_NOT_READY "$1: $line; $(server_state)"
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

# secret_sql WHAT: as must_sql, for statements that hold a secret: they are in no history of the
# performance schema either. They come by a pipe: a here-document would be a file.
secret_sql() {
    local prelude=''
    # Where it is off, its database may be missing, too.
    if [[ $(sql <<<"SELECT @@performance_schema") == 1 ]]; then
        prelude="UPDATE performance_schema.threads SET INSTRUMENTED = 'NO' WHERE PROCESSLIST_ID = CONNECTION_ID();"
    fi
    must_sql "$1" < <(printf "SET SESSION sql_mode = '', SESSION sql_log_bin = 0;\n%s\n" "$prelude" && cat)
}

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
