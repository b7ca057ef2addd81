#!/usr/bin/env bash
# Summary: tells what kind of backup lies at a path, by its content; it is only read.
# Inputs: MOUNT BACKUP_PATH QPRESS_FOLDERS?
# Secrets: -
# Answers: kind compression qpress sizeBytes serverVersion database backupType
# Fails: BACKUP_UNUSABLE DISK_SPACE MOUNT_NOT_WRITABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: copy/backup_kind host/mounts story

# inspect_directory: what mariadb-backup (or its ancestors) left.
inspect_directory() {
    local info checkpoints text qpress=''
    checkpoints=$(first_file "$BACKUP_PATH"/{mariadb_backup,xtrabackup}_checkpoints)
    [[ -n $checkpoints ]] || fail BACKUP_UNUSABLE "the directory $BACKUP_PATH is no mariadb-backup; it holds: $(entries "$BACKUP_PATH" | head -5 | tr '\n' ' ')"
    answer kind directory
    answer backupType "$(sed -n 's/^backup_type *= *//p' "$checkpoints")"
    if holds_packed_files "$BACKUP_PATH"; then
        qpress=$(find_qpress "${QPRESS_FOLDERS:-}")
        answer qpress "$qpress"
    fi
    info=$(first_file "$BACKUP_PATH"/{mariadb_backup,xtrabackup}_info{,.qp})
    case $info in
        '') ;;
        *.qp)
            text=$("$qpress" -dio <"$info") || fail BACKUP_UNUSABLE "$qpress cannot unpack $info"
            answer serverVersion "$(printf '%s\n' "$text" | sed -n 's/^server_version *= *//p')"
            ;;
        *) answer serverVersion "$(sed -n 's/^server_version *= *//p' "$info")" ;;
    esac
    require_plain_files "$BACKUP_PATH"
    answer sizeBytes "$(timeout -s KILL 600 du -s -B1 "$BACKUP_PATH" | cut -f1)"
}

# matches TEXT PATTERN: whether a line of TEXT begins with PATTERN, an extended regular expression; SEEN
# becomes its last group. Not by grep on a here-string: bash may put that, a part of the dump, into /tmp.
matches() {
    local pattern=$'(^|\n)'"$2"
    local last
    SEEN=''
    [[ $1 =~ $pattern ]] || return 1
    last=$((${#BASH_REMATCH[@]} - 1))
    SEEN=${BASH_REMATCH[last]}
}

# inspect_stream HEAD: the name of its first file, which `mariadb-backup --compress` lets end with .qp.
# After the mark come flags and type, a byte each, then the length of the name in four bytes.
inspect_stream() {
    local length qpress
    answer kind stream
    printf -v length %d "'${1:10:1}"
    length=$((length & 255))
    [[ ${1:14:length} == *.qp ]] || return 0
    qpress=$(find_qpress "${QPRESS_FOLDERS:-}")
    answer qpress "$qpress"
}

# inspect_dump HEAD: the comments a dump begins with.
inspect_dump() {
    local SEEN
    answer kind dump
    matches "$1" $'-- Server version[ \t]*([^\n]*)' || :
    answer serverVersion "$SEEN"
    if ! matches "$1" '(-- Current Database:|USE |CREATE DATABASE)'; then
        matches "$1" $'-- Host: [^\n]*[ \t]Database: ([^\n]*)' || :
        answer database "$SEEN"
    fi
    # Of a compressed dump the end is only seen when it has been loaded.
    if [[ $COMPRESSION == none ]] && matches "$1" '-- (MariaDB|MySQL) dump'; then
        tail -c 4096 "$BACKUP_PATH" | grep -aq '^-- Dump completed' || fail BACKUP_UNUSABLE "$BACKUP_PATH is a truncated dump: its last line is not '-- Dump completed'"
    fi
}

inspect_file() {
    local head
    COMPRESSION=$(compression_of "$BACKUP_PATH")
    answer compression "$COMPRESSION"
    answer sizeBytes "$(stat -L -c %s "$BACKUP_PATH")"
    # Only the beginning is unpacked; the unpacker then finds its reader gone.
    head=$({ (unpack "$COMPRESSION" "$BACKUP_PATH") 2>/dev/null || :; } | timeout -k 1 60 head -c 65536 | tr '\000' '\001')
    case $head in
        '') fail BACKUP_UNUSABLE "$BACKUP_PATH is empty or cannot be unpacked ($COMPRESSION)" ;;
        XBSTCK01*) inspect_stream "$head" ;;
        *)
            [[ $head != *$'\001'* && $head =~ ^[[:space:]]*(--|/\*|[A-Za-z]) ]] ||
                fail BACKUP_UNUSABLE "$BACKUP_PATH is neither an SQL dump nor a mariadb-backup stream"
            inspect_dump "$head"
            ;;
    esac
}

# require_reachable: a file or a directory that answers, and that no resync would delete.
require_reachable() {
    local kind status=0 real
    kind=$(timeout -s KILL 30 stat -L -c '%F' -- "$BACKUP_PATH" 2>&1) || status=$?
    ((status < 124)) || fail BACKUP_UNUSABLE "$BACKUP_PATH does not answer within 30 s; is its file server down?"
    case $kind in
        directory | 'regular file' | 'regular empty file') ;;
        stat:*) fail BACKUP_UNUSABLE "$(id -un) cannot read $BACKUP_PATH: ${kind##*: }" ;;
        *) fail BACKUP_UNUSABLE "$BACKUP_PATH is no file and no directory: ${kind}" ;;
    esac
    real=$(readlink -e -- "$BACKUP_PATH")
    [[ $real/ != "$MOUNT"/* && $(stat -L -c %d -- "$real") != "$(stat -c %d -- "$MOUNT" 2>/dev/null)" ]] ||
        fail BACKUP_UNUSABLE "$BACKUP_PATH lies in the dataset at $MOUNT itself, which a resync empties: put it elsewhere on the host"
    [[ $MOUNT/ != "$real"/* ]] || fail BACKUP_UNUSABLE "the dataset at $MOUNT lies inside of $BACKUP_PATH: put the backup into a directory of its own"
    [[ -r $BACKUP_PATH ]] || fail BACKUP_UNUSABLE "$(id -un) cannot read $BACKUP_PATH"
}

main() {
    : "${MOUNT:?}" "${BACKUP_PATH:?}"
    require_reachable
    if [[ -d $BACKUP_PATH ]]; then inspect_directory; else inspect_file; fi
}

story_setup
main "$@"
