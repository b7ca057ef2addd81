"""A copy of many small tables, and of databases that hold next to nothing."""

from collections.abc import Callable, Iterator

import pytest

from domain.options.my_cnf import Role
from tests.steps.copying import GRANTS, copy
from tests.steps.support import Bench, Dataset

ROWS = "(id INT PRIMARY KEY, pad CHAR(200), KEY (pad)); INSERT INTO t SELECT seq, MD5(seq) FROM"
LARGE = "seq_1_to_25000"
ODD = "`odd ``, ' \" \\ \t$(id)`"
ASKED = "SET SESSION unique_checks = 1"


@pytest.fixture(scope="module")
def source(bench: Bench) -> Iterator[Dataset]:
    dataset = bench.dataset("source", 3465, binary_log=True).create()
    dataset.sql(GRANTS)
    yield dataset
    bench.drop(dataset)


@pytest.fixture
def staging(fresh: Callable[..., Dataset]) -> Dataset:
    return fresh("staging", 3466, role=Role.LOADING).create()


@pytest.fixture
def databases(source: Dataset) -> Iterator[Callable[..., Dataset]]:
    """Makes databases, each with what is said of it."""
    made: list[str] = []

    def make(**contents: str) -> Dataset:
        for name, content in contents.items():
            made.append(name)
            source.sql(f"CREATE DATABASE {name}; USE {name}; {content}")
        return source

    yield make
    source.sql("".join(f"DROP DATABASE {name};" for name in made))


@pytest.mark.parametrize(
    ("pipes", "rows", "checked"),
    [
        ("1", "seq_1_to_90", 1),
        ("1", LARGE, 0),
        ("4", "seq_1_to_90", 4),
        ("4", LARGE, 0),
    ],
)
def test_rows_of_small_tables_are_checked_one_by_one(
    databases: Callable[..., Dataset], staging: Dataset, pipes: str, rows: str, checked: int
) -> None:
    """What fills empty tables in one go takes milliseconds and several flushes for each."""
    names = [f"d{number}" for number in range(4)]
    source = databases(**{name: f"CREATE TABLE t {ROWS} {rows}; ANALYZE TABLE t" for name in names})
    staging.sql("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = 1")
    outcome = copy(source, staging, PIPES=pipes, LOAD_SQL=", SESSION sql_log_off = 0")
    assert not outcome.failure, outcome.story
    told = f"SELECT COUNT(*) FROM mysql.general_log WHERE argument = '{ASKED}'"
    assert staging.sql(told) == str(checked)
    for name in names:
        sums = f"SELECT COUNT(*), SUM(CRC32(CONCAT(id, pad))) FROM {name}.t FORCE INDEX (pad)"
        assert staging.sql(sums) == source.sql(sums)


def test_databases_of_one_kind_of_thing_are_read_for_it(
    databases: Callable[..., Dataset], staging: Dataset
) -> None:
    """Only databases that hold something for them are read for the other parts of a copy."""
    source = databases(
        some=f"CREATE TABLE t {ROWS} seq_1_to_9",
        plain="CREATE TABLE t (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO t VALUES (4)",
        gone="CREATE TABLE t (id INT PRIMARY KEY) ENGINE = MEMORY; INSERT INTO t VALUES (4)",
        bits="CREATE TABLE t (id INT PRIMARY KEY, f FLOAT); INSERT INTO t VALUES (4, 1/3)",
        counter="CREATE SEQUENCE s START 7",
        looks="CREATE VIEW v AS SELECT id FROM some.t",
        does="CREATE FUNCTION f() RETURNS INT RETURN 5",
        later="CREATE EVENT e ON SCHEDULE EVERY 9 YEAR STARTS '2037-01-01 00:00:00' DO SELECT 1",
        Twice="CREATE PROCEDURE p() SELECT 'upper'",
        twice="CREATE PROCEDURE p() SELECT 'lower'",
        TWICE="CREATE VIEW v AS SELECT 3 AS n",
        hollow="SELECT 1",
        **{ODD: "CREATE PROCEDURE p() SELECT 'odd'"},
    )
    outcome = copy(source, staging)
    assert not outcome.failure, outcome.story
    for asked in (
        "SELECT COUNT(*) FROM some.t",
        "SELECT * FROM plain.t",
        "SELECT id, CAST(f AS DOUBLE) FROM bits.t",
        "SELECT COUNT(*) FROM looks.v",
        "SELECT n FROM TWICE.v",
        "SELECT does.f()",
        "CALL Twice.p()",
        "CALL twice.p()",
        f"CALL {ODD}.p()",
        "SHOW CREATE EVENT later.e",
        "SHOW DATABASES LIKE 'hollow'",
    ):
        assert staging.sql(asked) == source.sql(asked)
    assert staging.sql("SELECT next_not_cached_value FROM counter.s") == "7"
    assert staging.sql("SELECT COUNT(*) FROM gone.t") == "0"
