#!/bin/bash
# Mounts a dataset on a host through a cache of written pages, and unmounts it. Runs as root.
#
# client.sh FOLDER mount MOUNT_PATH DEVICE SUBVOLUME
# client.sh FOLDER unmount MOUNT_PATH
#   FOLDER  holds the program and its libraries; gets one folder for each mount
set -euo pipefail

main() {
    local folder=$1 action=$2 path=$3 below
    below=$folder/$(sha256sum <<<"$path" | cut -c 1-16)
    case $action in
        mount) mount_cached "$folder" "$below" "$path" "$4" "$5" ;;
        unmount) unmount_cached "$below" "$path" ;;
    esac
}

# Below the cache lies the folder of the dataset, not the dataset: it shall be mounted once on the host.
# The program takes the rights of whoever reads or writes, who must get in there, therefore.
mount_cached() {
    local folder=$1 below=$2 path=$3 device=$4 subvolume=$5 loader
    mkdir -p -- "$folder/pool" "$below"
    mount -t btrfs -o subvol=/,noatime "$device" "$folder/pool"
    mount --bind "$folder/pool/${subvolume%/*}" "$below"
    umount -- "$folder/pool"
    loader=$(echo "$folder"/ld-linux*)
    "$loader" --library-path "$folder" "$folder/mergerfs" \
        -o "cache.files=full,cache.writeback=true,allow_other,use_ino,func.getattr=newest,minfreespace=0,category.create=ff,fsname=$subvolume" \
        "$below/${subvolume##*/}" "$path" </dev/null
    mountpoint -q -- "$path"
}

# The program ends a moment after its mount has gone.
unmount_cached() {
    local below=$1 path=$2 turn
    umount -- "$path"
    for ((turn = 0; turn < 200; turn++)); do
        if umount -- "$below" 2>/dev/null; then return; fi
        sleep 0.05
    done
    umount -- "$below"
}

main "$@"
