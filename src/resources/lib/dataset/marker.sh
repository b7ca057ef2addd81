#!/usr/bin/env bash
# The file by which a dataset of this plugin is known (domain/dataset/marker.py writes it).
# Constants: MARKER_FILE PLUGIN_ID

# marker_of PATH: MARKER_TEXT becomes what is in the delphix.json there, which we write one key a line.
marker_of() {
    MARKER_TEXT=''
    [[ -f $1/$MARKER_FILE && -r $1/$MARKER_FILE ]] || return 0
    IFS= read -r -N 262144 MARKER_TEXT <"$1/$MARKER_FILE" || :
}

# is_ours PATH: whether a delphix.json of this plugin lies there.
is_ours() {
    marker_of "$1"
    [[ $MARKER_TEXT == *"\"$PLUGIN_ID\""* && ! -L $1/$MARKER_FILE ]]
}

# marker_value PATH KEY: a number from somebody's delphix.json.
marker_value() {
    local pattern=$'(^|\n) *"'$2$'": *([0-9]*),?(\n|$)'
    marker_of "$1"
    [[ ! $MARKER_TEXT =~ $pattern ]] || printf '%s\n' "${BASH_REMATCH[2]}"
}

# marker_text PATH KEY: a text from somebody's delphix.json; ours hold no quotes or backslashes.
marker_text() {
    local pattern=$'(^|\n) *"'$2$'": *"([^"\\\\\n]*)",?(\n|$)'
    marker_of "$1"
    [[ ! $MARKER_TEXT =~ $pattern ]] || printf '%s\n' "${BASH_REMATCH[2]}"
}
