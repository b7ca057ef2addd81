"""Clones of a VDB that is written to all the time, by every engine and by DDL: each is sound.

`./dev test` makes a few, `./dev clones` 60 on each series.
"""

import json
import os
import time
from pathlib import Path

from testbed import compare
from testbed.parameters import Json
from testbed.site import Site
from tests.clones import heavy

ROUNDS = int(os.environ.get("CLONES", "2"))
RESULTS = os.environ.get("CLONES_RESULTS", "")
# What would mend a table on the clone before anybody could see that it was torn.
NO_RECOVERY: Json = {
    "configSettings": [
        {"propertyName": "myisam_recover_options", "value": "OFF"},
        {"propertyName": "aria_recover_options", "value": "OFF"},
    ]
}


def test_clones_of_a_vdb_under_load(site: Site) -> None:
    site.link("sales")
    site.provision("busy", "sales")
    place, lab = site.place("busy"), site.lab
    rounds = []
    with site.writer("busy") as writer, heavy.load(place) as loads:
        for _ in range(ROUNDS):
            acknowledged, since = dict(writer.acknowledged), time.time()
            job = lab.snapshot("busy")
            assert heavy.ended(loads) == []
            longest = heavy.longest_write_ms(place.server, since, time.time())
            site.provision("clone", "busy", **NO_RECOVERY)
            clone = site.sql("clone")
            found = compare.consistent(clone)
            wrong = [*found.problems, *found.missing(acknowledged), *heavy.problems(clone)]
            lab.delete("clone")
            (storage,) = (step.seconds for step in job.steps if step.name == "storage snapshot")
            rounds.append(
                {
                    "wrong": [str(text) for text in wrong],
                    "longest_write_ms": longest,
                    "storage_ms": storage * 1000,
                    "lock_ms": site.latest("busy").metadata["lockSeconds"] * 1000,
                }
            )
            # Each round counts, should the rest be cut short.
            if RESULTS:
                told = {"version": place.server.value("SELECT VERSION()"), "rounds": rounds}
                Path(RESULTS).write_text(json.dumps(told, indent=1))
        assert writer.failure is None
    assert [text for one in rounds for text in one["wrong"]] == []
