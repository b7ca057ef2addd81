"""What a server of ours may load: plugins that reach nobody, and nothing else."""

import pytest

from domain.options.settings import Setting
from tests.steps.support import Dataset

LISTED = "SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = "


def root(server: Dataset, script: str) -> str:
    """What a script of root says, in the folder of the dataset's links."""
    folder = f"{server.mount}/run/plugins"
    argv = ["bash", "-c", f'cd "$1" || exit 1; {script}', "bash", folder]
    return server.host.run_as_root(argv).text


def error(server: Dataset, statement: str) -> str:
    """The error that a statement ends with."""
    with pytest.raises(Exception, match="ERROR") as caught:
        server.sql(statement)
    return str(caught.value)


def test_links_are_closed_and_lead_to_plugins_that_reach_nobody(server: Dataset) -> None:
    server.good("server_start", RESTART="yes")
    names = root(server, "ls").split()
    assert {"server_audit.so", "simple_password_check.so", "file_key_management.so"} <= set(names)
    assert not [name for name in names if "federated" in name or "sphinx" in name]
    assert "handlersocket.so" not in names
    assert root(server, "stat -c %a .").strip() == "500"
    assert server.sql("SELECT @@plugin_dir").rstrip("/") == f"{server.mount}/run/plugins"


def test_what_lies_there_goes_at_the_next_start(server: Dataset) -> None:
    """Whoever put it there."""
    server.good("server_start", RESTART="yes")
    root(server, "ln -s /usr/lib/mysql/plugin/ha_federatedx.so . && touch odd.so")
    server.good("server_start", RESTART="yes")
    assert not {"ha_federatedx.so", "odd.so"} & set(root(server, "ls").split())


def test_plugins_that_people_ask_for_are_loaded(server: Dataset) -> None:
    asked = server.with_(
        Setting("plugin_load_add", "server_audit"),
        Setting("plugin_load_add", "simple_password_check"),
    )
    asked.good("server_start", RESTART="yes")
    for name in ("SERVER_AUDIT", "simple_password_check"):
        assert server.sql(f"{LISTED}'{name}'") == "1", name


@pytest.mark.parametrize("library", ["ha_federatedx", "ha_federated", "ha_sphinx"])
def test_no_statement_loads_what_reaches_out(server: Dataset, library: str) -> None:
    server.good("server_start")
    assert "1126" in error(server, f"INSTALL SONAME '{library}'")
    assert "1126" in error(server, "CREATE FUNCTION f RETURNS STRING SONAME 'udf_any.so'")


def test_rows_of_system_tables_load_nothing_and_stop_no_start(server: Dataset) -> None:
    """They come with the files of a backup, and may name anything."""
    server.good("server_start")
    server.sql(
        "INSERT INTO mysql.plugin VALUES ('FEDERATED', 'ha_federatedx.so'), ('gone', 'gone.so'),"
        " ('path', '../../../../usr/lib/mysql/plugin/ha_sphinx.so');"
        "INSERT INTO mysql.func VALUES ('system', 0, 'gone.so', 'function'),"
        " ('path', 0, '/usr/lib/mysql/plugin/ha_sphinx.so', 'function')"
    )
    server.good("server_start", RESTART="yes")
    assert server.sql(f"{LISTED}'FEDERATED'") == "0"
    assert "ha_federatedx.so" in root(server, "tail -n 60 ../../log/error.log")
    server.sql("DELETE FROM mysql.plugin; DELETE FROM mysql.func")
    server.good("server_start", RESTART="yes")


def test_a_dataset_with_closed_links_can_be_emptied(server: Dataset) -> None:
    """The environment user could not delete in a folder that is closed to it."""
    server.good("server_stop")
    server.good("dataset_create")
    server.good("server_start")
