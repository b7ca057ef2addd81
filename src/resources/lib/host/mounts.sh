#!/usr/bin/env bash
# What is mounted where, and what lies there.
# Constants: MARKER_FILE

# mounted_how PATH: `rw` or `ro` when a file system is mounted exactly there, else nothing.
mounted_how() {
    local how='' place options rest
    while read -r _ _ _ _ place options rest; do
        [[ $place == "$1" ]] || continue
        how=rw
        # After the dash: type, source, options of the file system.
        read -r _ _ rest <<<"${rest#*- }"
        [[ ,$options,$rest, != *,ro,* ]] || how=ro
    done </proc/self/mountinfo
    [[ -z $how ]] || echo "$how"
}

# is_mounted PATH: whether a file system is mounted exactly there.
is_mounted() { [[ -n $(mounted_how "$1") ]]; }

# entries PATH [FORMAT]: what lies in a directory, apart from what file systems put there themselves.
entries() {
    find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .snapshot ! -name .zfs \
        ! -name "$MARKER_FILE.new" -printf "${2:-%f\n}"
}
