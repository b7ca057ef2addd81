#!/usr/bin/env bash
# The place of a physical copy, looked at again since the look before the files were copied.
# Needs: story

# require_same_place: no symbolic link has come to lead there.
require_same_place() {
    [[ ${PLACE:-mount} != directory || $(readlink -e -- "$MOUNT") == "$MOUNT" ]] ||
        fail TARGET_UNUSABLE "$MOUNT is no directory any more, or is reached by a symbolic link only"
}
