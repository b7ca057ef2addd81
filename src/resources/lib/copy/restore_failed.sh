#!/usr/bin/env bash
# What it means that a program which restores a backup has failed: the backup is to blame only when nothing else is.
# Needs: server/cause story

# Of the host and of this dSource, not of the backup.
NOT_THE_BACKUP='(Out of memory|out of memory|Cannot allocate|Cannot map innodb_buffer_pool|bad_alloc|system_error|Too many open files|OS error 224|temporary file|Can.t create/write|must be writable|Can.t open shared library|could not be loaded)'
NO_KEYS='(ncryption key|encryption plugin|key management|key_management|nable to decrypt)'

# restore_failed WHAT STATUS TEXT: ends the step. 128 and more: a signal has ended the program.
restore_failed() {
    local seen="$1: ${3:-status $2}"
    if (($2 > 128 && $2 != 141)); then fail JOB_LOST "$seen (signal $(($2 - 128)): out of memory, or somebody ended it)"; fi
    if [[ $3 =~ $NO_KEYS ]]; then fail SOURCE_ENCRYPTED "$seen"; fi
    if [[ $3 =~ $NOT_THE_BACKUP ]]; then fail LOAD_FAILED "$seen; nothing is wrong with the backup"; fi
    fail BACKUP_UNUSABLE "$seen"
}

# cause_of_tool FILE: the words of mariadb-backup that tell why it ended: of its own lines those about the start of
# the server inside of it, and about threads, only follow.
cause_of_tool() {
    local cause
    cause=$(cause_of <"$1")
    [[ -n $cause ]] || cause=$({ grep -E 'Got error|FATAL ERROR|[Ee]rror|terminate called|what\(\)' "$1" || :; } | { grep -vE -m 1 'srv_start|my_thread_global_end|for buffer pool' || :; })
    [[ -n $cause ]] || cause=$({ grep -vE '^$|completed|my_thread_global_end' "$1" || :; } | tail -n 1)
    printf '%s' "$cause"
}
