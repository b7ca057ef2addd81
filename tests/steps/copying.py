"""The streamed copy of a source on the same host, step by step."""

import subprocess

from tests.steps.support import Dataset, Outcome, wait_for

PASSWORD = "s3cr3t-Zq7"
GRANTS = (
    f"SET SESSION sql_log_bin = 0; CREATE OR REPLACE USER reader@'%' IDENTIFIED BY '{PASSWORD}';"
    " GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES, BINLOG MONITOR, REPLICATION SLAVE,"
    " EXECUTE, RELOAD ON *.* TO reader@'%';"
)


def source_inputs(source: Dataset, **more: str) -> dict[str, str]:
    """What the steps of a copy are given."""
    return {
        "SOURCE_HOST": "127.0.0.1",
        "SOURCE_PORT": str(source.port),
        "SOURCE_USER": "reader",
        "SOURCE_PASSWORD": PASSWORD,
        "TLS_MODE": "DISABLED",
        "LOG_SYNC": "yes",
        "STALL_SECONDS": "20",
        "LOCK": "all",
        "LOCK_SECONDS": "5",
        # Several sessions, and every table is large enough to be cut.
        "PIPES": "4",
        "PIECE_BYTES": "1",
        "ALIGN": "lock",
        **more,
    }


def begin_copy(source: Dataset, staging: Dataset, **more: str) -> None:
    """Plan it, and let it run in the background."""
    staging.good("copy_plan", **source_inputs(source, **more))
    staging.good("ingest_start", **source_inputs(source, **more))


def ended(dataset: Dataset) -> Outcome:
    """The state of a job that has ended, or is about to."""
    wait_for(
        "the job has ended",
        lambda: dataset.run("job_status", WAIT_SECONDS="5").answer.maybe("state") != "running",
        120,
    )
    return dataset.run("job_status")


def copy(source: Dataset, staging: Dataset, **more: str) -> Outcome:
    """What the copy said, or its proof if that failed."""
    begin_copy(source, staging, **more)
    outcome = ended(staging)
    if outcome.failure:
        return outcome
    proof = staging.run("copy_prove", **source_inputs(source))
    return proof if proof.failure else outcome


def said(source: Dataset, statement: str) -> "subprocess.Popen[bytes]":
    """Run statements in a session of its own."""
    argv = ["setpriv", "--reuid=1701", "--regid=1701", "--clear-groups"]
    client = ["mariadb", "--no-defaults", f"--socket={source.layout.socket}", "-e", statement]
    return source.host.popen_as_root([*argv, *client], stdout=subprocess.DEVNULL)
