#!/usr/bin/env bash
# The installation whose programs a step uses.
# Needs: dataset/marker host/programs story

# use_installation: sets DAEMON and BASE_DIR, unless given, from delphix.json. The server of the dataset could
# have changed that file: the program must lie outside of MOUNT, and nobody but its owner can change it.
use_installation() {
    if [[ -z ${DAEMON:-} ]]; then
        DAEMON=$(marker_text "$MOUNT" daemonPath)
        case ${DAEMON##*/} in mariadbd | mysqld) ;; *) fail INSTALLATION_NOT_FOUND "the dataset names '$DAEMON', which is no server program" ;; esac
        [[ -f $DAEMON && -x $DAEMON ]] || fail INSTALLATION_NOT_FOUND "there is no server program at '$DAEMON'"
        if ! trusted "$DAEMON" || [[ $REAL == "$MOUNT"/* ]]; then
            fail INSTALLATION_NOT_FOUND "the dataset names the server program '$DAEMON', which others than its owner could have put there"
        fi
        DAEMON=$REAL
        BASE_DIR=$(base_dir "$DAEMON")
    fi
    [[ -x $DAEMON ]] || fail INSTALLATION_NOT_FOUND "there is no server program at '${DAEMON}'"
    BASE_DIR=${BASE_DIR:-$(base_dir "$DAEMON")}
    # shellcheck disable=SC2034  # read by whoever speaks SQL
    # Once and as an assignment: inside a longer command a failure would go unseen.
    CLIENT=$(find_tool mariadb mysql)
}
