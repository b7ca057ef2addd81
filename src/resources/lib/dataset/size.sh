#!/usr/bin/env bash
# How large a dataset is.
# Constants: DATA

# data_size: bytes of the data directory, which may change while it is measured.
data_size() {
    local size
    size=$(du -s -B1 "$MOUNT/$DATA" 2>/dev/null | cut -f1) || :
    printf '%s\n' "${size:-0}"
}
