"""Which of the user's settings go along with encrypted files."""

import pytest

from domain.options import encryption
from domain.options.settings import Setting


@pytest.mark.parametrize(
    ("name", "value", "goes_along"),
    [
        ("plugin_load_add", "file_key_management", True),
        ("loose_plugin_load_add", "file_key_management.so", True),
        ("plugin_load_add", "auth_ed25519", False),
        ("file_key_management_filename", "/etc/keys", True),
        ("loose_file_key_management_encryption_algorithm", "AES_CTR", True),
        ("file_key_management_filekey", "FILE:/etc/keys.key", True),
        ("file_key_management_filekey", "s3cret", False),
        ("loose_file_key_management_filekey", "s3cret", False),
        ("file_key_management_fileke", "s3cret", False),  # the server takes the beginning
        ("hashicorp_key_management_token", "s3cret", False),
        ("loose_hashicorp_key_management_toke", "s3cret", False),
        ("hashicorp_key_management_vault_url", "https://v", True),
        ("innodb_encrypt_tables", "ON", True),
        ("innodb_encryption_threads", "4", True),
        ("aria_encrypt_tables", "ON", True),
        ("max_connections", "5", False),
        ("skip_name_resolve", None, False),
    ],
)
def test_what_goes_along(name: str, value: str | None, goes_along: bool) -> None:
    setting = Setting(name, value)
    assert encryption.settings([setting]) == ((setting,) if goes_along else ())
    assert encryption.settings([Setting(name, value, comment=True)]) == ()


def test_who_has_keys() -> None:
    load = Setting("plugin_load_add", "hashicorp_key_management")
    assert encryption.has_keys([Setting("a", None), load])
    assert not encryption.has_keys([Setting("innodb_encrypt_tables", "ON")])
    assert not encryption.has_keys([Setting("plugin_load_add", load.value, comment=True)])


def test_what_mariadb_backup_gets() -> None:
    """One plugin_load without blanks, bare names; secrets do not go along."""
    chosen = (
        Setting("plugin_load_add", "file_key_management"),
        Setting("loose_plugin_load", "hashicorp_key_management ; x=file_key_management.so"),
        Setting("loose_file_key_management_filename", "/etc/k"),
        Setting("file_key_management_filekey", "secret"),
        Setting("max_connections", "5"),
    )
    assert encryption.for_backup(chosen) == (
        Setting(
            "plugin_load",
            "file_key_management;hashicorp_key_management;x=file_key_management.so",
        ),
        Setting("file_key_management_filename", "/etc/k"),
    )
    assert encryption.for_backup(()) == ()
