#!/usr/bin/env bash
# Noting which server has the files of MOUNT.
# Needs: dataset/write

# note_files VERSION STATE
note_files() {
    write_text "$MOUNT/written.by" <<<"$1 $2"
}
