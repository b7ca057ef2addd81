#!/usr/bin/env bash
# Reading a user's dumps before anything is touched. WORK is the job's directory.
# Needs: copy/dump_position copy/unpack dataset/write dump/read job/run story writers

# read_dumps: every file to its end, or to the first that speaks against it.
read_dumps() {
    local -a ROW STATUS
    local line seen
    while IFS= read -r line; do
        decode_row "$line"
        # shellcheck disable=SC2034  # what unpacks reads these
        BACKUP_PATH=${ROW[0]} COMPRESSION=${ROW[1]} DATABASE=${ROW[2]}
        copy_phase "reading ${BACKUP_PATH##*/}"
        rm -f -- "$WORK/read.status"
        pipe_to_reader &
        await_pipe read "reading $BACKUP_PATH"
        ((STATUS[0] == 0 || STATUS[0] == 141)) || fail BACKUP_UNUSABLE "$BACKUP_PATH cannot be read to its end: $(grep -m 1 . "$WORK/unpack.err")"
        ((STATUS[1] == 0)) || fail UNEXPECTED "the reader of $BACKUP_PATH ended with status ${STATUS[1]}: $(head -n 1 "$WORK/read.err")"
        seen=$(sed -n 's/^problem\t//p' "$WORK/facts.one")
        [[ -z $seen ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH: $seen"
        cat "$WORK/facts.one" >>"$FACTS"
    done <<<"$DUMPS"
    dump_position
    phase "done"
}

pipe_to_reader() {
    set +e
    trap - ERR
    noted_unpack | read_dump "$WORK/facts.one" 2>"$WORK/read.err"
    write_text "$WORK/read.status" <<<"${PIPESTATUS[*]}"
}
