#!/usr/bin/env bash
# The proof that the files of a user's backup are whole: every table of the data dictionary opens, its files are
# there and are no others. WORK is the job's directory.
# Needs: answer backup/tablespaces copy/await_server copy/engines copy/inventory dataset/warnings few job/run
#     server/client server/installation story
# Constants: DATA

# prove_files: PARTIAL is yes when the user knows that tables are missing: then they are told.
prove_files() {
    use_installation
    phase "opening every table"
    require_engines_of_files
    compare_case
    {
        compare_tablespaces
        short_tablespaces "$MOUNT/$DATA" | sed 's/$/ is cut off/'
        open_tables
    } >"$WORK/bad"
    if [[ -s $WORK/bad ]]; then
        [[ $PARTIAL == yes ]] || fail BACKUP_UNUSABLE "the backup is not whole: $(few '; ' <"$WORK/bad")"
        keep_warning "the backup is not whole: $(few '; ' <"$WORK/bad")"
    fi
    inventory sql >"$WORK/staging"
    answer objects "$(wc -l <"$WORK/staging")"
    phase "done"
}

# require_engines_of_files: ARCHIVE tables are found by their files. Without the engine they are not there at all.
require_engines_of_files() {
    local files
    files=$(find "$MOUNT/$DATA" -mindepth 2 -maxdepth 2 -name '*.ARZ' -printf '%P\n' | sort)
    [[ -n $files ]] || return 0
    [[ -n $(sql <<<"SELECT engine FROM information_schema.engines WHERE engine = 'ARCHIVE' AND support IN ('YES', 'DEFAULT')") ]] ||
        fail LOAD_FAILED "the backup holds tables of the engine ARCHIVE ($(few <<<"$files")), which staging has not loaded: name its library ha_archive in the dSource's plugin_load_add"
}

# compare_case: nothing in the files says which lower_case_table_names they were written with, but names with upper
# case are of a server with 0. FOLLOWED is yes where the setting was taken from the source.
compare_case() {
    local has upper
    has=$(sql <<<"SELECT @@lower_case_table_names")
    upper=$(find "$MOUNT/$DATA" -mindepth 1 -maxdepth 2 ! -name '#*' \( -name '*.frm' -o -type d \) -printf '%P\n' | grep -m 1 '[A-Z]' || :)
    if [[ -n $upper && $has != 0 ]]; then
        fail BACKUP_UNUSABLE "$upper was written with lower_case_table_names = 0, and the staging server has $has: take it out of the server settings"
    fi
    [[ -n $upper || $has != 0 || $FOLLOWED == yes ]] || log INFO "all names in the files are in lower case: if their server ran with lower_case_table_names = 1, say so in configSettings"
}

# compare_tablespaces: files of InnoDB tables that are missing, and those that belong to no table.
compare_tablespaces() {
    sql --raw <<<"SELECT name FROM information_schema.innodb_sys_tables WHERE space > 0 AND name LIKE '%/%' AND name NOT LIKE '%/#sql%'" | sort -u >"$WORK/spaces"
    find "$MOUNT/$DATA" -mindepth 2 -maxdepth 2 -name '*.ibd' ! -name '#sql*' -printf '%P\n' | sed 's/\.ibd$//' | sort -u >"$WORK/spaces.files"
    lone_tablespaces
    comm -23 "$WORK/spaces" "$WORK/spaces.files" | sed 's/$/.ibd is missing/'
    comm -13 "$WORK/spaces" "$WORK/spaces.files" | sed 's/$/.ibd belongs to no table/'
}

# lone_tablespaces: files of InnoDB tables whose definition is missing. Those of full-text indexes have none.
lone_tablespaces() {
    local name
    grep -v '/FTS_' "$WORK/spaces.files" | sed 's/#[Pp]#.*//' | sort -u | while IFS= read -r name; do
        [[ -f $MOUNT/$DATA/$name.frm ]] || printf '%s.frm is missing\n' "$name"
    done
}

# open_tables: what the server says of each table that does not open, or whose files have not their length.
open_tables() {
    local tables
    tables=$(
        sql --raw <<SQL
SET SESSION sql_mode = '';
SELECT IF(engine IN ('InnoDB', 'ROCKSDB') OR engine IS NULL,
    CONCAT('SELECT 1 FROM \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\` LIMIT 0, 1;'),
    CONCAT('CHECK TABLE \`', REPLACE(table_schema, '\`', '\`\`'), '\`.\`', REPLACE(table_name, '\`', '\`\`'), '\` QUICK;'))
    FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'performance_schema')
    AND table_type <> 'VIEW' AND IFNULL(engine, '') NOT IN ($EXTERNAL, $WITHOUT_ROWS);
SQL
    )
    printf '%s\n' "$tables" >"$WORK/open.sql"
    session --force <"$WORK/open.sql" >"$WORK/opened" 2>"$WORK/open.err" &
    await_server "$!" "opening every table" || :
    awk '
        NR == FNR { name[FNR] = $0; sub(/^[^`]*/, "", name[FNR]); sub(/[^`]*$/, "", name[FNR]); next }
        /^ERROR [0-9]+ .* at line [0-9]+: / { line = $0; sub(/^.* at line /, "", line); text = line; sub(/^[0-9]+: /, "", text); print name[line + 0] ": " text }
    ' "$WORK/open.sql" "$WORK/open.err"
    awk -F '\t' 'tolower($3) == "error" { print $1 ": " $4 }' "$WORK/opened"
}
