#!/usr/bin/env bash
# The gate before mbstream: names in a mariadb-backup stream stay inside of the directory it is unpacked
# into. mbstream before 10.11 follows `../x` and `/x` (seen on 10.5.23); later ones pass such files over.
#
# A stream is a row of chunks: the mark XBSTCK01, flags, type, length of the name (4 bytes, the lowest
# first), the name; then, by type, for P the length of the content (8), its place (8), a checksum (4) and
# the content, for S a place (8), for R a second name with its length (4). E and D hold no more.

# gate_stream [END]: passes stdin on, chunk by chunk, up to the first that is not as it must be; that one ends
# it with status 1 and a line on stderr. With END, that word must stand where the next chunk would begin,
# and ends it.
gate_stream() {
    local MAGIC RAW NUMBER NAME type end=${1:-}
    while read_magic; do
        if ! read_number 1 || ! IFS= read -r -d '' -n 1 type; then refuse_chunk "it is cut off"; fi
        RAW+=$type
        read_name
        case $type in
            E | D) ;;
            S) read_number 8 || refuse_chunk "it is cut off at $NAME" ;;
            R) read_name ;;
            P)
                read_number 8 || refuse_chunk "it is cut off at $NAME"
                pass_content "$NUMBER"
                continue
                ;;
            *) refuse_chunk "a chunk of the unknown kind '$type' at $NAME" ;;
        esac
        # Nobody reads on: mbstream has ended, and says why.
        printf '%b' "$RAW" || exit 0
    done
    [[ $MAGIC == "$end" ]] || refuse_chunk "no end: it was cut off"
}

# read_magic: the mark of the next chunk; 1 at the end of the stream.
read_magic() {
    MAGIC=''
    IFS= read -r -d '' -n 8 MAGIC || [[ -n $MAGIC ]] || return 1
    [[ -z $end || $MAGIC != "$end" ]] || return 1
    [[ $MAGIC == XBSTCK01 ]] || refuse_chunk "no chunk begins where one should"
    RAW=$MAGIC
}

# read_number COUNT: NUMBER becomes that many bytes, the lowest first; RAW grows by them.
read_number() {
    local left=$1 place=0 char byte
    NUMBER=0
    while ((left-- > 0)); do
        IFS= read -r -d '' -n 1 char || return 1
        printf -v byte '%d' "'$char"
        byte=$((byte & 255))
        NUMBER=$((NUMBER | byte << place))
        place=$((place + 8))
        printf -v byte '\\x%02x' "$byte"
        RAW+=$byte
    done
}

# read_name: NAME becomes the next name with its length before it; a plain path below the directory.
read_name() {
    read_number 4 || refuse_chunk "it is cut off"
    ((NUMBER > 0 && NUMBER <= 1024)) || refuse_chunk "a name of $NUMBER bytes"
    NAME=''
    IFS= read -r -d '' -n "$NUMBER" NAME || :
    ((${#NAME} == NUMBER)) || refuse_chunk "a name that is cut off: $(printf %q "$NAME")"
    case /$NAME/ in
        *//* | */../* | */./* | *[[:cntrl:]]* | *\\*) refuse_chunk "the file $(printf %q "$NAME"), which is no plain path" ;;
    esac
    RAW+=$NAME
}

# pass_content LENGTH: the rest of a chunk of content.
pass_content() {
    local length=$1
    ((length >= 0)) || refuse_chunk "a content of $length bytes at $NAME"
    if ! read_number 8 || ! read_number 4; then refuse_chunk "it is cut off at $NAME"; fi
    printf '%b' "$RAW" || exit 0
    # As much at a time as a pipe holds.
    dd bs=65536 iflag=count_bytes,fullblock count="$length" status=none || exit 0
}

refuse_chunk() {
    printf 'the stream holds %s\n' "$1" >&2
    exit 1
}
