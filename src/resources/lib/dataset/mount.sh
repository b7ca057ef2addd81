#!/usr/bin/env bash
# The proof that a dataset is mounted and writable.
# Needs: host/mounts process story

# require_mount: MOUNT is a mounted dataset that we can write to.
require_mount() {
    name_children
    case $(mounted_how "$MOUNT") in
        '') fail MOUNT_NOT_MOUNTED "no file system is mounted at $MOUNT" ;;
        ro) finish MOUNT_NOT_WRITABLE "$MOUNT is mounted read-only" ;;
    esac
    [[ -w $MOUNT && -x $MOUNT ]] ||
        fail MOUNT_NOT_WRITABLE "$MOUNT belongs to $(stat -c '%U (uid %u), mode %a' "$MOUNT"), we are $OS_USER (uid $(id -u))"
}
