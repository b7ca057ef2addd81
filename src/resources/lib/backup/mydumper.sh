#!/usr/bin/env bash
# What a directory of mydumper holds: which file is what, and the position in its file `metadata`.

# is_mydumper FOLDER
is_mydumper() { [[ -f $1/metadata && -n $(find "$1" -maxdepth 1 -name '*-schema.sql*' -print -quit) ]]; }

# mydumper_files FOLDER SUFFIX: names of its files that end so, packed or not, one a line.
mydumper_files() { find "$1" -maxdepth 1 -type f \( -name "*$2.sql" -o -name "*$2.sql.gz" -o -name "*$2.sql.zst" \) -printf '%f\n' | sort; }

# mydumper_data FOLDER: files with rows, the largest first.
mydumper_data() {
    find "$1" -maxdepth 1 -type f \( -name '*.sql' -o -name '*.sql.gz' -o -name '*.sql.zst' \) ! -name '*-schema*' -printf '%s %f\n' |
        sort -rn | cut -d ' ' -f 2-
}

# mydumper_metadata FILE: what `metadata` tells, as the reader of dumps tells it: own or master, and the position. Up
# to 0.13 it has lines such as `SHOW MASTER STATUS:` and `Log: ...`, later sections such as [master] with `File = ...`,
# some of them behind a `#`, and others that tell the number of rows of a table.
mydumper_metadata() {
    awk -v OFS='\t' '
        function tell() {
            if (whose != "" && file != "" && position != "") print "position", whose, file, position, 0
            if (whose != "" && gtid ~ /^[0-9]+-[0-9]+-[0-9]+(,[0-9]+-[0-9]+-[0-9]+)*$/) print "gtid", whose, gtid, 0
            whose = file = position = gtid = ""
        }
        { line = $0; sub(/\r$/, "", line); low = tolower(line) }
        low ~ /^show master status|^\[(master|source)\]/ { tell(); whose = "own"; next }
        low ~ /^show slave status|^\[(slave|replica|replication)[^]]*\]/ { tell(); whose = "master"; next }
        low ~ /^\[`.*`\.`.*`\]/ { tell(); table = line; gsub(/^\[`|`\].*$/, "", table); sub(/`\.`/, OFS, table); gsub(/``/, "`", table); next }
        low ~ /^rows *= *[0-9]+/ && table != "" { count = line; gsub(/[^0-9]/, "", count); print "counted", table, count; table = ""; next }
        low ~ /^\[/ || low ~ /finished dump at/ { tell(); next }
        {
            sub(/^[ \t#]*/, "", low)
            name = low; sub(/[ \t]*[:=].*$/, "", name)
            value = line; sub(/^[^:=]*[:=][ \t]*/, "", value); gsub(/^["\047]|["\047]?[ \t]*$/, "", value)
            if (name ~ /^((master|source)_log_)?file$|^log$|^(master|source)_log_file$/) file = value
            else if (name ~ /^((master|source)_log_)?pos(ition)?$/) position = value
            else if (name ~ /gtid/ && value ~ /^[0-9]/) { gsub(/[ \t]/, "", value); gtid = value }
        }
        END { tell() }' "$1"
}
