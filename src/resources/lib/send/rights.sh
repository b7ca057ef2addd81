#!/usr/bin/env bash
# As whom mariadb-backup can read the files of the source: as the environment user, where it may read them, else as
# their owner, by the one sudo rule that the documentation asks for.
# Needs: host/programs story

# What mariadb-backup is called with; all else goes through its standard input. The sudo rule says just this.
BACKUP_OPTIONS='--defaults-file=/dev/stdin --backup --stream=mbstream'

# learn_tool: TOOL becomes the mariadb-backup of the installation.
learn_tool() { TOOL=$(find_tool mariadb-backup mariabackup); }

# learn_rights DATA-DIRECTORY: OWNER becomes the user that owns it, AS what stands before a command of theirs.
learn_rights() {
    local rule
    OWNER=$(stat -c %U -- "$1" 2>/dev/null) || OWNER=mysql
    AS=()
    ! may_read "$1" || return 0
    rule="$(id -un) ALL=($OWNER) NOPASSWD: $TOOL $BACKUP_OPTIONS"
    # shellcheck disable=SC2086  # one word an option
    sudo -n -l -u "$OWNER" -- "$TOOL" $BACKUP_OPTIONS </dev/null >/dev/null 2>&1 ||
        fail SOURCE_FILES_CLOSED "$(id -un) can neither read $1, which belongs to $OWNER, nor run mariadb-backup as $OWNER; the line for sudoers: $rule"
    # shellcheck disable=SC2034  # read by the job
    AS=(sudo -n -u "$OWNER" --)
}

# may_read DATA-DIRECTORY: all of it, as far as the files on the first two levels tell.
may_read() {
    [[ -r $1 && -x $1 ]] || return 1
    [[ -z $(find "$1" -maxdepth 2 ! -readable -print -quit 2>&1) ]]
}
