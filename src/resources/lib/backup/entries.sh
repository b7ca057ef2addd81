#!/usr/bin/env bash
# Directories of files that are each a part of one backup: one that is passed over would be missing in silence.
# Needs: story

# require_entries FOLDER PATTERN: everything in it is an ordinary file whose name matches PATTERN, or one that people
# put beside backups.
require_entries() {
    local odd
    odd=$(find "$1" -mindepth 1 -maxdepth 1 ! \( -type f -regextype posix-extended -regex ".*/($2|README[^/]*|[^/]*\.(md|md5|sha1|sha256|txt|log))" ! -name '*[[:cntrl:]]*' \) -printf '%f (%y)\n' -quit)
    [[ -z $odd ]] || fail BACKUP_UNUSABLE "$1 holds $odd, which is none of the files that would be restored from it"
}
