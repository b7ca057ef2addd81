#!/usr/bin/env bash
# What a file is that people call a backup, by its beginning.
# Needs: answer backup/entries backup/foreign copy/backup_kind dump/read story

# inspect_file: the file at BACKUP_PATH.
inspect_file() {
    answer sizeBytes "$(stat -L -c %s "$BACKUP_PATH")"
    look_at "$BACKUP_PATH"
    answer compression "$COMPRESSION"
    case $HEAD in
        XBSTCK01*) inspect_stream "$HEAD" ;;
        *)
            answer kind dump
            dump_row "$BACKUP_PATH" | answer_lines dump
            require_end
            ;;
    esac
}

# look_at FILE: HEAD becomes the beginning of its content, and COMPRESSION how it is packed; refuses what is no
# backup.
look_at() {
    local BACKUP_PATH=$1 hex
    refuse_foreign "$(unfinished_name)"
    COMPRESSION=$(compression_of "$BACKUP_PATH")
    HEAD=$(beginning 65536 | tr '\000' '\001')
    [[ -n $HEAD ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH is empty or cannot be unpacked ($COMPRESSION)"
    [[ $HEAD != XBSTCK01* ]] || return 0
    hex=$(beginning 8 | od -An -tx1 | tr -d ' \n')
    refuse_foreign "$(packed_in "$hex")"
    ! is_tar "$HEAD" || refuse_foreign "is a tar archive: unpack it on the staging host (tar -xf FILE) and name the dump or directory in it"
    HEAD=${HEAD#$'\xef\xbb\xbf'}
    refuse_foreign "$(other_text "$HEAD")"
    [[ $(beginning 65536 | tr -dc '\000' | wc -c) == 0 ]] ||
        fail BACKUP_UNUSABLE "$BACKUP_PATH is neither an SQL dump nor a mariadb-backup stream"
    refuse_foreign "$(said_by_client "$HEAD")"
    [[ $HEAD =~ ^[[:space:]]*(--|#|/\*|[A-Za-z\(]) ]] ||
        fail BACKUP_UNUSABLE "$BACKUP_PATH is neither an SQL dump nor a mariadb-backup stream"
}

# beginning BYTES: of the content; the unpacker then finds its reader gone.
beginning() { { (unpack "$COMPRESSION" "$BACKUP_PATH") 2>/dev/null || :; } | { timeout -k 1 60 head -c "$1" || :; }; }

# dump_row FILE: what the dump says of itself at its beginning, as a row: path, compression, tool, version,
# database, whether it needs one, time zone, whether it saves settings.
dump_row() {
    local BACKUP_PATH=$1 ESCAPED facts name row
    facts=$(beginning 1048576 | read_dump /dev/stdout)
    escape "$BACKUP_PATH"
    row=$ESCAPED$'\t'$COMPRESSION
    for name in tool version named needs zone saves; do
        row+=$'\t'$(printf '%s\n' "$facts" | sed -n "s/^$name\t//p" | head -n 1)
    done
    printf '%s\n' "$row"
}

# require_end: a plain dump of mariadb-dump is whole by its last line. Of a compressed one that is only seen when all
# of it has been read.
require_end() {
    [[ $COMPRESSION == none && $HEAD =~ (^|$'\n')'-- '(MariaDB|MySQL)' dump' ]] || return 0
    tail -c 4096 "$BACKUP_PATH" | grep -aq '^-- Dump completed' ||
        fail BACKUP_UNUSABLE "$BACKUP_PATH is a truncated dump: its last line is not '-- Dump completed'"
}

# sql_files: those in the folder BACKUP_PATH, one name a line.
sql_files() { find "$BACKUP_PATH" -maxdepth 1 -type f \( -name '*.sql' -o -name '*.sql.gz' -o -name '*.sql.zst' -o -name '*.sql.xz' -o -name '*.sql.bz2' \) -printf '%f\n' | sort; }

# holds_dumps: the folder is one of SQL files, and of nothing else that says what it is.
holds_dumps() {
    local names
    names=$(sql_files)
    [[ -n $names && -z $(foreign_directory) ]]
}

# inspect_dumps: a folder with an SQL file for each database.
inspect_dumps() {
    local name
    require_entries "$BACKUP_PATH" '[^/]*\.sql(\.gz|\.zst|\.xz|\.bz2)?'
    answer kind dumps
    answer sizeBytes "$(timeout -s KILL 600 du -s -B1 "$BACKUP_PATH" | cut -f1)"
    sql_files | while IFS= read -r name; do
        look_at "$BACKUP_PATH/$name"
        [[ $HEAD != XBSTCK01* ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH/$name is a stream of mariadb-backup among SQL files"
        dump_row "$BACKUP_PATH/$name"
    done | answer_lines dump
}
