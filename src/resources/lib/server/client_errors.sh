#!/usr/bin/env bash
# What the words of a client about an error mean.

# error_line TEXT: the line of a client's output that tells the error. The 10.11 client also prints
# the whole statement, which may hold a password.
error_line() {
    local line
    while IFS= read -r line; do
        case $line in ERROR* | *rror:*) break ;; esac
    done <<<"$1"
    printf '%s' "${line:-${1%%$'\n'*}}"
}
