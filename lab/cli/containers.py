"""Commands on dSources and VDBs."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lab.choosing import pick, unknown
from lab.cli.base import cli, current_view, output, pass_lab, with_parameters, work
from lab.cli.documents import document
from lab.lab import Lab
from lab.model import Json, SourceConfig

SNAPSHOT_HELP = "Reference, name, number in the list (-1: the last), or latest.  [default: latest]"


@cli.command()
@click.argument("name")
@click.option("--source-host", default="source", show_default=True)
@click.option("--source-config", help="Source config, when the host has more than one.")
@click.option("--staging-host", default="staging", show_default=True)
@with_parameters
@pass_lab
@output
def link(
    lab: Lab,
    name: str,
    source_host: str,
    source_config: str | None,
    staging_host: str,
    parameters: Json,
) -> Json:
    """Link the dSource NAME and sync it for the first time."""
    config = _source_config(lab, source_host, source_config)
    return work(
        f"link {name}",
        lambda: lab.link(
            name, source_config=config, staging_host=staging_host, parameters=parameters
        ),
    )


def _source_config(lab: Lab, host: str, name: str | None) -> SourceConfig:
    here = [config for config in lab.source_configs(host) if config.present]
    return pick("source config", here, name, where=f"on {host}", none="none; discover first")


@cli.command()
@click.argument("name")
@click.option("--resync", is_flag=True, help="Start anew from the source.")
@with_parameters
@pass_lab
@output
def sync(lab: Lab, name: str, resync: bool, parameters: Json) -> Json:
    """Sync the dSource NAME; without options as a policy does."""
    given = {**parameters, "resync": True} if resync else parameters
    return work(f"sync {name}", lambda: lab.sync(name, given or None))


@cli.command()
@click.argument("name")
@click.option("--from", "origin", required=True, help="dSource or VDB to provision from.")
@click.option("--snapshot", help=SNAPSHOT_HELP)
@click.option("--host", default="target", show_default=True)
@click.option("--repository", help="Repository, when the host has more than one.")
@with_parameters
@pass_lab
@output
def provision(
    lab: Lab,
    name: str,
    origin: str,
    snapshot: str | None,
    host: str,
    repository: str | None,
    parameters: Json,
) -> Json:
    """Make the VDB NAME."""
    return work(
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
@output
def create_empty(lab: Lab, name: str, host: str, repository: str | None, parameters: Json) -> Json:
    """Make the empty VDB NAME."""
    return work(
        f"create {name}",
        lambda: lab.create_empty(name, host=host, repository=repository, parameters=parameters),
    )


@cli.command()
@click.argument("name")
@pass_lab
@output
def snapshot(lab: Lab, name: str) -> Json:
    """Take a snapshot of the VDB NAME."""
    return work(f"snapshot {name}", lambda: lab.snapshot(name))


@cli.command()
@click.argument("name")
@pass_lab
@output
def snapshots(lab: Lab, name: str) -> Json:
    """List the snapshots of NAME with what the plugin says of them."""
    view, found = current_view(), list(enumerate(lab.snapshots(name), 1))
    rows = [
        (str(number), row.reference, row.name, view.values(row.metadata)) for number, row in found
    ]
    view.table(("number", "snapshot", "name", "metadata"), rows, cut=True)
    return {"snapshots": [{"number": number, **document(row)} for number, row in found]}


@cli.command()
@click.argument("name")
@click.option("--snapshot", help=f"Of the parent. {SNAPSHOT_HELP}")
@pass_lab
@output
def refresh(lab: Lab, name: str, snapshot: str | None) -> Json:
    """Give the VDB NAME the contents of a snapshot of its parent."""
    return work(f"refresh {name}", lambda: lab.refresh(name, snapshot))


# -1 is a snapshot, not an option.
@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("snapshot")
@pass_lab
@output
def rollback(lab: Lab, name: str, snapshot: str) -> Json:
    """Take the VDB NAME back to a SNAPSHOT of its own: reference, name, number or latest."""
    return work(f"rollback {name}", lambda: lab.rollback(name, snapshot))


@cli.command()
@click.argument("name")
@pass_lab
@output
def stop(lab: Lab, name: str) -> Json:
    """Stop the VDB NAME."""
    return work(f"stop {name}", lambda: lab.stop(name))


@cli.command()
@click.argument("name")
@pass_lab
@output
def start(lab: Lab, name: str) -> Json:
    """Start the VDB NAME."""
    return work(f"start {name}", lambda: lab.start(name))


@cli.command()
@click.argument("name")
@pass_lab
@output
def disable(lab: Lab, name: str) -> Json:
    """Disable the dSource or VDB NAME."""
    return work(f"disable {name}", lambda: lab.disable(name))


@cli.command()
@click.argument("name")
@pass_lab
@output
def enable(lab: Lab, name: str) -> Json:
    """Enable the dSource or VDB NAME."""
    return work(f"enable {name}", lambda: lab.enable(name))


@cli.command()
@click.argument("name")
@click.option("--unset", "gone", multiple=True, metavar="KEY", help="Take a parameter out.")
@with_parameters
@pass_lab
@output
def update(lab: Lab, name: str, gone: Sequence[str], parameters: Json) -> Json:
    """Change parameters of the dSource or VDB NAME; the next operation is told them."""
    if not gone and not parameters:
        raise click.UsageError("Nothing to change: give --param, --params-file or --unset.")
    old = lab.container(name).parameters
    for key in gone:
        if key not in old:
            raise unknown(f"{name} has no parameter {key}", key, old)
    kept = {key: value for key, value in old.items() if key not in gone}
    new = {**kept, **parameters}
    container = lab.update_parameters(name, new)
    changed = [
        key for key in {**old, **new} if (key in old, old.get(key)) != (key in new, new.get(key))
    ]
    # Keys only: a value may be a password.
    text = f"{name}: changed {', '.join(changed)}" if changed else f"{name}: nothing changed"
    current_view().console.print(text, highlight=False, markup=False)
    return {**document(container), "changed": changed}


@cli.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Also when the plugin fails.")
@pass_lab
@output
def delete(lab: Lab, name: str, force: bool) -> Json:
    """Delete the dSource or VDB NAME with its snapshots."""
    return work(f"delete {name}", lambda: lab.delete(name, force=force))


@cli.command()
@click.argument("name")
@click.argument("directory")
@click.option("--host", default="target", show_default=True)
@click.option("--snapshot", help=SNAPSHOT_HELP)
@with_parameters
@pass_lab
@output
def export(
    lab: Lab, name: str, directory: str, host: str, snapshot: str | None, parameters: Json
) -> Json:
    """V2P: put the files of a snapshot of NAME into DIRECTORY of a host."""
    return work(
        f"export {name}",
        lambda: lab.export(
            name, host=host, directory=directory, snapshot=snapshot, parameters=parameters
        ),
    )
