#!/usr/bin/env bash
# What a dataset is, and the only place that deletes.

# Every dataset of this plugin says so in its delphix.json (domain/dataset.py).
PLUGIN_ID=62b26730-08c6-4f0e-bdcc-2a2bd77f1039

# mounted_how PATH: `rw` or `ro` when a file system is mounted exactly there, else nothing.
mounted_how() {
    awk -v path="$1" '
        $5 == path {
            for (i = 7; i < NF && $i != "-"; i++) continue
            how = ("," $6 "," $(i + 3) ",") ~ /,ro,/ ? "ro" : "rw"
        }
        END { if (how) print how }' /proc/self/mountinfo
}

# is_mounted PATH: whether a file system is mounted exactly there.
is_mounted() { [[ -n $(mounted_how "$1") ]]; }

# is_ours PATH: whether a delphix.json of this plugin lies there.
is_ours() {
    [[ -f $1/delphix.json && ! -L $1/delphix.json ]] && grep -q "\"$PLUGIN_ID\"" "$1/delphix.json"
}

# entries PATH [FORMAT]: what lies in a directory, apart from what file systems put there themselves.
entries() {
    find "$1" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name .snapshot ! -name .zfs \
        ! -name delphix.json.new -printf "${2:-%f\n}"
}

# require_mount: MOUNT is a mounted dataset that we can write to.
require_mount() {
    name_children
    case $(mounted_how "$MOUNT") in
        '') fail MOUNT_NOT_MOUNTED "no file system is mounted at $MOUNT" ;;
        ro) finish MOUNT_NOT_WRITABLE "$MOUNT is mounted read-only" ;;
    esac
    [[ -w $MOUNT && -x $MOUNT ]] ||
        fail MOUNT_NOT_WRITABLE "$MOUNT belongs to $(stat -c '%U (uid %u), mode %a' "$MOUNT"), we are $(id -un) (uid $(id -u))"
}

# require_ours: MOUNT is a dataset of this plugin, and all of it lies in it. One of plugin 1.0.0
# becomes one.
require_ours() {
    local name
    require_mount
    for name in data log tmp run run/files my.cnf required.cnf delphix.json; do
        [[ ! -L $MOUNT/$name ]] || fail MOUNT_NOT_OURS "$MOUNT/$name is a symbolic link to $(readlink "$MOUNT/$name")"
    done
    if [[ $(legacy_home "$MOUNT") == "$MOUNT" ]]; then adopt_legacy; fi
    is_ours "$MOUNT" || fail MOUNT_NOT_OURS "no delphix.json of this plugin in $MOUNT; it holds: $(entries "$MOUNT" | head -5 | tr '\n' ' ')"
}

# require_usable: MOUNT is a dataset of this plugin or has nothing in it.
require_usable() {
    require_mount
    [[ -z $(entries "$MOUNT") ]] || require_ours
}

# remove_inside NAME...: deletes things below MOUNT, which is proven to be a dataset of ours at this
# very moment. Nothing on another file system goes; a symbolic link goes itself, never its target.
remove_inside() {
    local name
    require_ours
    for name in "$@"; do
        case /$name/ in
            *//* | */../* | */./*) fail UNEXPECTED "refusing to delete '$name' below $MOUNT" ;;
        esac
        rm -rf --one-file-system -- "${MOUNT:?}/$name"
    done
}

# clear_dataset: empties MOUNT, the marker last, so that a half-done clearing can be repeated.
clear_dataset() {
    local name
    require_usable
    entries "$MOUNT" '%f\0' | while IFS= read -r -d '' name; do
        # What stays (another file system mounted below) is told at the end.
        [[ $name == delphix.json ]] || remove_inside "$name" || :
    done
    if is_ours "$MOUNT"; then remove_inside delphix.json; fi
    [[ -z $(entries "$MOUNT") ]] || fail MOUNT_NOT_WRITABLE "$MOUNT could not be emptied: $(entries "$MOUNT" | head -5 | tr '\n' ' ')"
}

# write_text PATH: stdin becomes the file, whole or not at all, readable by its owner only.
write_text() {
    # Both or nothing, also where the caller goes on after a failure.
    cat >"$1.new" && mv -f -- "$1.new" "$1"
}

# make_directories: the directories of the layout, closed to others by the umask.
make_directories() {
    mkdir -p -- "$MOUNT/data" "$MOUNT/log" "$MOUNT/tmp" "$MOUNT/run/files"
}

# marker_value PATH KEY: a number from somebody's delphix.json, which we write one key a line.
marker_value() {
    sed -n "s/^ *\"$2\": *\([0-9]*\),\{0,1\}\$/\1/p" "$1/delphix.json" 2>/dev/null | head -1
}

# marker_text PATH KEY: a text from somebody's delphix.json; ours hold no quotes or backslashes.
marker_text() {
    sed -n "s/^ *\"$2\": *\"\([^\"\\\\]*\)\",\{0,1\}\$/\1/p" "$1/delphix.json" 2>/dev/null | head -1
}

# renumber_marker: the dataset's own port and server id, which its owner may have changed.
renumber_marker() {
    sed -e "s/^\( *\"port\": *\)[0-9]*/\1$PORT/" -e "s/^\( *\"serverId\": *\)[0-9]*/\1$SERVER_ID/" \
        "$MOUNT/delphix.json" | write_text "$MOUNT/delphix.json"
}

# other_mounts: where else something is mounted that may hold a dataset.
other_mounts() {
    awk -v own="$MOUNT" '
        { for (i = 7; i < NF && $i != "-"; i++) continue }
        $5 != own && $(i + 1) !~ /^(proc|sysfs|cgroup2?|dev(pts|tmpfs)|mqueue|(debug|trace|security|config|hugetlb|ns|ram|auto)fs|bpf|pstore|binfmt_misc|fusectl|rpc_pipefs|efivarfs)$/ { print $5 }
        ' /proc/self/mountinfo | sort -u
}

# dataset_at PATH: `mount port server_id` if a dataset of this plugin is mounted there. Only what the
# environment user has written counts: anybody may mount something and write a delphix.json.
dataset_at() {
    local text status=0 number
    # The file server of somebody else's mount may be dead, and a look would hang for ever.
    text=$(timeout -s KILL 5 find "$1/delphix.json" -maxdepth 0 -type f -user "$UID" -exec head -c 65536 {} \; 2>/dev/null) || status=$?
    ((status != 137)) || log WARNING "passing over $1: it does not answer"
    ((status == 137)) || [[ -n $text || ! -e $1/delphix.json ]] || log INFO "passing over $1: its delphix.json is no file of $(id -un)"
    [[ $text == *"\"$PLUGIN_ID\""* && $text =~ \"port\":\ *([0-9]{1,5}), ]] || return 0
    number=${BASH_REMATCH[1]}
    [[ $text =~ \"serverId\":\ *([0-9]{1,10}), ]] || return 0
    printf '%s %s %s\n' "$1" "$number" "${BASH_REMATCH[1]}"
}

# learn_others: OTHERS becomes `mount port server_id` of every other dataset of this plugin mounted on
# this host; once in a step, all mounts at a time.
learn_others() {
    local path
    [[ -z ${OTHERS+known} ]] || return 0
    OTHERS=$(
        while IFS= read -r path; do dataset_at "$path" & done < <(other_mounts)
        wait
    )
}

# being_made: a resync works on the dataset at this moment: it has begun and not ended, and lives, or has
# done something just now.
being_made() {
    [[ -f $MOUNT/run/making || -z $(entries "$MOUNT") ]] || return 1
    [[ -z $(entries "$MOUNT") ]] || job_alive || [[ -n $(find "$MOUNT/run" -mmin -3 -print -quit) ]]
}

# data_size: bytes of the data directory, which may change while it is measured.
data_size() {
    local size
    size=$(du -s -B1 "$MOUNT/data" 2>/dev/null | cut -f1) || :
    printf '%s\n' "${size:-0}"
}
