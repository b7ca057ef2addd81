"""Commands about the machine, the plugin and what is discovered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lab.cli.base import cli, current_view, pass_lab, with_parameters, work
from lab.errors import LabError
from lab.hosts.host import HostSpec
from lab.lab import DEFAULT_HOSTS, Lab
from lab.model import ContainerState, Json


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


def _show_hosts(lab: Lab) -> None:
    rows = [
        (host.name, host.address, "up" if host.is_up() else "down") for host in lab.hosts.values()
    ]
    current_view().table(("host", "address", "state"), rows)


@cli.command()
@pass_lab
def status(lab: Lab) -> None:
    """Show hosts, plugins, dSources and VDBs."""
    view = current_view()
    plugins = [(row.name, row.build_number) for row in lab.plugins()]
    _show_hosts(lab)
    view.table(("plugin", "build"), plugins)
    rows = []
    for row in lab.containers():
        enabled = row.state is ContainerState.ENABLED
        usage = lab.usage(row.name)
        places = [f"{lab.engine.host(m.environment).name}:{m.path}" for m in row.mounts]
        rows.append(
            (
                row.name,
                row.kind.value,
                row.state.value,
                _status(lab, row.name) if enabled else "",
                str(len(lab.snapshots(row.name))),
                f"{usage.exclusive_bytes / 2**20:.1f} of {usage.referenced_bytes / 2**20:.1f}",
                " ".join(places),
            )
        )
    view.table(("name", "kind", "state", "status", "snapshots", "own MiB", "mounts"), rows)


def _status(lab: Lab, name: str) -> str:
    """What the plugin says; one that cannot answer must not hide the rest."""
    try:
        return lab.status(name)
    except LabError as error:
        return f"UNKNOWN: {error.message.splitlines()[0]}"


# -- plugin and discovery ------------------------------------------------------------------------


@cli.command()
@click.argument("artifact", type=click.Path(exists=True, dir_okay=False), default="artifact.json")
@pass_lab
def upload(lab: Lab, artifact: str) -> None:
    """Install or upgrade the plugin."""
    with current_view().watching("upload"):
        plugin = lab.upload(Path(artifact))
    current_view().console.print(f"{plugin.name} {plugin.build_number}", highlight=False)


@cli.command()
@click.argument("hosts", nargs=-1)
@pass_lab
def discover(lab: Lab, hosts: Sequence[str]) -> None:
    """Refresh the environments of HOSTS (all) and show what they have."""
    rows = []
    for name in hosts or lab.hosts:
        work(f"discover {name}", lambda name=name: lab.refresh_environment(name))  # type: ignore[misc]
        configs = lab.source_configs(name)
        for repository in lab.repositories(name):
            found = [c.name for c in configs if c.repository == repository.reference and c.present]
            gone = "" if repository.present else " (gone)"
            rows.append((name, repository.name + gone, ", ".join(found)))
    current_view().table(("host", "repository", "source configs"), rows)


@cli.command("add-source-config")
@click.argument("host")
@click.option("--repository", help="Repository, when the host has more than one.")
@with_parameters
@pass_lab
def add_source_config(lab: Lab, host: str, repository: str | None, parameters: Json) -> None:
    """Type a source config on HOST by hand."""
    config = lab.add_source_config(host, repository, parameters)
    current_view().console.print(config.name, highlight=False)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("host")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def run(ctx: click.Context, host: str, command: Sequence[str]) -> None:
    """Run COMMAND on HOST as the environment user, as the plugin's commands run."""
    found = ctx.obj.hosts.get(host)
    if found is None:
        raise LabError(f"There is no host {host}", f"Hosts: {', '.join(ctx.obj.hosts)}.")
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
def jobs(lab: Lab, reference: str | None) -> None:
    """List the jobs, or show the one with REFERENCE (JOB-n)."""
    view = current_view()
    if reference is None:
        rows = [
            (job.reference, job.action.value, job.target_name, job.state.value, job.started)
            for job in lab.jobs()
        ]
        view.table(("job", "action", "target", "state", "started"), rows)
        return
    found = [job for job in lab.jobs() if job.reference == reference]
    if not found:
        raise LabError(f"There is no job {reference}")
    view.job(found[0])
    if found[0].error is not None:
        view.error(LabError(found[0].error.message, found[0].error.action, found[0].error.output))
