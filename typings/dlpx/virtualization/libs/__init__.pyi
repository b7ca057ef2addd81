"""Types of dvp-libs 5.2.0, as far as a Unix plugin uses it."""

from collections.abc import Mapping, Sequence
from logging import Handler, LogRecord
from typing import Any, Protocol

from dlpx.virtualization.common import Credentials, RemoteConnection

class RunBashResult(Protocol):
    """The protobuf message libs_pb2.RunBashResult."""

    exit_code: int
    stdout: str
    stderr: str

class PlatformHandler(Handler):
    def emit(self, record: LogRecord) -> None: ...

def run_bash(
    remote_connection: RemoteConnection,
    command: str,
    variables: Mapping[str, str] | None = None,
    use_login_shell: bool = False,
    check: bool = False,
) -> RunBashResult: ...
def run_sync(
    remote_connection: RemoteConnection,
    source_directory: str,
    rsync_user: str | None = None,
    exclude_paths: Sequence[str] | None = None,
    sym_links_to_follow: Sequence[str] | None = None,
) -> None: ...
def retrieve_credentials(credentials_supplier: dict[str, Any]) -> Credentials: ...
def upgrade_password(password: str, username: str | None = None) -> dict[str, Any]: ...
