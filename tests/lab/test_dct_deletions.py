"""DCT's lists while something in them is deleted: the rest is told, and nothing is refused."""

from typing import Any, cast

import pytest

from lab.api.calls import Call, Service
from lab.api.dct import look, shapes
from lab.errors import LabError
from lab.lab import Lab
from lab.system.storage import Usage
from tests.lab.engine_support import link, provision

pytestmark = pytest.mark.root
CALL = Call({}, {}, {})


def service(lab: Lab) -> Service:
    return Service(lab, cast(Any, None), cast(Any, None))


def names(listed: dict[str, Any]) -> list[str]:
    return [row["name"] for row in listed["items"]]


def test_a_list_was_refused_while_a_vdb_of_it_was_deleted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(lab)
    provision(lab, "kept")
    provision(lab, "gone")
    whole = Lab.usage

    def usage(self: Lab, name: str) -> Usage:
        if name == "gone" and "gone" in [row.name for row in self.containers()]:
            self.delete("gone")
        return whole(self, name)

    monkeypatch.setattr(Lab, "usage", usage)
    assert names(look.vdbs(service(lab), CALL))[:1] == ["kept"]
    assert names(look.vdbs(service(lab), CALL)) == ["kept"]


def test_snapshots_of_what_was_deleted_are_left_out_and_faults_are_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(lab)
    provision(lab, "gone")
    whole = shapes.snapshot

    def snapshot(asked: Service, row: Any) -> Any:
        if "gone" in [found.name for found in lab.containers()]:
            lab.delete("gone")
        return whole(asked, row)

    monkeypatch.setattr(shapes, "snapshot", snapshot)
    told = look.all_snapshots(service(lab), CALL)
    assert {row["dataset_name"] for row in told["items"]} == {"ds"}

    def broken(*_: Any) -> Any:
        raise LabError("a fault of the storage")

    monkeypatch.setattr(shapes, "snapshot", broken)
    with pytest.raises(LabError, match="a fault of the storage"):
        look.all_snapshots(service(lab), CALL)
