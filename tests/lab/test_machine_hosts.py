"""Hosts as an engine meets them: users, commands, files, network."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import CommandFailed, CommandTimeout, HostDown, LabError
from lab.hosts.host import Host
from lab.machine import Machine
from tests.lab.machine_support import PYTHON, running_machine

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("hosts") / "lab", ["staging", "target"]) as ready:
        yield ready


@pytest.fixture
def host(machine: Machine) -> Host:
    return machine.hosts["staging"]


def answer(host: Host, command: str, **variables: str) -> str:
    result = host.run_as_user(command, variables)
    assert (result.exit_code, result.stderr) == (0, b"")
    return result.text


def living(host: Host) -> list[str]:
    """Names of the host's processes, but for those that have ended and wait to be noticed."""
    listing = host.run_as_root(["ps", "-eo", "stat=,comm="]).text.splitlines()
    return sorted(line.split()[1] for line in listing if not line.startswith("Z"))


def test_hosts_reach_each_other_by_name_and_address(machine: Machine) -> None:
    server = (
        "import socket; s = socket.create_server(('', 7001)); print('ready', flush=True);"
        "c, peer = s.accept(); c.sendall(peer[0].encode()); c.close()"
    )
    ask = "import socket; s = socket.create_connection(('staging', 7001), 5); print(s.recv(99))"
    argv = [PYTHON, "-c", server]
    with machine.hosts["staging"].popen_as_root(argv, stdout=subprocess.PIPE) as listener:
        assert listener.stdout is not None
        assert listener.stdout.readline() == b"ready\n"
        said = answer(machine.hosts["target"], f'{PYTHON} -c "{ask}"')
    assert said == f"b'{machine.hosts['target'].address}'\n"
    assert listener.returncode == 0


def test_environment_of_a_command_is_clean(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_ENGINE", "1")
    said = dict(line.split("=", 1) for line in answer(host, "/usr/bin/env").splitlines())
    for made_by_bash in ("PWD", "SHLVL", "_"):
        del said[made_by_bash]
    assert said == {
        "HOME": "/home/delphix",
        "USER": "delphix",
        "LOGNAME": "delphix",
        "SHELL": "/bin/bash",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "DLPX_BIN_JQ": host.jq_path,
    }


def test_identity_of_a_command(host: Host) -> None:
    said = answer(host, "id -u; id -g; id -G; pwd; umask; hostname; grep CapEff /proc/self/status")
    assert said.split()[:-2] == ["1701", "1701", "1701", "/home/delphix", "0022", "staging"]
    assert said.split()[-2:] == ["CapEff:", "0" * 16]


def test_groups_are_read_at_each_command(host: Host) -> None:
    host.run_as_root(["groupadd", "--gid", "4321", "binaries"])
    host.run_as_root(["usermod", "-a", "-G", "binaries", "delphix"])
    assert answer(host, "id -G") == "1701 4321\n"
    host.run_as_root(["groupdel", "binaries"])


def test_descriptors_and_signals_are_those_of_a_fresh_login(host: Host) -> None:
    open_files = answer(host, "ls /proc/$$/fd; readlink /proc/$$/fd/0")
    assert open_files.split() == ["0", "1", "2", "255", "/dev/null"]  # 255 is bash's own
    # SIGPIPE is not ignored: a writer into a closed pipe ends silently.
    assert answer(host, "grep SigIgn /proc/self/status").split()[1] == "0" * 16


def test_login_shell_reads_the_profile(host: Host) -> None:
    host.write_file("/home/delphix/.bash_profile", b"export FROM_PROFILE=yes\n", 0o644)
    assert host.run_as_user("echo $FROM_PROFILE").text == "\n"
    assert host.run_as_user("echo $FROM_PROFILE", login_shell=True).text == "yes\n"
    host.run_as_root(["rm", "/home/delphix/.bash_profile"])


@pytest.mark.parametrize(
    "value",
    [
        "",
        " a  b ",
        'it\'s "quoted" $HOME `id`\\',
        "two\nlines\n\n",
        "\t\x01é\udcff",
        "=",
        "x" * 10**5,
    ],
)
def test_variables_arrive_intact(host: Host, value: str) -> None:
    said = host.run_as_user('printf %s "$VALUE"', {"VALUE": value})
    assert said.stdout == os.fsencode(value)


def test_variables_win_over_the_preset_environment(host: Host) -> None:
    assert answer(host, "echo $DLPX_BIN_JQ $HOME", DLPX_BIN_JQ="x", HOME="/y") == "x /y\n"


def test_libraries_named_by_a_variable_do_not_reach_the_machine(host: Host) -> None:
    assert answer(host, "echo $LD_LIBRARY_PATH", LD_LIBRARY_PATH="/nowhere") == "/nowhere\n"


def test_long_command(host: Host) -> None:
    command = "total=0\n" + "total=$((total + 1)) # padding\n" * 10_000 + "echo $total"
    assert len(command) > 300 * 1024
    assert answer(host, command) == "10000\n"


def test_command_and_variables_are_on_no_argument_list(host: Host) -> None:
    command = "echo started; cat /proc/[0-9]*/cmdline; : text-of-the-command"
    assert "text-of" not in answer(host, command, SECRET="value-of-the-variable")
    seen: list[bytes] = []

    def look() -> None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                seen.append((process / "cmdline").read_bytes())
            except OSError:
                continue

    wait = threading.Thread(
        target=host.run_as_user, args=("sleep 0.5; : text-of-it", {"S": "value-of-it"})
    )
    wait.start()
    while wait.is_alive():
        look()
    wait.join()
    assert any(b"/dev/fd/3" in arguments for arguments in seen)
    assert not any(b"text-of-it" in text or b"value-of-it" in text for text in seen)


def test_streams_exit_code_and_lines(host: Host) -> None:
    result = host.run_as_user(
        "printf out\nprintf err >&2\nread -r line || echo end-of-file\nexit 7"
    )
    assert (result.exit_code, result.stdout, result.stderr) == (7, b"outend-of-file\n", b"err")
    assert b"line 2:" in host.run_as_user("true\nno-such-command").stderr
    assert host.run_as_user("kill -9 $$").exit_code == 137
    assert host.run_as_user("").exit_code == 0


def test_large_output(host: Host) -> None:
    result = host.run_as_user("head -c 20000000 /dev/zero; head -c 9000000 /dev/zero >&2")
    assert (len(result.stdout), len(result.stderr)) == (20_000_000, 9_000_000)


def test_sudo_allows_what_is_documented_and_no_more(host: Host) -> None:
    assert answer(host, "sudo -n mount >/dev/null; sudo -n ps -e >/dev/null; echo ok") == "ok\n"
    made = answer(host, "sudo -n mkdir /mnt/made; stat -c %U /mnt/made; sudo -n rmdir /mnt/made")
    assert made == "root\n"
    refused = host.run_as_user("sudo -n ls")
    assert (refused.exit_code, b"password is required" in refused.stderr) == (1, True)


def test_toolkit(host: Host) -> None:
    assert answer(host, "echo '{\"a\": [1]}' | $DLPX_BIN_JQ -c .a") == "[1]\n"
    assert answer(host, "stat -c '%U %G %a' /opt/delphix/toolkit") == "delphix delphix 770\n"
    run = answer(host, '"$DIR/dlpx_db_exec" delphix echo one two', DIR=host.binary_path)
    assert run == "one two\n"
    assert answer(host, 'touch "$DIR/x" && ls "$DIR"', DIR=host.scratch_path) == "x\n"


@pytest.mark.parametrize("keep", ["", "2>/dev/null", ">/dev/null"])
def test_a_daemon_with_an_open_pipe_holds_the_command_up(host: Host, keep: str) -> None:
    began = time.monotonic()
    result = host.run_as_user(f"setsid bash -c 'exec -a daemon sleep 0.7' {keep} & echo $!")
    assert result.exit_code == 0
    assert time.monotonic() - began > 0.7


def test_a_detached_daemon_does_not_hold_the_command_up(host: Host) -> None:
    began = time.monotonic()
    pid = answer(host, "nohup sleep 60 </dev/null >/dev/null 2>&1 & echo $!").strip()
    assert time.monotonic() - began < 5
    state = answer(host, f"ps -o ppid= -p {pid}; ls -l /proc/{pid}/fd | grep -c memfd || true")
    assert state.split() == ["1", "0"]
    host.run_as_root(["kill", pid])


def test_timeout_kills_every_descendant(host: Host) -> None:
    command = (
        "echo story; (setsid sleep 9871 </dev/null >/dev/null 2>&1 &) ; "
        "setsid bash -c 'sleep 9872 & sleep 9873' & sleep 9874"
    )
    with pytest.raises(CommandTimeout) as caught:
        host.run_as_user(command, timeout=0.7)
    assert caught.value.output == "story"
    assert "987" not in answer(host, "ps -eo args | grep '[s]leep 98' || true")


def test_timeout_leaves_others_alone(host: Host) -> None:
    pid = answer(host, "sleep 60 </dev/null >/dev/null 2>&1 & echo $!").strip()
    with pytest.raises(CommandTimeout):
        host.run_as_user("sleep 60", timeout=0.3)
    assert answer(host, f"kill -0 {pid} && echo alive") == "alive\n"
    host.run_as_root(["kill", pid])


def test_run_as_root(host: Host) -> None:
    result = host.run_as_root(["sh", "-c", 'cat; echo "$A"; id -u'], input=b"in ", env={"A": "b c"})
    assert result.stdout == b"in b c\n0\n"
    assert host.run_as_root(["false"], check=False).exit_code == 1
    with pytest.raises(CommandFailed, match="on staging") as caught:
        host.run_as_root(["sh", "-c", "echo why >&2; exit 3"])
    assert (caught.value.exit_code, caught.value.output) == (3, "why")
    with pytest.raises(LabError, match="no-such-program: No such file"):
        host.run_as_root(["no-such-program"])
    with pytest.raises(CommandTimeout):
        host.run_as_root(["sleep", "60"], timeout=0.3)


def test_long_lived_program(host: Host) -> None:
    writer = host.popen_as_root(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert writer.stdin is not None and writer.stdout is not None
    writer.stdin.write(b"one\n")
    writer.stdin.flush()
    assert writer.stdout.readline() == b"one\n"
    writer.stdin.close()
    assert writer.wait(5) == 0
    writer.stdout.close()


def test_long_lived_program_that_is_not_there(host: Host) -> None:
    with host.popen_as_root(["no-such-program"], stderr=subprocess.PIPE) as process:
        assert process.communicate()[1] == b"no-such-program: No such file or directory\n"
    assert process.returncode == 127


@pytest.mark.parametrize(("method", "returned"), [("terminate", 143), ("kill", -9)])
def test_long_lived_program_ends_with_its_handle(host: Host, method: str, returned: int) -> None:
    program = ["sh", "-c", "echo up; exec sleep 9875"]
    with host.popen_as_root(program, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        getattr(process, method)()
        assert process.wait(5) == returned
    assert answer(host, "ps -eo args | grep '[s]leep 9875' || true") == ""


def test_files(host: Host) -> None:
    content = bytes(range(256)) * 1000
    host.write_file("/home/delphix/a file", content, 0o640, "delphix:delphix")
    assert host.read_file("/home/delphix/a file") == content
    assert answer(host, "stat -c '%U:%G %a' 'a file'; rm 'a file'") == "delphix:delphix 640\n"
    with pytest.raises(CommandFailed):
        host.read_file("/home/delphix/a file")


def test_the_machine_is_not_changed(host: Host) -> None:
    host.write_file("/etc/lab-test", b"x")
    host.run_as_root(["rm", "/etc/os-release"])
    assert not Path("/etc/lab-test").exists() and Path("/etc/os-release").exists()
    assert "ENVIRONMENT_USER" not in Path("/etc/passwd").read_text()
    assert not Path("/opt/delphix/toolkit").exists()


def test_the_pool_and_the_machine_are_out_of_reach(machine: Machine, host: Host) -> None:
    table = host.read_file("/proc/self/mountinfo").decode()
    points = [line.split()[4] for line in table.splitlines()]
    assert sorted(points) == sorted(
        ["/", "/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/run", "/tmp"]
    )
    assert host.run_as_root(["ls", "-A", str(machine.root / "pool")], check=False).stdout == b""
    assert living(host) == ["init", "ps", "sleep"]


def test_pseudo_terminal(host: Host) -> None:
    assert "/dev/pts/" in answer(host, "script -qc tty /dev/null </dev/null")


def test_impossible_requests_are_lab_errors(host: Host) -> None:
    with pytest.raises(LabError, match="NUL"):
        host.run_as_user("echo \0")
    with pytest.raises(LabError, match="NUL"):
        host.run_as_user("echo", {"A": "\0"})
    with pytest.raises(LabError, match="name of an environment variable"):
        host.run_as_user("echo", {"A=B": "c"})
    with pytest.raises(LabError, match="Argument list too long"):
        host.run_as_user("echo", {"A": "x" * 200_000})


def test_restart_ends_everything_but_keeps_files(machine: Machine) -> None:
    host = machine.hosts["target"]
    pid = answer(host, "touch kept; sleep 60 </dev/null >/dev/null 2>&1 & echo $!").strip()
    host.run_as_root(["touch", "/run/volatile"])
    host.restart()
    assert host.run_as_user("ls; ls /run/volatile").text == "kept\n"
    assert living(host) == ["init", "ps", "sleep"]
    assert host.run_as_root(["kill", "-0", pid], check=False).exit_code != 0
    names = json.loads(host.run_as_root(["ip", "-json", "address"]).stdout)
    assert [link["ifname"] for link in names] == ["lo", "eth0"]


def test_a_host_that_is_down(machine: Machine) -> None:
    host = machine.hosts["target"]
    with pytest.raises(HostDown, match="went down while the command ran"):
        killer = threading.Timer(0.3, machine.hosts["target"]._power.off)
        killer.start()
        host.run_as_user("sleep 60")
    killer.join()
    assert not host.is_up()
    with pytest.raises(HostDown, match="'target' is down"):
        host.run_as_user("true")
    host.restart()
    assert host.is_up()
