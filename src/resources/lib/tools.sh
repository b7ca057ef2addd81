#!/usr/bin/env bash
# Programs of a MariaDB installation, under their new and their old names.

# use_installation: DAEMON and BASE_DIR as given, else those that the dataset was made with. What the
# dataset says could be written by its own server: it is only taken for a program that cannot.
use_installation() {
    if [[ -z ${DAEMON:-} ]]; then
        DAEMON=$(marker_text "$MOUNT" daemonPath)
        case ${DAEMON##*/} in mariadbd | mysqld) ;; *) fail INSTALLATION_NOT_FOUND "the dataset names '$DAEMON', which is no server program" ;; esac
        [[ -f $DAEMON && -x $DAEMON ]] || fail INSTALLATION_NOT_FOUND "there is no server program at '$DAEMON'"
        if ! trusted "$DAEMON" || [[ $(readlink -e -- "$DAEMON") == "$MOUNT"/* ]]; then
            fail INSTALLATION_NOT_FOUND "the dataset names the server program '$DAEMON', which others than its owner could have put there"
        fi
        DAEMON=$(readlink -e -- "$DAEMON")
        BASE_DIR=$(base_dir "$DAEMON")
    fi
    [[ -x $DAEMON ]] || fail INSTALLATION_NOT_FOUND "there is no server program at '${DAEMON}'"
    BASE_DIR=${BASE_DIR:-$(base_dir "$DAEMON")}
    # shellcheck disable=SC2034  # read by whoever speaks SQL
    # Once and as an assignment: inside a longer command a failure would go unseen.
    CLIENT=$(find_tool mariadb mysql)
}

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

# daemon_version PATH: the version text when the program is a MariaDB server, else nothing.
daemon_version() {
    local text
    text=$(timeout -k 1 5 "$1" --no-defaults --version </dev/null 2>/dev/null) || return 0
    [[ $text =~ Ver\ +([0-9]+\.[0-9]+\.[0-9]+-MariaDB[^ ]*) ]] || return 0
    printf '%s\n' "${BASH_REMATCH[1]}"
}

# trusted PATH: nobody but its owner (root, us, or whoever owns an installation tree) can change it.
trusted() {
    local real owner directory
    local -a places
    real=$(readlink -e -- "$1") && [[ -f $real && -x $real ]] || return 1
    [[ -z $(find "$real" -perm /0002 -print) ]] || return 1
    directory=${real%/*}
    while [[ -n $directory ]]; do
        places+=("$directory")
        directory=${directory%/*}
    done
    # Sticky folders (/tmp) do not let others replace what is ours.
    [[ -z $(find "${places[@]}" -maxdepth 0 -perm /0002 ! -perm -1000 -print) ]] || return 1
    owner=$(stat -c %u "$real")
    case $real in
        /usr/* | /opt/* | /bin/* | /sbin/*) return 0 ;;
    esac
    ((owner == 0 || owner == UID))
}
