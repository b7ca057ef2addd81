"""The connection between two hosts: each end takes one certificate, and the stream has an end."""

import pytest

from tests.steps.support import Bench, run_library

# Three identities; each end has one and trusts one. The input of the client stays open.
CONNECT = """
local folder name
folder=$(mktemp -d)
for name in staging source other; do
    make_identity
    printf '%s' "$KEY" >"$folder/$name.key"
    printf '%s' "$CERTIFICATE" >"$folder/$name.crt"
done
identity() {
    KEY=$(cat "$folder/$1.key") CERTIFICATE=$(cat "$folder/$1.crt")
    PEER_CERTIFICATE=$(cat "$folder/$2.crt")
}
PEER_TIME=$(($(date +%s) + SKEW))
mkfifo "$folder/in"
(identity "$SERVER_IS" source && tls_end s_server -accept 14999 -naccept 1 -Verify 1) \
    < <(exec tail -f /dev/null) >"$folder/got" 2>"$folder/server.err" 3>&- &
PORT=14999
await 10 has_listener || :
(identity "$CLIENT_IS" staging && tls_end s_client -connect 127.0.0.1:14999 -verify 1) \
    <"$folder/in" >/dev/null 2>"$folder/client.err" 3>&- &
CONNECTION=$!
CONNECTION_START=$(start_time "$CONNECTION")
exec 5>"$folder/in"
printf hello >&5 || :
settled() { [[ -s $folder/got ]] || hung_up; }
await 10 settled || :
answer got "$(cat "$folder/got")"
answer error "$(tls_error "$folder/server.err") $(tls_error "$folder/client.err")"
exec 5>&-
kill "$CONNECTION" 2>/dev/null || :
"""
LISTENING = 'has_listener() { port_owner "$PORT" | grep -q .; }\n'


def connect(bench: Bench, server: str, client: str, skew: int = 0) -> tuple[str, str]:
    given = {"SERVER_IS": server, "CLIENT_IS": client, "SKEW": str(skew)}
    done = run_library(bench.host, LISTENING + CONNECT, given)
    assert done.failure == "", done.story
    return done.answer.maybe("got"), done.answer.text("error")


def test_the_two_that_know_each_other(bench: Bench) -> None:
    assert connect(bench, "staging", "source")[0] == "hello"


@pytest.mark.parametrize(("server", "client"), [("other", "source"), ("staging", "other")])
def test_nobody_else(bench: Bench, server: str, client: str) -> None:
    got, error = connect(bench, server, client)
    assert got == ""
    assert "certificate" in error or "unknown ca" in error


GATE = """
printf "$STREAM" | gate_stream DLPXDONE >"$HOME/out" 2>"$HOME/err" && answer got passed
answer got "$(cat "$HOME/err")"
"""
CHUNK = r"XBSTCK01\x00E\x01\x00\x00\x00a"


@pytest.mark.parametrize(
    ("stream", "word"),
    [
        (f"{CHUNK}DLPXDONE", ""),
        ("DLPXDONE", ""),
        (CHUNK, "no end: it was cut off"),
        ("", "no end: it was cut off"),
        (f"{CHUNK}DLPX", "no chunk begins where one should"),
    ],
)
def test_a_stream_has_an_end(bench: Bench, stream: str, word: str) -> None:
    done = run_library(bench.host, GATE, {"STREAM": stream})
    told = done.answer.many("got")
    assert ("passed" in told) == (word == "")
    assert word in told[-1]


def test_a_user_backup_needs_none(bench: Bench) -> None:
    body = 'printf "$STREAM" | gate_stream >"$HOME/out" && answer got passed'
    done = run_library(bench.host, body, {"STREAM": CHUNK})
    assert done.answer.maybe("got") == "passed"


def test_a_folder_of_another_name_is_never_touched(bench: Bench) -> None:
    for folder in (
        "/tmp/x",
        "/tmp/delphix-send-g.0123456789/../x",
        "/tmp/delphix-send-h.0123456789",
    ):
        body = "GUID=g; require_place"
        done = run_library(bench.host, body, {"SEND_DIR": folder})
        assert done.failure == "UNEXPECTED", folder


def test_a_job_that_nobody_asks_ends(bench: Bench) -> None:
    body = """
    SEND_DIR=$(mktemp -d) FORGOTTEN_SECONDS=1 SEEN_AT=$SECONDS
    : >"$SEND_DIR/seen"
    heed_until false
    """
    done = run_library(bench.host, body)
    assert done.failure == "TRANSFER_BROKEN"
    assert "nobody has asked" in done.seen
