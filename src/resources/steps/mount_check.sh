#!/usr/bin/env bash
# Summary: proves that a mount path is free, or already holds this very dataset; stops what dead steps left
#     there.
# Inputs: MOUNT GUID
# Secrets: -
# Answers: mounted
# Fails: DISK_SPACE MOUNT_IN_USE MOUNT_NOT_WRITABLE SERVER_NOT_STOPPED UNEXPECTED
# Repeatable: yes, servers and steps of an operation that still runs are left alone
# Needs: answer dataset/launched dataset/marker host/mounts host/ports plugin_1_0/recognise story
# Constants: MARKER_FILE

main() {
    : "${MOUNT:?}" "${GUID:?}"
    local real path port
    if [[ -L $MOUNT || (-e $MOUNT && ! -d $MOUNT) ]]; then
        fail MOUNT_IN_USE "$MOUNT is $(stat -c %F "$MOUNT"), not a directory"
    fi
    stop_left_behind 60
    real=$(readlink -m -- "$MOUNT")
    [[ $real == "$MOUNT" ]] || fail MOUNT_IN_USE "$MOUNT leads through a symbolic link to $real"
    if is_mounted "$MOUNT"; then
        answer mounted yes
        [[ -r $MOUNT && -x $MOUNT ]] || fail MOUNT_IN_USE "$MOUNT is mounted and cannot be read"
        if is_ours "$MOUNT"; then
            grep -qF "\"$GUID\"" "$MOUNT/$MARKER_FILE" ||
                fail MOUNT_IN_USE "another dataset is mounted at $MOUNT (port $(marker_value "$MOUNT" port))"
        elif [[ -n $(entries "$MOUNT") && $(legacy_home "$MOUNT") != "$MOUNT" ]]; then
            fail MOUNT_IN_USE "a file system with other files is mounted at $MOUNT"
        fi
        return
    fi
    answer mounted no
    learn_others
    while read -r path port _; do
        [[ -z $path || $MOUNT/ != "$path"/* && $path/ != "$MOUNT"/* ]] ||
            fail MOUNT_IN_USE "another dataset is mounted at $path (port $port)"
    done <<<"$OTHERS"
    [[ ! -d $MOUNT || -z $(find "$MOUNT" -mindepth 1 -maxdepth 1 -print 2>/dev/null | head -n 1) ]] ||
        fail MOUNT_IN_USE "the directory $MOUNT is not empty"
}

story_setup
main "$@"
