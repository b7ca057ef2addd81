#!/usr/bin/env bash
# Backups made with `mariadb-backup --compress`: for each file NAME a file NAME.qp, but for the
# checkpoints. mariadb-backup unpacks them itself, and calls the program qpress for each.
# Needs: copy/backup_kind copy/restore_failed host/programs job/run server/client_errors story
# Constants: DATA TMP

# unpack_packed_files: those in the data directory, if there are any, and proves that none is left.
unpack_packed_files() {
    local program output left status=0
    if ! holds_packed_files "$MOUNT/$DATA"; then return 0; fi
    phase "unpacking the files"
    [[ -n $QPRESS ]] || QPRESS=$(find_qpress "$BASE_DIR/bin:${DAEMON%/*}")
    program=$(find_tool mariadb-backup mariabackup)
    require_sound_packed_files
    output=$(cd "$MOUNT/$DATA" && PATH=$PATH:${QPRESS%/*} TMPDIR=$MOUNT/$TMP "$program" --no-defaults --decompress --remove-original \
        --parallel="$(nproc)" --target-dir=. 2>&1 </dev/null) || status=$?
    if ((status != 0)); then
        # Without its own lines, two for each file, and what follows from a qpress that has ended.
        printf '%s\n' "$output" | grep -vE '^$|^\[[0-9]+\] |^cat: | based on MariaDB server ' >"$WORK/unpack.err" || :
        tail -n 30 "$WORK/unpack.err" >&2
        restore_failed "mariadb-backup --decompress: $(half_unpacked)" "$status" "$(error_line "$(tail -n 5 "$WORK/unpack.err")")"
    fi
    # It looks no deeper than the folders of the databases.
    left=$(find "$MOUNT/$DATA" -name '*.qp' -printf '%P\n' | head -n 5 | paste -sd ' ') || :
    [[ -z $left ]] || fail BACKUP_UNUSABLE "mariadb-backup --decompress has left packed files: $left"
}

# half_unpacked: the packed files beside which an unpacked one lies.
half_unpacked() {
    local file
    find "$MOUNT/$DATA" -name '*.qp' -print0 | while IFS= read -r -d '' file; do
        [[ ! -e ${file%.qp} ]] || printf '%s\n' "${file##*/}"
    done | paste -sd ' '
}

# require_sound_packed_files: mariadb-backup hands their names to a shell as they are, and writes
# wherever a symbolic link leads. Each ends with `ENDSENDS` and a number of 8 bytes.
require_sound_packed_files() {
    local odd all whole
    odd=$(cd "$MOUNT/$DATA" && find . \( -type l -o -name '*.qp' ! -regex '[A-Za-z0-9_@#%+=,./-]*' \) -print -quit)
    [[ -z $odd ]] || fail BACKUP_UNUSABLE "the compressed backup holds $odd, which mariadb-backup has not made"
    all=$(find "$MOUNT/$DATA" -name '*.qp' -printf x | wc -c)
    whole=$(find "$MOUNT/$DATA" -name '*.qp' -exec tail -q -c 16 {} + | { grep -ao ENDSENDS || :; } | wc -l)
    ((whole == all)) || fail BACKUP_UNUSABLE "$((all - whole)) of the $all compressed files are truncated"
}
