#!/usr/bin/env bash
# The file by which a dataset of this plugin is known (domain/dataset/marker.py writes it).
# Constants: MARKER_FILE PLUGIN_ID

# is_ours PATH: whether a delphix.json of this plugin lies there.
is_ours() {
    [[ -f $1/$MARKER_FILE && ! -L $1/$MARKER_FILE ]] && grep -q "\"$PLUGIN_ID\"" "$1/$MARKER_FILE"
}

# marker_value PATH KEY: a number from somebody's delphix.json, which we write one key a line.
marker_value() {
    sed -n "s/^ *\"$2\": *\([0-9]*\),\{0,1\}\$/\1/p" "$1/$MARKER_FILE" 2>/dev/null | head -1
}

# marker_text PATH KEY: a text from somebody's delphix.json; ours hold no quotes or backslashes.
marker_text() {
    sed -n "s/^ *\"$2\": *\"\([^\"\\\\]*\)\",\{0,1\}\$/\1/p" "$1/$MARKER_FILE" 2>/dev/null | head -1
}
