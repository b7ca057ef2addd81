#!/usr/bin/env bash
# What lies at a path that a user calls a backup, told by its content. It is only ever read.
# Needs: story

# first_file PATH...: the first of these that exists.
first_file() {
    local path
    for path in "$@"; do
        if [[ -f $path ]]; then
            printf '%s\n' "$path"
            return
        fi
    done
}

# compression_of FILE: by its first bytes.
compression_of() {
    local magic
    magic=$(head -c 6 "$1" | od -An -tx1 | tr -d ' \n')
    case $magic in
        1f8b*) echo gzip ;;
        28b52ffd*) echo zstd ;;
        fd377a585a00) echo xz ;;
        425a68*) echo bzip2 ;;
        *) echo none ;;
    esac
}

# unpack COMPRESSION FILE: becomes the program that writes the content to stdout.
unpack() {
    [[ $1 == none || -n $(type -P "$1") ]] || fail TOOL_MISSING "the program $1, to unpack $2"
    if [[ $1 == none ]]; then exec cat -- "$2"; else exec "$1" -dc <"$2"; fi
}

# holds_packed_files FOLDER
holds_packed_files() { [[ -n $(find "$1" -name '*.qp' -print -quit 2>/dev/null) ]]; }

# find_qpress [FOLDERS]: path of qpress, in the folders of PATH or in these, colons between.
find_qpress() {
    local beside=''
    [[ -z ${1:-} ]] || beside=" ($1)"
    PATH=$PATH${1:+:$1} type -P qpress ||
        fail BACKUP_UNUSABLE "the backup is compressed with qpress (mariadb-backup --compress), and the program qpress is missing on the staging host: it is neither in $PATH nor next to mariadb-backup$beside"
}

# require_plain_files FOLDER: nothing in it leads elsewhere. Tables with DATA DIRECTORY leave an .isl
# file with a path: InnoDB would open, change and move files there, and the redo log names it too.
require_plain_files() {
    local odd
    odd=$(find "$1" ! -type f ! -type d -printf '%P (%y)\n' -quit)
    [[ -z $odd ]] || fail BACKUP_UNUSABLE "the backup holds $odd, which is neither a file nor a directory"
    odd=$(find "$1" -iname '*.isl' -printf '%P\n' | sort | head -n 3 | paste -sd ' ')
    [[ -z $odd ]] || fail BACKUP_UNUSABLE "the backup holds tables with DATA DIRECTORY, which lie outside of it: $odd"
}
