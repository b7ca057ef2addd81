#!/usr/bin/env bash
# Programs of a MariaDB installation, under their new and their old names.
# Needs: story

# find_tool NAME...: path of the first of these programs in the installation at BASE_DIR.
find_tool() {
    local name directory
    for name in "$@"; do
        for directory in "$BASE_DIR/bin" "$BASE_DIR/sbin" "$BASE_DIR/scripts" "${DAEMON%/*}"; do
            if [[ -x $directory/$name && ! -d $directory/$name ]]; then
                printf '%s\n' "$directory/$name"
                return
            fi
        done
    done
    fail TOOL_MISSING "none of $* is in $BASE_DIR/bin, $BASE_DIR/sbin or ${DAEMON%/*}"
}

dump_tool() { find_tool mariadb-dump mysqldump; }

install_tool() { find_tool mariadb-install-db mysql_install_db; }

# base_dir PROGRAM: the directory that holds the installation's bin, sbin and share.
base_dir() {
    local directory=${1%/*}
    printf '%s\n' "${directory%/*}"
}

# daemon_version PATH: the version text when the program is a MariaDB server, else nothing.
daemon_version() {
    local text
    text=$(timeout -k 1 5 "$1" --no-defaults --version </dev/null 2>/dev/null) || return 0
    [[ $text =~ $VERSION_TEXT ]] || return 0
    printf '%s\n' "${BASH_REMATCH[1]}"
}

# learn_daemon: DAEMON_RUNS becomes the version text of DAEMON, and DAEMON_PLUGINS the directory where it looks for its
# libraries by itself; both are empty when it does not tell. It is asked once in a step.
learn_daemon() {
    local text
    [[ -z $DAEMON_RUNS ]] || return 0
    ask_daemon
    text=$(cat <&"$DAEMON_TELLS")
    exec {DAEMON_TELLS}<&-
    DAEMON_TELLS=''
    [[ ! ${text%%$'\n'*} =~ $VERSION_TEXT ]] || DAEMON_RUNS=${BASH_REMATCH[1]}
    [[ $text != *$'\n'* ]] || DAEMON_PLUGINS=${text#*$'\n'}
}
# shellcheck disable=SC2034  # read by whoever links libraries
DAEMON_RUNS='' DAEMON_PLUGINS=''

# ask_daemon: begins what learn_daemon ends: it takes as long as many small things together. Not before `take_over`,
# which would end it.
ask_daemon() {
    [[ -z $DAEMON_RUNS$DAEMON_TELLS ]] || return 0
    exec {DAEMON_TELLS}< <(timeout -k 1 30 "$DAEMON" --no-defaults --basedir="$BASE_DIR" --verbose --help 2>/dev/null </dev/null 3>&- | sed -n -e 1p -e 's/^plugin-dir  *//p')
}
DAEMON_TELLS=''
VERSION_TEXT='Ver +([0-9]+\.[0-9]+\.[0-9]+-MariaDB[^ ]*)'

# trusted PATH: nobody but its owner (root, us, or whoever owns an installation tree) can change it. REAL becomes the
# path without symbolic links.
trusted() {
    local directory
    local -a places
    REAL=$(readlink -e -- "$1") && [[ -f $REAL && -x $REAL ]] || return 1
    directory=${REAL%/*}
    while [[ -n $directory ]]; do
        places+=("$directory")
        directory=${directory%/*}
    done
    # Sticky folders (/tmp) do not let others replace what is ours.
    [[ -z $(find "$REAL" "${places[@]}" -maxdepth 0 -perm /0002 \( ! -type d -o ! -perm -1000 \) -print) ]] || return 1
    case $REAL in
        /usr/* | /opt/* | /bin/* | /sbin/*) return 0 ;;
    esac
    [[ -O $REAL || $(stat -c %u "$REAL") == 0 ]]
}

# series_number VERSION: its first two numbers as one that can be compared.
series_number() {
    [[ $1 =~ ^([0-9]+)\.([0-9]+)\. ]] || fail VERSION_MISMATCH "'$1' is no version (of $DAEMON, or in $MOUNT/written.by)"
    printf '%d\n' "$((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2]))"
}
