#!/usr/bin/env bash
# The proof that MOUNT is a dataset of this plugin, and remove_inside, the only function that deletes trees.
# Needs: dataset/marker dataset/mount host/mounts plugin_1_0/recognise story
# Constants: DATA FILES LOG MARKER_FILE OPTION_FILE PLUGINS REQUIRED_FILE RUN SEEN_FILE TMP WARNINGS_FILE

# require_own_places: nothing that we write or read by name leads out of MOUNT.
require_own_places() {
    local name
    require_mount
    for name in "$DATA" "$LOG" "$TMP" "$RUN" "$FILES" "$PLUGINS" "$OPTION_FILE" "$REQUIRED_FILE" "$MARKER_FILE" "$WARNINGS_FILE" "$SEEN_FILE"; do
        [[ ! -L $MOUNT/$name ]] || fail MOUNT_NOT_OURS "$MOUNT/$name is a symbolic link to $(readlink "$MOUNT/$name")"
    done
}

# require_ours: MOUNT is a dataset of this plugin, and none of its parts is a symbolic link. A dataset of
# plugin 1.0.0 is refused here; the steps that may change it take it over first (adopt_old_dataset).
require_ours() {
    require_own_places
    [[ $(legacy_home "$MOUNT") != "$MOUNT" ]] || fail SERVER_OLD_LAYOUT "$MOUNT is a dataset of plugin 1.0.0 that has not been taken over yet"
    ! is_ours "$MOUNT" || return 0
    [[ -n $(entries "$MOUNT") ]] || fail DATASET_EMPTY "nothing is in $MOUNT"
    fail MOUNT_NOT_OURS "no $MARKER_FILE of this plugin in $MOUNT; it holds: $(entries "$MOUNT" | head -5 | tr '\n' ' ')"
}

# require_usable: MOUNT is a dataset of this plugin or of 1.0.0, or has nothing in it.
require_usable() {
    require_own_places
    [[ -z $(entries "$MOUNT") || $(legacy_home "$MOUNT") == "$MOUNT" ]] || require_ours
}

# remove_inside NAME...: deletes things below MOUNT, which is proven to be a dataset of ours at this
# very moment. Nothing on another file system goes; a symbolic link goes itself, never its target.
remove_inside() {
    local name
    local -a paths=()
    for name in "$@"; do
        case /$name/ in
            *//* | */../* | */./*) fail UNEXPECTED "refusing to delete '$name' below $MOUNT" ;;
        esac
        [[ ! -e $MOUNT/$name && ! -L $MOUNT/$name ]] || paths+=("${MOUNT:?}/$name")
    done
    require_ours
    ((${#paths[@]} > 0)) || return 0
    # It is closed to its owner, too.
    [[ -L $MOUNT/$PLUGINS || ! -d $MOUNT/$PLUGINS || -w $MOUNT/$PLUGINS ]] || chmod u+w -- "$MOUNT/$PLUGINS"
    rm -rf --one-file-system -- "${paths[@]}"
}

# clear_dataset: empties MOUNT, the marker last, so that a half-done clearing can be repeated.
clear_dataset() {
    local name
    require_mount
    [[ -z $(entries "$MOUNT") ]] || require_ours
    entries "$MOUNT" '%f\0' | while IFS= read -r -d '' name; do
        # What stays (another file system mounted below) is told at the end.
        [[ $name == "$MARKER_FILE" ]] || remove_inside "$name" || :
    done
    if is_ours "$MOUNT"; then remove_inside "$MARKER_FILE"; fi
    [[ -z $(entries "$MOUNT") ]] || fail MOUNT_NOT_WRITABLE "$MOUNT could not be emptied: $(entries "$MOUNT" | head -5 | tr '\n' ' ')"
}
