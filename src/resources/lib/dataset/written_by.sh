#!/usr/bin/env bash
# Which server wrote the files of MOUNT. MOUNT/written.by holds `VERSION STATE`: `open` from before a
# start until a clean shutdown is proven, then `closed`; `upgrading` until mariadb-upgrade has done its
# work. It is about the files, so copies keep it.

# being_upgraded: the files are in an upgrade. A server that runs on them is the one of upgrade_files, without
# network and events, and its step may be dead.
being_upgraded() { [[ $(files_note) == *" upgrading" ]]; }

# files_note: `VERSION STATE`, nothing when no server has noted itself.
files_note() {
    [[ ! -f $MOUNT/written.by ]] || head -n 1 -- "$MOUNT/written.by"
}
