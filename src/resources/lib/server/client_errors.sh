#!/usr/bin/env bash
# What the words of a client about an error mean.

# error_line TEXT: the line of a program's output that tells the error, else the first that is not blank. The
# 10.11 client also prints the whole statement, which may hold a password.
error_line() {
    local line first=''
    while IFS= read -r line; do
        case $line in ERROR* | *rror:* | *'FATAL ERROR'*)
            first=$line
            break
            ;;
        esac
        [[ -n $first || $line != *[![:blank:]]* ]] || first=$line
    done <<<"$1"
    printf '%s' "$first"
}
