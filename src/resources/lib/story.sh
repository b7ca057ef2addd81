#!/usr/bin/env bash
# How a step talks: stdout is the answer, stderr is the log that people read, the exit status is a code
# of the catalogue (ERR_PORT_IN_USE=34 ...). Python puts these codes in front of this text.
# Needs: answer
# Constants: SECRETS TMP

# story_setup: strict mode, a known environment and the answer channel; secrets stop being exported.
story_setup() {
    set -Eeuo pipefail
    umask 077
    export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    # These lead clients elsewhere, whatever their options say.
    unset MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_PWD MYSQL_GROUP_SUFFIX MYSQL_HOME
    # shellcheck disable=SC2086,SC2163  # one word per name
    [[ -z $SECRETS ]] || export -n $SECRETS
    # Older bash puts here-documents into files: in the dataset, not on the host. No secret is in any.
    if [[ -n ${MOUNT:-} && -d ${MOUNT:-}/$TMP && -w ${MOUNT:-}/$TMP ]]; then export TMPDIR=$MOUNT/$TMP; else unset TMPDIR; fi
    # shellcheck disable=SC2034  # many use it
    OS_USER=$(id -un)
    # Answers reach the step's real stdout even from inside a command substitution.
    exec 3>&1
    # Else bash would run an EXIT trap with the status of whatever command was last, mostly 0.
    trap 'exit "$ERR_UNEXPECTED"' HUP INT TERM
    # A trap, not '': children get the default back, and a write to a dead reader fails as it should.
    trap : PIPE
    heed_errors
}

# heed_errors: from now on a command that fails ends the step.
heed_errors() {
    set -e
    trap 'story_end "$?" "$LINENO" "$BASH_COMMAND"' ERR
}

# story_end STATUS LINE COMMAND: a failure nobody expected says where it was. The command is the
# source text, not its expansion, so no secret is in it. A catalogue code passes as it is.
story_end() {
    if ((BASH_SUBSHELL > 0 || ($1 >= 10 && $1 <= 99))); then exit "$1"; fi
    log ERROR "unexpected status $1 near line $2: ${3%%$'\n'*}"
    unwritable "the step could not write"
    # Python looks for a program's own words about storage above this (remote/host.py).
    log INFO "room: $(free_space)"
    exit "$ERR_UNEXPECTED"
}

# shown TEXT: SHOWN becomes a text for people on one line, its control characters made visible.
shown() {
    SHOWN=$1
    [[ $SHOWN == *[[:cntrl:]]* ]] || return 0
    SHOWN=${SHOWN//$'\n'/\\n}
    SHOWN=${SHOWN//$'\t'/\\t}
    SHOWN=${SHOWN//$'\r'/\\r}
    SHOWN=${SHOWN//$'\e'/\\e}
    SHOWN=${SHOWN//[[:cntrl:]]/?}
}

# log LEVEL TEXT: one line.
log() {
    local SHOWN
    shown "$2"
    # Nobody may be listening any more; undoing goes on all the same.
    printf '%(%H:%M:%S)T %s %s\n' -1 "$1" "$SHOWN" >&2 2>/dev/null || :
}

# fail NAME SEEN: ends the step with the code of NAME; SEEN is what people read. If storage of this host is
# full, the code is DISK_SPACE instead, except for errors of the source.
fail() {
    case $1 in
        # Steps that only look may end with SERVER_OLD_LAYOUT.
        DISK_SPACE | DUMP_FAILED | SOURCE_* | SERVER_OLD_LAYOUT) finish "$1" "$2" ;;
        # A server and its clients do not always tell that room is what they lack.
        SERVER_* | SQL_FAILED | LOAD_FAILED | QUIESCE_* | UPGRADE_FAILED | VDB_NOT_USABLE | JOB_* | BACKUP_UNUSABLE) unwritable "$2" ;;
    esac
    if [[ $2 =~ $NO_SPACE ]]; then finish DISK_SPACE "no room at ${MOUNT:-the host}, $(free_space): $2"; fi
    if [[ $2 =~ $MAY_BE_FULL ]]; then unwritable "$2"; fi
    finish "$1" "$2"
}

# How programs, the server and the kernel say that storage is full (ENOSPC 28, EDQUOT 122).
NO_SPACE='([Nn]o space left|[Dd]isk full|[Dd]isk quota exceeded|[Ee]rrcode: (28|122)|errno: (28|122)|OS error( number)? (28|122)|([Ee]rror number|with error) (28|122))'

# The server says this when storage is full, but also at limits of its own: `fail` tries to write.
MAY_BE_FULL='(ERROR (1114|1021|1041)|is full|wrote nothing to its log|left no result|[Cc]annot write|[Cc]an.t (create|write)|ead-only file system)'

# unwritable SEEN: ends the step with the cause when the dataset takes no more bytes; else returns.
unwritable() {
    local error
    [[ -n ${MOUNT:-} && -d $MOUNT ]] || return 0
    error=$(cannot_write) || return 0
    case $error in
        *Read-only*) finish MOUNT_NOT_WRITABLE "$MOUNT is mounted read-only: $1" ;;
        *) finish DISK_SPACE "$MOUNT is full, $(free_space): $1" ;;
    esac
}

# finish NAME SEEN: ends the step as `fail` does, without asking whether storage is full. Descriptor 6, where a
# caller has opened it, is the answer channel: its answers go to a file, which may be what cannot be written.
finish() {
    local code="ERR_$1"
    if { : >&6; } 2>/dev/null; then answer seen "$2" 3>&6 || :; else answer seen "$2" || :; fi
    log ERROR "$1: $2"
    exit "${!code}"
}

# cannot_write: whether a file of 1 MiB cannot be written to the dataset, and why.
cannot_write() {
    local file="$MOUNT/$TMP/space.probe" error status=0
    [[ -d $MOUNT/$TMP ]] || file="$MOUNT/.space.probe"
    error=$(timeout -s KILL 20 dd if=/dev/zero of="$file" bs=65536 count=16 conv=fsync 2>&1) || status=1
    rm -f -- "$file" 2>/dev/null || :
    case $error in *"No space"* | *quota* | *Read-only*) ;; *) return 1 ;; esac
    printf '%s' "$error"
    ((status != 0))
}

# free_space: what the dataset's storage says of itself; of some file systems the files are used up first.
free_space() {
    df -P -B1 "${MOUNT:-/}" 2>/dev/null | awk 'NR == 2 { printf "%d of %d bytes are free", $4, $2 }' || :
    df -P -i "${MOUNT:-/}" 2>/dev/null | awk 'NR == 2 && $2 > 0 && $4 * 100 < $2 { printf ", %d of %d files", $4, $2 }' || :
}

# await SECONDS COMMAND...: tries COMMAND ten times a second until it succeeds, and more often at first; 1 when time is up.
await() {
    local deadline=$((SECONDS + $1)) looks=0
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        if ((++looks <= 15)); then pause 0.01; else pause 0.1; fi
    done
}

# pause SECONDS: by a program, not by `read -t`: before bash 5.2 that waits for ever when its alarm comes before it
# reads, as it does on a busy host (seen on 5.1, on Debian 11, after 0.01 s).
pause() { sleep "$1"; }

# now_ms: NOW_MS becomes the time in milliseconds since 1970; bash before 5.0 has to start a program for it.
now_ms() {
    local now=${EPOCHREALTIME:-}
    # shellcheck disable=SC2034  # for the caller
    if [[ -n $now ]]; then NOW_MS=$((${now/./} / 1000)); else NOW_MS=$(date +%s%3N); fi
}
