#!/usr/bin/env bash
# Whether a directory of mydumper holds all that it should, before anything is touched.
# Needs: backup/entries backup/mydumper story

# require_whole_mydumper FOLDER: it has come to its end, and nothing in it would be passed over: each file is of a
# database that it defines, or of the system.
require_whole_mydumper() {
    local file stem
    local -a known
    require_entries "$1" '[^/]*\.sql(\.gz|\.zst)?|metadata|[^/]*[.-]checksum(\.gz|\.zst)?'
    mapfile -t known < <(mydumper_files "$1" -schema-create | sed 's/-schema-create\.sql.*//')
    while IFS= read -r file; do
        for stem in mysql sys information_schema performance_schema all ${known[@]+"${known[@]}"}; do
            [[ $file != "$stem"[.-]* ]] || continue 2
        done
        fail BACKUP_UNUSABLE "$1 holds $file, and no definition of its database (-schema-create.sql): make it without --no-schemas"
    done < <(mydumper_files "$1" '')
    grep -q 'Finished dump at' "$1/metadata" || fail BACKUP_UNUSABLE "$1 is a directory of mydumper that has not come to its end: its metadata says no 'Finished dump at'"
}
