"""How much data a run takes, and how often it measures."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1_000_000
ROW_BYTES = 256
"""Of a row, its key included, as information_schema tells them (measured)."""


@dataclass(frozen=True)
class Shape:
    """The data of a source: so many bytes in so many equal tables, spread over databases."""

    bytes: int
    tables: int = 8
    databases: int = 1

    @property
    def rows(self) -> int:
        """Of each table."""
        return max(1, self.bytes // self.tables // ROW_BYTES)

    def __str__(self) -> str:
        tables = f"{self.tables:,} tables" if self.tables > 1 else "one table"
        places = f" in {self.databases:,} databases" if self.databases > 1 else ""
        return f"{self.bytes / MB:,.0f} MB, {tables}{places}"


@dataclass(frozen=True)
class Scale:
    """One kind of run.

    Attributes:
        repeats: of each operation and of its reference; `links`: of links.
        growth: repeats at each point of a curve.
        link: data of the link from 8 tables; `single` of one large table.
        work: data of the source in most other measures.
        transactions: small ones that 8 clients write.
        growth_bytes, growth_databases: data at the points of these curves.
        growth_vdbs, growth_snapshots: numbers at which is measured.
    """

    name: str
    repeats: int
    links: int
    growth: int
    link: Shape
    single: Shape
    work: Shape
    transactions: int
    growth_bytes: tuple[Shape, ...]
    growth_databases: tuple[Shape, ...]
    growth_vdbs: tuple[int, ...]
    growth_snapshots: tuple[int, ...]


def _databases(number: int) -> Shape:
    return Shape(bytes=number * 10 * ROW_BYTES * 10, tables=number * 10, databases=number)


FULL = Scale(
    name="full",
    repeats=3,
    links=3,
    growth=3,
    link=Shape(1900 * MB),
    single=Shape(1900 * MB, tables=1),
    work=Shape(300 * MB),
    transactions=20_000,
    growth_bytes=tuple(Shape(size * MB) for size in (300, 1000, 3000, 10_000)),
    growth_databases=tuple(map(_databases, (1, 10, 100, 1000))),
    growth_vdbs=(1, 5, 10, 20),
    growth_snapshots=(1, 10, 50, 100),
)
QUICK = Scale(
    name="quick",
    repeats=3,
    links=1,
    growth=1,
    link=Shape(40 * MB),
    single=Shape(40 * MB, tables=1),
    work=Shape(40 * MB),
    transactions=2_000,
    growth_bytes=(Shape(20 * MB), Shape(60 * MB)),
    growth_databases=tuple(map(_databases, (1, 10))),
    growth_vdbs=(1, 3),
    growth_snapshots=(1, 4),
)
