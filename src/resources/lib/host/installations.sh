#!/usr/bin/env bash
# Finding MariaDB installations without walking the file system.
# Needs: host/programs story

# candidates: paths that may be a server program, likely ones first. EXTRA_DIRECTORY and the
# host's DELPHIX_MARIADB_PATH (directories or programs, colons between) add to them.
candidates() {
    local directory entry program
    local -a hints
    IFS=: read -r -a hints <<<"${EXTRA_DIRECTORY:-}:${DELPHIX_MARIADB_PATH:-}"
    for directory in "${hints[@]}" /usr /usr/local; do
        [[ $directory == /* ]] || continue
        printf '%s\n' "$directory" "$directory"/{sbin,bin,libexec}/{mariadbd,mysqld}
    done
    # Tarballs lie a level or two below these.
    for entry in {/usr/local,/opt}/*/{,*/}{sbin,bin,libexec}/{mariadbd,mysqld}; do
        printf '%s\n' "$entry"
    done
    # Servers that run now; of other users' processes only the command line can be read.
    for entry in /proc/[0-9]*; do
        IFS= read -r -d '' program 2>/dev/null <"$entry/cmdline" || continue
        case $program in /*/mariadbd | /*/mysqld) printf '%s\n' "$program" ;; esac
    done
}

# list_installations: `program, base directory, version` of every MariaDB server on the host.
list_installations() {
    local path real version
    local -A seen=()
    while IFS= read -r path; do
        [[ -f $path ]] || continue
        real=$(readlink -e -- "$path") || continue
        [[ -z ${seen[$real]:-} ]] || continue
        seen[$real]=yes
        if ! trusted "$path"; then
            log WARNING "skipping $path: others than its owner could change it"
            continue
        fi
        version=$(daemon_version "$real")
        if [[ -z $version ]]; then
            log INFO "skipping $path: not a MariaDB server"
            continue
        fi
        printf '%s\t%s\t%s\n' "$real" "$(base_dir "$real")" "$version"
    done < <(candidates)
}
