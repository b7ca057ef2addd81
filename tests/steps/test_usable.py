"""A server that is reported ready is one that people can work with; else the cause is told."""

from collections.abc import Iterator

import pytest

from domain.options.settings import Setting
from tests.steps.support import Bench, Dataset, Outcome

PEOPLE = {"BIND_ADDRESS": "*", "EVENTS": "no", "MADE": "yes"}


@pytest.fixture
def vdb(bench: Bench) -> Iterator[Dataset]:
    made = bench.dataset("people", 3470, binary_log=True, extra=PEOPLE)
    yield made
    bench.drop(made)


def started(vdb: Dataset, *settings: tuple[str, str]) -> Dataset:
    """The server with these settings, which are added after it was made."""
    vdb.create()
    changed = vdb.with_(*(Setting(name, value) for name, value in settings))
    changed.good("server_start", RESTART="yes")
    return changed


def unusable(vdb: Dataset, *words: str, **extra: str) -> Outcome:
    outcome = vdb.run("vdb_prove", **extra)
    assert outcome.failure == "VDB_NOT_USABLE", f"{outcome.failure} {outcome.seen} {outcome.story}"
    assert [word for word in words if word not in outcome.seen] == [], outcome.seen
    return outcome


def test_a_sound_server_is_proven_and_nothing_stays(vdb: Dataset) -> None:
    vdb.create()
    vdb.sql("CREATE USER dev@'%' IDENTIFIED BY 'de\"v\\\\'''")
    outcome = vdb.run("vdb_prove", LOGIN_USER="dev", LOGIN_PASSWORD="de\"v\\'")
    assert outcome.failure == "", outcome.seen
    assert "WARNING" not in outcome.story
    assert vdb.sql("SHOW DATABASES LIKE '#delphix%'") == ""
    assert vdb.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE '#%'") == "0"


WAITS = [("rpl_semi_sync_master_enabled", "1"), ("rpl_semi_sync_master_timeout", "600000")]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([("init_connect", "SELECT * FROM nowhere.at_all")], ["init_connect command failed"]),
        ([("require_secure_transport", "1"), ("ssl", "0")], ["require_secure_transport", "no TLS"]),
        ([("old_passwords", "1")], ["old format"]),
        ([("max_user_connections", "-1")], ["max_user_connections"]),
        ([("completion_type", "2")], ["Lost connection"]),
        (
            [("plugin_load_add", "not_there")],
            ["the library not_there is demanded", "Couldn't load"],
        ),
        ([("plugin_load_add", "ed25519=auth_ed25519;p=none")], ["p=none is demanded"]),
    ],
)
def test_what_keeps_people_off_is_told(
    vdb: Dataset, settings: list[tuple[str, str]], words: list[str]
) -> None:
    unusable(started(vdb, *settings), *words)


def test_what_is_in_required_cnf_of_a_started_vdb_is_told_only(vdb: Dataset) -> None:
    """A login with all privileges may have written there."""
    vdb.create()
    vdb.write("required.cnf", "[mysqld]\nplugin_load_add = not_there\n")
    vdb.good("server_start", RESTART="yes", MARKER="")
    unusable(vdb, "not_there is demanded")
    outcome = vdb.run("vdb_prove", MADE="no")
    assert outcome.failure == ""
    assert "WARNING the library not_there is demanded and not loaded" in outcome.story


def test_a_commit_that_never_returns(vdb: Dataset) -> None:
    changed = started(vdb, *WAITS)
    body = "use_installation; MUST_ENCRYPT=0 WORK_SECONDS=2; prove_work"
    outcome = changed.library(body)
    assert outcome.failure == "VDB_NOT_USABLE"
    assert "Waiting for semi-sync ACK" in outcome.seen
    assert "rpl_semi_sync_master_enabled" in outcome.seen


def test_what_does_no_harm_is_let_through(vdb: Dataset) -> None:
    """A plugin that its own option switches off counts; a later plugin_load takes one back."""
    changed = started(
        vdb,
        ("plugin_load", "not_there"),
        ("plugin_load", "auth_ed25519;simple_password_check"),
        ("plugin_load_add", "server_audit=server_audit"),
        ("simple_password_check", "OFF"),
        ("autocommit", "0"),
        ("max_connections", "10"),
        ("bind_address", "0.0.0.0"),
        ("lock_wait_timeout", "0"),
    )
    outcome = changed.run("vdb_prove")
    assert (outcome.failure, "WARNING" in outcome.story) == ("", False), outcome.story


@pytest.mark.parametrize("setting", [("innodb_read_only", "1"), ("innodb_force_recovery", "6")])
def test_a_server_that_saves_what_can_be_read(vdb: Dataset, setting: tuple[str, str]) -> None:
    """Started so by its owner; its files can be snapshotted, too."""
    changed = started(vdb, setting)
    outcome = changed.run("vdb_prove")
    assert (outcome.failure, outcome.seen) == ("", "")
    assert "is not proven" in outcome.story
    changed.good("quiesce")
    changed.good("release")


def test_the_login_is_tried(vdb: Dataset) -> None:
    vdb.create()
    vdb.sql("CREATE USER dev@'%' IDENTIFIED BY 'right'")
    unusable(vdb, "the login dev cannot work", "1045", LOGIN_USER="dev", LOGIN_PASSWORD="wrong")
    # From this host another account of that name comes first: not ours to judge.
    vdb.sql("CREATE USER dev@'127.0.0.1' IDENTIFIED BY 'another'; CREATE USER dev@localhost")
    vdb.sql("ALTER USER dev@localhost IDENTIFIED BY 'another'")
    outcome = vdb.run("vdb_prove", LOGIN_USER="dev", LOGIN_PASSWORD="right")
    assert outcome.failure == ""
    assert "come first for these hosts: " in outcome.story


def test_nothing_listens(vdb: Dataset) -> None:
    vdb.create()
    unusable(vdb, "nothing listens on port 3999", PORT="3999")


def test_the_event_scheduler_runs(vdb: Dataset) -> None:
    vdb.create()
    unusable(vdb, "the event scheduler is OFF", EVENTS="yes")
    vdb.sql("SET GLOBAL event_scheduler = ON")
    vdb.good("vdb_prove", EVENTS="yes")


def test_an_event_that_begins_was_taken_for_a_second_scheduler(vdb: Dataset) -> None:
    """It bears the scheduler's name until its definition is read: with so many one always does."""
    vdb.create()
    vdb.sql("CREATE DATABASE due")
    vdb.sql(
        "".join(f"CREATE EVENT due.e{n} ON SCHEDULE EVERY 1 SECOND DO DO 1;" for n in range(400))
    )
    vdb.sql("SET GLOBAL event_scheduler = ON")
    asked = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'event_scheduler'"
    seen = [vdb.sql(asked) for _ in range(60)]
    assert max(int(count) for count in seen) > 1, seen
    for _ in range(5):
        vdb.good("vdb_prove", EVENTS="yes")


BROKEN = """
CREATE DATABASE broken; USE broken;
CREATE TABLE gone_innodb (n INT PRIMARY KEY) ENGINE = InnoDB;
CREATE TABLE gone_myisam (n INT) ENGINE = MyISAM;
CREATE TABLE short_aria (n INT, KEY (n)) ENGINE = Aria;
CREATE TABLE `odd ``name; ' "` (n INT) ENGINE = MyISAM;
CREATE TABLE no_library (n INT) ENGINE = ARCHIVE; INSERT INTO no_library VALUES (1);
CREATE TABLE good (n INT) ENGINE = Aria; CREATE SEQUENCE number;
CREATE VIEW v AS SELECT * FROM good;
CREATE TABLE behind_v (n INT); CREATE VIEW dangling AS SELECT * FROM behind_v; DROP TABLE behind_v;
UNINSTALL SONAME 'ha_archive';
"""


def test_tables_that_cannot_be_opened_are_told_by_name(vdb: Dataset) -> None:
    """They may have been so on the source: told, not refused."""
    vdb.create()
    vdb.sql("INSTALL SONAME 'ha_archive';" + BROKEN)
    vdb.good("server_stop")
    script = (
        "cd $1/data/broken && rm gone_innodb.ibd gone_myisam.MYD *name*.MYD"
        " && head -c 300 short_aria.MAI >x && cat x >short_aria.MAI && rm x"
    )
    vdb.host.run_as_root(["bash", "-c", script, "bash", vdb.mount])
    vdb.good("server_start")
    story = vdb.run("vdb_prove").story
    (line,) = (line for line in story.splitlines() if "cannot be opened" in line)
    for name in ("gone_innodb", "gone_myisam", "short_aria", "odd `name; ' \"", "no_library"):
        assert f"broken.{name}: " in line
    assert "Unknown storage engine 'ARCHIVE'" in line
    for name in ("good", "number", "v:", "dangling"):
        assert f"broken.{name}" not in line
    assert "cannot be opened" not in vdb.run("vdb_prove", MADE="no").story


def test_one_of_many_tables_that_cannot_be_opened_is_told(vdb: Dataset) -> None:
    """They are opened some hundred at a time, by the order of their names."""
    utf8 = "--default-character-set=utf8mb4"
    names = [f"t{number}" for number in range(410)]
    names += ["z\tz", "a", "A", "á", "B", "b", "_", "Z", "`` ' \" \\"]
    vdb.create()
    create = "".join(f"CREATE TABLE `{name}` (n INT);" for name in names)
    for database in ("many", "Many"):
        vdb.sql(f"CREATE DATABASE {database}; USE {database}; {create}", utf8)
    vdb.good("server_stop")
    script = "cd $1/data && rm -- many/{a,t7,t199,t399,@*}.ibd Many/B.ibd"
    vdb.host.run_as_root(["bash", "-c", script, "bash", vdb.mount])
    vdb.good("server_start")
    story = vdb.run("vdb_prove").story
    (line,) = (line for line in story.splitlines() if "cannot be opened" in line)
    assert "not all tables" not in story
    told = [part.split(": ")[0] for part in line.split("opened here: ")[1].split("; ")]
    gone = ["Many.B", "many.a", "many.á", "many.t7", "many.t199", "many.t399", "many.` ' \" \\\\"]
    assert sorted(told) == sorted(gone)


def test_accounts_that_cannot_log_in_are_told(vdb: Dataset) -> None:
    vdb.create()
    vdb.sql("INSTALL SONAME 'auth_ed25519'")
    vdb.sql(
        "CREATE USER lost@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x');"
        "CREATE USER locked@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x') ACCOUNT LOCK;"
        "CREATE USER kept@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x')"
        " OR mysql_native_password USING PASSWORD('x');"
        "UNINSTALL SONAME 'auth_ed25519'"
    )
    story = vdb.run("vdb_prove").story
    (line,) = (line for line in story.splitlines() if "cannot log in" in line)
    assert line.endswith("is not loaded here: lost@% (ed25519)")
