"""Replication from the source into the staging server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.replication.gtid import Position
from domain.replication.status import Cure, Health, ReplicaStatus, cure_of
from domain.source.address import Source
from errors import PluginError, while_doing
from remote.answer import Answer
from remote.secret_values import Secrets
from server import outside
from server.instance import Instance
from server.outside import Copied


@dataclass(frozen=True)
class SourceOfReplica:
    """What staging replicates from.

    Attributes:
        place: `host:port`.
        login: the same with the account that replicates; that may mean to ask a vault, so it is
            called only when a login is needed.
        copied: what is copied and with which account, likewise.
    """

    place: str
    login: Callable[[], Source]
    copied: Callable[[], Copied]


log = logging.getLogger(__name__)

# How long the threads may take to connect before the step reports them as they are.
CONNECT_SECONDS = 30
# A waiting sync ends with SOURCE_UNREACHABLE when the I/O thread cannot connect for this long.
UNREACHABLE_SECONDS = 90
# One turn of waiting on the host; short, so that progress is told and nothing hangs.
TURN_SECONDS = 5


def set_up(instance: Instance, start: Position, source: Source, note: str) -> None:
    """Makes the staging server a replica of the source, and sees it run.

    Args:
        start: what the data holds already.
        source: with the account that replicates.
        note: of the source before the copy, for the first proof of its history.

    Raises:
        PluginError: SOURCE_LOGIN_REFUSED, SOURCE_UNREACHABLE or REPLICATION_BROKEN.
    """
    doing = "setting up replication into"
    variables = {
        **source.variables(),
        "GTID": str(start),
        "CONNECT_SECONDS": str(CONNECT_SECONDS),
        "SOURCE_SEEN": note,
    }
    answer = instance.run("replica_set", doing, variables, _password(source))
    require_healthy(_status(answer), answer.doing)


def renew(instance: Instance, source: Source) -> ReplicaStatus:
    """Gives replication its login anew, which a vault may have changed; the position stays."""
    variables = {**source.variables(), "CONNECT_SECONDS": str(CONNECT_SECONDS)}
    doing = "renewing the replication login of"
    return _status(instance.run("replica_renew", doing, variables, _password(source)))


def _password(source: Source) -> Secrets:
    return Secrets(source.secrets("REPLICATION_PASSWORD"))


def _status(answer: Answer) -> ReplicaStatus:
    with while_doing(answer.doing):
        return ReplicaStatus.of(answer.maybe)


def status(instance: Instance) -> tuple[ReplicaStatus, str]:
    """Replication as it is now, and the words for an error about it."""
    answer = instance.run("replica_status", "asking for replication into")
    return _status(answer), answer.doing


def resume(instance: Instance) -> ReplicaStatus:
    """Starts the replication threads of a staging server that has been started."""
    variables = {"CONNECT_SECONDS": str(CONNECT_SECONDS)}
    return _status(instance.run("replica_start", "starting replication into", variables))


def catch_up(
    instance: Instance, target: Position, seconds: int, source: SourceOfReplica
) -> ReplicaStatus:
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
        status = _status(answer)
        if cures_left and cure_of(status, source.place) is not Cure.NONE:
            cures_left -= 1
            heal(instance, status, source)
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
        log.info("waiting for %s: %s, lag %s s", target, status.summary, status.lag_seconds)
        if time.monotonic() >= deadline:
            seen = f"waited {seconds} s for GTID {target}; {status.summary}"
            raise PluginError("CATCH_UP_TIMEOUT", answer.doing, seen)


def has_reached(instance: Instance, target: Position) -> bool:
    """Whether staging has everything up to `target`, within one turn of waiting."""
    variables = {"TARGET": str(target), "WAIT_SECONDS": str(TURN_SECONDS)}
    answer = instance.run("catch_up", "waiting for replication into", variables)
    return answer.flag("reached") and _status(answer).gtid_position.holds(target)


def heal(instance: Instance, status: ReplicaStatus, source: SourceOfReplica) -> ReplicaStatus:
    """Does what may help; an event is never skipped. Gives the status after it."""
    cure = cure_of(status, source.place)
    log.info("%s: %s", cure.value, status.summary)
    if cure is Cure.RENEW:
        return renew(instance, source.login())
    if cure is Cure.STAND_IN:
        return resume(instance) if outside.cure(instance, source.copied()) else status
    return resume(instance) if cure is Cure.RESTART else status


def _prove(status: ReplicaStatus, target: Position, doing: str) -> None:
    """Proves by a second question what MASTER_GTID_WAIT said: gtid_slave_pos holds `target`."""
    require_healthy(status, doing)
    if not status.gtid_position.holds(target):
        seen = f"applied {status.gtid_position}, awaited {target}"
        raise PluginError("REPLICA_DIVERGED", doing, seen)


def require_healthy(status: ReplicaStatus, doing: str) -> None:
    """Refuses broken or absent replication; a connection that comes and goes may pass.

    Raises:
        PluginError: REPLICATION_NOT_SET_UP, REPLICATION_BROKEN, SOURCE_LOGIN_REFUSED,
            REPLICA_DIVERGED.
    """
    if status.health is Health.ABSENT:
        raise PluginError("REPLICATION_NOT_SET_UP", doing, status.summary)
    if status.login_refused:
        raise PluginError("SOURCE_LOGIN_REFUSED", doing, status.io_error)
    if status.refused_by_source:
        raise PluginError("REPLICA_DIVERGED", doing, status.io_error)
    if status.health in (Health.BROKEN, Health.STOPPED):
        raise PluginError("REPLICATION_BROKEN", doing, status.summary)
