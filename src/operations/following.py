"""A dSource that follows its source: what is proven before it does, and what is done then."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from catalogue import Refusal
from domain.parameters import IngestionMode
from domain.replication.status import Cure, Health, ReplicaStatus, cure_of
from operations.dsource import DSource
from server import history, outside, quiesce, replication, retry
from server.history import Proven
from server.quiesce import Told
from server.verify import Comparison

log = logging.getLogger(__name__)

# The source is not, or no longer, the one that staging was copied from.
_ANOTHER = ("REPLICA_DIVERGED", "SOURCE_FOREIGN")
# It is, and staging cannot have all of it.
_INCOMPLETE = ("SOURCE_LOG_INCOMPLETE", "SOURCE_NO_BINLOG")
# Nobody knows: it cannot be asked now. The next sync asks again.
UNASKED = (
    *("SOURCE_UNREACHABLE", "SOURCE_LOGIN_REFUSED", "SOURCE_TLS", "SOURCE_PRIVILEGE_MISSING"),
    *("SOURCE_LOCK_TIMEOUT", "SOURCE_QUERY_FAILED", "CREDENTIALS_UNAVAILABLE", "INPUT_INVALID"),
    "TOOL_MISSING",
)


def bring_up_to_date(dsource: DSource, verify: bool) -> None:
    """Proves the source's history, waits for its present position and takes the lock.

    Args:
        verify: every row is compared with the source's before.
    """
    instance = dsource.instance()
    if not dsource.parameters.log_sync:
        # Nobody of ours has set up replication on a seed server.
        seed = dsource.parameters.mode is IngestionMode.MANUAL
        quiesce.quiesce(instance, needs_server=True, replicates=not seed)
        return
    proven = _prove(dsource)
    if proven.reconnect:
        proven, _ = _reconnect(dsource, proven)
    reaching = outside.ask(instance, dsource.copied)
    began, seconds = time.monotonic(), dsource.parameters.catch_up_seconds
    replication.catch_up(instance, proven.position, seconds, dsource.followed)
    if time.monotonic() - began > replication.TURN_SECONDS:
        # Long enough for the source to become another one.
        later = _prove(dsource)
        proven = proven if later.reconnect else replace(proven, seen=later.seen)
    outside.settle(instance, dsource.copied, reaching)
    told = Told(proven.position, (*proven.warnings, *reaching.warnings()), proven.note)
    if verify:
        _quiesce_verified(dsource, told)
    else:
        quiesce.quiesce(instance, needs_server=True, told=told)


def _quiesce_verified(dsource: DSource, told: Told) -> None:
    """Replication rests from the comparison on, so the snapshot is of the very same position."""
    chosen = dsource.parameters
    comparison = Comparison(
        dsource.instance(),
        dsource.source,
        chosen.databases,
        managed=not chosen.backup_path,
        wait_seconds=chosen.catch_up_seconds,
    )
    verified = comparison.run()
    try:
        told = replace(told, verified=verified)
        quiesce.quiesce(dsource.instance(), needs_server=True, told=told)
    except BaseException:
        comparison.give_up()
        raise


def resume(dsource: DSource) -> None:
    """Starts replication after a start of the server, unless the source is another one.

    An enable succeeds all the same: the next sync names the error, and a resync can cure it.
    """
    instance = dsource.instance()
    try:
        proven = _prove_if_it_answers(dsource)
    except Refusal as error:
        if error.entry.name in _ANOTHER:
            log.error("replication is not started: %s: %s", error.entry.message, error.seen)
            return
        if error.entry.name not in _INCOMPLETE:
            raise
        log.error("%s: %s", error.entry.message, error.seen)
        proven = None
    if proven and proven.reconnect:
        _, status = _reconnect(dsource, proven)
    else:
        status = replication.resume(instance)
    log.info("%s", status.summary)


def look_after(dsource: DSource) -> None:
    """Proves the source's history, heals a passing fault of replication and reports a lasting one.

    A source that cannot be asked is no error of its own.
    """
    instance = dsource.instance()
    status, doing = retry.after_restart(instance, lambda: replication.status(instance), retry.OLD)
    if status.health in (Health.BEING_MADE, Health.BUSY):
        log.info("nothing to look after: %s", status.summary)
        return
    if not dsource.parameters.log_sync:
        return
    proven = None if status.health is Health.ABSENT else _prove_if_it_answers(dsource)
    if proven and proven.reconnect:
        proven, status = _reconnect(dsource, proven)
    elif cure_of(status, dsource.followed.place) is not Cure.NONE:
        status = replication.heal(instance, status, dsource.followed)
    replication.require_healthy(status, doing)
    # Of another server, only a transaction more is the proof.
    if (
        proven
        and proven.news
        and (not proven.reconnect or replication.has_reached(instance, proven.position))
    ):
        history.keep(instance, proven)


def _prove(dsource: DSource) -> Proven:
    return history.prove(
        dsource.instance(), dsource.source, dsource.replication_account, dsource.discovered
    )


def _prove_if_it_answers(dsource: DSource) -> Proven | None:
    try:
        return _prove(dsource)
    except Refusal as error:
        if error.entry.name not in UNASKED:
            raise
        log.warning("the source was not proven: %s: %s", error.entry.message, error.seen)
        return None


def _reconnect(dsource: DSource, proven: Proven) -> tuple[Proven, ReplicaStatus]:
    """Has replication connect anew: a source that lacks staging's last transaction refuses it."""
    log.info("another server answers in place of the source: replication connects anew")
    status = replication.renew(dsource.instance(), dsource.replication_source)
    replication.require_healthy(status, "connecting replication anew")
    return proven.after(status.log_size), status
