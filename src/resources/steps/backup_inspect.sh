#!/usr/bin/env bash
# Summary: tells what kind of backup lies at a path, by its content; it is only read.
# Inputs: MOUNT BACKUP_PATH QPRESS_FOLDERS? PARTIAL? DATABASE? PIECE? QUOTE?
# Secrets: -
# Answers: kind compression qpress sizeBytes serverVersion backupType dump
# Fails: BACKUP_UNUSABLE DISK_SPACE MOUNT_NOT_WRITABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer backup/foreign backup/look backup/mydumper backup/mydumper_whole backup/tablespaces
#     copy/backup_kind few host/mounts story

# inspect_directory: what mariadb-backup (or its ancestors) left.
inspect_directory() {
    local info checkpoints text qpress=''
    checkpoints=$(first_file "$BACKUP_PATH"/{mariadb_backup,xtrabackup}_checkpoints)
    if [[ -z $checkpoints ]] && is_mydumper "$BACKUP_PATH"; then
        require_whole_mydumper "$BACKUP_PATH"
        answer kind mydumper
        answer sizeBytes "$(timeout -s KILL 600 du -s -B1 "$BACKUP_PATH" | cut -f1)"
        return
    fi
    if [[ -z $checkpoints ]] && holds_dumps; then
        inspect_dumps
        return
    fi
    [[ -n $checkpoints ]] || refuse_foreign "$(foreign_directory)"
    [[ -n $checkpoints ]] || fail BACKUP_UNUSABLE "the directory $BACKUP_PATH is no mariadb-backup and holds no SQL files; it holds: $(entries "$BACKUP_PATH" | head -5 | tr '\n' ' ')"
    refuse_foreign "$(foreign_files)"
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
    require_whole_files "$(sed -n 's/^backup_type *= *//p' "$checkpoints")"
    answer sizeBytes "$(timeout -s KILL 600 du -s -B1 "$BACKUP_PATH" | cut -f1)"
}

# require_whole_files TYPE: prepared files have the length that they tell; others get it when they are prepared.
require_whole_files() {
    local cut
    case $1 in full-prepared | log-applied) ;; *) return 0 ;; esac
    [[ -z $(find "$BACKUP_PATH" -name '*.qp' -print -quit) ]] || return 0
    cut=$(short_tablespaces "$BACKUP_PATH" | few)
    [[ -z $cut ]] || fail BACKUP_UNUSABLE "files of the backup are cut off: $cut"
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

# require_reachable: a file or a directory that answers, and that no resync would delete.
require_reachable() {
    local kind status=0 real
    kind=$(timeout -s KILL 30 stat -L -c '%F' -- "$BACKUP_PATH" 2>&1) || status=$?
    ((status < 124)) || fail BACKUP_UNUSABLE "$BACKUP_PATH does not answer within 30 s; is its file server down?"
    case $kind in
        directory | 'regular file' | 'regular empty file') ;;
        stat:*) fail BACKUP_UNUSABLE "$OS_USER cannot read $BACKUP_PATH: ${kind##*: }" ;;
        *) fail BACKUP_UNUSABLE "$BACKUP_PATH is no file and no directory: ${kind}" ;;
    esac
    real=$(readlink -e -- "$BACKUP_PATH")
    [[ $real/ != "$MOUNT"/* && $(stat -L -c %d -- "$real") != "$(stat -c %d -- "$MOUNT" 2>/dev/null)" ]] ||
        fail BACKUP_UNUSABLE "$BACKUP_PATH lies in the dataset at $MOUNT itself, which a resync empties: put it elsewhere on the host"
    [[ $MOUNT/ != "$real"/* ]] || fail BACKUP_UNUSABLE "the dataset at $MOUNT lies inside of $BACKUP_PATH: put the backup into a directory of its own"
    [[ -r $BACKUP_PATH ]] || fail BACKUP_UNUSABLE "$OS_USER cannot read $BACKUP_PATH"
}

main() {
    : "${MOUNT:?}" "${BACKUP_PATH:?}"
    require_reachable
    if [[ -d $BACKUP_PATH ]]; then inspect_directory; else inspect_file; fi
}

story_setup
main "$@"
