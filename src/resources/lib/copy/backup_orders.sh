#!/usr/bin/env bash
# What a mariadb-backup holds beside data: files that its tools and servers read for orders.
# Needs: copy/backup_kind dataset/ours dataset/write host/programs story
# Constants: DATA

# rewrite_checkpoints: the state of the backup, from plain numbers and words only; prints its kind.
rewrite_checkpoints() {
    local file kind
    file=$(first_file "$MOUNT/$DATA"/{mariadb_backup,xtrabackup}_checkpoints)
    [[ -n $file ]] || fail BACKUP_UNUSABLE "the backup holds no mariadb_backup_checkpoints: it is incomplete"
    kind=$(sed -n 's/^backup_type *= *//p' "$file" | head -n 1)
    case $kind in
        full-backuped | full-prepared | log-applied) ;;
        *) fail BACKUP_UNUSABLE "a backup of type '${kind:0:60}' cannot be restored by itself" ;;
    esac
    grep -E '^(backup_type *= *[a-z-]{1,30}|(from|to|last)_lsn *= *[0-9]{1,20}|recover_binlog_info *= *[01])$' "$file" | write_text "$file"
    printf '%s' "$kind"
}

# rewrite_options: backup-my.cnf, which mariadb-backup and we read, from an allow-list of plain values.
# Keys of encrypted tables come from the settings of this dSource (KEYS), never from the backup.
rewrite_options() {
    local file="$MOUNT/$DATA/backup-my.cnf" line name value
    [[ -f $file ]] || : >"$file"
    {
        printf '[mysqld]\n'
        while IFS= read -r line || [[ -n $line ]]; do
            [[ $line =~ ^[[:space:]]*([A-Za-z_-]+)[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
            name=${BASH_REMATCH[1]//-/_}
            value=${BASH_REMATCH[2]}
            value=${value%"${value##*[![:space:]]}"}
            plain_option "$name" "$value"
        done <"$file"
        if [[ -n ${KEYS:-} ]]; then
            # mariadb-backup knows no directory of plugins by itself: the installation's own. It reads
            # this line, too, before it takes the file for an option file.
            learn_daemon
            printf 'plugin_dir="%s"\n' "$DAEMON_PLUGINS"
            printf '%s\n' "$KEYS"
        fi
    } | write_text "$file"
}

# plain_option NAME VALUE: prints it if it tells how the files are made; refuses a value that is none.
plain_option() {
    local pattern size='[0-9]{1,15}[KMGkmg]?'
    local file="[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}:$size(:autoextend(:max:$size)?)?"
    case $1 in
        innodb_page_size | innodb_log_file_size | innodb_undo_tablespaces | innodb_log_files_in_group | innodb_log_block_size | innodb_compression_level | lower_case_table_names) pattern='[0-9]{1,15}' ;;
        innodb_checksum_algorithm) pattern='(strict_)?(crc32|full_crc32|innodb|none)' ;;
        innodb_encrypt_log) pattern='[0-9A-Za-z]{1,3}' ;;
        innodb_data_file_path) pattern="$file(;$file)*" ;;
        *) return 0 ;;
    esac
    [[ $2 =~ ^$pattern$ ]] || fail BACKUP_UNUSABLE "backup-my.cnf says $1 = '${2:0:100}', which is no plain value"
    printf '%s=%s\n' "$1" "$2"
}

# drop_orders: files that a server would act on and that are no data.
drop_orders() {
    local file
    for file in "$MOUNT/$DATA"/{master,relay-log,multi-master}*.info "$MOUNT/$DATA"/{ddl_recovery*,tc}.log "$MOUNT/$DATA"/{my,auto,.my,mylogin}.cnf; do
        [[ ! -e $file ]] || remove_inside "${file#"$MOUNT"/}"
    done
}

# require_inner_log: as far as can be seen without parsing the redo log, every tablespace that it names is
# `./database/table.ibd`. In recovery InnoDB opens, renames and deletes what the log names, wherever it lies.
require_inner_log() {
    local outside
    # Names of files are ASCII. Before 10.8 the log has blocks, which may cut off the beginning of a name. So
    # a name with two slashes may be the rest of a good one; one with three, or with `../` twice, leads out.
    outside=$(find "$MOUNT/$DATA" -maxdepth 1 -name 'ib_logfile*' -exec grep -haoE '[A-Za-z0-9_@#$.%+=,:~/ -]+\.ibd' {} + |
        grep -E '(/.*){3}|\.\./.*\.\./' | head -n 1) || :
    [[ -z $outside ]] || fail BACKUP_UNUSABLE "the redo log of the backup names a file outside of the data directory: ${outside:0:200}"
}
