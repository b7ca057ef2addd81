#!/usr/bin/env bash
# The server program of a dataset of plugin 1.0.0.
# Needs: host/installations plugin_1_0/recognise server/find story

# legacy_daemon: the program of its server: the one that runs, the one given, or the one that its
# my.cnf leads to; at last whatever server the host has.
legacy_daemon() {
    local pid path base
    for pid in $(server_pids); do
        readlink -e "/proc/$pid/exe" && return
    done
    if [[ -n ${DAEMON:-} ]]; then
        printf '%s\n' "$DAEMON"
        return
    fi
    base=$(legacy_option "$MOUNT" basedir)
    while IFS= read -r path; do
        if [[ $path == /* && -f $path && -x $path ]]; then
            readlink -e -- "$path"
            return
        fi
    done < <(
        printf '%s\n' "${base%/}"/{sbin,bin,libexec}/{mariadbd,mysqld}
        candidates
    )
    fail INSTALLATION_NOT_FOUND "the my.cnf of $MOUNT says basedir '$base', and there is no server program"
}
