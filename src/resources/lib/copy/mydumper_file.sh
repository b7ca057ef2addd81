#!/usr/bin/env bash
# Loading one file of a directory of mydumper.
# Needs: copy/backup_kind copy/load_as_dumped copy/load_failed copy/unpack dump/read server/client_errors
#     story

# load_file NAME DATABASE HOW STREAM: one file. HOW is rows, plain, or bodies: these hold no DELIMITER, and a statement
# ends at a line that ends with a semicolon; inside of a body mydumper puts a blank behind it, which goes.
# shellcheck disable=SC2034  # what unpacks and reads uses these
load_file() {
    local BACKUP_PATH="$BACKUP_PATH/$1" DATABASE=$2 COMPRESSION PIECE='' QUOTE="'"
    local -a status
    local WORK=$4
    [[ -d $WORK ]] || mkdir -m 0700 -- "$WORK"
    COMPRESSION=$(compression_of "$BACKUP_PATH")
    [[ $3 != rows ]] || PIECE=yes QUOTE='"'
    {
        set +e
        trap - ERR
        noted_unpack | delimited "$3" | read_dump "$WORK/facts.one" /dev/null 2>"$WORK/read.err" | load_as_dumped "$3" 2>"$WORK/load.err"
        status=("${PIPESTATUS[@]}")
        trap 'story_end "$?" "$LINENO" "$BASH_COMMAND"' ERR
        set -e
    }
    ((status[0] == 0 || status[0] == 141)) || fail BACKUP_UNUSABLE "$BACKUP_PATH cannot be read to its end: $(grep -m 1 . "$WORK/unpack.err")"
    ((status[3] == 0)) || load_failed "$1: $(error_line "$(<"$WORK/load.err")")"
    ((status[1] == 0 && status[2] == 0)) || fail LOAD_FAILED "the reader of $1 ended with status ${status[2]}: $(head -n 1 "$WORK/read.err")"
    require_whole_file
    cat "$WORK/facts.one" >>"$WORK/facts"
}

# delimited HOW: stdin with marks between statements for those that need them.
delimited() {
    if [[ $1 != bodies ]]; then exec cat; fi
    awk '
        NR == 1 { own = $0 !~ /^DELIMITER/ ; if (own) print "DELIMITER $dlpx$" }
        /^DELIMITER/ { if (own) print "DELIMITER ;"; own = 0 }
        own && !sub(/;$/, "$dlpx$") { sub(/; $/, ";") }
        { print }'
}

require_whole_file() {
    local seen
    seen=$(sed -n $'s/^problem\t//p' "$WORK/facts.one")
    [[ -z $seen ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH: $seen"
}
