#!/usr/bin/env bash
# What is mounted where, and what lies there.
# Constants: MARKER_FILE

# mounted_how PATH: `rw` or `ro` when a file system is mounted exactly there, else nothing.
mounted_how() {
    awk -v path="$1" '
        $5 == path {
            for (i = 7; i < NF && $i != "-"; i++) continue
            how = ("," $6 "," $(i + 3) ",") ~ /,ro,/ ? "ro" : "rw"
        }
        END { if (how) print how }' /proc/self/mountinfo
}

# is_mounted PATH: whether a file system is mounted exactly there.
is_mounted() { [[ -n $(mounted_how "$1") ]]; }

# entries PATH [FORMAT]: what lies in a directory, apart from what file systems put there themselves.
entries() {
    find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .snapshot ! -name .zfs \
        ! -name "$MARKER_FILE.new" -printf "${2:-%f\n}"
}
