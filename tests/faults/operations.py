"""All operations by name."""

from tests.faults.dsources import (
    DisableDsource,
    Dump,
    EnableDsource,
    Files,
    Link,
    Resync,
    Sync,
)
from tests.faults.operation import Operation
from tests.faults.vdbs import (
    Delete,
    Disable,
    Enable,
    Provision,
    Refresh,
    Rollback,
    Snapshot,
    Start,
    Stop,
)

KINDS: dict[str, type[Operation]] = {
    "link": Link,
    "sync": Sync,
    "resync": Resync,
    "dump": Dump,
    "files": Files,
    "disable-dsource": DisableDsource,
    "enable-dsource": EnableDsource,
    "snapshot": Snapshot,
    "provision": Provision,
    "start": Start,
    "stop": Stop,
    "refresh": Refresh,
    "rollback": Rollback,
    "enable": Enable,
    "disable": Disable,
    "delete": Delete,
}
