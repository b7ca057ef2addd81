#!/usr/bin/env bash
# Summary: finds the running servers of one installation that are not Delphix's own.
# Inputs: DAEMON BASE_DIR MOUNT?
# Secrets: -
# Answers: server
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE TOOL_MISSING UNEXPECTED
# Repeatable: yes, it only reads
# Needs: answer dataset/marker host/programs plugin_1_0/recognise process story
# Constants: OPTION_FILE

# options FILE-OPTION...: the server's options from its option files, one a line.
options() {
    local tool
    tool=$(find_tool my_print_defaults mariadb-print-defaults)
    timeout -k 1 10 "$tool" "$@" --mysqld 2>/dev/null
}

# spelled_out ARGUMENT...: options as --name=value, one a line, however they were given.
spelled_out() {
    local name
    while (($# > 0)); do
        name=${1//_/-}
        case $name in
            -P | -h | -S | --port | --datadir | --socket)
                case $name in -P) name=--port ;; -h) name=--datadir ;; -S) name=--socket ;; esac
                printf '%s=%s\n' "$name" "${2:-}"
                shift
                ;;
            *) printf '%s\n' "$1" ;;
        esac
        shift || :
    done
}

# is_delphix PATH: a dataset lies there, of this plugin or of 1.0.0.
is_delphix() { is_ours "$1" || [[ -n $(legacy_home "$1") ]]; }

# listening FILE...: `port inode uid` of each TCP socket that listens, by the tables of a network.
listening() { cat "$@" 2>/dev/null | awk '$4 == "0A" { split($2, at, ":"); print at[2], $10, $8 }' || :; }

# serves PID PORT: the server listens on the port in the network of this host, where others can reach it. In its own
# network, a container's, other sockets listen.
serves() {
    local port uid here socket
    port=$(printf '%04X' "$2" 2>/dev/null) || return 1
    uid=$(awk '$1 == "Uid:" { print $3 }' "/proc/$1/status" 2>/dev/null) || return 1
    here=$'\n'$(listening /proc/net/tcp /proc/net/tcp6)$'\n'
    while read -r socket; do
        [[ $socket != "$port "*" $uid" || $here != *$'\n'$socket$'\n'* ]] || return 0
    done < <(listening "/proc/$1/net/tcp" "/proc/$1/net/tcp6")
    return 1
}

# describe PID: port, data directory and socket of a running server.
describe() {
    local argument value port=3306 data=/var/lib/mysql socket='' text
    local -a arguments=() files=()
    while IFS= read -r -d '' argument; do arguments+=("$argument"); done 2>/dev/null <"/proc/$1/cmdline" || return 0
    for argument in "${arguments[@]:1}"; do
        case $argument in
            --defaults-file=*/"$OPTION_FILE") [[ ! -f ${argument#*=} ]] || ! is_delphix "$(dirname "${argument#*=}")" || return 0 ;;&
            --defaults-file=* | --defaults-extra-file=* | --defaults-group-suffix=* | --no-defaults) files+=("$argument") ;;
        esac
    done
    if ! text=$(options ${files[@]+"${files[@]}"}); then
        log WARNING "leaving out server $1: its option file cannot be read (${files[*]-})"
        return 0
    fi
    while IFS= read -r argument; do
        value=${argument#*=}
        case ${argument%%=*} in
            --port) port=$value ;;
            --datadir) data=${value%/} ;;
            --socket) socket=$value ;;
        esac
    done <<<"$text"$'\n'"$(spelled_out "${arguments[@]:1}")"
    if ! serves "$1" "$port"; then
        log WARNING "leaving out server $1 (port $port, data directory $data): it does not listen on that TCP port of this host (skip_networking, another port, or the network of a container); type a source config with the address at which the staging host reaches it"
        return 0
    fi
    answer server "$port"$'\t'"$data"$'\t'"$socket"$'\t'"$1"
}

# is_program NAME: whether it is the installation's server program, by path or by the usual PATH.
is_program() {
    local path=$1
    case ${path##*/} in mariadbd | mysqld) ;; *) return 1 ;; esac
    [[ $path == /* ]] || path=$(type -P "$path") || return 1
    [[ $(readlink -e -- "$path") == "$(readlink -e -- "$DAEMON")" ]]
}

main() {
    : "${DAEMON:?}" "${BASE_DIR:?}"
    local directory program
    for directory in /proc/[0-9]*; do
        IFS= read -r -d '' program 2>/dev/null <"$directory/cmdline" || continue
        is_program "$program" || continue
        [[ -n $(start_time "${directory#/proc/}") ]] || continue
        describe "${directory#/proc/}"
    done
}

story_setup
main "$@"
