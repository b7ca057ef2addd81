"""The proof that the source is the one that was discovered, logs all, and has staging's history."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalogue import Refusal
from domain.replication import history
from domain.replication.gtid import Position
from domain.replication.history import Log, Read
from domain.replication.seen import Seen, Server
from domain.source.address import Source
from domain.source.discovered import Discovered
from domain.source.log import ASKED, Logging
from errors import PluginError, while_doing
from remote.answer import Answer
from remote.secret_values import Secrets
from server.instance import Instance

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proven:
    """A source that staging may follow.

    Attributes:
        position: the source's GTID position as it was asked.
        seen: what to note of it; None when it tells no place in its binary log.
        reconnect: replication must first connect anew, and go on.
        news: the note of the last proof is worth replacing.
        warnings: what people must know of this sync.
    """

    position: Position
    seen: Seen | None
    reconnect: bool
    news: bool
    warnings: tuple[str, ...]

    def after(self, log_size: int) -> Proven:
        """The same; places in binary logs that staging's error log told before count no more."""
        seen = self.seen and replace(self.seen, log_size=log_size)
        return replace(self, seen=seen)

    @property
    def note(self) -> str:
        """The text of the note."""
        return self.seen.render() if self.seen else ""


def prove(instance: Instance, source: Source, replicator: Source, discovered: Discovered) -> Proven:
    """Asks staging and then the source; refuses what is not proven.

    Args:
        source: with the account that reads.
        replicator: with the account that replicates, which reads the binary log.
        discovered: what the source config says.

    Raises:
        PluginError: SOURCE_FOREIGN, SOURCE_NO_BINLOG, SOURCE_LOG_INCOMPLETE, REPLICA_DIVERGED, or
            one about reaching the source.
    """
    variables = {
        **source.variables(),
        "REPLICATION_USER": replicator.user if replicator != source else "",
        "VARIABLE_NAMES": ",".join(ASKED),
    }
    secrets = Secrets({**source.secrets(), **replicator.secrets("REPLICATION_PASSWORD")})
    doing = f"comparing the history of {source} with"
    answer = instance.run("source_position", doing, variables, secrets)
    with while_doing(answer.doing):
        return _judge(answer, discovered)


def _judge(answer: Answer, discovered: Discovered) -> Proven:
    logging_ = logging_of(answer)
    variables = logging_.variables
    other = discovered.difference(variables)
    if other and not discovered.elsewhere:
        raise Refusal("SOURCE_FOREIGN", other)
    if variables.get("log_bin", "").upper() not in ("ON", "1"):
        raise Refusal("SOURCE_NO_BINLOG", "log_bin is OFF on the source")
    now = Position.parse(variables.get("gtid_binlog_pos", ""))
    applied = Position.parse(answer.maybe("applied"))
    seen = Seen.parse(answer.many("seen"))
    history.compare(applied, now)
    server, there = server_of(answer, variables), log_of(answer)
    same = seen if seen and seen.server.server_id == server.server_id else None
    gaps = logging_.gaps(same)
    if gaps:
        raise Refusal("SOURCE_LOG_INCOMPLETE", "; ".join(gaps))
    reads = _reads(answer)
    proof = history.prove(seen, server, there, applied, reads)
    log.info("the source is at GTID %s; its history is proven: %s", now, proof.how)
    same_file = seen and seen.file == there.file and server.lives_in(seen.server)
    return Proven(
        position=now,
        seen=_seen_of(answer, server, there, logging_),
        reconnect=proof.reconnect,
        news=not same_file or any(read.kind in history.ENDS for read in reads),
        warnings=(*([other] if other else ()), *logging_.warnings),
    )


def keep(instance: Instance, proven: Proven) -> None:
    """Notes the source for the next proof, where no snapshot does it."""
    instance.run("source_note", "noting the source of", {"SOURCE_SEEN": proven.note})


def logging_of(answer: Answer) -> Logging:
    """What a step says of what the source logs."""
    ends = answer.rows("coordinates", 4)
    return Logging(
        variables={row[0]: row[1] for row in answer.rows("variable", 2)},
        sources=answer.maybe("sources"),
        running=answer.number("sourcesRunning", 0),
        only=ends[0][2] if ends else "",
        never=ends[0][3] if ends else "",
    )


def server_of(answer: Answer, variables: Mapping[str, str]) -> Server:
    """Which server a step has asked."""
    return Server(
        uid=variables.get("server_uid", ""),
        host=variables.get("hostname", ""),
        data_dir=variables.get("datadir", ""),
        port=variables.get("port", ""),
        server_id=variables.get("server_id", ""),
        started=int(_seconds(answer, "sourceTime")) - answer.number("uptime", 0),
    )


def log_of(answer: Answer) -> Log:
    """What a step says of the source's binary log."""
    ends = answer.rows("coordinates", 4)
    states = {
        (file, _whole(answer, position)): None if state == "none" else Position.parse(state)
        for file, position, state in answer.rows("state", 3)
    }
    return Log(
        file=ends[0][0] if ends else "",
        position=_whole(answer, ends[0][1]) if ends else 0,
        oldest=answer.maybe("oldestLog"),
        states=states,
        births={file: birth for file, birth in answer.rows("file", 2)},
        time=_seconds(answer, "sourceTime"),
    )


def seen_of(answer: Answer, logging_: Logging) -> Seen | None:
    """The source as a step has found it; None when it tells no place in its binary log."""
    return _seen_of(answer, server_of(answer, logging_.variables), log_of(answer), logging_)


def _seen_of(answer: Answer, server: Server, there: Log, logging_: Logging) -> Seen | None:
    state = there.state(there.file, there.position)
    if state is None:
        return None
    return Seen(
        server=server,
        file=there.file,
        position=there.position,
        birth=there.births.get(there.file, ""),
        gtid=state,
        upstream=Position.parse(logging_.upstream),
        logs_all=logging_.logs_all,
        log_size=answer.number("logSize", 0),
    )


def _reads(answer: Answer) -> list[Read]:
    now = _seconds(answer, "stagingTime")
    return [
        Read(kind, file, _whole(answer, position), Position.parse(gtid), now - _whole(answer, at))
        for kind, at, file, position, gtid in answer.rows("read", 5)
    ]


def _whole(answer: Answer, text: str) -> int:
    if not text.isdigit():
        raise PluginError("ANSWER_UNREADABLE", answer.doing, f"{text!r} is not a number")
    return int(text)


def _seconds(answer: Answer, key: str) -> float:
    try:
        return float(answer.maybe(key) or 0)
    except ValueError as error:
        raise PluginError("ANSWER_UNREADABLE", answer.doing, f"{key!r} is no time") from error
