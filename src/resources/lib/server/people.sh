#!/usr/bin/env bash
# The proof that people can work on the server of MOUNT: sessions of ordinary accounts over the network, without
# any of the plugin's privileges.
# Needs: host/ports process server/ask server/client server/client_errors server/find server/secret_sql story
#     writers
# Constants: SOCKET

# How long the first transaction of an ordinary account may take.
WORK_SECONDS=30

# The account of the proof; nobody knows its password.
PROBE='#delphix_probe'

# reached_at: the address at which people of this host reach the server.
reached_at() {
    local first=${BIND_ADDRESS%%,*}
    case $first in
        '' | '*' | 0.0.0.0) printf '127.0.0.1' ;;
        ::) printf '::1' ;;
        *) printf '%s' "$first" ;;
    esac
}

# people_options PROTOCOL USER PASSWORD: the option file of their client.
people_options() {
    printf '[client]\nprotocol=%s\ndefault-character-set=utf8mb4\n' "$1"
    if [[ $1 == socket ]]; then
        option_line socket "$MOUNT/$SOCKET"
    else
        option_line host "$(reached_at)"
        option_line port "$PORT"
    fi
    option_line user "$2"
    option_line password "$3"
    # Certificates are those of the server, and nobody's to check here.
    if [[ $MUST_ENCRYPT == 1 ]]; then printf 'ssl\nskip-ssl-verify-server-cert\n'; else printf 'skip-ssl\n'; fi
    printf '[mysql]\nconnect-timeout=10\n'
}

# as_people PROTOCOL USER PASSWORD: runs stdin as SQL in a session of theirs; its words and errors on stdout.
as_people() {
    timeout --foreground -k 5 "$WORK_SECONDS" "$CLIENT" --defaults-file=<(people_options "$@") --batch --skip-column-names \
        --binary-mode --local-infile=0 2>&1
}

# people_can WHAT USER PASSWORD: runs stdin in a session of USER, over the network; SAID becomes its words. Where
# the server listens and a firewall of this host keeps us off, over the socket. 1 when it could not, with the
# cause in SAID.
people_can() {
    local text status=0
    IFS= read -r -d '' text || :
    SAID=$(as_people tcp "$2" "$3" <<<"$text") && return 0 || status=$?
    if [[ $SAID =~ ERROR\ (2002|2003)\  ]]; then
        [[ -n $(port_owner "$PORT") ]] || fail VDB_NOT_USABLE "nothing listens on port $PORT: $(error_line "$SAID")"
        log WARNING "this host does not reach $(reached_at):$PORT, trying the socket: $(error_line "$SAID")"
        status=0
        SAID=$(as_people socket "$2" "$3" <<<"$text") && return 0 || status=$?
    fi
    require_server "$1: $(error_line "$SAID")"
    case $status in
        124 | 137)
            SAID="$1: no end in $WORK_SECONDS s; the session is in the state '$(state_of "$2")'"
            [[ $SAID != *semi-sync* ]] || SAID+=': commits wait for a replica (rpl_semi_sync_master_enabled)'
            ;;
        *) SAID="$1: $(error_line "$SAID")" ;;
    esac
    return 1
}

# require_server SEEN: what was seen is no wonder when the server has ended or is frozen.
require_server() {
    local pid
    pid=$(server_pid)
    [[ -n $pid ]] || fail SERVER_NOT_RUNNING "the server has ended: $1"
    if is_frozen "$pid"; then fail SERVER_NOT_READY "$(server_state)"; fi
}

# state_of USER: what a session of USER waits for, though its client has gone.
state_of() {
    ! try_ask "SELECT CONCAT(state, ', ', IFNULL(LEFT(info, 80), '')) FROM information_schema.processlist
        WHERE user = $(sql_text "$1") AND command <> 'Sleep' LIMIT 1" || printf '%s' "$TOLD"
}

# learn_encryption: MUST_ENCRYPT becomes 1 where the server takes encrypted connections only.
learn_encryption() {
    local tls
    ask "SELECT COALESCE(SUM(variable_name = 'REQUIRE_SECURE_TRANSPORT' AND variable_value IN ('ON', '1')), 0), @@global.have_ssl
        FROM information_schema.global_variables"
    IFS=$'\t' read -r MUST_ENCRYPT tls <<<"$TOLD"
    [[ $MUST_ENCRYPT == 0 || $tls == YES ]] || fail VDB_NOT_USABLE "require_secure_transport is on and the server has no TLS: nobody gets in over the network"
}

# prove_work: an ordinary account logs in, and its transaction comes back: what it writes goes the way of all
# that people write, through the binary log as well, and is taken back there. A server that was started to save
# what can be read is let through; a VDB that is made has been refused before, where it cannot be written to.
prove_work() {
    local password one two most=3
    # Some series write at 4, too: one that is made has to.
    [[ $MADE == no ]] || most=4
    ask "SELECT @@global.innodb_read_only = 1 OR @@global.innodb_force_recovery > $most"
    if [[ $TOLD == 1 ]]; then
        log WARNING "InnoDB writes nothing here (innodb_read_only, innodb_force_recovery): that people can write is not proven"
        return
    fi
    # As rules for passwords like it.
    IFS= read -r one </proc/sys/kernel/random/uuid
    IFS= read -r two </proc/sys/kernel/random/uuid
    password=$one$two-aB3_Zq7.Xy9
    secret_sql "making an account for the proof" < <(
        printf "CREATE OR REPLACE USER %s@'%%' IDENTIFIED BY %s;\n" "$(sql_text "$PROBE")" "$(sql_text "$password")"
        printf 'GRANT ALL ON %s.* TO %s@%s;\n' "$(sql_name "${PROBE//_/\\_}")" "$(sql_text "$PROBE")" "'%'"
    )
    people_can "an ordinary account cannot work" "$PROBE" "$password" <<'SQL' || fail VDB_NOT_USABLE "$SAID"
DROP DATABASE IF EXISTS `#delphix_probe`;
CREATE DATABASE `#delphix_probe`;
CREATE TABLE `#delphix_probe`.written (n INT PRIMARY KEY);
INSERT INTO `#delphix_probe`.written VALUES (42);
COMMIT;
SELECT CONCAT('wrote ', n) FROM `#delphix_probe`.written;
DROP DATABASE `#delphix_probe`;
SQL
    [[ $SAID == *"wrote 42"* ]] || fail VDB_NOT_USABLE "an ordinary account wrote a row and read: $SAID"
    ask_unlogged "DROP USER \`$PROBE\`@'%';" "dropping the account of the proof"
}

# prove_login: LOGIN_USER gets in with LOGIN_PASSWORD, if one was created.
prove_login() {
    local others
    [[ -n ${LOGIN_USER:-} ]] || return 0
    people_can "the login $LOGIN_USER cannot work" "$LOGIN_USER" "${LOGIN_PASSWORD:-}" <<<'SELECT 1' && return 0
    # From this host, an account that the source has for it may come first.
    others=$(sql <<<"SET SESSION sql_mode = ''; SELECT GROUP_CONCAT(host) FROM mysql.global_priv WHERE user = $(sql_text "$LOGIN_USER") AND host <> '%'")
    [[ $others != NULL && $SAID == *"ERROR 1045"* ]] || fail VDB_NOT_USABLE "$SAID"
    log WARNING "$SAID. The source has accounts of that name, which come first for these hosts: $others"
}
