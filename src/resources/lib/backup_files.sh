#!/usr/bin/env bash
# Restoring the files of a mariadb-backup. They are data: only plain files and directories are taken,
# no link is followed, and what a tool or a server reads for orders is written anew from plain values.

# restore_physical: puts the files into the data directory and prepares them.
restore_physical() {
    local kind
    phase "copying the files of the backup"
    # shellcheck disable=SC2153  # an input of the step
    if [[ $KIND == directory ]]; then copy_directory; else extract_stream; fi
    require_plain_files "$MOUNT/data"
    chmod -R u+rwX,go= "$MOUNT/data"
    unpack_packed_files
    require_plain_files "$MOUNT/data"
    kind=$(rewrite_checkpoints)
    rewrite_options
    drop_orders
    # Prepared files say `log-applied` (MariaDB) or `full-prepared` (its ancestor).
    [[ $kind != full-backuped ]] || prepare_files
    physical_facts
    phase "done"
}

copy_directory() {
    require_plain_files "$BACKUP_PATH"
    run_watched "$WORK/copy.err" cp -R --reflink=auto -- "$BACKUP_PATH/." "$MOUNT/data" || fail BACKUP_UNUSABLE "$(head -n 1 "$WORK/copy.err")"
}

extract_stream() {
    local -a STATUS
    local MBSTREAM refused
    MBSTREAM=$(find_tool mbstream)
    pipe_stream &
    await_pipe stream "unpacking $BACKUP_PATH"
    ((STATUS[1] == 0)) || fail BACKUP_UNUSABLE "$BACKUP_PATH: $(head -n 1 "$WORK/gate.err")"
    [[ ${STATUS[*]} == "0 0 0" ]] || fail BACKUP_UNUSABLE "$BACKUP_PATH: $(cat "$WORK/unpack.err" "$WORK/load.err" | head -n 1)"
    # mbstream passes over names that it does not like, and ends with 0.
    refused=$(grep -m 1 -i 'invalid filename' "$WORK/load.err") || return 0
    fail BACKUP_UNUSABLE "$BACKUP_PATH holds a file that leads out of the data directory: $refused"
}

pipe_stream() {
    set +e
    trap - ERR
    noted_unpack | gate_stream 2>"$WORK/gate.err" | "$MBSTREAM" -x -C "$MOUNT/data" 2>"$WORK/load.err"
    write_text "$WORK/stream.status" <<<"${PIPESTATUS[*]}"
}

# require_plain_files FOLDER: nothing in it leads elsewhere. Tables with DATA DIRECTORY leave an .isl
# file with a path: InnoDB would open, change and move files there, and the redo log names it too.
require_plain_files() {
    local odd
    odd=$(find "$1" ! -type f ! -type d -printf '%P (%y)\n' -quit)
    [[ -z $odd ]] || fail BACKUP_UNUSABLE "the backup holds $odd, which is neither a file nor a directory"
    odd=$(find "$1" -iname '*.isl' -printf '%P\n' | sort | head -n 3 | paste -sd ' ')
    [[ -z $odd ]] || fail BACKUP_UNUSABLE "the backup holds tables with DATA DIRECTORY, which lie outside of it: $odd"
}

# rewrite_checkpoints: the state of the backup, from plain numbers and words only; prints its kind.
rewrite_checkpoints() {
    local file kind
    file=$(first_file "$MOUNT"/data/{mariadb_backup,xtrabackup}_checkpoints)
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
    local file="$MOUNT/data/backup-my.cnf" line name value
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
            printf 'plugin_dir="%s"\n' "$(plugin_directory)"
            printf '%s\n' "$KEYS"
        fi
    } | write_text "$file"
}

# plugin_directory: where DAEMON looks for its libraries.
plugin_directory() {
    timeout -k 1 30 "$DAEMON" --no-defaults --basedir="$BASE_DIR" --verbose --help 2>/dev/null </dev/null |
        sed -n 's/^plugin-dir  *//p'
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
    for file in "$MOUNT"/data/{master,relay-log,multi-master}*.info "$MOUNT"/data/{ddl_recovery*,tc}.log "$MOUNT"/data/{my,auto,.my,mylogin}.cnf; do
        [[ ! -e $file ]] || remove_inside "${file#"$MOUNT"/}"
    done
}

# require_inner_log: every tablespace that the redo log names is `./database/table.ibd`, as far as a look
# from outside can tell. In recovery
# InnoDB opens, renames and deletes what the log names, wherever that lies.
require_inner_log() {
    local outside
    # Names of files are ASCII. Before 10.8 the log has blocks, which may cut the beginning of a name off:
    # what has two slashes can be such a rest, what has three, or goes up twice, leads out.
    outside=$(find "$MOUNT/data" -maxdepth 1 -name 'ib_logfile*' -exec grep -haoE '[A-Za-z0-9_@#$.%+=,:~/ -]+\.ibd' {} + |
        grep -E '(/.*){3}|\.\./.*\.\./' | head -n 1) || :
    [[ -z $outside ]] || fail BACKUP_UNUSABLE "the redo log of the backup names a file outside of the data directory: ${outside:0:200}"
}

# prepare_files: what mariadb-backup says goes to a file; temporary ones into the dataset.
prepare_files() {
    local -x TMPDIR=$MOUNT/tmp
    local tool
    require_inner_log
    phase "preparing the files"
    tool=$(find_tool mariadb-backup mariabackup)
    run_watched "$WORK/prepare.out" "$tool" --prepare --tmpdir="$MOUNT/tmp" --target-dir="$MOUNT/data" || {
        tail -n 30 "$WORK/prepare.out" >&2
        fail BACKUP_UNUSABLE "mariadb-backup --prepare: $(grep -F -m 1 '[ERROR]' "$WORK/prepare.out" || grep -v '^$' "$WORK/prepare.out" | tail -n 1)"
    }
}

# physical_facts: position and file settings, then away with all that is no data.
physical_facts() {
    local file info gtid='' position=''
    info=$(first_file "$MOUNT"/data/{mariadb_backup,xtrabackup}_binlog_info)
    if [[ -n $info ]]; then
        IFS=$'\t' read -r file position gtid <"$info" || :
        [[ -z $gtid || $gtid =~ ^[0-9]+-[0-9]+-[0-9]+(,[0-9]+-[0-9]+-[0-9]+)*$ ]] || fail BACKUP_UNUSABLE "its position '${gtid:0:100}' is no GTID"
        [[ $position =~ ^[0-9]{1,20}$ && $file != *[[:cntrl:]]* ]] || fail BACKUP_UNUSABLE "its position '${file:0:100}:${position:0:30}' cannot be read"
        [[ -z $gtid ]] || answer gtid "$gtid"
        answer binlogFile "$file"
        answer binlogPosition "$position"
    fi
    sed -n 's/^\(innodb_page_size\|innodb_data_file_path\|innodb_undo_tablespaces\|lower_case_table_names\)=\(.*\)$/\1\t\2/p' \
        "$MOUNT/data/backup-my.cnf" | answer_lines setting
    [[ -d $MOUNT/data/mysql && -f $MOUNT/data/ibdata1 ]] || fail BACKUP_UNUSABLE "the backup holds no mysql directory or no ibdata1"
    for file in "$MOUNT"/data/{xtrabackup_,mariadb_backup_,backup-my.cnf,aria_log_control.copy}*; do
        [[ ! -e $file ]] || remove_inside "${file#"$MOUNT"/}"
    done
}
