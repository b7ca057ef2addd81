#!/usr/bin/env bash
# One pipe from a dump of the source to the load into staging, and waiting for such pipes.
# Needs: copy/gate copy/inventory copy/limits copy/load copy/load_failed dataset/write host/programs
#     job/movement server/client_errors source/client source/sql story writers
# Constants: RUN

# ignore_lines CONDITION [OPTION]: option file lines that leave out every table for which CONDITION holds.
ignore_lines() {
    local rows line
    local -a ROW
    # Never as an argument or a redirection: a failure there goes unseen, and nothing would be left out.
    rows=$(source_sql <<<"SELECT table_schema, table_name FROM information_schema.tables WHERE $(chosen table_schema) AND ($1)")
    while IFS= read -r line && [[ -n $line ]]; do
        decode_row "$line"
        option_line "${2:-ignore-table}" "${ROW[0]}.${ROW[1]}"
    done <<<"$rows"
}

# source_dump NAME OPTION-LINES ARGUMENT...: becomes mariadb-dump of the source. Without comments: names
# of the source stand in them as they are, and could pass for something else.
source_dump() {
    local name=$1 lines=$2 tool
    shift 2
    tool=$(dump_tool)
    echo "$BASHPID" >"$MOUNT/$RUN/job/$name.pid"
    exec "$tool" --defaults-file=<(
        source_options
        printf '[mysqldump]\n%s\n' "$lines"
    ) --quick --hex-blob --skip-lock-tables --skip-disable-keys --skip-comments --max-allowed-packet=1G "$@"
}

# What a dump says first when its header is over. At that point mariadb-dump has begun its snapshot.
BEGINNING='^(CREATE DATABASE |USE |DROP TABLE |CREATE TABLE |INSERT INTO |/\*!40101 SET @saved_cs_client|/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE)'

# watch_header FILE NAME: passes the dump of the pipe NAME through. At the end of its header FILE is written, with
# the binary log coordinates if there are any; where GATE is yes, the rest waits until the gate is open. CHECKED is yes
# for rows that are checked one by one, which the header switches off. BODY is what the rest passes through.
watch_header() {
    local line coordinates=''
    while IFS= read -r line; do
        if [[ $line =~ ^--\ CHANGE\ MASTER\ TO\ MASTER_LOG_FILE=\'([^\']+)\',\ MASTER_LOG_POS=([0-9]+) ]]; then
            coordinates="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
        fi
        if [[ $line =~ $BEGINNING || -n $coordinates ]]; then
            write_text "$1" <<<"$coordinates"
            [[ ${GATE:-} != yes ]] || await_gate "$2" || return 1
            [[ ${CHECKED:-} != yes ]] || echo 'SET SESSION unique_checks = 1;'
            printf '%s\n' "$line"
            "${BODY:-cat}"
            return
        fi
        printf '%s\n' "$line"
    done
}

# copy NAME DATABASE OPTION-LINES ARGUMENT...: one pipe in the background; NAME.status is its end.
# LOAD_OPTION may add an option for the loading client.
copy() {
    local name=$1 database=$2 work="$MOUNT/$RUN/job"
    shift 2
    {
        set +e
        trap - ERR
        source_dump "$name" "$@" 2>"$work/$name.dump" | watch_header "$work/$name.header" "$name" | load "$database" ${LOAD_OPTION:+"$LOAD_OPTION"} 2>"$work/$name.load"
        write_text "$work/$name.status" <<<"${PIPESTATUS[*]}"
    } &
}

# require_copied NAME: all parts of an ended pipe succeeded. The load is looked at first: when it fails, the
# dump fails too, for want of a reader.
require_copied() {
    local work="$MOUNT/$RUN/job" dumped passed loaded
    read -r dumped passed loaded <"$work/$1.status"
    sed 's/^/mariadb-dump: /' "$work/$1.dump" >&2
    ((loaded == 0)) || load_failed "$(error_line "$(<"$work/$1.load")")"
    ((dumped == 0)) || dump_failed "$dumped" "$(error_line "$(<"$work/$1.dump")")"
    ((passed == 0)) || fail DUMP_FAILED "the pipe between dump and load ended with status $passed"
}

# dump_failed STATUS TEXT: a lost connection may be the source's answer to a staging server that took nothing.
dump_failed() {
    local seen="status $1: $2"
    # One that was listed and is gone, or has another key now.
    case $2 in *"Couldn't find table"* | *'Unknown column'*) fail SOURCE_CHANGED "$seen" ;; esac
    case $2 in *2006* | *2013* | *1927* | *'communication packets'*) seen+=$(limits_passed "${STILL:-0}") ;; esac
    fail DUMP_FAILED "$seen"
}

# require_flow WHAT PID-FILE...: as require_movement, and the source is asked as well.
require_flow() {
    local what=$1
    shift
    note_movement "$@"
    [[ $QUIET == yes ]] || return 0
    require_staging "$what"
    source_lives || source_lives ||
        fail SOURCE_UNREACHABLE "$SOURCE_HOST:$SOURCE_PORT does not answer any more while $what: the server is frozen or the connection is cut"
    require_patience "$what"
}

# follow NAME...: waits for pipes to end, counts bytes and gives up when nothing moves.
follow() {
    local work="$MOUNT/$RUN/job" waiting="$*" name left
    stand_still
    while [[ -n $waiting ]]; do
        left=''
        for name in $waiting; do
            if [[ -f $work/$name.status ]]; then require_copied "$name"; else left+=" $name"; fi
        done
        waiting=$left
        require_flow "copying$waiting" "$work"/*.pid
        [[ -z $waiting ]] || pause 0.1
    done
}
