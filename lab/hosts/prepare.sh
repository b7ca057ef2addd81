#!/bin/bash
# Makes a booted host one that an engine accepts: environment user, sudo rights, toolkit.
# Runs as root on the host; may be repeated.
#
# Input (environment): HOST_NAME, HOSTS (text of /etc/hosts), USER_NAME, USER_ID, USER_HOME,
#   TOOLKIT, TOOLKIT_HOME (the engine's folder in it), SCRATCH
set -euo pipefail

main() {
    # An `up` that was killed may have left another one of us at work.
    exec 9>/run/prepare.lock
    flock 9
    require_programs bash sudo mount umount mkdir rmdir ps jq useradd flock
    write /etc/hosts "$HOSTS"
    write /etc/hostname "$HOST_NAME"
    write /etc/resolv.conf ''
    make_user
    allow_sudo
    make_toolkit
}

require_programs() {
    local program missing=''
    for program in "$@"; do
        command -v "$program" >/dev/null || missing+=" $program"
    done
    if [[ -n $missing ]]; then
        printf 'the root directory of this host lacks:%s\n' "$missing" >&2
        exit 1
    fi
}

# A new file each time: the machine's may be a symbolic link.
write() {
    local path=$1 text=$2 mode=${3:-644}
    rm -f -- "$path"
    printf '%s' "${text:+$text$'\n'}" >"$path"
    chmod "$mode" "$path"
}

make_user() {
    local wanted found
    wanted="$USER_ID:$USER_ID"
    if ! getent group "$USER_NAME" >/dev/null; then
        groupadd --gid "$USER_ID" "$USER_NAME"
    fi
    if ! getent passwd "$USER_NAME" >/dev/null; then
        useradd --uid "$USER_ID" --gid "$USER_ID" --home-dir "$USER_HOME" --create-home \
            --shell /bin/bash "$USER_NAME"
    fi
    found=$(id -u "$USER_NAME"):$(id -g "$USER_NAME")
    if [[ $found != "$wanted" ]]; then
        printf 'user %s is %s instead of %s\n' "$USER_NAME" "$found" "$wanted" >&2
        exit 1
    fi
}

# All there is: what the product's documentation asks for on staging and target hosts.
allow_sudo() {
    write /etc/sudoers "Defaults:$USER_NAME !requiretty
$USER_NAME ALL=NOPASSWD: /bin/mount, /bin/umount, /bin/mkdir, /bin/rmdir, /bin/ps" 440
}

make_toolkit() {
    local binaries=$TOOLKIT_HOME/scripts/bin jq=$TOOLKIT_HOME/scripts/jq/linux_x86/bin
    mkdir -p -- "$binaries" "$jq" "$SCRATCH"
    ln -sfn -- "$(command -v jq)" "$jq/jq"
    # shellcheck disable=SC2016 # the variables are those of the scripts
    write "$binaries/dlpx_db_exec" '#!/bin/bash
# dlpx_db_exec OS-USER COMMAND...: run a command as another OS user.
user=$1
shift
[[ $user == "$(id -un)" ]] && exec "$@"
exec sudo -n -u "$user" "$@"' 755
    # shellcheck disable=SC2016
    write "$binaries/dlpx_pfexec" '#!/bin/bash
# dlpx_pfexec COMMAND...: run a command as root.
exec sudo -n "$@"' 755
    chmod 770 "$TOOLKIT"
    chown -R -h "$USER_ID:$USER_ID" "$TOOLKIT"
}

main "$@"
