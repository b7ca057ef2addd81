"""Objects that need each other, across databases and engines; and those whose needs are gone."""

from pathlib import Path

import pytest

from testbed import compare, source
from testbed.site import Site
from tests.workflows.support import RESYNC, quiet_source, refused

pytestmark = pytest.mark.difference

NAME = "sales"

SQL = Path(source.__file__).with_name("sql")
WHOLE = (SQL / "dependencies.sql").read_text()
BROKEN = (SQL / "broken.sql").read_text()
# The last is no view: its engine is gone.
LEFT_OUT = {
    "b1.table_gone",
    "b1.column_gone",
    "b1.function_gone",
    "b1.base_gone",
    "b1.base_broken",
    "b1.definer_of_function_gone",
    "b2.on_leaver",
    "b1.engine_gone",
    "b1.odd'\"\\\\,",
    "b2.archived",
}


def _differences(site: Site, *databases: str) -> list[str]:
    """Between source and staging, in these databases."""
    both = [
        {str(fact): text for fact, text in fingerprint.facts.items() if fact.owner in databases}
        for fingerprint in (compare.snapshot(site.source.server, "source"), site.fingerprint(NAME))
    ]
    return sorted(
        name for name in both[0].keys() | both[1].keys() if both[0].get(name) != both[1].get(name)
    )


def test_everything_that_needs_something_is_copied_and_followed(site: Site) -> None:
    server = site.source.server
    server.query(WHOLE)
    with quiet_source(site):
        site.link(NAME)
        assert _differences(site, "d1", "d2", "d3", "d4") == []
        server.query(
            "INSERT INTO d1.own (t) VALUES ('c'); INSERT INTO d1.other (t) VALUES ('c');"
            "INSERT INTO d1.far (t) VALUES ('x'), ('y'), ('z'), ('u'), ('v'), ('w');"
            "INSERT INTO d4.parent VALUES (5, 5); INSERT INTO d1.child VALUES (5, 5)"
        )
        site.lab.sync(NAME)
        assert _differences(site, "d1", "d2", "d3", "d4") == []


def test_views_whose_needs_are_gone_are_left_out_and_told(site: Site) -> None:
    """Views whose table, column, function, base view or definer is gone are left out and told.

    On 10.11 each of them ended the link: MDB-050, or MDB-051 for the gone definers.
    """
    server = site.source.server
    server.query("INSTALL SONAME 'ha_archive'")
    server.query(BROKEN)
    with quiet_source(site):
        site.lab.sync(NAME, RESYNC)
    there = site.sql(NAME).query(
        "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables"
        " WHERE table_schema IN ('b1', 'b2')"
    )
    assert {name for (name,) in there} == {
        "b1.whole",
        "b1.definer_of_base_gone",
        "b2.by_leaver",
        "b2.stays",
        "b2.t",
    }
    told = site.latest(NAME).metadata["warnings"]
    assert {
        name for name in LEFT_OUT if any(f"{name} is left out" in text for text in told)
    } == LEFT_OUT


def test_a_view_that_only_staging_cannot_make_is_named(site: Site) -> None:
    """A view that only staging cannot make is named: routines of `mysql` are not copied."""
    server = site.source.server
    server.query(
        "CREATE FUNCTION mysql.own() RETURNS INT DETERMINISTIC RETURN 1;"
        "CREATE VIEW b2.of_mysql AS SELECT mysql.own() AS o;"
        "CREATE VIEW b2.on_of_mysql AS SELECT o FROM b2.of_mysql"
    )
    refused(
        "MDB-051",
        lambda: site.lab.sync(NAME, RESYNC),
        "`b2`.`of_mysql`: ERROR 1305",
        "mysql.own does not exist",
    )
    server.query("DROP VIEW b2.of_mysql; DROP VIEW b2.on_of_mysql; DROP FUNCTION mysql.own")
    site.lab.sync(NAME, RESYNC)
