"""Questions to the source, asked from the staging host: its facts, and positions in its history."""

from __future__ import annotations

from domain.replication.gtid import Position
from domain.source import log
from domain.source.address import Source
from domain.source.facts import ASKED, SourceFacts, Tables
from domain.source.grants import Grants
from errors import PluginError, while_doing
from remote.answer import Answer
from remote.secret_values import Secrets
from server import history
from server.inputs import yes
from server.instance import Instance


def facts(instance: Instance, source: Source, replicator: Source, follow: bool) -> SourceFacts:
    """Logs in and asks for everything that decides whether the source can be linked.

    Args:
        instance: on the staging host, with the installation whose client asks.
        source: the account that reads.
        replicator: the account that replicates; it may be the same.
        follow: staging will replicate from it.

    Raises:
        PluginError: SOURCE_UNREACHABLE, SOURCE_LOGIN_REFUSED, SOURCE_TLS, SOURCE_PRIVILEGE_MISSING
            or SOURCE_QUERY_FAILED.
    """
    variables = {
        **source.variables(),
        "REPLICATION_USER": replicator.user if replicator != source else "",
        "VARIABLE_NAMES": ",".join(dict.fromkeys((*ASKED, *log.ASKED))),
        "FOLLOW": yes(follow),
    }
    secrets = Secrets({**source.secrets(), **replicator.secrets("REPLICATION_PASSWORD")})
    doing = f"asking the source {source} for"
    answer = instance.run("source_facts", doing, variables, secrets)
    grants = Grants.parse(answer.text("account"), answer.many("grant"))
    replicates = answer.maybe("replicationAccount")
    logging_ = history.logging_of(answer)
    return SourceFacts(
        variables=logging_.variables,
        logging=logging_,
        seen=history.seen_of(answer, logging_),
        databases=_names(answer, "database"),
        data_bytes=answer.number("dataBytes"),
        views_call_functions=answer.flag("viewsAndFunctions"),
        plain_tables=_tables(answer, "plainTables"),
        float_tables=_tables(answer, "floatTables"),
        encrypted=_tables(answer, "encrypted"),
        ambiguous=_names(answer, "ambiguous"),
        hidden_events=_names(answer, "hiddenEvents"),
        grants=grants,
        replication_grants=(
            Grants.parse(replicates, answer.many("replicationGrant")) if replicates else grants
        ),
        unreadable=answer.maybe("unreadable"),
        libraries=answer.many("library"),
        system_objects=_names(answer, "systemObject"),
    )


def position_at(instance: Instance, source: Source, file: str, offset: str) -> Position:
    """The GTID position of coordinates in the source's binary log.

    Args:
        file, offset: of the binary log, as a backup tells them.

    Raises:
        PluginError: POSITION_MISSING, or one about reaching the source.
    """
    variables = {**source.variables(), "BINLOG_FILE": file, "BINLOG_POSITION": offset}
    doing = f"asking {source} for the position of the backup of"
    answer = instance.run("position_gtid", doing, variables, Secrets(source.secrets()))
    with while_doing(answer.doing):
        return Position.parse(answer.text("gtid"))


def _names(answer: Answer, key: str) -> tuple[str, ...]:
    return tuple(row[0] for row in answer.rows(key, 1))


def _tables(answer: Answer, key: str) -> tuple[Tables, ...]:
    try:
        rows = answer.rows(key, 3)
        return tuple(Tables(name, int(count), text) for name, count, text in rows)
    except ValueError as error:
        raise PluginError("ANSWER_UNREADABLE", answer.doing, str(error)) from error
