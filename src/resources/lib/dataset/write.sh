#!/usr/bin/env bash
# Files and directories of a dataset, written whole and closed to others.
# Constants: DATA FILES LOG TMP

# write_text PATH: stdin becomes the file, whole or not at all, readable by its owner only.
write_text() {
    # By `&&`: set -e is off where a caller tests this function, and a partial file must not be moved.
    cat >"$1.new" && mv -f -- "$1.new" "$1"
}

# make_directories: the directories of the layout, closed to others by the umask.
make_directories() {
    mkdir -p -- "$MOUNT/$DATA" "$MOUNT/$LOG" "$MOUNT/$TMP" "$MOUNT/$FILES"
}
