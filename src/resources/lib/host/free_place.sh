#!/usr/bin/env bash
# The proof that a directory can take a physical copy. It only looks: whatever lies there is somebody's.
# Needs: dataset/marker host/mounts host/ports plugin_1_0/recognise story

# nearest_there PATH: the path itself, or the nearest directory above it that is there.
nearest_there() {
    local path=$1
    until [[ -e ${path:-/} ]]; do path=${path%/*}; done
    printf '%s\n' "${path:-/}"
}

# require_free_place: TARGET is not there yet or is an empty directory of ours, reached by no symbolic link and in
# nobody's dataset or data directory.
require_free_place() {
    local real
    real=$(readlink -m -- "$TARGET")
    [[ $real == "$TARGET" ]] || fail TARGET_UNUSABLE "$TARGET leads through a symbolic link to $real"
    require_outside
    [[ -e $TARGET ]] || return 0
    [[ -d $TARGET ]] || fail TARGET_UNUSABLE "$TARGET is $(stat -c %F -- "$TARGET"), no directory"
    [[ ! -r $TARGET || ! -x $TARGET || -z $(entries "$TARGET") ]] ||
        fail TARGET_UNUSABLE "$TARGET is not empty, it holds: $(entries "$TARGET" | head -5 | tr '\n' ' ')"
    [[ -r $TARGET && -w $TARGET && -x $TARGET ]] ||
        fail TARGET_UNUSABLE "$TARGET belongs to $(stat -c '%U (uid %u), mode %a' -- "$TARGET"), we are $(id -un) (uid $(id -u))"
    [[ -z $(find "$TARGET" -maxdepth 0 -perm /0002 -print) ]] ||
        fail TARGET_UNUSABLE "$TARGET may be written by everybody (mode $(stat -c %a -- "$TARGET"))"
}

# require_outside: neither a dataset nor the data directory of a server lies around TARGET, and no dataset is
# mounted below it.
require_outside() {
    local path port
    learn_others
    while read -r path port _; do
        [[ -z $path || $TARGET/ != "$path"/* && $path/ != "$TARGET"/* ]] ||
            fail TARGET_UNUSABLE "the dataset mounted at $path (port $port) and $TARGET lie one in the other"
    done <<<"$OTHERS"
    path=$TARGET
    while [[ -n $path ]]; do
        if is_ours "$path" || [[ -n $(legacy_home "$path") ]]; then fail TARGET_UNUSABLE "$TARGET lies in the dataset at $path"; fi
        [[ ! -f $path/ibdata1 ]] || fail TARGET_UNUSABLE "$TARGET lies in the data directory $path of a server"
        path=${path%/*}
    done
}
