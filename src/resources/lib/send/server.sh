#!/usr/bin/env bash
# The server whose files are sent, asked on its own host, by its socket: with the source account.
# Needs: writers

# login_options: lines of an option file: how to log in.
login_options() {
    if [[ -n ${SOURCE_SOCKET:-} ]]; then
        printf 'protocol=socket\n'
        option_line socket "$SOURCE_SOCKET"
    else
        printf 'protocol=tcp\nhost=127.0.0.1\n'
        option_line port "$SOURCE_PORT"
    fi
    option_line user "$SOURCE_USER"
    option_line password "$SOURCE_PASSWORD"
}

# local_options: the option file of the client.
local_options() {
    printf '[client]\n'
    login_options
    printf 'skip-ssl\ndefault-character-set=utf8mb4\n[mysql]\nconnect-timeout=15\n'
}

# local_client: runs stdin.
local_client() {
    timeout --foreground -k 5 60 "$CLIENT" --defaults-file=<(local_options) --batch --skip-column-names --binary-mode --local-infile=0 \
        --init-command="SET SESSION sql_mode = '', NAMES utf8mb4, SESSION lc_messages = 'en_US', SESSION max_statement_time = 50"
}
