"""What people choose: defaults for what is missing or null, and each refusal by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dataset.layout import Layout
from domain.options.settings import Setting
from domain.parameters import (
    IngestionMode,
    LinkedParameters,
    LoginGrants,
    Transfer,
    VirtualParameters,
    derived_server_id,
    linked_parameters,
    virtual_parameters,
)
from domain.source.tls import Tls, TlsMode
from tests.unit.words import definition, refused

GUID = "a-guid"
SUPPLIER = {"type": "NamedPasswordCredential", "username": "u", "password": "p"}
LINKED = {"mount_path": "/mnt/sales", "ingestion_mode": "Replication", "staging_port": 3310}
VIRTUAL = {"mount_path": "/mnt/copy", "port": 3320}
LINKED_DEFAULTS = LinkedParameters(
    mode=IngestionMode.REPLICATION,
    layout=Layout("/mnt/sales"),
    port=3310,
    server_id=derived_server_id(GUID),
    log_sync=True,
    source_host="",
    source_port=0,
    source_credentials=None,
    replication_credentials=None,
    staging_credentials=None,
    backup_path="",
    tls=Tls(TlsMode.DISABLED, "", "", ""),
    base_dir="",
    databases=(),
    catch_up_seconds=3600,
    settings=(),
)
VIRTUAL_DEFAULTS = VirtualParameters(
    layout=Layout("/mnt/copy"),
    port=3320,
    server_id=derived_server_id(GUID),
    bind_address="*",
    credentials=None,
    grants=LoginGrants.DATA,
    binary_log=False,
    event_scheduler=False,
    settings=(),
)
LINKED_OPTIONAL = (
    "ingestion_mode", "backup_origin", "backup_method", "log_sync", "source_host", "source_port",
    "source_credentials", "replication_credentials", "staging_credentials", "tls_mode",
    "backup_path", "tls_ca_path", "tls_cert_path", "tls_key_path", "staging_server_id",
    "staging_base_dir", "catch_up_timeout", "databases", "config_settings", "copy_sessions",
)  # fmt: skip
VIRTUAL_OPTIONAL = (
    "server_id", "bind_address", "vdb_credentials", "vdb_privileges", "binary_log",
    "event_scheduler", "config_settings",
)  # fmt: skip


def linked(**changes: Any) -> LinkedParameters:
    return linked_parameters(definition(**{**LINKED, **changes}), GUID)


def virtual(**changes: Any) -> VirtualParameters:
    return virtual_parameters(definition(**{**VIRTUAL, **changes}), GUID)


@pytest.mark.parametrize("log_sync", [None, True, False])
def test_manual_ingestion_never_replicates(log_sync: bool | None) -> None:
    found = linked(ingestion_mode="Manual Ingestion", log_sync=log_sync)
    assert (found.mode, found.log_sync) == (IngestionMode.MANUAL, False)


@pytest.mark.parametrize("path", [None, "", " "])
def test_a_user_provided_backup_needs_a_path(path: str | None) -> None:
    with refused("INPUT_INVALID", "parameter backupPath is missing"):
        linked(backup_origin="User Provided Backup", backup_path=path)


@pytest.mark.parametrize(
    "changes",
    [
        {"backup_origin": "Delphix Managed Backup"},
        {"backup_origin": "User Provided Backup", "ingestion_mode": "Manual Ingestion"},
        {},
    ],
)
def test_a_path_that_nobody_uses_is_left_alone(changes: dict[str, str]) -> None:
    assert linked(backup_path="/left/over", **changes).backup_path == ""


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("shop", "is not a list"),
        (5, "is not a list"),
        ({"shop": 1}, "is not a list"),
        (["shop", ""], "has '', which is no database name"),
        ([5], "has 5, which is no database name"),
        (["a\nb"], "has 'a\\nb', which is no database name"),
        (["shop", "MySQL"], "has 'MySQL', a database of the system"),
        (["sys"], "has 'sys', a database of the system"),
    ],
)
def test_databases_refused(value: Any, word: str) -> None:
    with refused("INPUT_INVALID", f"parameter databases {word}"):
        linked(databases=value)


def test_missing_keys_have_defaults() -> None:
    assert linked() == LINKED_DEFAULTS
    assert virtual() == VIRTUAL_DEFAULTS


def test_null_keys_have_the_same_defaults() -> None:
    assert linked(**dict.fromkeys(LINKED_OPTIONAL)) == LINKED_DEFAULTS
    assert virtual(**dict.fromkeys(VIRTUAL_OPTIONAL)) == VIRTUAL_DEFAULTS


def test_empty_texts_and_lists_have_the_same_defaults() -> None:
    empty = {"source_host": "", "staging_base_dir": " ", "tls_ca_path": "", "config_settings": []}
    assert linked(source_credentials={}, **empty) == LINKED_DEFAULTS
    assert virtual(bind_address="", vdb_credentials={}, config_settings=[]) == VIRTUAL_DEFAULTS


def test_everything_of_a_dsource() -> None:
    assert linked(
        staging_server_id=77,
        log_sync=False,
        source_host=" db.example ",
        source_port=3399,
        source_credentials=SUPPLIER,
        replication_credentials={**SUPPLIER, "username": "r"},
        staging_credentials={**SUPPLIER, "username": "s"},
        backup_origin="User Provided Backup",
        backup_path="/backups/sales.sql.gz",
        databases=["shop", "Odd %_\\", "shop"],
        tls_mode="Verify Identity",
        tls_ca_path="/etc/ca.pem",
        tls_cert_path="/etc/cert.pem",
        tls_key_path="/etc/key.pem",
        staging_base_dir="/opt/mariadb/",
        catch_up_timeout=10,
        config_settings=[{"propertyName": "max-connections", "value": "5"}],
    ) == LinkedParameters(
        mode=IngestionMode.REPLICATION,
        layout=Layout("/mnt/sales"),
        port=3310,
        server_id=77,
        log_sync=False,
        source_host="db.example",
        source_port=3399,
        source_credentials=SUPPLIER,
        replication_credentials={**SUPPLIER, "username": "r"},
        staging_credentials={**SUPPLIER, "username": "s"},
        backup_path="/backups/sales.sql.gz",
        tls=Tls(TlsMode.VERIFY_IDENTITY, "/etc/ca.pem", "/etc/cert.pem", "/etc/key.pem"),
        base_dir="/opt/mariadb",
        databases=("shop", "Odd %_\\"),
        catch_up_seconds=10,
        settings=(Setting("max_connections", "5"),),
    )


@pytest.mark.parametrize(
    ("given", "transfer"),
    [
        ({}, Transfer(13306, 13325, False)),
        ({"transfer_port": 14000, "transfer_compression": True}, Transfer(14000, 14000, True)),
        ({"backup_method": "Logical"}, None),
        ({"backup_origin": "User Provided Backup", "backup_path": "/b"}, None),
        ({"ingestion_mode": "Manual Ingestion"}, None),
    ],
)
def test_how_files_come(given: dict[str, Any], transfer: Transfer | None) -> None:
    assert linked(**{"backup_method": "Physical", **given}).transfer == transfer


def test_files_of_selected_databases() -> None:
    with refused("INPUT_INVALID", "databases"):
        linked(backup_method="Physical", databases=["shop"])


def test_everything_of_a_vdb() -> None:
    assert virtual(
        server_id=88,
        bind_address="10.0.0.1,::1",
        vdb_credentials=SUPPLIER,
        vdb_privileges="All privileges",
        binary_log=True,
        event_scheduler=True,
    ) == VirtualParameters(
        layout=Layout("/mnt/copy"),
        port=3320,
        server_id=88,
        bind_address="10.0.0.1,::1",
        credentials=SUPPLIER,
        grants=LoginGrants.ALL,
        binary_log=True,
        event_scheduler=True,
        settings=(),
    )


NUMBERS = [
    (linked, "staging_port", "port", 1024, 65535),
    (linked, "source_port", "source_port", 1, 65535),
    (linked, "staging_server_id", "server_id", 1, 2**32 - 1),
    (linked, "copy_sessions", "copy_sessions", 1, 16),
    (linked, "catch_up_timeout", "catch_up_seconds", 1, 604800),
    (virtual, "port", "port", 1024, 65535),
    (virtual, "server_id", "server_id", 1, 2**32 - 1),
]


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


@pytest.mark.parametrize(("read", "name", "attribute", "least", "most"), NUMBERS)
def test_numbers(read: Any, name: str, attribute: str, least: int, most: int) -> None:
    for value in (least, most, float(least), float(most)):
        found = getattr(read(**{name: value}), attribute)
        assert found == value
        assert type(found) is int
    for value in (least - 1, most + 1, -1, 0, float(most + 1), 10**30):
        word = f"parameter {camel(name)} is {int(value)}, not between {least} and {most}"
        with refused("INPUT_INVALID", word):
            read(**{name: value})
    for value in (str(least), "", least + 0.5, float("nan"), float("inf"), True, False, [least]):
        word = f"parameter {camel(name)} is {value!r}, not a whole number"
        with refused("INPUT_INVALID", word):
            read(**{name: value})


@pytest.mark.parametrize(("read", "name"), [(linked, "staging_port"), (virtual, "port")])
def test_a_port_is_needed(read: Any, name: str) -> None:
    with refused("INPUT_INVALID", f"parameter {camel(name)} is None"):
        read(**{name: None})


BOOLEANS = [(linked, "log_sync"), (virtual, "binary_log"), (virtual, "event_scheduler")]


@pytest.mark.parametrize(("read", "name"), BOOLEANS)
@pytest.mark.parametrize("value", ["true", "false", "", 0, 1, 1.0, [], {}])
def test_booleans_are_true_or_false(read: Any, name: str, value: Any) -> None:
    with refused("INPUT_INVALID", f"parameter {camel(name)} is {value!r}, neither true nor false"):
        read(**{name: value})


ENUMS = [
    ("ingestion_mode", "'Replication'"),
    ("backup_origin", "'Delphix Managed Backup', 'User Provided Backup'"),
    ("backup_method", "'Logical'"),
    ("tls_mode", "'Disabled', 'Required', 'Verify CA', 'Verify Identity'"),
]


@pytest.mark.parametrize(("name", "known"), ENUMS)
@pytest.mark.parametrize("value", ["", "replication", "Unheard of", 1, True])
def test_choices(name: str, known: str, value: Any) -> None:
    word = f"parameter {camel(name)} is {value!r}; this release knows"
    with refused("INPUT_INVALID", word, known.split(", ", maxsplit=1)[0]):
        linked(**{name: value})


TEXTS = [
    (linked, "source_host"),
    (linked, "staging_base_dir"),
    (linked, "mount_path"),
    (linked, "tls_ca_path"),
    (virtual, "bind_address"),
    (virtual, "mount_path"),
]


@pytest.mark.parametrize(("read", "name"), TEXTS)
@pytest.mark.parametrize("value", [5, True, ["x"], {"a": 1}, b"x"])
def test_texts(read: Any, name: str, value: Any) -> None:
    with refused("INPUT_INVALID", f"parameter {camel(name)} is {value!r}, not a text"):
        read(**{name: value})


@pytest.mark.parametrize(
    "value", ["db", "db.example.com", "10.1.2.3", "::1", "fe80::1%eth0", "a" * 255]
)
def test_hosts_taken(value: str) -> None:
    assert linked(source_host=value).source_host == value
    assert virtual(bind_address=value).bind_address == value


@pytest.mark.parametrize(
    "value", ["a b", "a;b", "a'b", "$(x)", "a/b", "[::1]", "é", "a\nb", "a" * 256, "db,db2"]
)
def test_hosts_refused(value: str) -> None:
    with refused("INPUT_INVALID", f"parameter sourceHost is {value!r}, which is no host name"):
        linked(source_host=value)
    if "," not in value:
        with refused("INPUT_INVALID", f"parameter bindAddress is {value!r}"):
            virtual(bind_address=value)


def test_a_star_is_an_address_to_listen_on_only() -> None:
    assert virtual(bind_address="*").bind_address == "*"
    with refused("INPUT_INVALID", "parameter sourceHost is '*'"):
        linked(source_host="*")


@pytest.mark.parametrize("name", ["staging_base_dir", "tls_ca_path", "tls_cert_path"])
@pytest.mark.parametrize("value", ["opt", "./x", "~/x", "/a\nb", "/a\x1bb"])
def test_paths(name: str, value: str) -> None:
    with refused("INPUT_INVALID", f"parameter {camel(name)} is {value!r}, not an absolute path"):
        linked(**{name: value})


@pytest.mark.parametrize("value", ["text", 5, True, [SUPPLIER]])
@pytest.mark.parametrize(
    ("read", "name"),
    [
        (linked, "source_credentials"),
        (linked, "replication_credentials"),
        (linked, "staging_credentials"),
        (virtual, "vdb_credentials"),
    ],
)
def test_suppliers(read: Any, name: str, value: Any) -> None:
    with refused("INPUT_INVALID", f"parameter {camel(name)} is not a credentials supplier"):
        read(**{name: value})


def test_a_refused_supplier_is_not_shown() -> None:
    with pytest.raises(Exception, match="not a credentials supplier") as caught:
        linked(source_credentials="s3cret")
    assert "s3cret" not in str(caught.value.args)


def test_other_refusals_come_through() -> None:
    with refused("MOUNT_PATH_INVALID"):
        linked(mount_path=None)
    with refused("MOUNT_PATH_INVALID"):
        virtual(mount_path="/etc")
    with refused("SETTING_REFUSED"):
        virtual(config_settings=[{"propertyName": "port", "value": "1"}])


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"tls_mode": "Verify CA"}, "tlsCaPath is missing, tlsMode Verify CA needs it"),
        ({"tls_mode": "Verify Identity"}, "tlsCaPath is missing, tlsMode Verify Identity needs it"),
        ({"tls_mode": "Required", "tls_cert_path": "/c"}, "tlsCertPath and tlsKeyPath go together"),
        ({"tls_mode": "Required", "tls_key_path": "/k"}, "tlsCertPath and tlsKeyPath go together"),
    ],
)
def test_tls_parts_fit_together(changes: dict[str, str], word: str) -> None:
    with refused("INPUT_INVALID", word):
        linked(**changes)
    backup = {"backup_origin": "User Provided Backup", "backup_path": "/backup/full.sql"}
    with refused("INPUT_INVALID", word):
        linked(**changes, **backup)
    with refused("INPUT_INVALID", word):
        linked(**changes, log_sync=False)
    # Of a source that is never asked, the form shows none of it.
    assert linked(**changes, **backup, log_sync=False).backup_path
    assert linked(**changes, ingestion_mode="Manual Ingestion").mode is IngestionMode.MANUAL


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        (TlsMode.DISABLED, ("DISABLED", "", "", "")),
        (TlsMode.REQUIRED, ("REQUIRED", "", "/c", "/k")),
        (TlsMode.VERIFY_CA, ("VERIFY_CA", "/ca", "/c", "/k")),
        (TlsMode.VERIFY_IDENTITY, ("VERIFY_IDENTITY", "/ca", "/c", "/k")),
    ],
)
def test_what_scripts_are_told_about_tls(mode: TlsMode, shown: tuple[str, ...]) -> None:
    variables = Tls(mode, "/ca", "/c", "/k").check().variables()
    assert variables == dict(zip(("TLS_MODE", "TLS_CA", "TLS_CERT", "TLS_KEY"), shown, strict=True))


def test_the_derived_server_id_never_changes() -> None:
    """VDBs and dSources that exist have these ids: another derivation would break them."""
    assert derived_server_id("") == 0xE3B0C442
    assert derived_server_id("a-guid") == derived_server_id("a-guid")


@given(st.text(), st.text())
def test_derived_server_ids(one: str, other: str) -> None:
    assert 2**31 <= derived_server_id(one) < 2**32
    assert (derived_server_id(one) == derived_server_id(other)) is (one == other)
