#!/usr/bin/env bash
# Makes root file systems of Debian releases with their own MariaDB, for hosts of the lab
# (`HostSpec(root=...)`): build/roots/bullseye, bookworm and trixie. Called by `./dev roots`, as root.
#
#   tools/roots.sh FOLDER [RELEASE...]
#
# A root that is there and was made by this very text is left alone. The packages come from the
# mirrors that this machine's apt is configured with, checked with Debian's own keys.
set -euo pipefail
umask 022

readonly RELEASES=(bullseye bookworm trixie)
# What a staging or target host needs, by docs/prerequisites.md, and what the lab asks of a host.
readonly PACKAGES=(
    mariadb-server mariadb-backup sudo jq procps iproute2 util-linux mount passwd
    gzip bzip2 xz-utils zstd openssl ca-certificates
)
readonly KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
readonly SPACE_MIB=1500 # free space that one root takes while it is made

say() { printf '== %s\n' "$*"; }

die() {
    printf '\n./dev roots: %s\n' "$*" >&2
    exit 1
}

# mirror LABEL: where this machine's apt gets the archive with this label from.
mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(LABEL) $(SITE)' 'Created-By: Packages' |
        awk -v label="$1" '$1 == label { print $2; exit }'
}

# find_mirrors: sets MIRROR and SECURITY (empty when this machine has none).
find_mirrors() {
    MIRROR=$(mirror Debian)
    if [[ -z $MIRROR ]]; then
        # Without lists apt does not know whose mirror is whose.
        apt-get -qq update || die "apt could not read its package lists; see the message above."
        MIRROR=$(mirror Debian)
    fi
    [[ -n $MIRROR ]] || die "This machine's apt has no mirror of Debian, so no Debian release can be had."
    SECURITY=$(mirror Debian-Security)
}

# use_proxy: debootstrap and apt in the new root go through the proxy of this machine's apt.
use_proxy() {
    local proxy
    proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy)
    if [[ -n $proxy && $proxy != DIRECT ]]; then
        export http_proxy="$proxy"
    fi
}

# made_from RELEASE: what a root is made from; a change makes it anew.
made_from() {
    printf '%s %s\n' "$1" "$(cksum <"${BASH_SOURCE[0]}")"
}

# inside ROOT COMMAND...: run a command in a root, in namespaces that end with it.
inside() {
    local root=$1
    shift
    # shellcheck disable=SC2016 # the inner shell's own variables
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$1/proc" && exec chroot "$@"' inside "$root" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} "$@" </dev/null
}

# write_sources ROOT RELEASE SECURITY: what apt of the root reads; SECURITY may be empty.
write_sources() {
    {
        printf 'deb [signed-by=%s] %s %s main\n' "$KEYS" "$MIRROR" "$2"
        [[ -z $3 ]] || printf 'deb [signed-by=%s] %s %s-security main\n' "$KEYS" "$3" "$2"
    } >"$1/etc/apt/sources.list"
}

# configure ROOT: no service starts, and no time goes into syncing what is disposable.
configure() {
    printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/roots"
    install -D -m 644 "$KEYS" "$1$KEYS"
    printf 'path-exclude=/usr/share/%s/*\n' doc man locale info >>"$1/etc/dpkg/dpkg.cfg.d/roots"
    cat >"$1/etc/apt/apt.conf.d/roots" <<'TEXT'
APT::Install-Recommends "false";
APT::Get::Assume-Yes "true";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dpkg::Use-Pty "0";
TEXT
}

# install_packages ROOT RELEASE: with security updates, where they are to be had in full. A download
# that fails leaves nothing half-installed.
install_packages() {
    local root=$1 release=$2
    configure "$root"
    if [[ -z $SECURITY ]] || ! install_from "$root" "$release" "$SECURITY"; then
        echo "Without security updates:"
        install_from "$root" "$release" ''
    fi
    inside "$root" apt-get clean
    rm -rf "${root:?}"/var/lib/apt/lists/*
}

# install_from ROOT RELEASE SECURITY
install_from() {
    write_sources "$@"
    inside "$1" apt-get update --error-on=any &&
        inside "$1" apt-get install "${PACKAGES[@]}"
}

# make_root FOLDER RELEASE: beside its place first, so that a half-made one is never used.
make_root() {
    local root="$1/$2" new="$1/.$2.new"
    rm -rf --one-file-system "$new" "$root"
    mkdir -p "$new"
    debootstrap --variant=minbase --keyring="$KEYS" "$2" "$new" "$MIRROR"
    install_packages "$new" "$2"
    mv "$new" "$root"
    made_from "$2" >"$root.made-from"
}

# reason LOG: the line of a failed log that says most.
reason() {
    grep -E '^(E|W): |No space left|Temporary failure' "$1" | tail -n 3 || tail -n 3 "$1"
}

# one FOLDER RELEASE: a root, unless it is there; its story goes to a log.
one() {
    local folder=$1 release=$2 log="$1/$2.log" start=$SECONDS status
    set +e
    (
        set -e
        make_root "$folder" "$release"
    ) >"$log" 2>&1
    status=$?
    set -e
    if ((status != 0)); then
        rm -rf --one-file-system "$folder/.$release.new"
        printf '\n%s could not be made from %s:\n%s\nThe whole story: %s\n' \
            "$release" "$MIRROR" "$(reason "$log" | sed 's/^/    /')" "$log" >&2
        return 1
    fi
    say "$release: $(version "$folder/$release"), $((SECONDS - start)) s"
}

# version ROOT: of its MariaDB server.
version() {
    # shellcheck disable=SC2016 # dpkg-query's own variables
    printf 'MariaDB %s' "$(dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Version}' mariadb-server)"
}

# missing FOLDER RELEASE...: print those that are not there or not up to date.
missing() {
    local folder=$1 release
    shift
    for release in "$@"; do
        if [[ ! -d $folder/$release || ! -f $folder/$release.made-from ||
            "$(<"$folder/$release.made-from")" != "$(made_from "$release")" ]]; then
            printf '%s\n' "$release"
        fi
    done
}

require_space() {
    local free
    free=$(df --output=avail -BM "$1" | tail -n 1)
    free=${free//[^0-9]/}
    ((free >= SPACE_MIB * $2)) ||
        die "$1 has $free MiB free; $2 root file systems need $((SPACE_MIB * $2)) MiB while they are made."
}

main() {
    local folder=$1 release pid failed=0 wanted=("${@:2}") todo=() pids=()
    ((EUID == 0)) || die "This needs root."
    ((${#wanted[@]} > 0)) || wanted=("${RELEASES[@]}")
    mkdir -p "$folder"
    exec 9>"$folder/.lock"
    flock 9
    mapfile -t todo < <(missing "$folder" "${wanted[@]}")
    ((${#todo[@]} > 0)) || return 0
    require_space "$folder" "${#todo[@]}"
    find_mirrors
    use_proxy
    say "making root file systems of Debian: ${todo[*]} (a few minutes, once)"
    for release in "${todo[@]}"; do
        [[ -e /usr/share/debootstrap/scripts/$release ]] || die "debootstrap here knows no release $release."
        one "$folder" "$release" 9>&- &
        pids+=("$!")
    done
    for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
    ((failed == 0)) || die "Not every release could be had. Check that the mirror of this machine's apt still" \
        "carries it, then run ./dev roots again."
}

main "$@"
