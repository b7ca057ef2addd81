#!/usr/bin/env bash
# Loading a directory of mydumper into the running staging server. WORK is the job's directory.
# Needs: backup/mydumper copy/backup_kind copy/dump_position copy/load_as_dumped copy/load_warnings
#     copy/mydumper_accounts copy/mydumper_file dataset/warnings dataset/write job/movement job/run
#     server/installation story writers

# How many files with rows are loaded at a time, at most.
STREAMS=4

# restore_mydumper: databases, tables, rows, accounts, what runs by itself, and views at last. What a file defines is
# noted in FACTS.
restore_mydumper() {
    use_installation
    printf 'FLUSH PRIVILEGES;\n%s\n' "$INIT_SQL" >"$WORK/accounts.sql"
    learn_databases
    load_each "defining tables" -schema plain
    load_each "defining sequences" -schema-sequence plain
    load_rows
    load_accounts
    load_each "making routines and events" -schema-post bodies
    load_each "making triggers" -schema-triggers bodies
    load_each "making views" -schema-view bodies
    tell_modes
    cat "$WORK"/stream.*/warned.* >"$WORK/warned.streams" 2>/dev/null || :
    judge_warnings
    require_no_replication
    mydumper_metadata "$BACKUP_PATH/metadata" >"$WORK/metadata"
    grep -v '^counted' "$WORK/metadata" >>"$FACTS" || :
    join_facts
    dump_position
    phase "done"
}

# learn_databases: makes them; NAME_OF becomes their names by what their files begin with. Those of the system are there.
learn_databases() {
    local file stem
    declare -gA NAME_OF=()
    phase "creating databases"
    while IFS= read -r file; do
        stem=${file%-schema-create.sql*}
        case $stem in mysql | sys | information_schema | performance_schema) continue ;; esac
        load_file "$file" '' plain "$WORK/stream.0"
        NAME_OF[$stem]=$(sed -n $'s/^database\t//p' "$WORK/stream.0/facts.one" | head -n 1)
    done < <(mydumper_files "$BACKUP_PATH" -schema-create)
    ((${#NAME_OF[@]} > 0)) || fail BACKUP_UNUSABLE "$BACKUP_PATH holds no definition of a database (-schema-create.sql): make it without --no-schemas"
}

# database_of FILE: STEM becomes the longest of the known beginnings of a file's name, and nothing when there is none.
database_of() {
    local stem
    STEM=''
    for stem in "${!NAME_OF[@]}"; do
        if [[ $1 == "$stem"[.-]* ]] && ((${#stem} > ${#STEM})); then STEM=$stem; fi
    done
}

# tell_modes: a routine does what it does in the sql_mode that it was made in.
tell_modes() {
    local file
    while IFS= read -r file; do
        COMPRESSION=$(compression_of "$BACKUP_PATH/$file")
        ! (unpack "$COMPRESSION" "$BACKUP_PATH/$file") 2>/dev/null | grep -aqiE '^CREATE ' || (unpack "$COMPRESSION" "$BACKUP_PATH/$file") 2>/dev/null | grep -aqi 'sql_mode' || {
            keep_warning "mydumper has not noted the sql_mode of routines, events and triggers: they were made in the one of the staging server"
            return
        }
    done < <(mydumper_files "$BACKUP_PATH" -schema-post && mydumper_files "$BACKUP_PATH" -schema-triggers)
}

# load_each WHAT SUFFIX HOW: all files of one kind, one after the other.
load_each() {
    local file STEM
    phase "$1"
    while IFS= read -r file; do
        database_of "$file"
        [[ -n $STEM ]] || continue
        decode "${NAME_OF[$STEM]}"
        load_file "$file" "$DECODED" "$3" "$WORK/stream.0"
    done < <(mydumper_files "$BACKUP_PATH" "$2")
}

# load_rows: files with rows, several at a time. The first rows of an empty table lock all of it (since 10.6, where
# unique_checks is off), and two files that begin together end in a deadlock: the first file of each table comes before
# the others.
load_rows() {
    local turn
    mydumper_data "$BACKUP_PATH" | awk -v first="$WORK/data.first" -v others="$WORK/data.others" '
        BEGIN { printf "" >first; printf "" >others }
        { table = $0; sub(/\.sql(\.[a-z0-9]+)?$/, "", table); sub(/(\.[0-9]+)+$/, "", table); print >(seen[table]++ ? others : first) }'
    for turn in first others; do
        mv -- "$WORK/data.$turn" "$WORK/data"
        rm -f -- "$WORK"/stream.*.status
        [[ ! -s $WORK/data ]] || load_streams
    done
}

load_streams() {
    local -a pids=()
    local n streams
    streams=$(nproc)
    ((streams <= STREAMS)) || streams=$STREAMS
    copy_phase "loading rows by $streams streams"
    for ((n = 1; n <= streams; n++)); do
        load_share "$n" "$streams" &
        pids+=("$!")
    done
    stand_still
    for ((n = 1; n <= streams; n++)); do
        until [[ -f $WORK/stream.$n.status ]]; do
            note_movement "$WORK"/stream.*/unpack.pid
            [[ $QUIET == no ]] || { require_staging "$PHASE" && require_patience "$PHASE"; }
            [[ -f $WORK/stream.$n.status ]] || kill -0 "${pids[n - 1]}" 2>/dev/null || [[ -f $WORK/stream.$n.status ]] ||
                fail JOB_LOST "a stream of the load ended without a result"
            pause 0.1
        done
        [[ $(<"$WORK/stream.$n.status") == 0 ]] || exit "$(<"$WORK/stream.$n.status")"
    done
}

# load_share N OF: every OF-th of the files with rows, from the N-th on.
load_share() (
    set +e
    trap - ERR EXIT
    (
        heed_errors
        awk -v n="$1" -v of="$2" 'NR % of == n % of' "$WORK/data" | while IFS= read -r file; do
            database_of "$file"
            [[ -n $STEM ]] || continue
            decode "${NAME_OF[$STEM]}"
            load_file "$file" "$DECODED" rows "$WORK/stream.$1"
        done
    )
    write_text "$WORK/stream.$1.status" <<<"$?"
)

# join_facts: what all files define and hold together. A view takes the place of the table that stood in for it; rows
# of several files are of one table, and one that has no file has none, unless the file metadata counts them.
join_facts() {
    cat "$WORK/metadata" "$WORK"/stream.*/facts | awk -F '\t' -v OFS='\t' '
        $1 == "counted" { counted[$2 OFS $3] = $4; next }
        $1 == "position" || $1 == "gtid" { next }
        $1 == "object" && $2 == "view" { views[$3, $4] }
        $1 == "object" { objects[++n] = $0; if ($2 == "table") { tables[$3 OFS $4] } next }
        $1 == "rows" { if ($4 == "?") unknown[$2 OFS $3]; rows[$2 OFS $3] += $4; next }
        $1 != "mark" && $1 != "problem" { print }
        END {
            for (i = 1; i <= n; i++) { split(objects[i], part, OFS); if (!(part[2] == "table" && (part[3], part[4]) in views)) print objects[i] }
            for (table in tables) { split(table, part, OFS); if ((part[1], part[2]) in views) continue; if (table in counted) print "rows", table, counted[table]; else if (!(table in unknown)) print "rows", table, rows[table] + 0 }
        }' >>"$FACTS"
}
