#!/usr/bin/env bash
# Writing the files that make a dataset of plugin 1.0.0 one of this plugin. No data file is touched.
# Needs: dataset/note_files dataset/write host/programs plugin_1_0/recognise story writers
# Constants: DATA LEFT_BEHIND LEFT_BEHIND_FAMILY LISTS_OF_FILES MARKER_FILE OPTION_FILE PATH_SETTINGS
#     PLUGIN_ID REACHING_LIBRARIES READ_SETTINGS REQUIRED_FILE

# adopt_legacy: makes a dataset of plugin 1.0.0 one of ours, run by DAEMON of BASE_DIR. The marker comes
# last: an attempt that was cut off is made again. Data, logs and a running server stay as they are.
adopt_legacy() {
    local settings name value written
    require_legacy_files
    settings=$(legacy_settings)
    {
        printf '# Taken over from the my.cnf of plugin 1.0.0.\n[mysqld]\n'
        option_line basedir "$BASE_DIR"
        while IFS=$'\t' read -r name value; do
            [[ -z $name ]] || option_line "$name" "$value"
        done <<<"$settings"
    } | write_text "$MOUNT/$REQUIRED_FILE"
    legacy_binlog | write_text "$MOUNT/legacy.binlog"
    written=$(legacy_version)
    [[ -z $written ]] || note_files "$written" open
    legacy_marker "$settings" | write_text "$MOUNT/$MARKER_FILE"
    log INFO "took over the dataset of plugin 1.0.0 at $MOUNT, server program $DAEMON"
}

# legacy_settings: `name<TAB>value` of each setting of its my.cnf that is taken over.
legacy_settings() {
    local line name bare tool prefix value
    tool=$(find_tool my_print_defaults mariadb-print-defaults)
    "$tool" --defaults-file="$MOUNT/$OPTION_FILE" --mysqld | while IFS= read -r line; do
        line=${line#--}
        name=${line%%=*}
        name=${name//-/_}
        bare=$name
        for prefix in loose_ maximum_ enable_ disable_ skip_; do bare=${bare#"$prefix"}; done
        case " $LEFT_BEHIND " in *" $bare "*) continue ;; esac
        [[ $bare != "$LEFT_BEHIND_FAMILY"* ]] || continue
        if [[ $line == *=* ]]; then value=${line#*=}; else value=1; fi
        if leads_outside "$bare" "$value"; then continue; fi
        printf '%s\t%s\n' "$name" "$value"
    done
}

# leads_outside NAME VALUE: a setting of a path, as domain/options/owned.py tells them.
leads_outside() {
    [[ ! $1 =~ $READ_SETTINGS ]] || return 1
    if [[ " $LISTS_OF_FILES " == *" $1 "* ]]; then
        [[ $2 == */* ]] || loads_reaching "$2"
        return
    fi
    [[ ! $1 =~ $PATH_SETTINGS ]] || return 0
    case $2 in /* | '~'* | ./* | *..* | *=/*) return 0 ;; esac
    return 1
}

# loads_reaching VALUE: a list of libraries, one of which reaches out of a copy.
loads_reaching() {
    local part
    local -a parts
    IFS=';' read -r -a parts <<<"${1//[[:space:]]/}"
    for part in ${parts[@]+"${parts[@]}"}; do
        [[ ! ${part##*=} =~ $REACHING_LIBRARIES ]] || return 0
    done
    return 1
}

# legacy_marker: the delphix.json of the dataset, as domain/dataset/marker.py writes it. Filters of
# replication stay on staging; what may be a secret goes into no metadata.
legacy_marker() {
    local name value comma='' role=vdb
    [[ $(legacy_option "$MOUNT" read_only) != 1 ]] || role=staging
    printf '{\n "plugin": "%s",\n "layout": 2,\n "guid": %s,\n "role": "%s",\n "port": %d,\n "serverId": %d,\n' \
        "$PLUGIN_ID" "$(json_text "${GUID:-}")" "$role" "$(number_or_zero "$(legacy_option "$MOUNT" port)")" \
        "$(number_or_zero "$(legacy_option "$MOUNT" server_id)")"
    printf ' "baseDir": %s,\n "daemonPath": %s,\n "requiredSettings": [' "$(json_text "$BASE_DIR")" "$(json_text "$DAEMON")"
    while IFS=$'\t' read -r name value; do
        case $name in *replicate_* | *slave_* | *relay_* | *pass* | *filekey* | *token*) continue ;; esac
        printf '%s\n  {\n   "propertyName": %s,\n   "value": %s\n  }' "$comma" "$(json_text "$name")" "$(json_text "$value")"
        comma=,
    done <<<"$1"
    printf '%s]\n}\n' "${comma:+$'\n' }"
}

# json_text VALUE: a JSON string.
json_text() {
    local value=$1
    value=${value//\\/\\\\}
    value=${value//\"/\\\"}
    printf '"%s"' "${value//[[:cntrl:]]/ }"
}

# number_or_zero TEXT: a number without the zeros before it, which would make it octal.
number_or_zero() {
    local number=$1
    [[ $number =~ ^0*[0-9]{1,10}$ ]] || number=0
    number=${number#"${number%%[!0]*}"}
    printf '%s' "${number:-0}"
}

# require_legacy_files: every file of the data can be written by us. Plugin 1.0.0 had them made by
# root for the user mysql and relied on the group.
require_legacy_files() {
    local path
    path=$(find "$MOUNT/$DATA" ! -writable -print 2>/dev/null | head -n 1) || :
    [[ -z $path ]] || fail MOUNT_NOT_WRITABLE "$path: $(stat -c '%U:%G, mode %a' "$path"), we are $OS_USER with the groups $(id -Gn); plugin 1.0.0 needed the group of the data too"
}

# legacy_binlog: base name of the binary log with which the files must be recovered; nothing when the
# server wrote none. A path below the old mount is one below MOUNT now.
legacy_binlog() {
    local name home
    name=$(legacy_option "$MOUNT" log_bin)
    home=$(legacy_home "$MOUNT")
    printf '%s\n' "${name/#"$home/"/$MOUNT/}"
}

# legacy_version: version of the server that worked on the files last, if its log tells.
legacy_version() {
    [[ -r $MOUNT/mysqld_error.log ]] || return 0
    tail -c 1048576 "$MOUNT/mysqld_error.log" | sed -n "s/^.*Version: '\([0-9][^']*\)'.*/\1/p" | tail -n 1
}
