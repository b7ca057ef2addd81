"""What stands in examples/ works: curl and delphixpy drive a lab with a real source."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from testbed import kept
from testbed.parameters import DEVELOPER, READER, REPLICATOR
from testbed.site import Site, mark, marks
from tests.clients.support import CLIENTS, ROOT, Served, serving
from tests.workflows.support import ROWS, running_site
from tests.workflows.support import SECRETS as ACCOUNT_SECRETS

EXAMPLES = ROOT / "examples"
PASSWORD = 'it\'s "a" \\ $HOME & p@ss; ü'
# A word of each secret that no quoting changes.
SECRETS = ("HOME & p@ss", *ACCOUNT_SECRETS.values())
ACCOUNTS = {"copy": READER, "replication": REPLICATOR, "clone": DEVELOPER}
ENGINE = "1-"  # what DCT puts before a reference
# Stands before the programs that the bash examples start, and notes how they are called.
SPY = """#!/bin/bash
printf '%s\\n' "$0 $*" >>"{record}"
exec "{program}" "$@"
"""
# Those of DCT come when the lab has its interface: "dct": "store".
NAMES = {"curl": "sales", "delphixpy": "shop"}


@dataclass
class Examples:
    """The examples of one client."""

    client: str
    name: str
    served: Served
    folder: Path
    told: str = ""
    clone: dict[str, Any] = field(default_factory=dict)

    def run(self, name: str, *words: str, status: int = 0) -> str:
        """Run one: what it prints. No secret is told, to nobody."""
        if self.client == "curl":
            command = [str(EXAMPLES / "curl" / f"{name}.sh"), *words]
        else:
            file = EXAMPLES / self.client / f"{name.replace('-', '_')}.py"
            command = [str(CLIENTS), "-B", str(file), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=self.environment()
        )
        record = self.folder / "record"
        text = done.stdout + done.stderr + (record.read_text() if record.exists() else "")
        assert not [secret for secret in SECRETS if secret in text]
        assert done.returncode == status, done.stdout + done.stderr
        assert self.client != "curl" or status == 2 or "/login\n" in text
        self.told = done.stderr
        return done.stdout.strip()

    def environment(self) -> dict[str, str]:
        path = os.environ["PATH"]
        if self.client == "curl":
            path = f"{spies(self.folder)}:{path}"
        return {
            "PATH": path,
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "DELPHIX_URL": self.served.url,
            "DELPHIX_USER": self.served.told["user"],
            "DELPHIX_PASSWORD": self.served.told["password"],
            "DCT_URL": self.served.url,
            "DCT_KEY": self.served.told["key"],
            "DELPHIX_POLL": "0.5",
        }


def spies(folder: Path) -> Path:
    """A folder with programs that note their arguments."""
    place = folder / "bin"
    place.mkdir(exist_ok=True)
    for name in ("curl", "jq", "sha256sum", "sleep", "mktemp", "tr"):
        spy = place / name
        if not spy.exists():
            spy.write_text(SPY.format(record=folder / "record", program=shutil.which(name)))
            spy.chmod(0o755)
    return place


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A lab with the plugin, a loaded source, and the secrets in the engine's vault."""
    folder = tmp_path_factory.mktemp("site") / "lab"
    artifact = root / "build" / "artifact.json"
    with running_site(folder, artifact, lambda lab: kept.seed(lab, "source", ROWS)) as made:
        for name in NAMES.values():
            for what, account in ACCOUNTS.items():
                supplier = {"vault": "HASHICORP_VAULT-1", "path": f"mariadb/{name}/{what}"}
                made.lab.add_vault_secret(supplier, account.user, account.password)
        made.source.server.query("SET GLOBAL event_scheduler = OFF")
        yield made


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_PASSWORD", PASSWORD)
        with serving(site.lab) as running:
            yield running


def all_at_once(teams: list[Examples], work: Callable[[Examples], object]) -> None:
    """The clients at once: most of it is waiting."""
    with ThreadPoolExecutor(len(teams)) as pool:
        list(pool.map(work, teams))


def test_examples(site: Site, server: Served, tmp_path: Path) -> None:
    """All six, one after the other, as a team would use them."""
    source, address = site.source.server, site.host("source").address
    (config,) = (row for row in site.lab.source_configs("source") if row.present)
    teams: list[Examples] = []
    one_port = Lock()
    for client, name in NAMES.items():
        (tmp_path / client).mkdir()
        teams.append(Examples(client, name, server, tmp_path / client))
    mark(source, "before the link")

    def link(team: Examples) -> None:
        port = str(3310 + teams.index(team))
        made = team.run("link", team.name, "source", config.name, "staging", port)
        assert site.lab.container(team.name).reference == made.removeprefix(ENGINE)
        first = team.run("wait-first-snapshot", team.name)
        assert [row.reference for row in site.lab.snapshots(team.name)] == [
            first.removeprefix(ENGINE)
        ]
        with one_port:  # not at once: both would find the same port free
            told = team.run("clone-per-branch", "up", team.name, "Fix/A", "target")
        team.clone = json.loads(told)
        vdb = site.sql(team.clone["name"])
        assert marks(vdb) == marks(source)
        wanted = f"SELECT COUNT(*) FROM mysql.user WHERE user = '{DEVELOPER.user}'"
        assert vdb.value(wanted) == "1"

    def night(team: Examples) -> None:
        assert marks(site.sql(team.clone["name"])) != marks(source)
        team.run("nightly-refresh", team.name, "nobody", team.clone["name"], status=1)
        assert "nobody" in team.told
        assert marks(site.sql(team.clone["name"])) == marks(source)
        assert team.run("gtid-position", team.name) == position(site, team.name)
        assert team.run("resync-after-failover", team.name) == "replication goes on"

    def again(team: Examples) -> None:
        assert team.run("resync-after-failover", team.name, address) == "copied anew"
        assert "MDB-063" in team.told
        assert site.lab.container(team.name).parameters["sourceHost"] == address
        told = json.loads(team.run("clone-per-branch", "up", team.name, "Fix/A", "target"))
        assert told == team.clone
        assert marks(site.sql(team.clone["name"])) == marks(source)
        team.run("clone-per-branch", "down", team.name, "Fix/A")

    all_at_once(teams, link)
    ports = sorted(team.clone["port"] for team in teams)
    assert ports == [3400 + number for number in range(len(teams))]
    mark(source, "before the night")
    all_at_once(teams, night)
    fail_over(site)
    all_at_once(teams, again)
    assert [row.name for row in site.lab.containers()] == [team.name for team in teams]
    logs = [file.read_text() for file in (server.lab.root / "log").rglob("*.log")]
    assert logs and not [secret for secret in SECRETS for text in logs if secret in text]


def position(site: Site, name: str) -> str:
    """What the newest snapshot says, which is where the source is."""
    found = str(site.latest(name).metadata["gtidPosition"])
    assert found == site.source.server.value("SELECT @@gtid_binlog_pos")
    return found


def fail_over(site: Site) -> None:
    """The source has another history, as of a server that lacked the last transactions."""
    site.source.server.query("RESET MASTER")
    for number in range(3):
        mark(site.source.server, f"new server {number}")


def test_what_fails_is_told(server: Served, tmp_path: Path) -> None:
    """A wrong password, a name that is not there, words that are missing."""
    examples = Examples("curl", "sales", server, tmp_path)
    usage = examples.run("link", status=2) or examples.told
    assert "link.sh DSOURCE SOURCE_ENVIRONMENT" in usage
    examples.run("gtid-position", "nobody", status=5)
    assert "0 are named nobody" in examples.told
