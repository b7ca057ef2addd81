"""Room for the files of a server."""

import pytest

from domain import space
from domain.options.settings import Setting

MIB = 2**20


@pytest.mark.parametrize(
    ("value", "mib"),
    [("256M", 256), ("1g", 1024), ("1048576", 1), ("64k", 1 / 16), ("much", 96), (None, 96)],
)
def test_the_redo_log_that_people_ask_for(value: str | None, mib: float) -> None:
    given = [Setting("max_connections", "7"), Setting("innodb_log_file_size", value)]
    assert space.redo_of(given) == mib * MIB
    # While data are loaded, there is one of the default size at least.
    assert space.beside_data(given) == (128 + max(96, mib)) * MIB
    assert space.beside_files(given) == (32 + mib) * MIB


def test_the_last_setting_counts() -> None:
    given = [Setting("innodb_log_file_size", text) for text in ("1G", "2G")]
    assert space.redo_of(given) == 2048 * MIB


@pytest.mark.parametrize(
    ("pool", "spare", "redo"),
    [
        (2048, 10**6, 1024),  # plenty of all
        (2048, 0, 96),  # no room to spare: as staging has it anyway
        (2048, 200, 196),
        (2048, 1855, 1023),
        (2048, 1856, 1024),
        (128, 10**6, 128),  # little memory
        (128, 0, 96),
    ],
)
def test_the_redo_log_while_loading(pool: int, spare: int, redo: int) -> None:
    """It never takes what the check of the space has not counted."""
    assert space.redo_while_loading(pool * MIB, spare * MIB) == redo * MIB
    assert redo <= 96 + spare
