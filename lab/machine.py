"""The part of the machine that a lab occupies: its pool, its network and its hosts."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lab.errors import LabError
from lab.hosts.client import Client
from lab.hosts.host import Host, HostSpec
from lab.hosts.power import HostFolders, HostPower, end_processes
from lab.system.mounts import unmount_all, unmount_copies
from lab.system.network import Switch, host_address
from lab.system.process import run, wait_until
from lab.system.storage import Pool

_LOOP_SECONDS = 120  # what was unmounted lazily may have much to write


@dataclass(frozen=True)
class _Plan:
    """What machine.json holds: enough to build everything again."""

    engine_uuid: str
    pool_gib: int
    specs: tuple[HostSpec, ...]


class Machine:
    """Makes, repairs and removes the lab's share of this machine.

    Everything it makes is below `root`: machine.json, pool.img, pool/, switch, hosts/.
    """

    def __init__(self, root: Path) -> None:
        """root: the lab's folder. Nothing is touched yet."""
        self.root = root.resolve()
        self.pool = Pool(self.root / "pool.img", self.root / "pool")
        self._switch = Switch(self.root / "switch")

    @property
    def hosts(self) -> Mapping[str, Host]:
        """The lab's hosts by name, running or not; none before the first `up`."""
        plan = self._plan()
        if plan is None:
            return {}
        numbered = enumerate(plan.specs)
        return {spec.name: self._host(plan, spec, index) for index, spec in numbered}

    def up(self, specs: Sequence[HostSpec], pool_gib: int = 20) -> None:
        """Make the lab, add hosts to it, or repair it; harmless when all is well.

        Hosts that are there stay, named or not. pool_gib matters only for a new pool.
        Raises LabError when something cannot be made; `up` may then be repeated.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        with self._alone():
            plan = self._extended_plan(specs, pool_gib)
            self._save(plan)
            self.pool.up(plan.pool_gib)
            self._switch.up()
            hosts = self.hosts.values()
            names = "\n".join(f"{host.address} {host.name}" for host in hosts)
            with ThreadPoolExecutor() as workers:
                list(workers.map(lambda host: host.start(f"127.0.0.1 localhost\n{names}"), hosts))

    def down(self) -> None:
        """Remove every process, mount, loop device and file of this lab; repeatable.

        It looks at what is there rather than at what was recorded, so it also cleans up after
        an `up` that was killed. The root folder itself and files of others in it stay. Raises
        LabError, naming them, while processes use the pool.
        """
        if not self.root.is_dir():
            return
        with self._alone():
            folders = self.root / "hosts"
            for folder in folders.iterdir() if folders.is_dir() else ():
                end_processes(folder)
            unmount_all(below=self.root)
            self._release_loop_devices()
            self.pool.remove_drafts()
            for name in ("pool.img", "switch", "machine.json", "machine.new"):
                (self.root / name).unlink(missing_ok=True)
            if (self.root / "pool").is_dir():
                (self.root / "pool").rmdir()
            if folders.is_dir():
                shutil.rmtree(folders)

    def _host(self, plan: _Plan, spec: HostSpec, index: int) -> Host:
        address = host_address(index)
        folders = HostFolders(
            own=self.root / "hosts" / spec.name,
            changes=lambda: self.pool.host_folder(spec.name),
            lower=spec.root or Path("/"),
        )
        power = HostPower(
            spec.name, folders, lambda init_pid: self._switch.connect(address, init_pid)
        )
        return Host(spec, address, plan.engine_uuid, power)

    def _plan(self) -> _Plan | None:
        try:
            text = (self.root / "machine.json").read_text()
        except FileNotFoundError:
            return None
        stored = json.loads(text)
        specs = tuple(
            HostSpec(name, None if root is None else Path(root), Client(stored["clients"][name]))
            for name, root in stored["hosts"].items()
        )
        return _Plan(stored["engine_uuid"], stored["pool_gib"], specs)

    def _extended_plan(self, specs: Sequence[HostSpec], pool_gib: int) -> _Plan:
        plan = self._plan() or _Plan(str(uuid.uuid4()), pool_gib, ())
        known = {spec.name: spec for spec in plan.specs}
        for spec in map(_checked, specs):
            if known.setdefault(spec.name, spec) != spec:
                raise LabError(
                    f"The host {spec.name!r} exists with another root directory or client.",
                    "Give the new host another name, or run `down` first.",
                )
        return _Plan(plan.engine_uuid, plan.pool_gib, tuple(known.values()))

    def _save(self, plan: _Plan) -> None:
        hosts = {spec.name: None if spec.root is None else str(spec.root) for spec in plan.specs}
        stored = {
            "engine_uuid": plan.engine_uuid,
            "pool_gib": plan.pool_gib,
            "hosts": hosts,
            "clients": {spec.name: spec.client.value for spec in plan.specs},
        }
        draft = self.root / "machine.new"
        draft.write_text(json.dumps(stored, indent=2) + "\n")
        draft.replace(self.root / "machine.json")

    def _release_loop_devices(self) -> None:
        def released() -> bool:
            # Again at each turn: a `mount` that an interrupted `up` started may finish only now.
            unmount_all(below=self.root)
            unmount_copies(self._loop_devices())
            return not self._loop_devices()

        if not wait_until(released, _LOOP_SECONDS):
            raise LabError(
                f"The loop device {', '.join(self._loop_devices())} of the lab is still in use.",
                "End the processes that have a file of the pool open, then run `down` again.",
            )

    def _loop_devices(self) -> list[str]:
        """Devices that the pool's file backs, also when the file was deleted."""
        image = str(self.root / "pool.img")
        listing = run(["losetup", "--list", "--json", "--output", "NAME,BACK-FILE"]).stdout
        devices = json.loads(listing or b'{"loopdevices": []}')["loopdevices"]
        backed_by = (image, f"{image} (deleted)")
        return [device["name"] for device in devices if device["back-file"] in backed_by]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lab's lock, so that two calls do not build or remove it at the same time."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _checked(spec: HostSpec) -> HostSpec:
    """The specification, with its root resolved; LabError when the lab cannot use it."""
    if not spec.name.replace("-", "").isalnum() or not spec.name.isascii():
        raise LabError(f"{spec.name!r} is not a host name: use letters, digits and hyphens.")
    if spec.root is None:
        return spec
    root = spec.root.resolve()
    if not (root / "bin/bash").exists():
        raise LabError(f"{root} is not a root directory: it has no bin/bash.")
    if set(str(root)) & set(",:\\"):
        raise LabError(f"The root directory {root} has a comma, colon or backslash in its name.")
    return replace(spec, root=root)
