"""Commands on dSources and VDBs."""

from __future__ import annotations

import click

from lab.cli.base import cli, current_view, pass_lab, with_parameters, work
from lab.errors import LabError
from lab.lab import Lab
from lab.model import Json, SourceConfig


@cli.command()
@click.argument("name")
@click.option("--source-host", default="source", show_default=True)
@click.option("--source-config", help="Source config, when the host has more than one.")
@click.option("--staging-host", default="staging", show_default=True)
@with_parameters
@pass_lab
def link(
    lab: Lab,
    name: str,
    source_host: str,
    source_config: str | None,
    staging_host: str,
    parameters: Json,
) -> None:
    """Link the dSource NAME and sync it for the first time."""
    config = _source_config(lab, source_host, source_config)
    work(
        f"link {name}",
        lambda: lab.link(
            name, source_config=config, staging_host=staging_host, parameters=parameters
        ),
    )


def _source_config(lab: Lab, host: str, name: str | None) -> SourceConfig:
    here = [config for config in lab.source_configs(host) if config.present]
    found = [config for config in here if name in (None, config.name, config.reference)]
    if len(found) != 1:
        names = ", ".join(config.name for config in here)
        raise LabError(
            f"{len(found)} source configs of {host} fit {name or 'this'}",
            f"Source configs: {names or 'none; discover first'}.",
        )
    return found[0]


@cli.command()
@click.argument("name")
@click.option("--resync", is_flag=True, help="Start anew from the source.")
@with_parameters
@pass_lab
def sync(lab: Lab, name: str, resync: bool, parameters: Json) -> None:
    """Sync the dSource NAME; without options as a policy does."""
    given = {**parameters, "resync": True} if resync else parameters
    work(f"sync {name}", lambda: lab.sync(name, given or None))


@cli.command()
@click.argument("name")
@click.option("--from", "origin", required=True, help="dSource or VDB to provision from.")
@click.option("--snapshot", help="Snapshot.  [default: the latest]")
@click.option("--host", default="target", show_default=True)
@click.option("--repository", help="Repository, when the host has more than one.")
@with_parameters
@pass_lab
def provision(
    lab: Lab,
    name: str,
    origin: str,
    snapshot: str | None,
    host: str,
    repository: str | None,
    parameters: Json,
) -> None:
    """Make the VDB NAME."""
    work(
        f"provision {name}",
        lambda: lab.provision(
            name,
            container=origin,
            snapshot=snapshot,
            host=host,
            repository=repository,
            parameters=parameters,
        ),
    )


@cli.command("create-empty")
@click.argument("name")
@click.option("--host", default="target", show_default=True)
@click.option("--repository", help="Repository, when the host has more than one.")
@with_parameters
@pass_lab
def create_empty(lab: Lab, name: str, host: str, repository: str | None, parameters: Json) -> None:
    """Make the empty VDB NAME."""
    work(
        f"create {name}",
        lambda: lab.create_empty(name, host=host, repository=repository, parameters=parameters),
    )


@cli.command()
@click.argument("name")
@pass_lab
def snapshot(lab: Lab, name: str) -> None:
    """Take a snapshot of the VDB NAME."""
    work(f"snapshot {name}", lambda: lab.snapshot(name))


def brief(value: object) -> str:
    """A value for a table: of a list of objects only how many there are."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return f"({len(value)})"
    return str(value)


@cli.command()
@click.argument("name")
@pass_lab
def snapshots(lab: Lab, name: str) -> None:
    """List the snapshots of NAME with what the plugin says of them."""
    rows = [
        (
            row.reference,
            row.name,
            ", ".join(f"{key}={brief(value)}" for key, value in row.metadata.items()),
        )
        for row in lab.snapshots(name)
    ]
    current_view().table(("snapshot", "name", "metadata"), rows)


@cli.command()
@click.argument("name")
@click.option("--snapshot", help="Snapshot of the parent.  [default: the latest]")
@pass_lab
def refresh(lab: Lab, name: str, snapshot: str | None) -> None:
    """Give the VDB NAME the contents of a snapshot of its parent."""
    work(f"refresh {name}", lambda: lab.refresh(name, snapshot))


@cli.command()
@click.argument("name")
@click.argument("snapshot")
@pass_lab
def rollback(lab: Lab, name: str, snapshot: str) -> None:
    """Take the VDB NAME back to a SNAPSHOT of its own."""
    work(f"rollback {name}", lambda: lab.rollback(name, snapshot))


@cli.command()
@click.argument("name")
@pass_lab
def stop(lab: Lab, name: str) -> None:
    """Stop the VDB NAME."""
    work(f"stop {name}", lambda: lab.stop(name))


@cli.command()
@click.argument("name")
@pass_lab
def start(lab: Lab, name: str) -> None:
    """Start the VDB NAME."""
    work(f"start {name}", lambda: lab.start(name))


@cli.command()
@click.argument("name")
@pass_lab
def disable(lab: Lab, name: str) -> None:
    """Disable the dSource or VDB NAME."""
    work(f"disable {name}", lambda: lab.disable(name))


@cli.command()
@click.argument("name")
@pass_lab
def enable(lab: Lab, name: str) -> None:
    """Enable the dSource or VDB NAME."""
    work(f"enable {name}", lambda: lab.enable(name))


@cli.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Also when the plugin fails.")
@pass_lab
def delete(lab: Lab, name: str, force: bool) -> None:
    """Delete the dSource or VDB NAME with its snapshots."""
    work(f"delete {name}", lambda: lab.delete(name, force=force))


@cli.command()
@click.argument("name")
@click.argument("directory")
@click.option("--host", default="target", show_default=True)
@click.option("--snapshot", help="Snapshot.  [default: the latest]")
@with_parameters
@pass_lab
def export(
    lab: Lab, name: str, directory: str, host: str, snapshot: str | None, parameters: Json
) -> None:
    """V2P: put the files of a snapshot of NAME into DIRECTORY of a host."""
    work(
        f"export {name}",
        lambda: lab.export(
            name, host=host, directory=directory, snapshot=snapshot, parameters=parameters
        ),
    )
