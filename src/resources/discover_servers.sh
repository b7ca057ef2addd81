#!/usr/bin/env bash
# Summary: finds the running servers of one installation that are not Delphix's own.
# Inputs: DAEMON BASE_DIR
# Secrets: -
# Answers: server
# Fails: UNEXPECTED
# Repeatable: yes, it only reads

# options FILE-OPTION...: the server's options from its option files, one a line.
options() {
    local tool
    tool=$(find_tool my_print_defaults mariadb-print-defaults)
    timeout 10 "$tool" "$@" --mysqld 2>/dev/null || :
}

# describe PID: port, data directory and socket of a running server.
describe() {
    local argument name value port=3306 data=/var/lib/mysql socket=''
    local -a arguments=() files=() all=()
    while IFS= read -r -d '' argument; do arguments+=("$argument"); done <"/proc/$1/cmdline"
    for argument in "${arguments[@]:1}"; do
        case $argument in --defaults-file=* | --defaults-extra-file=* | --defaults-group-suffix=* | --no-defaults) files+=("$argument") ;; esac
        [[ $argument != --defaults-file=*/my.cnf ]] || ! is_ours "$(dirname "${argument#*=}")" || return 0
    done
    while IFS= read -r argument; do all+=("$argument"); done < <(options ${files[@]+"${files[@]}"})
    all+=("${arguments[@]:1}")
    for argument in "${all[@]}"; do
        name=${argument%%=*} value=${argument#*=}
        case ${name//_/-} in
            --port) port=$value ;;
            --datadir) data=${value%/} ;;
            --socket) socket=$value ;;
        esac
    done
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
