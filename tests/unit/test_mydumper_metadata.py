"""The position that a mydumper directory tells, in the spelling of each release."""

import subprocess
from pathlib import Path

import pytest

LIBRARY = Path(__file__).resolve().parents[2] / "src" / "resources" / "lib" / "backup"
OLD = """Started dump at: 2026-01-01 02:36:42
SHOW MASTER STATUS:
\tLog: bin.000002
\tPos: 1671
\tGTID:0-1-11

SHOW SLAVE STATUS:
\tHost: 10.0.0.1
\tLog: up.000007
\tPos: 99
\tGTID:0-9-8

Finished dump at: 2026-01-01 02:36:42
"""
NEW = """# Started dump at: 2026-01-01 11:47:18
[config]
quote_character = BACKTICK
[{own}]
# Channel_Name = '' # It can be use to setup replication FOR CHANNEL
{file} = {quote}bin.000002{quote}
{position} = 1671
{gtid} = {quote}0-1-11{quote}

[{master}]
# Channel_Name = ''
File = up.000007
Position = 99
Executed_Gtid_Set = 0-9-8

[`sa``le`.`t`]
real_table_name=t
Rows = 2
data_checksum = 3119812626
# Finished dump at: 2026-01-01 11:47:18
"""
NAMES = {
    "0.14": {"own": "master", "master": "replication", "file": "File", "position": "Position"},
    "0.16": {
        "own": "source",
        "master": "replication.x",
        "file": "# SOURCE_LOG_FILE",
        "position": "# SOURCE_LOG_POS",
    },
}
TOLD = {
    "position\town\tbin.000002\t1671\t0",
    "gtid\town\t0-1-11\t0",
    "position\tmaster\tup.000007\t99\t0",
    "gtid\tmaster\t0-9-8\t0",
}


def read(tmp_path: Path, text: str) -> set[str]:
    (tmp_path / "metadata").write_text(text)
    command = f'. {LIBRARY}/mydumper.sh; mydumper_metadata "$1"'
    argv = ["bash", "-euc", command, "bash", str(tmp_path / "metadata")]
    return set(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines())


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_old_ones(tmp_path: Path, line_end: str) -> None:
    assert read(tmp_path, OLD.replace("\n", line_end)) == TOLD


@pytest.mark.parametrize("release", NAMES)
@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("gtid", ["Executed_Gtid_Set", "# executed_gtid_set"])
def test_newer_ones(tmp_path: Path, release: str, quote: str, gtid: str) -> None:
    text = NEW.format(quote=quote, gtid=gtid, **NAMES[release])
    assert read(tmp_path, text) == TOLD | {"counted\tsa`le\tt\t2"}


def test_a_gtid_of_mysql_is_none(tmp_path: Path) -> None:
    text = OLD.replace("0-1-11", "7b166a41-65a2-11ed-9de3-0800275ff74d:1-147115")
    assert "gtid\town\t0-1-11\t0" not in read(tmp_path, text)
