"""What every step answers when all is well."""

from __future__ import annotations

from domain.dataset.marker import Marker
from domain.options.settings import Setting
from tests.operations.caller import REPOSITORY, SNAPSHOT, World, virtual
from tests.operations.fake_libs import FakeHost, Reply, row, says

POSITION = "0-1-500"
MARKER = Marker(
    guid="dsource-1",
    role="staging",
    port=3310,
    server_id=77,
    base_dir="/usr",
    daemon_path="/usr/sbin/mariadbd",
    required=(Setting("lower_case_table_names", "0"),),
)
REPLICA = {
    "replica": "yes",
    "replicatesFrom": "db.example:3306",
    "ioRunning": "Yes",
    "sqlRunning": "Yes",
    "ioError": "",
    "sqlError": "",
    "lagSeconds": "0",
    "binlogFile": "binlog.000007",
    "binlogPosition": "4711",
    "gtidPosition": POSITION,
}
# Replication that does not run: what differs, the error, and a word of its message.
BROKEN: list[tuple[dict[str, str], str, str]] = [
    ({"replica": "no"}, "REPLICATION_NOT_SET_UP", "replication is not set up"),
    (
        {"sqlRunning": "No", "sqlError": "1146: Table 'shop.gone' doesn't exist"},
        "REPLICATION_BROKEN",
        "1146: Table 'shop.gone'",
    ),
    (
        {"ioRunning": "No", "ioError": "1236: could not find the position"},
        "REPLICATION_BROKEN",
        "1236: could not find",
    ),
    ({"sqlRunning": "No"}, "REPLICATION_BROKEN", "replication is stopped"),
    *(
        (
            {"ioRunning": "Connecting", "ioError": f"{number}: refused"},
            "SOURCE_LOGIN_REFUSED",
            f"{number}: refused",
        )
        for number in (1045, 1698, 1130, 4151, 1862)
    ),
]
HOST_FACTS = {
    "installation": [row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB")],
    "freeBytes": str(100 * 2**30),
    "memoryBytes": str(4 * 2**30),
    "cores": "2",
}
SOURCE_FACTS = {
    "variable": [
        row("version", "10.11.19-MariaDB-log"),
        row("server_id", "1"),
        row("log_bin", "ON"),
        row("lower_case_table_names", "0"),
        row("sql_mode", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"),
        row("datadir", "/var/lib/mysql/"),
    ],
    "account": "reader@%",
    "database": ["crm", "shop"],
    "dataBytes": str(2**30),
    "viewsAndFunctions": "yes",
    "grant": [
        "GRANT SELECT, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER, RELOAD, EXECUTE, BINLOG MONITOR,"
        " REPLICATION SLAVE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*ABC'"
    ],
}
# Of the same server, as it answers on its own host.
LOCAL = {
    "variable": [row("server_id", "1"), row("datadir", "/var/lib/mysql/")],
    "account": "reader@localhost",
    "grant": [
        "GRANT PROCESS, RELOAD, LOCK TABLES, BINLOG MONITOR ON *.* TO `reader`@`localhost`"
        " IDENTIFIED BY PASSWORD '*ABC'"
    ],
    "fileBytes": str(2**30),
    "toolVersion": "10.11.19",
    "runsAs": "mysql",
}
SOURCE_NOW = {
    "applied": "0-1-400",
    "variable": [
        row("gtid_binlog_pos", POSITION),
        row("gtid_slave_pos", ""),
        row("log_bin", "ON"),
        row("server_id", "1"),
        row("hostname", "db"),
        row("datadir", "/var/lib/mysql/"),
        row("port", "3306"),
        row("log_slave_updates", "ON"),
        row("binlog_format", "ROW"),
    ],
    "sourceTime": "1800000000.5",
    "stagingTime": "1800000001.25",
    "uptime": "500000",
    "sourcesRunning": "0",
    "sources": "none",
    "coordinates": row("binlog.000007", "4711", "", ""),
    "oldestLog": "binlog.000003",
    "state": [
        row("binlog.000007", "4711", POSITION),
        row("binlog.000003", "4", "0-1-17"),
    ],
    "file": [row("binlog.000007", "1799999000 1 0x1234"), row("binlog.000003", "1799000000 1 ")],
    "read": [row("executed", "1800000000", "binlog.000003", "4", "")],
    "logSize": "1000",
}
DUMP = {
    "kind": "dump",
    "compression": "gzip",
    "sizeBytes": str(2**30),
    "dump": row("/backups/sales", "gzip", "MariaDB dump", "10.11.19-MariaDB", "", "", "+00:00", ""),
}
DIRECTORY = {
    "sizeBytes": str(2**30),
    "serverVersion": "10.11.19-MariaDB",
    "backupType": "full-backuped",
    "kind": "directory",
    "compression": "none",
}
FACTS = {
    "consistency": "Consistent",
    "takenAt": "2026-11-22T10:00:00Z",
    "serverVersion": "10.11.19-MariaDB",
    "sizeInBytes": "123456789",
    "marker": MARKER.render(),
    "database": ["crm", "shop"],
}


def files(written_by: str, state: str, *found: str) -> Reply:
    """Who wrote the files, on a host with these installations (10.11 and 11.8 unless told)."""
    both = (
        row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB"),
        row("/opt/11.8/bin/mariadbd", "/opt/11.8", "11.8.6-MariaDB"),
    )
    return says({"writtenBy": written_by, "state": state, "installation": found or both})


# A VDB of 11.8 of a snapshot of 10.11, and the other way round.
NEWER = World(
    virtual=virtual(eventScheduler=True, bindAddress="10.0.0.5").virtual,
    repository={
        **REPOSITORY,
        "version": "11.8.6",
        "baseDir": "/opt/11.8",
        "daemonPath": "/opt/11.8/bin/mariadbd",
    },
)
OLDER = World(snapshot={**SNAPSHOT, "serverVersion": "11.8.6-MariaDB"})


ANSWERS: dict[str, tuple[Reply, ...]] = {
    "discover_repositories": (
        says({"installation": row("/usr/sbin/mariadbd", "/usr", "10.11.19-MariaDB")}),
    ),
    "discover_servers": (
        says({"server": row("3306", "/var/lib/mysql", "/run/mysqld/mysqld.sock", "812")}),
    ),
    "mount_check": (says({"mounted": "no"}),),
    "host_facts": (says(HOST_FACTS),),
    "source_facts": (says(SOURCE_FACTS),),
    "backup_inspect": (says(DUMP),),
    "backup_read_start": (says({"job": "none"}),),
    "dump_prove_start": (says({"job": "started"}),),
    "restore_mydumper_start": (says({"job": "started"}),),
    "files_prove_start": (says({"job": "started"}),),
    "restore_dump_start": (says({"job": "started"}),),
    "restore_files_start": (says({"job": "started"}),),
    "reach_check": (says({"binlogFormat": "MIXED"}),),
    "reach_settle": (says(),),
    "reach_cure": (says(),),
    "position_gtid": (says({"gtid": "0-1-300"}),),
    "send_check": (says(LOCAL),),
    "send_start": (says({"directory": "/tmp/delphix-send-1", "certificate": "S", "time": "10"}),),
    "receive_start": (says({"job": "started", "port": "13306", "certificate": "R", "time": "20"}),),
    "send_to": (says(),),
    "send_status": (says({"state": "sending", "told": "2"}, "sent: a line"),),
    "send_end": (says(),),
    "starter_read": (says(),),
    "start_facts": (
        says(
            {
                "daemonPath": "/usr/sbin/mariadbd",
                "baseDir": "/usr",
                "marker": MARKER.render(),
                "requiredLine": ["[mysqld]", 'basedir = "/evil"', "lower_case_table_names = 0"],
            }
        ),
    ),
    "dataset_create": (says(),),
    "server_start": (says({"already": "no", "version": "10.11.19-MariaDB"}),),
    "ingest_start": (says({"job": "started"}),),
    "copy_plan": (says({"copyBytes": str(10**9)}),),
    "copy_prove": (says({"objects": "42"}),),
    "job_status": (
        says(
            {
                "state": "running",
                "phase": "copying tables",
                "copying": "yes",
                "told": "0",
                "bytes": "500000000",
            }
        ),
        says(
            {
                "state": "done",
                "bytes": "900000000",
                "gtid": "0-1-400",
                "toldGtid": row("own", "0-1-400", "0"),
                "objects": "42",
            }
        ),
    ),
    "replica_set": (says({**REPLICA, "gtidPosition": "0-1-400"}),),
    "replica_start": (says(REPLICA),),
    "replica_renew": (says(REPLICA),),
    "replica_status": (says(REPLICA),),
    "source_position": (says(SOURCE_NOW),),
    "source_note": (says(),),
    "catch_up": (
        says({**REPLICA, "reached": "no", "gtidPosition": "0-1-450", "lagSeconds": "3"}),
        says({**REPLICA, "reached": "yes"}),
    ),
    "quiesce": (says(),),
    "release": (says({**FACTS, **REPLICA}),),
    "server_status": (says({"running": "yes", "answering": "yes"}),),
    "server_stop": (says({"stopped": "yes"}),),
    "size": (says({"sizeInBytes": "123456789"}),),
    "login_create": (says(),),
    "vdb_prove": (says(),),
    "files_facts": (files("10.11.19-MariaDB", "open"),),
    "vdb_configure": (says({"version": "10.11.19-MariaDB"}),),
    "physical_check": (says(HOST_FACTS),),
    "physical_finish": (says({"version": "10.11.19-MariaDB"}),),
    "physical_undo": (says(),),
}


def all_well(host: FakeHost) -> FakeHost:
    """Teaches a fake host to answer every step well, as if nothing had been asked so far."""
    host.calls.clear()
    host.records.clear()
    host.vault_calls.clear()
    host.failures.clear()
    for step, replies in ANSWERS.items():
        host.on(step, *replies)
    return host
