#!/usr/bin/env bash
# Restoring the files of a mariadb-backup. They are data: only plain files and directories are taken,
# no link is followed, and what a tool or a server reads for orders is written anew from plain values.
# Needs: answer copy/backup_kind copy/backup_orders copy/packed copy/restore_failed copy/stream_gate
#     copy/unpack dataset/ours dataset/write host/programs job/movement job/run server/client_errors
#     server/installation story
# Constants: DATA TMP

# restore_files: puts the files into the data directory and prepares them.
restore_files() {
    use_installation
    copy_phase "copying the files of the backup"
    # shellcheck disable=SC2153  # an input of the step
    if [[ $KIND == directory ]]; then copy_directory; else extract_stream; fi
    settle_files
}

# settle_files: makes a data directory of the files that were put there.
settle_files() {
    local kind
    require_plain_files "$MOUNT/$DATA"
    chmod -R u+rwX,go= "$MOUNT/$DATA"
    unpack_packed_files
    require_plain_files "$MOUNT/$DATA"
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
    local status=0
    run_watched "$WORK/copy.err" cp -R --reflink=auto -- "$BACKUP_PATH/." "$MOUNT/$DATA" || status=$?
    ((status == 0)) || restore_failed cp "$status" "$(error_line "$(<"$WORK/copy.err")")"
}

extract_stream() {
    local -a STATUS
    local MBSTREAM refused
    MBSTREAM=$(find_tool mbstream)
    pipe_stream &
    await_pipe stream "unpacking $BACKUP_PATH"
    # 141: a part found its reader gone, which is not its fault.
    if ((STATUS[2] != 0)) && [[ ${STATUS[*]:0:2} =~ ^(0|141)\ (0|141)$ ]]; then
        restore_failed mbstream "${STATUS[2]}" "$(error_line "$(<"$WORK/load.err")")"
    fi
    ((STATUS[1] == 0)) || fail BACKUP_UNUSABLE "$BACKUP_PATH: $(head -n 1 "$WORK/gate.err")"
    [[ ${STATUS[*]} == "0 0 0" ]] || restore_failed "$BACKUP_PATH" "${STATUS[0]}" "$(error_line "$(cat "$WORK/unpack.err" "$WORK/load.err")")"
    # mbstream passes over names that it does not like, and ends with 0.
    refused=$(grep -m 1 -i 'invalid filename' "$WORK/load.err") || return 0
    fail BACKUP_UNUSABLE "$BACKUP_PATH holds a file that leads out of the data directory: $refused"
}

pipe_stream() {
    set +e
    trap - ERR
    noted_unpack | gate_stream 2>"$WORK/gate.err" | "$MBSTREAM" -x -C "$MOUNT/$DATA" 2>"$WORK/load.err"
    write_text "$WORK/stream.status" <<<"${PIPESTATUS[*]}"
}

# prepare_files: what mariadb-backup says goes to a file; temporary ones into the dataset.
prepare_files() {
    local -x TMPDIR=$MOUNT/$TMP
    local tool status=0
    require_inner_log
    phase "preparing the files"
    tool=$(find_tool mariadb-backup mariabackup)
    run_watched "$WORK/prepare.out" "$tool" --prepare --tmpdir="$MOUNT/$TMP" --target-dir="$MOUNT/$DATA" || status=$?
    ((status == 0)) && return
    tail -n 30 "$WORK/prepare.out" >&2
    restore_failed "mariadb-backup --prepare" "$status" "$(cause_of_tool "$WORK/prepare.out")"
}

# own_position: of the server that the backup was made on.
own_position() {
    local file info gtid='' position=''
    info=$(first_file "$MOUNT/$DATA"/{mariadb_backup,xtrabackup}_binlog_info)
    [[ -n $info ]] || return 0
    IFS=$'\t' read -r file position gtid <"$info" || :
    tell_position own "$file" "$position" "$gtid"
}

# position_of_master: of a backup made with --slave-info on a replica: the position of its source.
position_of_master() {
    local info text file='' position='' gtid=''
    info=$(first_file "$MOUNT/$DATA"/{mariadb_backup,xtrabackup}_slave_info)
    [[ -n $info ]] || return 0
    text=$(head -c 4096 "$info")
    if [[ $text =~ MASTER_LOG_FILE=\'([^\']*)\' ]]; then file=${BASH_REMATCH[1]}; fi
    if [[ $text =~ MASTER_LOG_POS=([0-9]+) ]]; then position=${BASH_REMATCH[1]}; fi
    if [[ $text =~ gtid_slave_pos\ *=\ *\'([^\']*)\' ]]; then gtid=${BASH_REMATCH[1]}; fi
    [[ -z $file$gtid ]] || tell_position master "$file" "${position:-0}" "$gtid"
}

# tell_position WHOSE FILE POSITION GTID: answers what is there of it, if it is what it should be.
tell_position() {
    local ESCAPED
    escape "$2"
    [[ -z $4 || $4 =~ ^[0-9]+-[0-9]+-[0-9]+(,[0-9]+-[0-9]+-[0-9]+)*$ ]] || fail BACKUP_UNUSABLE "its position '${4:0:100}' is no GTID"
    [[ $3 =~ ^[0-9]{1,20}$ && $2 != *[[:cntrl:]]* ]] || fail BACKUP_UNUSABLE "its position '${2:0:100}:${3:0:30}' cannot be read"
    [[ -z $4 ]] || printf '%s\t%s\t0\n' "$1" "$4" | answer_lines toldGtid
    [[ -z $2 ]] || printf '%s\t%s\t%s\t0\n' "$1" "$ESCAPED" "$3" | answer_lines toldPosition
}

# physical_facts: positions and file settings, then away with all that is no data.
physical_facts() {
    local file
    own_position
    position_of_master
    sed -n 's/^\(innodb_page_size\|innodb_data_file_path\|innodb_undo_tablespaces\|lower_case_table_names\)=\(.*\)$/\1\t\2/p' \
        "$MOUNT/$DATA/backup-my.cnf" | answer_lines setting
    [[ -d $MOUNT/$DATA/mysql && -f $MOUNT/$DATA/ibdata1 ]] || fail BACKUP_UNUSABLE "the backup holds no mysql directory or no ibdata1"
    for file in "$MOUNT/$DATA"/{xtrabackup_,mariadb_backup_,backup-my.cnf,aria_log_control.copy}*; do
        [[ ! -e $file ]] || remove_inside "${file#"$MOUNT"/}"
    done
}
