"""Replication from the source into the staging server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.gtid import Position
from domain.replica import Cure, Health, ReplicaStatus, cure_of
from domain.source import SourceAddress
from errors import PluginError
from remote.host import Secrets
from server.instance import Instance

# Where and as whom staging replicates, and the secret REPLICATION_PASSWORD.
Login = tuple[SourceAddress, Secrets]


@dataclass(frozen=True)
class Way:
    """The way from staging to its source.

    Attributes:
        place: `host:port`.
        login: asks for the login, which may mean a vault: only when it is needed.
    """

    place: str
    login: Callable[[], Login]


log = logging.getLogger(__name__)

# How long the threads may take to connect before the step reports them as they are.
CONNECT_SECONDS = 30
# A source that replication cannot reach for this long while a sync waits for it is not there.
UNREACHABLE_SECONDS = 90
# One turn of waiting on the host; short, so that progress is told and nothing hangs.
TURN_SECONDS = 5


def set_up(instance: Instance, gtid: str, login: Login) -> None:
    """Makes the staging server a replica of the source from `gtid` on, and sees it run.

    Raises:
        PluginError: SOURCE_LOGIN_REFUSED, SOURCE_UNREACHABLE or REPLICATION_BROKEN.
    """
    address, password = login
    doing = "setting up replication into"
    variables = {
        **address.variables(),
        "GTID": gtid,
        "CONNECT_SECONDS": str(CONNECT_SECONDS),
    }
    answer = instance.run("replica_set", doing, variables, password)
    require_healthy(ReplicaStatus.of(answer.maybe), answer.doing)


def renew(instance: Instance, address: SourceAddress, password: Secrets) -> ReplicaStatus:
    """Gives replication its login anew, which a vault may have changed; the position stays."""
    variables = {**address.variables(), "CONNECT_SECONDS": str(CONNECT_SECONDS)}
    doing = "renewing the replication login of"
    answer = instance.run("replica_renew", doing, variables, password)
    return ReplicaStatus.of(answer.maybe)


def status(instance: Instance) -> tuple[ReplicaStatus, str]:
    """Replication as it is now, and the words for an error about it."""
    answer = instance.run("replica_status", "asking for replication into")
    return ReplicaStatus.of(answer.maybe), answer.doing


def resume(instance: Instance) -> ReplicaStatus:
    """Starts the replication threads of a staging server that has been started."""
    variables = {"CONNECT_SECONDS": str(CONNECT_SECONDS)}
    answer = instance.run("replica_start", "starting replication into", variables)
    return ReplicaStatus.of(answer.maybe)


def source_position(instance: Instance, address: SourceAddress, password: Secrets) -> Position:
    """The source's GTID position as it is now.

    Raises:
        PluginError: SOURCE_NO_BINLOG, REPLICA_DIVERGED, or one about reaching the source.
    """
    doing = f"reading the position of {address} for"
    answer = instance.run("source_position", doing, address.variables(), password)
    if answer.maybe("binlog") != "1":
        raise PluginError("SOURCE_NO_BINLOG", answer.doing, "log_bin is OFF on the source")
    source = Position.parse(answer.maybe("gtid"), answer.doing)
    _require_same_history(
        Position.parse(answer.maybe("applied"), answer.doing), source, answer.doing
    )
    return source


def catch_up(instance: Instance, target: Position, seconds: int, way: Way) -> ReplicaStatus:
    """Waits until staging has applied everything up to `target`; heals what can be healed.

    Raises:
        PluginError: CATCH_UP_TIMEOUT, REPLICATION_BROKEN, REPLICATION_NOT_SET_UP,
            SOURCE_UNREACHABLE, SOURCE_LOGIN_REFUSED or REPLICA_DIVERGED.
    """
    # Two: a restart may show that the login has to be renewed as well.
    deadline, cures_left, seen_at = time.monotonic() + seconds, 2, time.monotonic()
    while True:
        left = deadline - time.monotonic()
        turn = max(1, min(TURN_SECONDS, int(left)))
        variables = {"TARGET": str(target), "WAIT_SECONDS": str(turn)}
        answer = instance.run("catch_up", "waiting for replication into", variables)
        status = ReplicaStatus.of(answer.maybe)
        if cures_left and cure_of(status, way.place) is not Cure.NONE:
            cures_left -= 1
            heal(instance, status, way)
            continue
        if answer.flag("reached"):
            _prove(status, target, answer.doing)
            return status
        require_healthy(status, answer.doing)
        if status.health is not Health.CONNECTING or not status.io_error:
            seen_at = time.monotonic()
        elif time.monotonic() - seen_at >= UNREACHABLE_SECONDS:
            seen = f"no connection for {UNREACHABLE_SECONDS} s: {status.io_error}"
            raise PluginError("SOURCE_UNREACHABLE", answer.doing, seen)
        log.info("waiting for %s: %s, lag %s s", target, status.story, status.lag_seconds)
        if time.monotonic() >= deadline:
            seen = f"waited {seconds} s for GTID {target}; {status.story}"
            raise PluginError("CATCH_UP_TIMEOUT", answer.doing, seen)


def heal(instance: Instance, status: ReplicaStatus, way: Way) -> ReplicaStatus:
    """Does what may help; an event is never skipped. Gives the status after it."""
    cure = cure_of(status, way.place)
    log.info("%s: %s", cure.value, status.story)
    if cure is Cure.RENEW:
        address, password = way.login()
        return renew(instance, address, password)
    return resume(instance) if cure is Cure.RESTART else status


def _prove(status: ReplicaStatus, target: Position, doing: str) -> None:
    """The wait said yes: ask the position itself, and whether it is still the source's."""
    require_healthy(status, doing)
    applied = Position.parse(status.gtid_position, doing)
    if not applied.holds(target):
        seen = f"applied {applied}, awaited {target}"
        raise PluginError("REPLICA_DIVERGED", doing, seen)


def _require_same_history(applied: Position, source: Position, doing: str) -> None:
    """Refuses a staging server that is ahead of its source: the source went back in time."""
    ahead = applied.beyond(source)
    if ahead:
        seen = f"staging has applied {', '.join(ahead)}, the source is at {source}"
        raise PluginError("REPLICA_DIVERGED", doing, seen)


def require_healthy(status: ReplicaStatus, doing: str) -> None:
    """Refuses broken or absent replication; a connection that comes and goes may pass.

    Raises:
        PluginError: REPLICATION_NOT_SET_UP, REPLICATION_BROKEN, SOURCE_LOGIN_REFUSED.
    """
    if status.health is Health.ABSENT:
        raise PluginError("REPLICATION_NOT_SET_UP", doing, status.story)
    if status.login_refused:
        raise PluginError("SOURCE_LOGIN_REFUSED", doing, status.io_error)
    if status.health in (Health.BROKEN, Health.STOPPED):
        raise PluginError("REPLICATION_BROKEN", doing, status.story)
