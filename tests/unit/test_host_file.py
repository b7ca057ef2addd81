"""The host's starter option file: what is taken, left out and refused."""

import pytest

from catalogue import Refusal
from domain.dataset.layout import Layout
from domain.options.host_file import Starter, location, parse
from domain.options.my_cnf import Role, ServerConfig, render
from domain.options.settings import Setting

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
    assert parse(PATH, TEXT.splitlines()) == Starter(
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
    assert parse(PATH, text.splitlines()).groups == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("!includedir /etc/mysql/conf.d", "line 2: !includedir is not followed"),
        ("no setting", "line 2: 'no setting' is not the name of a setting"),
        ('init_connect = "a\\tb"', "line 2: 'init_connect' has a value with a control character"),
        ("= 3", "line 2: '' is not the name of a setting"),
        ("[mysqld", "line 2: is no name of a group"),
        # Not even into a comment: what follows would be a line of its own.
        ('datadir = "/x\\nskip_grant_tables"', "line 2: 'datadir' has a value with a control"),
    ],
)
def test_lines_that_are_refused(line: str, words: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(PATH, ["[mysqld]", line, "max_connections = 3"])
    assert caught.value.entry.name == "SETTING_REFUSED"
    assert caught.value.seen.startswith(f"{PATH}: {words}")


def read(*lines: str) -> tuple[Setting, ...]:
    ((_, settings),) = parse(PATH, ["[mysqld]", *lines]).groups
    return settings


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (r'x = "x\"y"', 'x"y'),
        (r"x = 'it\'s' # b", "it's"),
        ('x = "x" y', '"x" y'),
        ('x = "x', '"x'),
        ("x = b'c # d'", "b'c # d'"),
        ('x = x"#"y # z', 'x"#"y'),
        (r"x = x \# y", "x \\"),
        ('x = ""', ""),
    ],
)
def test_values_as_my_print_defaults_tells_them(line: str, value: str) -> None:
    assert read(line) == (Setting("x", value),)


def test_groups_as_the_server_compares_them() -> None:
    """Case does not matter, and what stands behind the bracket neither."""
    lines = ["[MySQLd ] # ours", "x=1", "[ mysqld]", "b=2", "[client]", "c d", "[server] x"]
    found = parse(PATH, lines)
    assert found.groups == (("mysqld", (Setting("x", "1"),)),)


def test_a_line_before_any_group_is_refused() -> None:
    """The server would not start with it."""
    with pytest.raises(Refusal, match="line 1: stands before any group"):
        parse(PATH, ["max_connections = 3", "[mysqld]"])


@pytest.mark.parametrize(
    "name",
    [
        *("replicate_ignore_db", "replicate-wild-ignore-table", "loose_replicate_rewrite_db"),
        *("slave_skip_errors", "slave-exec-mode", "rpl_semi_sync_slave_enabled", "wsrep_on"),
        *("rpl-semi-sync-master-enabled", "loose_rpl_semi_sync_master_timeout"),
        *("binlog_do_db", "binlog-ignore-db", "BINLOG_DO", "loose-binlog-ignore", "binlog_i"),
    ],
)
def test_the_file_of_a_source_that_is_a_replica_or_in_a_cluster(name: str) -> None:
    """What it skips or leaves out would be missing on every staging server, in silence."""
    (setting,) = read(f"{name} = x")
    assert setting.comment


def test_all_refused_lines_are_told_together() -> None:
    with pytest.raises(Refusal) as caught:
        parse(PATH, ["!include /a", "[mysqld]", "b c"])
    assert "line 1: !include is not followed; line 3: 'b c' is not" in caught.value.seen


def test_its_place_in_the_option_file() -> None:
    """Everything else goes before it; what configSettings comment out goes out of it too."""
    starter = parse(PATH, TEXT.splitlines())
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
