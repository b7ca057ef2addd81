#!/usr/bin/env bash
# One TLS connection between two hosts, by openssl. Each end makes a key and a certificate for this connection alone
# and knows the other's certificate: it takes that one and no other. Keys are in no file and in no argument.
# Needs: story

# After all files of the stream: without it the stream is not whole.
# shellcheck disable=SC2034  # read by both ends
TRANSFER_END=DLPXDONE

# require_openssl
require_openssl() { [[ -n $(type -P openssl) ]] || fail TOOL_MISSING "the program openssl, which carries the files from the source host to staging"; }

# make_identity: KEY and CERTIFICATE become those of this end.
make_identity() {
    KEY=$(openssl ecparam -name prime256v1 -genkey -noout) || fail TOOL_MISSING "openssl makes no key"
    # A file of its own, whatever the host's says.
    CERTIFICATE=$(openssl req -new -x509 -sha256 -days 2 -key <(printf '%s\n' "$KEY") \
        -config <(printf '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=delphix\n')) || fail TOOL_MISSING "openssl makes no certificate"
}

# tls_end s_server|s_client OPTION...: becomes openssl. PEER_CERTIFICATE is the only one that it takes, looked at by
# the clock of the end that has made it (PEER_TIME): clocks of two hosts may differ.
tls_end() {
    exec openssl "$@" -quiet -verify_return_error -attime "$((PEER_TIME + 60))" \
        -key <(printf '%s\n' "$KEY") -cert <(printf '%s\n' "$CERTIFICATE") -CAfile <(printf '%s\n' "$PEER_CERTIFICATE")
}

# was_trusted FILE: whether openssl has said there that it has seen the other end's certificate.
was_trusted() { grep -q '^verify return:1' "$1" 2>/dev/null; }

# tls_error FILE: why a connection did not come about or ended, in openssl's words.
tls_error() {
    local line
    line=$(grep -vE '^(depth=|verify return|ERROR$|Can.t use SSL_get_servername)|no start line|unexpected eof' "$1" 2>/dev/null | head -n 1) || :
    printf '%s' "${line:-openssl has said nothing}"
}
