"""Commands about the machine, the plugin and what is discovered."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from pathlib import Path

import click

from lab.choosing import listed, unknown
from lab.cli.base import cli, current_view, output, pass_lab, with_parameters, work
from lab.cli.documents import document
from lab.errors import LabError
from lab.hosts.host import HostSpec
from lab.lab import DEFAULT_HOSTS, Lab
from lab.model import Container, ContainerState, Json, Repository


@cli.command()
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME[=ROOT]",
    help="A host; ROOT: folder with its root file system.  [default: source, staging, target]",
)
@click.option("--pool-gib", default=20, show_default=True, help="Size of the storage.")
@pass_lab
def up(lab: Lab, hosts: Sequence[str], pool_gib: int) -> None:
    """Make the lab, or repair it after a reboot."""
    specs = [
        HostSpec(name, Path(folder).resolve() if folder else None)
        for name, _, folder in (host.partition("=") for host in hosts)
    ]
    with current_view().watching("up"):
        lab.up(specs or DEFAULT_HOSTS, pool_gib)
    _show_hosts(lab)


@cli.command()
@pass_lab
def down(lab: Lab) -> None:
    """Remove everything of the lab."""
    with current_view().watching("down"):
        lab.down()


def _show_hosts(lab: Lab) -> list[Json]:
    """Show the hosts, and answer what was shown."""
    hosts = [
        {"name": host.name, "address": host.address, "state": "up" if host.is_up() else "down"}
        for host in lab.hosts.values()
    ]
    current_view().table(("host", "address", "state"), [host.values() for host in hosts])
    return typing.cast(list[Json], hosts)


@cli.command()
@pass_lab
@output
def status(lab: Lab) -> Json:
    """Show hosts, plugins, dSources and VDBs."""
    view = current_view()
    plugins, containers = lab.plugins(), [_container(lab, row) for row in lab.containers()]
    hosts = _show_hosts(lab)
    view.table(("plugin", "build"), [(row.name, row.build_number) for row in plugins])
    rows = [
        (
            row["name"],
            row["kind"],
            row["state"],
            ": ".join(filter(None, (row["status"], row["problem"]))),
            str(row["snapshots"]),
            f"{row['ownBytes'] / 2**20:.1f} of {row['referencedBytes'] / 2**20:.1f}",
            " ".join(f"{mount['host']}:{mount['path']}" for mount in row["mounts"]),
        )
        for row in containers
    ]
    view.table(("name", "kind", "state", "status", "snapshots", "own MiB", "mounts"), rows)
    return {"hosts": hosts, "plugins": plugins, "containers": containers}


def _container(lab: Lab, row: Container) -> Json:
    """A dSource or VDB with how it is at the moment."""
    usage = lab.usage(row.name)
    mounts = [{"host": lab.engine.host(m.environment).name, "path": m.path} for m in row.mounts]
    enabled = row.state is ContainerState.ENABLED
    status, problem = _status(lab, row.name) if enabled else (None, None)
    return {
        **document(row),
        "mounts": mounts,
        "status": status,
        "problem": problem,
        "snapshots": len(lab.snapshots(row.name)),
        "ownBytes": usage.exclusive_bytes,
        "referencedBytes": usage.referenced_bytes,
    }


def _status(lab: Lab, name: str) -> tuple[str, str | None]:
    """What the plugin says; one that cannot answer must not hide the rest."""
    try:
        return lab.status(name), None
    except LabError as error:
        return "UNKNOWN", error.message.splitlines()[0]


# -- plugin and discovery ------------------------------------------------------------------------


@cli.command()
@click.argument("artifact", type=click.Path(exists=True, dir_okay=False), default="artifact.json")
@pass_lab
@output
def upload(lab: Lab, artifact: str) -> Json:
    """Install or upgrade the plugin."""
    with current_view().watching("upload"):
        plugin = lab.upload(Path(artifact))
    current_view().console.print(f"{plugin.name} {plugin.build_number}", highlight=False)
    job = next(job for job in reversed(lab.jobs()) if job.target == plugin.reference)
    return {**document(job), "plugin": plugin}


@cli.command()
@click.argument("hosts", nargs=-1)
@pass_lab
@output
def discover(lab: Lab, hosts: Sequence[str]) -> Json:
    """Refresh the environments of HOSTS (all) and show what they have."""
    rows, found = [], []
    for name in hosts or lab.hosts:
        job = work(f"discover {name}", lambda name=name: lab.refresh_environment(name))  # type: ignore[misc]
        repositories = [_repository(lab, name, row) for row in lab.repositories(name)]
        found.append({"name": name, "job": job, "repositories": repositories})
        for row in repositories:
            present = [config.name for config in row["sourceConfigs"] if config.present]
            gone = "" if row["present"] else " (gone)"
            rows.append((name, row["name"] + gone, ", ".join(present)))
    current_view().table(("host", "repository", "source configs"), rows)
    return {"hosts": found}


def _repository(lab: Lab, host: str, row: Repository) -> Json:
    """A repository with what can be linked there."""
    configs = [config for config in lab.source_configs(host) if config.repository == row.reference]
    return {**document(row), "sourceConfigs": configs}


@cli.command("add-source-config")
@click.argument("host")
@click.option("--repository", help="Repository, when the host has more than one.")
@with_parameters
@pass_lab
@output
def add_source_config(lab: Lab, host: str, repository: str | None, parameters: Json) -> Json:
    """Type a source config on HOST by hand."""
    config = lab.add_source_config(host, repository, parameters)
    current_view().console.print(config.name, highlight=False)
    return typing.cast(Json, document(config))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("host")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(ctx: click.Context, host: str, command: Sequence[str]) -> None:
    """Run COMMAND on HOST as the environment user, as the plugin's commands run."""
    found = ctx.obj.hosts.get(host)
    if found is None:
        raise unknown(f"There is no host {host}", host, ctx.obj.hosts, "none; run up")
    result = found.run_as_user(" ".join(command))
    click.echo(result.stdout, nl=False)
    click.echo(result.stderr, nl=False, err=True)
    ctx.exit(result.exit_code)


@cli.command()
@click.option("--level", type=click.Choice(["debug", "info", "error"]), default="info")
@click.option("--lines", default=50, show_default=True, help="How many of the last lines.")
@pass_lab
def logs(lab: Lab, level: str, lines: int) -> None:
    """Show what the plugin logged."""
    for plugin in lab.plugins():
        file = lab.engine.log.root / plugin.name / f"{level}.log"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        for line in text.splitlines()[-lines:]:
            click.echo(line)


@cli.command()
@click.argument("reference", required=False)
@pass_lab
@output
def jobs(lab: Lab, reference: str | None) -> Json:
    """List the jobs, or show the one with REFERENCE (JOB-n)."""
    view, every = current_view(), lab.jobs()
    if reference is None:
        rows = [
            (job.reference, job.action.value, job.target_name, job.state.value, job.started)
            for job in every
        ]
        view.table(("job", "action", "target", "state", "started"), rows)
        return {"jobs": every}
    found = {job.reference: job for job in every}.get(reference)
    if found is None:
        raise LabError(f"There is no job {reference}", listed(job.reference for job in every))
    view.job(found)
    if found.error is not None and not view.for_machine:
        view.error(LabError(found.error.message, found.error.action, found.error.output))
    return typing.cast(Json, document(found))
