#!/usr/bin/env bash
# The pieces of a streamed copy: what the source holds, the lock that keeps its non-transactional
# tables still, and one pipe from dump to load.
# shellcheck disable=SC2034  # the steps that copy use these names

SYSTEM_SCHEMAS="'mysql', 'sys', 'information_schema', 'performance_schema'"
# Engines that take part in a consistent snapshot. All others need the lock.
TRANSACTIONAL="'InnoDB', 'ROCKSDB'"
# Engines whose rows live elsewhere: mariadb-dump takes only their structure.
EXTERNAL="'FEDERATED', 'CONNECT', 'SPIDER', 'OQGRAPH', 'SPHINX', 'BLACKHOLE'"
# Who may do what.
GRANT_TABLES=(global_priv db tables_priv columns_priv procs_priv roles_mapping proxies_priv)
# Accounts and what else of the system tables belongs to the data.
SYSTEM_TABLES=(global_priv db tables_priv columns_priv procs_priv roles_mapping proxies_priv servers
    time_zone time_zone_name time_zone_transition time_zone_transition_type time_zone_leap_second
    column_stats index_stats table_stats)

# chosen COLUMN: an SQL condition that is true for the databases to copy. DATABASES names them, one
# escaped name a line; empty stands for all but the system's.
chosen() {
    local name list=''
    if [[ -z ${DATABASES:-} ]]; then
        # A stray directory in the source's data directory shows as a database called #mysql50#...
        printf "(%s NOT IN (%s) AND %s NOT LIKE '#mysql50#%%')" "$1" "$SYSTEM_SCHEMAS" "$1"
        return
    fi
    local -a LIST
    decode_list <<<"$DATABASES"
    for name in "${LIST[@]}"; do list+="${list:+, }$(sql_text "$name")"; done
    printf '%s IN (%s)' "$1" "$list"
}

# ignore_lines CONDITION: option file lines that leave out every table for which CONDITION holds.
ignore_lines() {
    local rows line
    local -a ROW
    # Never as an argument or a redirection: a failure there goes unseen, and nothing would be left out.
    rows=$(source_sql <<<"SELECT table_schema, table_name FROM information_schema.tables WHERE $(chosen table_schema) AND ($1)")
    while IFS= read -r line && [[ -n $line ]]; do
        decode_row "$line"
        option_line ignore-table "${ROW[0]}.${ROW[1]}"
    done <<<"$rows"
}

# inventory: `kind schema name` of every object, from the server that the given command asks.
inventory() {
    "$@" <<SQL | sort -u
SET SESSION sql_mode = '';
SELECT IF(table_type = 'VIEW', 'view', 'table'), table_schema, table_name FROM information_schema.tables
    WHERE $(chosen table_schema) AND table_type NOT LIKE 'TEMPORARY%'
    AND NOT (table_type = 'VIEW' AND IFNULL(table_comment, '') LIKE '%references invalid%');
SELECT LOWER(routine_type), routine_schema, routine_name FROM information_schema.routines
    WHERE $(chosen routine_schema);
SELECT 'trigger', trigger_schema, trigger_name FROM information_schema.triggers
    WHERE $(chosen trigger_schema);
SELECT 'event', event_schema, event_name FROM information_schema.events
    WHERE $(chosen event_schema);
SELECT 'account', User, Host FROM mysql.global_priv WHERE User <> '';
SQL
}

# system_objects: asks a server for tables and routines of its schema mysql.
system_objects() {
    cat <<'SQL'
SELECT table_name FROM information_schema.tables WHERE table_schema = 'mysql' AND table_type <> 'VIEW'
UNION SELECT routine_name FROM information_schema.routines WHERE routine_schema = 'mysql';
SQL
}

# source_dump NAME OPTION-LINES ARGUMENT...: becomes mariadb-dump of the source. Without comments: names
# of the source stand in them as they are, and could pass for something else.
source_dump() {
    local name=$1 lines=$2 tool
    shift 2
    tool=$(dump_tool)
    echo "$BASHPID" >"$MOUNT/run/job/$name.pid"
    exec "$tool" --defaults-file=<(
        source_options
        printf '[mysqldump]\n%s\n' "$lines"
    ) --quick --hex-blob --skip-lock-tables --skip-disable-keys --skip-comments --max-allowed-packet=1G "$@"
}

# load DATABASE [OPTION...]: stdin into the staging server. What its statements answer is left out:
# a dump of a 10.5 tool sets each sequence by SELECT SETVAL(...).
load() {
    local database=$1
    local -a CLIENT_OPTIONS
    shift
    client_options
    "$CLIENT" "${CLIENT_OPTIONS[@]}" "$@" --max-allowed-packet=1G --database="$database" \
        --init-command="$QUIET_SQL, SESSION sql_log_bin = 0, SESSION innodb_strict_mode = 0, SESSION max_statement_time = 0" >/dev/null
}

# watch_header FILE: passes a dump through. When its header is over, the dump has its snapshot:
# FILE says so and holds the coordinates, if there are any.
watch_header() {
    local line coordinates=''
    while IFS= read -r line; do
        printf '%s\n' "$line"
        if [[ $line =~ ^--\ CHANGE\ MASTER\ TO\ MASTER_LOG_FILE=\'([^\']+)\',\ MASTER_LOG_POS=([0-9]+) ]]; then
            coordinates="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
        fi
        if [[ $line == "CREATE DATABASE "* || $line == "USE "* || -n $coordinates ]]; then
            write_text "$1" <<<"$coordinates"
            break
        fi
    done
    cat
}

# copy NAME DATABASE OPTION-LINES ARGUMENT...: one pipe in the background; NAME.status is its end.
# LOAD_OPTION may add an option for the loading client.
copy() {
    local name=$1 database=$2 work="$MOUNT/run/job"
    shift 2
    {
        set +e
        trap - ERR
        source_dump "$name" "$@" 2>"$work/$name.dump" | watch_header "$work/$name.header" | load "$database" ${LOAD_OPTION:+"$LOAD_OPTION"} 2>"$work/$name.load"
        write_text "$work/$name.status" <<<"${PIPESTATUS[*]}"
    } &
}

# load_failed TEXT: what the loading client says, unless its server is frozen.
load_failed() {
    local pid
    pid=$(server_pids | head -n 1)
    if [[ -n $pid ]] && is_frozen "$pid"; then fail SERVER_NOT_READY "$1; $(server_state)"; fi
    fail LOAD_FAILED "$1"
}

# require_copied NAME: both ends of an ended pipe succeeded. A dump that finds its reader gone is
# not to blame.
require_copied() {
    local work="$MOUNT/run/job" dumped passed loaded
    read -r dumped passed loaded <"$work/$1.status"
    sed 's/^/mariadb-dump: /' "$work/$1.dump" >&2
    ((loaded == 0)) || load_failed "$(error_line "$(cat "$work/$1.load")")"
    ((dumped == 0)) || fail DUMP_FAILED "status $dumped: $(error_line "$(cat "$work/$1.dump")")"
    ((passed == 0)) || fail DUMP_FAILED "the pipe between dump and load ended with status $passed"
}

# follow NAME...: waits for pipes to end, counts bytes and gives up when nothing moves.
follow() {
    local work="$MOUNT/run/job" waiting="$*" name left
    stand_still
    while [[ -n $waiting ]]; do
        left=''
        for name in $waiting; do
            if [[ -f $work/$name.status ]]; then require_copied "$name"; else left+=" $name"; fi
        done
        waiting=$left
        require_movement "copying$waiting" "$work"/*.pid
        [[ -z $waiting ]] || sleep 0.1
    done
}
