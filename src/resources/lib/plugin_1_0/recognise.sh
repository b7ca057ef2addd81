#!/usr/bin/env bash
# Datasets of the public plugin 1.0.0 are known by what it wrote: github.com/delphix/mariadb-plugin,
# src/resources (restore_stage.sh, restore_stage_bi.sh, provision.sh, library.sh).
# Constants: MARKER_FILE OPTION_FILE OUR_CONFIG

# legacy_option PATH NAME: an option of the server in the my.cnf there; the last one wins.
legacy_option() {
    awk -v wanted="$2" '
        /^[[:space:]]*\[/ { server = ($0 ~ /^[[:space:]]*\[(mysqld|server|mariadb|mariadbd)[]-]/); next }
        server {
            sub(/#.*/, "")
            name = $0
            sub(/=.*/, "", name)
            gsub(/[[:space:]]/, "", name)
            gsub(/-/, "_", name)
            if (name != wanted || !index($0, "=")) next
            value = substr($0, index($0, "=") + 1)
            gsub(/^[[:space:]"\047]+|[[:space:]"\047]+$/, "", value)
        }
        END { print value }' "$1/$OPTION_FILE"
}

# legacy_home PATH: where plugin 1.0.0 had the dataset at PATH mounted when it wrote its my.cnf;
# nothing when what lies there is no dataset of that plugin.
legacy_home() {
    local home
    [[ -f $1/$OPTION_FILE && ! -L $1/$OPTION_FILE && -r $1/$OPTION_FILE && -d $1/data && ! -L $1/data && ! -e $1/$MARKER_FILE ]] || return 0
    # If we may not look into data, it counts as a dataset here; require_legacy_files then refuses it.
    [[ ! -x $1/data || (-d $1/data/mysql && -f $1/data/ibdata1) ]] || return 0
    home=$(legacy_option "$1" datadir)
    home=${home%/data}
    [[ $home == /* && $(legacy_option "$1" datadir) == "$home/data" ]] || return 0
    [[ $(legacy_option "$1" tmpdir) == "$home/tmp" && $(legacy_option "$1" socket) == "$home/mysql.sock" ]] || return 0
    printf '%s\n' "$home"
}

# legacy_running: whether a server of MOUNT that runs was started by plugin 1.0.0: our own start
# writes an option file of ours first.
legacy_running() {
    local line
    [[ -f $MOUNT/$OPTION_FILE ]] || return 1
    while IFS= read -r line; do
        [[ $line != "$OUR_CONFIG"* ]] || return 1
    done <"$MOUNT/$OPTION_FILE"
}
