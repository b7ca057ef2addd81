"""What every operation is to a cell: prepared, called, repeated after a fault, and checked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lab.model import ContainerState
from testbed.compare import Fingerprint
from tests.faults.bench import VDB, Bench


@dataclass
class Operation(ABC):
    """One operation on the dSource or VDB `name`, whose dataset is mounted on `host`."""

    bench: Bench
    name: str = VDB
    host: str = "target"
    before: Fingerprint | None = None
    mark: str = ""

    @property
    def mount(self) -> str:
        """The dataset's mount path."""
        return f"/mnt/delphix/{self.name}"

    @abstractmethod
    def prepare(self) -> None:
        """Put all in order for `call`."""

    @abstractmethod
    def call(self) -> object:
        """The operation."""

    def repeat(self) -> object:
        """After the fault: the same again, or what the engine does next."""
        return self.call()

    def problems(self) -> list[str]:
        """What is not as it must be after a success."""
        return []

    def clean(self) -> None:
        """Take away what only this cell needed."""
        return

    @property
    def another(self) -> tuple[str, ...]:
        """Words that refuse the same operation while it goes on."""
        return ("is busy with",)

    def second(self) -> object:
        """An operation that gets in the way of this one."""
        return self.call()


class Disabling(Operation):
    """The server of a dSource or VDB goes, its dataset is unmounted."""

    def call(self) -> object:
        return self.bench.lab.disable(self.name)

    def repeat(self) -> object:
        if self.bench.lab.container(self.name).state is ContainerState.ENABLED:
            return self.call()
        return None

    def problems(self) -> list[str]:
        if self.bench.lab.container(self.name).state is not ContainerState.DISABLED:
            return [f"{self.name} is not disabled"]
        self.bench.lab.enable(self.name)
        return super().problems()


class Making(Operation):
    """An object of the cell's own comes into being."""

    def clean(self) -> None:
        self.bench.remove(self.name)

    @property
    def another(self) -> tuple[str, ...]:
        return ("MDB-032", "MDB-034")
