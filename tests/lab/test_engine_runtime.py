"""The plugin's process: isolation, every kind of error, limits, life and death."""

import base64
import json
import os
import select
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from dlpx.virtualization.api import common_pb2, platform_pb2, platform_service_pb2

from lab.errors import LabError
from lab.plugin.runtime import child
from lab.plugin.runtime.errors import OperationBroken, PluginError, PluginErrorKind
from lab.plugin.runtime.libraries import Call, Credentials
from lab.plugin.runtime.process import PluginCode
from lab.plugin.runtime.runtime import Runtime, operation_name
from lab.system.process import CommandResult
from tests.lab.engine_support import CREDENTIALS, SECRET


class LocalBackend:
    """Runs the plugin's commands here."""

    def run_bash(
        self,
        connection: common_pb2.RemoteConnection,
        command: str,
        variables: Mapping[str, str],
        login_shell: bool,
    ) -> CommandResult:
        environment = {**variables, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["bash", "-s"],
            input=command.encode(),
            env=environment,
            capture_output=True,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout, done.stderr, 0.0)

    def run_sync(self, *arguments: Any) -> None:
        raise LabError("no sync here")

    def credentials(self, supplier: dict[str, Any]) -> Credentials:
        return Credentials(supplier["username"], supplier["password"])


class Plugin:
    """The sample plugin in a runtime without a lab."""

    def __init__(self, runtime: Runtime, code: PluginCode, folder: Path) -> None:
        self.runtime = runtime
        self.code = code
        self.folder = folder
        self.calls: list[Call] = []
        self.logged: list[tuple[int, str]] = []

    def run(self, fault: str = "", rpc: str = "StagedPreSnapshot", **parameters: Any) -> Any:
        request = platform_pb2.StagedPreSnapshotRequest()
        fault = f"linked.pre_snapshot={fault}" if fault else ""
        given = {"mountPath": str(self.folder), "fault": fault, "credentials": CREDENTIALS}
        source = request.staged_source
        source.linked_source.parameters.json = json.dumps({**given, **parameters})
        source.staged_mount.mount_path = str(self.folder)
        source.staged_mount.remote_environment.reference = "UNIX_HOST_ENVIRONMENT-1"
        request.repository.parameters.json = json.dumps({"name": "n", "folder": "/f"})
        config = {"name": "s", "path": str(self.folder / "source.txt")}
        request.source_config.parameters.json = json.dumps(config)
        request.snapshot_parameters.parameters.json = '{"resync": true}'
        return self.runtime.call(self.code, rpc, request, self.new_call())

    def new_call(self) -> Call:
        call = Call(LocalBackend(), lambda level, text: self.logged.append((level, text)))
        self.calls.append(call)
        return call


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory, artifact: Path) -> PluginCode:
    folder = tmp_path_factory.mktemp("code")
    content = json.loads(artifact.read_text())
    zipfile.ZipFile(BytesIO(base64.b64decode(content["sourceCode"]))).extractall(folder)
    return PluginCode(folder, content["entryPoint"], content["name"], "1")


@pytest.fixture(params=[False])
def plugin(code: PluginCode, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Plugin]:
    (tmp_path / "source.txt").write_text("line\n")
    runtime = Runtime(tmp_path / "run", tmp_path / "log", fresh=request.param)
    yield Plugin(runtime, code, tmp_path)
    pid = runtime.pid
    runtime.close()
    assert pid is None or not Path(f"/proc/{pid}").exists()
    assert list((tmp_path / "run" / "sockets").iterdir()) == []


def test_an_operation_works_and_its_library_calls_are_counted(plugin: Plugin) -> None:
    result = plugin.run()
    assert isinstance(result, platform_pb2.StagedPreSnapshotResult)
    assert (plugin.folder / "notes.txt").read_text() == "line\nsynced\n"
    assert plugin.calls[-1].remote_calls == 3
    assert (1, "copied 5 bytes") in plugin.logged


def test_every_rpc_of_the_service_has_a_wrapper() -> None:
    service = platform_service_pb2.DESCRIPTOR.services_by_name["Platform"]
    assert {method.name for method in service.methods} == set(child.WRAPPERS)
    assert operation_name("StagedSourceSize") == "linked.source_size"
    assert operation_name("VirtualSourceSize") == "virtual.source_size"
    assert operation_name("UpgradeVirtualSource") == "upgrade.virtual_source"


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ("user_error", PluginErrorKind.USER, "the message"),
        ("generic", PluginErrorKind.GENERIC, "KeyError: 'no such key'"),
        ("script_error", PluginErrorKind.GENERIC, "PluginScriptError: The script failed"),
        ("library", PluginErrorKind.UNHANDLED_LIBRARY, "run_powershell needs a Windows host"),
        ("caught_library", PluginErrorKind.USER, "caught: run_powershell needs"),
        ("runtime", PluginErrorKind.RUNTIME, "argument 'variables' was a dict"),
        ("generated", PluginErrorKind.GENERATED_CLASSES, "'lines' must not be 'None'"),
    ],
)
def test_errors(plugin: Plugin, fault: str, kind: PluginErrorKind, message: str) -> None:
    with pytest.raises(PluginError) as error:
        plugin.run(fault)
    assert error.value.kind is kind
    assert message in error.value.message
    shown = "the output" if fault == "user_error" else "faults.py" if "_" not in fault else ""
    assert shown in error.value.output
    plugin.run()


def test_the_plugin_sees_nothing_but_its_artifact_and_the_standard_library(plugin: Plugin) -> None:
    with pytest.raises(PluginError) as error:
        plugin.run("imports")
    assert (error.value.message, error.value.action) == ("plugin_runner", "/")
    paths = error.value.output.splitlines()
    assert not [path for path in paths if "site-packages" in path or path == ""]
    assert sorted(path.name for path in Path(paths[1]).iterdir() if path.name != "__pycache__") == [
        "google", "grpc", "six.py", "typing_extensions.py",
    ]  # fmt: skip


def test_sockets_are_private(plugin: Plugin) -> None:
    plugin.run()
    assert (plugin.folder / "run" / "sockets").stat().st_mode & 0o777 == 0o700


def test_the_end_of_the_interpreter_fails_the_operation(plugin: Plugin) -> None:
    with pytest.raises(OperationBroken, match=r"ended its interpreter: exit\(7\)"):
        plugin.run("leave")


def test_a_killed_process_is_told_and_replaced(plugin: Plugin) -> None:
    with pytest.raises(OperationBroken, match=r"was killed by SIGKILL during .linked.pre_snap"):
        plugin.run("killed")
    plugin.run()
    pid = plugin.runtime.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    plugin.run()
    assert plugin.runtime.pid != pid


@pytest.mark.parametrize("fault", ["big_error", "big_library"])
def test_messages_over_a_limit(plugin: Plugin, fault: str) -> None:
    with pytest.raises(OperationBroken) as error:
        plugin.run(fault)
    assert error.value.message == (
        'Plugin operation "linked.pre_snapshot" got a RPC error for plugin "Notebook". '
        "UNAVAILABLE: Network closed for unknown reason"
    )


def test_arguments_over_a_limit(plugin: Plugin) -> None:
    with pytest.raises(OperationBroken, match="Network closed for unknown reason"):
        plugin.run(title="x" * child.OPERATION_LIMIT)
    plugin.run(title="x" * (child.OPERATION_LIMIT - 2000))


def test_messages_below_the_limits(plugin: Plugin) -> None:
    with pytest.raises(PluginError) as error:
        plugin.run("long_error")
    assert error.value.message == "x" * (100 << 10)
    with pytest.raises(PluginError, match="20000000 done"):
        plugin.run("long_library")


def test_credentials_are_remembered_as_secrets(plugin: Plugin) -> None:
    with pytest.raises(PluginError, match="reader 21"):
        plugin.run("credentials")
    assert plugin.calls[-1].secrets == {SECRET}


def test_a_thread_of_the_plugin_may_call_libraries(plugin: Plugin) -> None:
    with pytest.raises(PluginError):
        plugin.run("thread_call")
    assert plugin.calls[-1].remote_calls == 4


def test_one_process_keeps_state_over_operations(plugin: Plugin) -> None:
    for count in ("1", "2"):
        with pytest.raises(PluginError, match=count):
            plugin.run("remember")


@pytest.mark.parametrize("plugin", [True], indirect=True)
def test_a_fresh_runtime_keeps_none(plugin: Plugin) -> None:
    for _ in range(2):
        with pytest.raises(PluginError, match="1"):
            plugin.run("remember")
        assert plugin.runtime.pid is None


def test_a_plugin_that_cannot_be_imported(plugin: Plugin) -> None:
    plugin.code = PluginCode(plugin.code.folder, "nowhere:plugin", "Notebook", "2")
    with pytest.raises(PluginError, match="ModuleNotFoundError"):
        plugin.run()


def test_the_process_ends_with_its_engine(code: PluginCode, tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; "
        "from lab.plugin.runtime.runtime import Runtime; "
        "from lab.plugin.runtime.process import PluginCode; "
        "runtime = Runtime(Path(sys.argv[1]), Path(sys.argv[2])); "
        "runtime._ready_process(PluginCode(Path(sys.argv[3]), sys.argv[4], 'n', 'd')); "
        "print(runtime.pid, flush=True); time.sleep(60)"
    )
    places = [str(tmp_path / "run"), str(tmp_path / "log"), str(code.folder), code.entry_point]
    engine = subprocess.Popen(
        [sys.executable, "-c", script, *places],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert engine.stdout is not None
    pid = int(engine.stdout.readline())
    watch = os.pidfd_open(pid)
    engine.kill()
    engine.wait()
    engine.stdout.close()
    assert select.select([watch], [], [], 10)[0], "the plugin process outlived its engine"
    os.close(watch)
