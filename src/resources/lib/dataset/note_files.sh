#!/usr/bin/env bash
# Noting which server has the files of MOUNT.
# Needs: dataset/write

# note_files VERSION STATE: writes MOUNT/written.by; dataset/written_by.sh tells what the states mean.
note_files() {
    write_text "$MOUNT/written.by" <<<"$1 $2"
}
