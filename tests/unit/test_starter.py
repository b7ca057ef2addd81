"""The host's starter option file: what is taken, left out and refused."""

import pytest

from domain.layout import Layout
from domain.server_config import Role, ServerConfig, render
from domain.settings import Setting
from domain.starter import Starter, location, parse
from errors import PluginError

PATH = "/u01/toolkit/mariadb.cnf"
TEXT = r"""
# of our company
[client]
port = 3306

[mysqld]
max-connections = 300      # many
init_connect="SET @a = '#1'"
ft_stopword_file = "C:\\x\sy"
skip_name_resolve
datadir = /var/lib/mysql
; old
loose-port=3306
[mariadb-11.8]
Character_Set_Server = utf8mb4
[mysqldump]
quick
"""


@pytest.mark.parametrize(
    ("binary_path", "path"),
    [
        ("/u01/toolkit/Delphix_COMMON_5_6_delphix_host/scripts/bin", PATH),
        ("/u01/a b/Delphix_COMMON_5", "/u01/a b/mariadb.cnf"),
        ("/u01/toolkit/scripts/bin", ""),
        ("", ""),
    ],
)
def test_where_it_lies(binary_path: str, path: str) -> None:
    assert location(binary_path) == path


def test_what_is_read() -> None:
    assert parse(PATH, TEXT.splitlines(), "testing") == Starter(
        PATH,
        (
            (
                "mysqld",
                (
                    Setting("max_connections", "300"),
                    Setting("init_connect", "SET @a = '#1'"),
                    Setting("ft_stopword_file", "C:\\x y"),
                    Setting("skip_name_resolve", None),
                    Setting("datadir", "/var/lib/mysql", comment=True),
                    Setting("loose_port", "3306", comment=True),
                ),
            ),
            ("mariadb-11.8", (Setting("character_set_server", "utf8mb4"),)),
        ),
    )


@pytest.mark.parametrize("text", ["", "[mysqld]", "# nothing\n\n", "[client]\nport = 1"])
def test_a_file_that_says_nothing(text: str) -> None:
    assert parse(PATH, text.splitlines(), "testing").groups == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("!includedir /etc/mysql/conf.d", "line 2: !includedir is not followed"),
        ("no setting", "line 2: 'no setting' is not the name of a setting"),
        ('init_connect = "a\\tb"', "line 2: 'init_connect' has a value with a control character"),
        ("= 3", "line 2: '' is not the name of a setting"),
    ],
)
def test_lines_that_are_refused(line: str, words: str) -> None:
    with pytest.raises(PluginError) as caught:
        parse(PATH, ["[mysqld]", line, "max_connections = 3"], "testing")
    assert caught.value.entry.name == "SETTING_REFUSED"
    assert caught.value.seen == f"{PATH}: {words}"


def test_all_refused_lines_are_told_together() -> None:
    with pytest.raises(PluginError) as caught:
        parse(PATH, ["!include /a", "[mysqld]", "b c"], "testing")
    assert "line 1: !include is not followed; line 3: 'b c' is not" in caught.value.seen


def test_its_place_in_the_option_file() -> None:
    """Everything else goes before it; what configSettings comment out goes out of it too."""
    starter = parse(PATH, TEXT.splitlines(), "testing")
    settings = (Setting("max_connections", "5"), Setting("skip_name_resolve", None, comment=True))
    config = ServerConfig(
        Role.VDB, Layout("/mnt/v"), 3306, 7, "*", settings=settings, starter=starter
    )
    lines = render(config).splitlines()
    assert lines[2:13] == [
        "# From /u01/toolkit/mariadb.cnf",
        "[mysqld]",
        "max_connections = 300",
        "init_connect = \"SET @a = '#1'\"",
        'ft_stopword_file = "C:\\\\x y"',
        "# skip_name_resolve",
        "# datadir = /var/lib/mysql",
        "# loose_port = 3306",
        "[mariadb-11.8]",
        "character_set_server = utf8mb4",
        "",
    ]
    assert lines[13:15] == ["!include /mnt/v/required.cnf", "[mysqld]"]
    assert lines.index("max_connections = 5") > 15
