#!/usr/bin/env bash
# What people call a backup and is none that can be restored, by the one sentence that names it and helps.
# Needs: copy/backup_kind story

# refuse_foreign SENTENCE: when there is one.
refuse_foreign() { [[ -z $1 ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH $1"; }

# packed_in HEX: what the first bytes of a file are, in hexadecimal, when they are another archive's.
packed_in() {
    case $1 in
        504b0304* | 504b0506*) echo "is a zip archive: unpack it on the staging host (unzip -p FILE > dump.sql) and name the dump" ;;
        377abcaf271c*) echo "is a 7z archive: unpack it on the staging host (7z x FILE) and name the dump" ;;
        526172211a07*) echo "is a rar archive: unpack it on the staging host and name the dump" ;;
        04224d18*) echo "is compressed with lz4: unpack it on the staging host (lz4 -d FILE dump.sql) and name the dump" ;;
        894c5a4f*) echo "is compressed with lzop: unpack it on the staging host (lzop -d FILE) and name the dump" ;;
        fffe* | feff*) echo "is UTF-16 text, as PowerShell writes with '>': convert it (iconv -f UTF-16 -t UTF-8 FILE > dump.sql), or make the dump anew with --result-file" ;;
        fe62696e*) echo "is a binary log, not a backup: name a full backup" ;;
        5047444d50*) echo "is a dump of PostgreSQL, not of MariaDB" ;;
        1f8b* | 28b52ffd* | fd377a585a00* | 425a68*) echo "is compressed twice: unpack it once on the staging host and name what comes out" ;;
    esac
}

# is_tar HEAD: whether the head of a file is a tar archive's.
is_tar() { [[ ${1:257:5} == ustar ]]; }

# Words that a statement may begin with.
FIRST_WORDS=' ALTER ANALYZE BACKUP BEGIN BINLOG CALL CHANGE CHECK COMMIT CREATE DELETE DELIMITER DESCRIBE DO DROP EXECUTE EXPLAIN FLUSH GRANT HANDLER INSERT INSTALL KILL LOAD LOCK OPTIMIZE PREPARE PURGE RENAME REPAIR REPLACE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW SIGNAL START STOP TRUNCATE UNINSTALL UNLOCK UPDATE USE VALUES WITH XA '

# said_by_client HEAD: a line that a program has printed, which went into the dump: text that is no statement.
said_by_client() {
    local line=${1%%$'\n'*} word
    [[ $line =~ ^[[:space:]]*([A-Za-z/\[][^[:space:]\;\(\`]*) ]] || return 0
    word=${BASH_REMATCH[1]}
    [[ $word == '/*'* || $FIRST_WORDS == *" ${word^^} "* ]] ||
        echo "begins with a line that is no SQL, such as a client prints: '${line:0:120}'; make the dump without 2>&1, or take the line out (tail -n +2 FILE > dump.sql)"
}

# other_text HEAD: text that is no dump of MariaDB.
other_text() {
    case $1 in
        '<?xml'*) echo "is XML (mariadb-dump --xml), which is no SQL: make the dump without --xml" ;;
        '<!DOCTYPE'* | '<html'* | '<HTML'*) echo "is a page of HTML, not a dump: look into it, the download has failed" ;;
        *'PostgreSQL database dump'*) echo "is a dump of PostgreSQL, not of MariaDB" ;;
        *'SQLite format 3'* | 'PRAGMA foreign_keys'*) echo "comes from SQLite, not from MariaDB" ;;
    esac
}

# unfinished_name: names that programs give a file while they write it.
unfinished_name() {
    case $BACKUP_PATH in
        *.part | *.partial | *.filepart | *.crdownload | *.tmp) echo "has the name of a file that is still written: wait until the transfer has ended, and name the whole file" ;;
    esac
}

# foreign_directory: a folder that is no backup of mariadb-backup, mydumper or SQL files.
foreign_directory() {
    local folder=$BACKUP_PATH
    if [[ -f $folder/metadata.partial ]]; then
        echo "is a directory of mydumper that has not come to its end (metadata.partial): make it anew"
    elif [[ -f $folder/@.json ]]; then
        echo "is a dump of MySQL Shell (util.dumpInstance), which MariaDB cannot load: make one with mariadb-dump"
    elif [[ -f $folder/mysql.ibd ]]; then
        echo "is a data directory of MySQL 8 (mysql.ibd), which MariaDB cannot open: make a dump of it with mariadb-dump"
    elif [[ -f $folder/ibdata1 && -d $folder/sys && ! -e $folder/aria_log_control ]]; then
        echo "is a data directory of MySQL (no aria_log_control), which MariaDB cannot open: make a dump of it with mariadb-dump"
    elif [[ -f $folder/ibdata1 || -d $folder/mysql ]]; then
        echo "is a data directory, not a backup of one: make one with mariadb-backup --backup, or copy it in by Manual Ingestion"
    elif [[ -n $(find "$folder" -maxdepth 1 -name '*.sql' -print -quit) && -n $(find "$folder" -maxdepth 1 -name '*.txt' -print -quit) ]]; then
        echo "holds files of mariadb-dump --tab (.sql and .txt): make the dump without --tab"
    fi
}

# foreign_files: files of Percona XtraBackup for MySQL, which uses the same names.
foreign_files() {
    local info version
    info=$(first_file "$BACKUP_PATH"/{xtrabackup,mariadb_backup}_info)
    [[ -n $info ]] || return 0
    version=$(sed -n 's/^server_version *= *//p' "$info" | head -n 1)
    if [[ -n $version && $version != *MariaDB* ]] && grep -qE '^tool_name *= *xtrabackup' "$info"; then
        echo "was made by Percona XtraBackup of MySQL ${version:0:40}, whose files MariaDB cannot open: make a dump of that server with mariadb-dump"
    elif [[ ${PARTIAL:-no} != yes ]] && grep -qE '^partial *= *Y' "$info"; then
        echo "is a partial backup (partial = Y in ${info##*/}): tables are missing in it; make it without --databases, --tables and their like, or set partialBackup"
    fi
}
