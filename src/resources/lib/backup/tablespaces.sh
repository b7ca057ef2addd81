#!/usr/bin/env bash
# Whether the files of InnoDB tables have the length that they tell themselves.

# short_tablespaces FOLDER: those below it that are shorter than their first page says, one path a line. That page
# holds, from byte 46 on, the number of pages, and at byte 54 flags with the size of a page.
short_tablespaces() {
    local path length size
    find "$1" -mindepth 2 -maxdepth 2 -name '*.ibd' -printf '%s %P\n' | while read -r length path; do
        size=0
        ((length < 64)) || size=$(od -An -tu1 -j46 -N12 "$1/$path" | told_length)
        ((length >= 64 && size <= length)) || printf '%s\n' "$path"
    done
}

# told_length: bytes of a tablespace, from the twelve bytes that stdin holds as numbers. The form with one checksum
# for the whole page tells the size of a page in the lowest bits of the flags, the older one in two places: of a
# compressed page, or of an ordinary one.
told_length() {
    awk '
        { pages = (($1 * 256 + $2) * 256 + $3) * 256 + $4; high = $11; low = $12 }
        END {
            if (int(low / 16) % 2) shift = low % 16
            else if (int(low / 2) % 16) shift = int(low / 2) % 16
            else shift = (high % 4) * 4 + int(low / 64)
            if (shift == 0) shift = 5
            printf "%.0f", pages * 512 * 2 ^ shift
        }'
}
