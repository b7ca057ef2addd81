"""Builds the sample plugin and makes labs that run it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.hosts.host import HostSpec
from lab.lab import Lab
from lab.model import Job
from tests.lab.machine_support import leftovers

SAMPLE = Path(__file__).with_name("sample_plugin")
NOTEBOOK = "/opt/notebook/one"
HOSTS = [HostSpec(name) for name in ("source", "staging", "target")]
SECRET = "correct horse battery"
CREDENTIALS = {"type": "NamedPasswordCredential", "username": "reader", "password": SECRET}

MIGRATIONS = """
from dlpx.virtualization import libs


@plugin.upgrade.linked_source("2026.1")
def add_pages(old_linked_source):
    return {**old_linked_source, "pages": old_linked_source.get("pages", 1) + 1}


@plugin.upgrade.virtual_source("2026.2")
def passwords_become_credentials(old_virtual_source):
    new = dict(old_virtual_source)
    if "password" in new:
        new["credentials"] = libs.upgrade_password(new.pop("password"), "owner")
    return new


@plugin.upgrade.repository("2026.3")
def rename_repositories(old_repository):
    return {**old_repository, "name": "new " + old_repository["name"]}


@plugin.upgrade.linked_source("2026.10")
def double_pages(old_linked_source):
    return {**old_linked_source, "pages": old_linked_source["pages"] * 2}


@plugin.upgrade.snapshot("2026.11")
def may_not_run_commands(old_snapshot):
    if old_snapshot["lines"] > 1000:
        libs.retrieve_credentials({})
    return old_snapshot
"""


class SecondBuild:
    """Changes the sample plugin's sources into build 1.1.0."""

    def change(self, folder: Path) -> None:
        config = folder / "plugin_config.yml"
        config.write_text(config.read_text().replace("1.0.0", "1.1.0"))
        runner = folder / "src" / "plugin_runner.py"
        runner.write_text(runner.read_text() + MIGRATIONS)
        schema = json.loads((folder / "schema.json").read_text())
        virtual = schema["virtualSourceDefinition"]["properties"]
        virtual["credentials"] = schema["linkedSourceDefinition"]["properties"]["credentials"]
        del virtual["password"]
        (folder / "schema.json").write_text(json.dumps(schema))


def build_plugin(folder: Path, change: SecondBuild | None = None) -> Path:
    """Run `dvp build` on a copy of the sample plugin in `folder`."""
    copy = folder / "plugin"
    shutil.copytree(SAMPLE, copy)
    if change is not None:
        change.change(copy)
    dvp = Path(sys.executable).with_name("dvp")
    artifact = folder / "artifact.json"
    command = [str(dvp), "build", "-a", str(artifact)]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return artifact


def changed_artifact(artifact: Path, folder: Path, **changes: Any) -> Path:
    """A copy of an artifact with other top-level values (None removes one)."""
    content = {**json.loads(artifact.read_text()), **changes}
    copy = folder / "changed.json"
    copy.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return copy


@contextmanager
def new_lab(root: Path, artifact: Path) -> Iterator[Lab]:
    """A lab with notebooks on source and target, discovered; gone without a trace afterwards."""
    lab = Lab.open(root)
    try:
        lab.up(HOSTS, pool_gib=2)
        for name in ("source", "target"):
            lab.hosts[name].run_as_root(["mkdir", "-p", NOTEBOOK])
            lab.hosts[name].write_file(f"{NOTEBOOK}/a.txt", b"first line\n")
        lab.upload(artifact)
        lab.refresh_environment("source")
        lab.refresh_environment("target")
        yield lab
    finally:
        lab.down()
    assert leftovers(root) == []


def link(lab: Lab, name: str = "ds", **parameters: Any) -> Job:
    """Link the source's notebook, mounted at /mnt/NAME on staging."""
    (config,) = lab.source_configs("source")
    given = {"mountPath": f"/mnt/{name}", **parameters}
    return lab.link(name, source_config=config, staging_host="staging", parameters=given)


def provision(lab: Lab, name: str = "vdb", container: str = "ds", **parameters: Any) -> Job:
    """Provision to /mnt/NAME on the target."""
    given = {"mountPath": f"/mnt/{name}", **parameters}
    return lab.provision(name, container=container, host="target", parameters=given)


def set_fault(lab: Lab, name: str, fault: str | None) -> None:
    """Let a dSource or VDB fail from now on, or no longer."""
    parameters = lab.container(name).parameters
    lab.update_parameters(name, {**parameters, "fault": fault})


def notes(lab: Lab, host: str, name: str) -> list[str]:
    """The lines of the notebook that is mounted there."""
    return lab.hosts[host].read_file(f"/mnt/{name}/notes.txt").decode().splitlines()


def mounted(lab: Lab, host: str) -> list[str]:
    """Where datasets are mounted on a host."""
    return sorted(mount.mount_path for mount in lab.hosts[host].mounts())
