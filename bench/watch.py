"""Running an operation of the plugin and taking down what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bench.figures import Sample
from bench.programs import counting
from lab.hosts.host import Host
from lab.lab import Lab
from lab.model import Action, Container, Job, Kind, StepKind
from lab.workflows.common import tools

STATUS_RPC = {Kind.DSOURCE: "StagedStatus", Kind.VDB: "VirtualStatus"}


def observed(hosts: Sequence[Host], workflow: Callable[[], Job]) -> Sample:
    """Run a workflow; count the programs on the hosts that take part. Raises LabError."""
    with counting(hosts) as programs:
        started = time.monotonic()
        job = workflow()
        wall = time.monotonic() - started
    steps = [step for step in job.steps if step.kind is StepKind.PLUGIN]
    return Sample(
        seconds=sum(step.seconds for step in steps),
        wall=wall,
        calls=sum(step.remote_calls for step in steps),
        programs=programs.programs,
        forks=programs.forks,
    )


def status(lab: Lab, name: str) -> Job:
    """What a real engine polls, with its steps, which `Lab.status` does not tell.

    Raises LabError.
    """
    container: Container = lab.container(name)
    with lab.engine.poll(Action.SOURCE_STATUS, container) as run:
        operations, _ = tools(lab.engine, run, container)
        operations.call(STATUS_RPC[container.kind], container)
    return run.record
