"""Every command, option file, JSON text and sample of README and docs, and which test has it.

A key is a line that one unit of the page has and no other; a page as a whole may have one kind.
"""

from collections.abc import Mapping

from tests.pages.blocks import Unit, units
from tests.pages.kinds import Cannot, Covered, Kind, Runs, Why

PLACEHOLDERS = {
    "10.20.30.%": "10.77.0.%",
    "delphix_os": "delphix",
    "<toolkit directory>": "/opt/delphix/toolkit",
    "/u01/delphix/toolkit": "/opt/delphix/toolkit",
}
"""What pages write for what people have, and what it is in the lab."""

_SCHEMA = Covered("tests/shape/test_doc_blocks.py::test_json_fits_the_schema")
_V2P = "tests/workflows/test_physical.py"
_DRAWING = Cannot(Why.DRAWING)

BLOCKS: Mapping[str, Mapping[str, Kind] | Kind] = {
    "README.md": {
        "./dev demo": Runs(),
        "./dev demo --serve": Runs(),
        "./dev test": Cannot(Why.SELF),
        "operation seconds remote calls": Runs(),
    },
    "docs/guides/automation.md": Covered(
        "tests/shape/test_automation.py::test_every_block_is_a_quotation_or_json"
    ),
    "docs/guides/cloud-sources.md": {
        "CREATE USER": Runs(),
        "GRANT SELECT ON `mysql`.*": Runs(),
        "MDB-043": Runs(),
        "mariadb -h db.example.com ...": Runs(),
    },
    "docs/guides/discovery.md": {
        "DELPHIX_MARIADB_PATH=": Covered("tests/steps/test_discovery.py::test_hints_of_the_host"),
    },
    "docs/guides/linking.md": {
        "job_status: INFO phase: copying tables": Runs(),
        "mariadb --no-defaults ...": Runs(),
        "MDB-043": Runs(),
    },
    "docs/guides/manual-ingestion.md": {
        "on 10.77.0.12, as OS user": Runs(),
        "zcat sales.sql.gz ...": Runs(),
        "mariadb-dump --databases mysql ...": Runs(),
        "| gzip > data.sql.gz": Runs(),
        "(echo ...": Runs(),
    },
    "docs/guides/migration.md": {
        "SET GLOBAL read_only = ON;": Runs(),
        "mariadb-dump --no-defaults ...": Runs({"sales_new": "sales_dev"}),
    },
    "docs/guides/provisioning.md": {
        "mariadb -h target.example.com ...": Runs(),
        "mariadb --no-defaults ...": Runs(),
        "virtual.unconfigure": Runs(),
    },
    "docs/guides/run.md": {
        "mariadb --no-defaults": Runs(),
        "mariadb-dump --no-defaults ...": Runs(),
    },
    "docs/guides/server-settings.md": {
        '{"propertyName": "skip_name_resolve"}': Runs(),
        "<toolkit directory>/mariadb.cnf": Runs(),
        "[mysqld]": Runs(),
        '{"propertyName": "innodb_encrypt_tables", "value": "ON"}': _SCHEMA,
        "# Of the plugin": Runs(),
    },
    "docs/guides/sizing.md": {
        "time mariadb-dump ...": Runs(),
        '[{"propertyName": "innodb_buffer_pool_size"': Runs(),
    },
    "docs/guides/snapshots.md": {'"verified": {"gtidPosition"': Runs()},
    "docs/guides/tls.md": {
        "ssl_ca   = /etc/mysql/tls/ca.pem": Runs(),
        '"tlsMode": "Verify Identity",': _SCHEMA,
    },
    "docs/guides/user-backup.md": {
        "mydumper ...": Runs(),
        "mariadb-dump --all-databases ...": Runs(),
        "mariadb-backup --backup --target-dir ...": Runs(),
        "mariadb-backup --backup --stream=mbstream ...": Runs(),
        '"backupPath": "/backup/full.sql.zst",': Runs(),
    },
    "docs/guides/versions.md": {"MariaDB 10.5.23 (/opt/mariadb-10.5)": Runs()},
    "docs/how-it-works.md": {
        "source host": _DRAWING,
        "copy dump of the source": _DRAWING,
    },
    "docs/install.md": {
        "./dev build": Runs(),
        ".venv/bin/dvp upload ...": Covered(
            "tests/clients/test_dvp.py::test_upload_upgrade_downgrade_and_logs"
        ),
    },
    "docs/maintainers/architecture.md": {
        "plugin_config.yml": Covered("tests/shape/test_doc_blocks.py::test_the_folders_are_there"),
        "plugin_runner -> operations": _DRAWING,
        "operations linked.pre_snapshot": _DRAWING,
        "#!/usr/bin/env bash": Covered(
            "tests/shape/test_doc_blocks.py::test_the_header_is_that_of_the_file"
        ),
    },
    "docs/maintainers/engine-api.md": {
        "LAB_PASSWORD=... ./dev lab serve ...": Runs({"8080": "0"}),
        "LAB_PASSWORD=... python -m lab.web.pictures ...": Covered(
            "tests/workflows/test_page.py::test_link_provision_refresh_and_facts"
        ),
    },
    "docs/maintainers/how-values-travel.md": _DRAWING,
    "docs/guides/v2p.md": {
        "./dev lab export sales ...": Covered(f"{_V2P}::test_a_snapshot_of_a_vdb_is_exact"),
        "/usr/sbin/mariadbd ...": Covered(f"{_V2P}::test_its_owner_runs_it_by_hand"),
        "/usr/bin/mariadb --defaults-file=/srv/sales/my.cnf": Covered(
            f"{_V2P}::test_its_owner_runs_it_by_hand"
        ),
        "/usr/bin/mariadb-admin ...": Covered(f"{_V2P}::test_its_owner_runs_it_by_hand"),
    },
    "docs/maintainers/lab.md": {
        "./dev demo": Runs(),
        "./dev demo --keep": Runs(),
        "./dev demo --rows 2000": Runs(),
        "./dev build": Runs(),
        "./dev lab up": Runs(),
        "./dev lab seed --rows 2000": Runs(),
        "./dev lab discover": Runs(),
        "./dev lab link sales": Runs(),
        "./dev lab provision dev1 --from sales": Runs(),
        "./dev lab sql dev1 ...": Runs(),
        "./dev lab down": Runs(),
        "./dev lab provision dev2 ...": Runs(),
        "./dev lab snapshots sales ...": Runs(),
        "from lab.lab import Lab": Runs(),
    },
    "docs/prerequisites.md": {
        "apt-get install mariadb-server": Runs({"install": "install --simulate"}),
        "systemctl disable --now mariadb": Cannot(Why.SYSTEMD),
        "KillExcludeUsers=root delphix_os": Covered(
            "tests/steps/test_logout.py::test_a_host_that_does_not"
        ),
        "Defaults:delphix_os !requiretty": Runs(),
        "delphix_os ALL=(mysql) NOPASSWD": Covered(
            "tests/workflows/test_managed_physical_failures.py::test_without_the_right"
        ),
        "GRANT RELOAD, PROCESS": Covered(
            "tests/workflows/test_managed_physical_failures.py::test_without_a_privilege"
        ),
        "binlog_format = ROW": Runs(),
        "-- always": Runs(),
        "mariadb -h source.example.com ...": Runs(),
    },
    "docs/reference/error-codes.md": {
        "MDB-034": Runs(),
    },
    "docs/reference/parameters.md": {
        '{"type": "NamedPasswordCredential"': _SCHEMA,
    },
    "docs/reference/preflight.md": {"MDB-042": Runs()},
    "docs/reference/snapshot-metadata.md": {'"consistency": "Consistent",': Runs()},
}


def named(page: str, key: str) -> list[Unit]:
    """The units of a page that begin with this line; if none does, those that have it."""
    first = [unit for unit in units(page) if unit.begins(key)]
    return first or [unit for unit in units(page) if unit.has(key)]


def keyed(page: str, key: str) -> Unit:
    """The unit of a page that has this key. Raises ValueError unless it is one."""
    (unit,) = named(page, key)
    return unit


def kinds(page: str) -> list[tuple[Unit, list[Kind]]]:
    """Each unit of a page with what is said of it; there should be one thing."""
    listed = BLOCKS.get(page, {})
    if not isinstance(listed, Mapping):
        return [(unit, [listed]) for unit in units(page)]
    found = {key: named(page, key) for key in listed}
    return [
        (unit, [kind for key, kind in listed.items() if unit in found[key]]) for unit in units(page)
    ]


def that_run() -> dict[tuple[str, str], Runs]:
    """Page and key of all that tests/workflows/test_doc_commands.py runs."""
    return {
        (page, key): kind
        for page, listed in BLOCKS.items()
        if isinstance(listed, Mapping)
        for key, kind in listed.items()
        if isinstance(kind, Runs)
    }
