#!/bin/bash
# Boots a host of the lab: makes its root file system, enters it, becomes its init process.
# Run as process 1 of fresh pid, mount, uts, ipc and net namespaces.
#
# boot.sh MARK FOLDER CHANGES LOWER NAME
#   MARK     name of the init process, by which the lab finds it again
#   FOLDER   the host's folder in the lab: gets `init` (process number and start time)
#   CHANGES  folder for the host's changes to its root; its file system is not that of LOWER
#   LOWER    root directory that the host starts from; never written to
#   NAME     host name
set -euo pipefail

main() {
    local mark=$1 folder=$2 changes=$3 lower=$4 name=$5
    local root=$folder/root
    record_identity "$folder/init"
    mount_root "$root" "$changes" "$lower"
    mount_system "$root"
    install -m 755 /usr/bin/tini-static "$root/run/init"
    hostname "$name"
    enter "$root"
    exec -a "$mark" /run/init -- sleep infinity </dev/null >/dev/null 2>&1
}

# The numbers are those of the machine: its /proc is still mounted.
record_identity() {
    local stat fields
    read -r stat </proc/self/stat
    read -r -a fields <<<"${stat##*) }"
    printf '%s %s\n' "${stat%% *}" "${fields[19]}" >"$1.new"
    mv -- "$1.new" "$1"
}

# Relative names keep special characters of the lab's path out of the mount options.
mount_root() {
    local root=$1 changes=$2 lower=$3
    mkdir -p -- "$root" "$changes/upper" "$changes/work"
    cd -- "$changes"
    mount -t overlay -o "lowerdir=$lower,upperdir=upper,workdir=work" overlay "$root"
    cd /
}

# The machine's devices are needed for the loop device of the datasets.
mount_system() {
    local root=$1
    mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
    mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
    mount --bind /dev "$root/dev"
    mount -t devpts -o newinstance,nosuid,noexec,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
    mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/dev/shm"
    mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$root/run"
    mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp"
}

# The machine's file systems, the pool among them, are out of reach afterwards.
enter() {
    local root=$1
    mkdir "$root/run/machine"
    cd -- "$root"
    pivot_root . run/machine
    cd /
    umount --lazy /run/machine
    rmdir /run/machine
}

main "$@"
