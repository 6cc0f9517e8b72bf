"""`loopwright sandbox … -- CMD` as a user calls it: statuses, reasons, streams, and what is left in the directory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Sandbox = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    return made


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "LOOPWRIGHT_HOME": str(tmp_path / "home")}


@pytest.fixture
def sandbox(tree: Path, environment: dict[str, str]) -> Sandbox:
    def call(*words: str, input: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "loopwright", "sandbox", "-C", str(tree), *words]
        env = {**environment, **variables}
        return subprocess.run(argv, input=input, env=env, capture_output=True, text=True, check=False, timeout=60)

    return call


@pytest.mark.parametrize(
    ("options", "command", "status", "said"),
    [
        ((), ["sh", "-c", "exit 7"], 7, ""),
        ((), ["no-such-program"], 127, "no-such-program"),
        (("--timeout", "0.4"), ["sleep", "20"], 124, "timeout: longer than 0.4 s"),
        (("--memory", "64M"), ["python3", "-c", "bytearray(300 << 20); input()"], 137, "memory: more than 64 MiB"),
        (("--pids", "12"), ["sh", "-c", "sh -c 'for i in $(seq 40); do sleep 9 & done'; sleep 9"], 137, "pids: more than 12"),
        (("--output", "1K"), ["yes"], 137, "output: more than 1024 bytes"),
        (("--disk", "4M"), ["sh", "-c", "head -c 9M /dev/zero > big; sleep 9"], 137, "disk: more than 4 MiB"),
        (("--inodes", "50"), ["sh", "-c", "for i in $(seq 90); do : > f$i; done; sleep 9"], 137, "inodes: more than 50"),
        (("--backend", "nonesuch"), ["true"], 125, "there is no sandbox named 'nonesuch'"),
        (("--writable", "/proc"), ["true"], 125, "/proc cannot be shown"),
    ],
)  # fmt: skip
def test_the_status_and_the_reason(
    sandbox: Sandbox, options: tuple[str, ...], command: list[str], status: int, said: str
) -> None:
    ran = sandbox(*options, "--", *command)
    assert ran.returncode == status, ran.stderr
    assert said in ran.stderr


def test_limits_on_disk_and_files_are_exact(sandbox: Sandbox, tree: Path) -> None:
    sandbox("--disk", "4M", "--", "sh", "-c", "head -c 9M /dev/zero > big")
    assert (tree / "big").stat().st_size == 4 << 20
    sandbox("--inodes", "50", "--", "sh", "-c", "rm big; for i in $(seq 90); do : > f$i; done")
    assert 40 <= len(list(tree.iterdir())) <= 50


def test_a_wrong_option_is_one_line(sandbox: Sandbox) -> None:
    for options in (("--memory", "much"), ("--cpus", "0"), ("--writable", "/not/there"), ("--env", "A=B")):
        ran = sandbox(*options, "--", "true")
        assert ran.returncode in (2, 125)
        assert len(ran.stderr.splitlines()) == 1, ran.stderr


def test_streams_are_passed_on(sandbox: Sandbox) -> None:
    ran = sandbox("--", "sh", "-c", "cat; echo err >&2", input="through\n")
    assert (ran.stdout, ran.stderr) == ("through\n", "err\n")


def test_an_open_standard_input_holds_nothing_up(tree: Path, environment: dict[str, str]) -> None:
    argv = [sys.executable, "-m", "loopwright", "sandbox", "-C", str(tree), "--", "echo", "done"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.read() == b"done\n"
        assert process.wait(20) == 0


def test_json_is_the_only_line_on_standard_output(sandbox: Sandbox) -> None:
    ran = sandbox("--json", "--disk", "1M", "--", "sh", "-c", "echo noise; head -c 2M /dev/zero > f; exit 4")
    shown = json.loads(ran.stdout)
    assert (ran.returncode, shown["exit"], shown["reason"]) == (137, 137, "disk")
    assert shown["kept"] == 1
    assert shown["seconds"] > 0
    assert "noise" in ran.stderr


def test_writes_are_kept_whatever_the_status(sandbox: Sandbox, tree: Path) -> None:
    (tree / "old").write_text("old")
    (tree / "gone").write_text("gone")
    (tree / "dir").mkdir()
    (tree / "dir" / "inside").write_text("x")
    (tree / ".gitignore").write_text("build/\n")
    script = """
    mkdir -p build/deep __pycache__ empty; echo object > build/deep/a.o; echo c > __pycache__/m.pyc
    echo new >> old; rm gone; rm -r dir; echo file > dir; ln -s old link; chmod 755 old; exit 5
    """
    ran = sandbox("--", "sh", "-c", script)
    assert (ran.returncode, ran.stderr) == (5, "")
    assert (tree / "build" / "deep" / "a.o").read_text() == "object\n"
    assert (tree / "__pycache__" / "m.pyc").read_text() == "c\n"
    assert (tree / "old").read_text() == "oldnew\n"
    assert stat.S_IMODE((tree / "old").stat().st_mode) == 0o755
    assert (tree / "dir").read_text() == "file\n"
    assert (tree / "link").is_symlink()
    assert (tree / "empty").is_dir()
    assert not (tree / "gone").exists()
    assert {p.stat().st_uid for p in tree.rglob("*")} == {tree.stat().st_uid}
    assert not (tree / ".git").exists()


def test_a_killed_command_s_writes_are_kept_as_well(sandbox: Sandbox, tree: Path) -> None:
    assert sandbox("--timeout", "0.5", "--", "sh", "-c", "echo half > work; sleep 20").returncode == 124
    assert (tree / "work").read_text() == "half\n"


def test_an_interrupt_keeps_what_is_there_and_says_130(tree: Path, environment: dict[str, str]) -> None:
    argv = [
        sys.executable,
        "-m",
        "loopwright",
        "sandbox",
        "-C",
        str(tree),
        "--",
        "sh",
        "-c",
        "echo x > f; echo up; sleep 30",
    ]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert time.monotonic() - began < 5
    assert (tree / "f").read_text() == "x\n"


def test_read_only_keeps_nothing(sandbox: Sandbox, tree: Path) -> None:
    assert sandbox("--profile", "read-only", "--", "touch", "f").returncode == 1
    assert list(tree.iterdir()) == []


@pytest.mark.parametrize("place", ["beside", "tree/in"])
def test_a_directory_can_be_written_where_the_workspace_cannot(sandbox: Sandbox, tree: Path, place: str) -> None:
    more = tree.parent / place
    more.mkdir(parents=True)
    options = ("--profile", "read-only", "--disk", "1M", "--writable", str(more))
    ran = sandbox(*options, "--", "sh", "-c", f"echo w > {more}/f; echo x > x; head -c 2M /dev/zero > {more}/big")
    assert ran.returncode == 137, ran.stderr
    assert (more / "f").read_text() == "w\n"
    assert not (tree / "x").exists()


def test_further_directories_and_variables(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "read").mkdir()
    (tmp_path / "read" / "f").write_text("known")
    (tmp_path / "write").mkdir()
    script = f"cat {tmp_path}/read/f; echo $WANTED$HIDDEN; echo w > {tmp_path}/write/f; echo r > {tmp_path}/read/g"
    options = ("--readable", str(tmp_path / "read"), "--writable", str(tmp_path / "write"), "--env", "WANTED")
    ran = sandbox(*options, "--", "sh", "-c", script, WANTED="yes", HIDDEN="no")
    assert ran.stdout == "knownyes\n"
    assert (tmp_path / "write" / "f").read_text() == "w\n"
    assert not (tmp_path / "read" / "g").exists()


def test_the_disk_limit_is_for_all_writable_directories_together(sandbox: Sandbox, tree: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    script = f"head -c 3M /dev/zero > a; head -c 3M /dev/zero > {more}/b"
    ran = sandbox("--disk", "4M", "--writable", str(more), "--", "sh", "-c", script)
    assert ran.returncode == 137
    assert sum(p.stat().st_size for p in (*tree.iterdir(), *more.iterdir())) == 4 << 20


def test_what_is_not_kept_is_said(sandbox: Sandbox, tree: Path) -> None:
    script = "mkdir -p new/.git; echo '[core]' > new/.git/config; ln -s /etc/passwd out; mkfifo pipe; echo kept > f"
    ran = sandbox("--json", "--", "sh", "-c", script)
    assert {p["path"]: p["reason"] for p in json.loads(ran.stdout)["not_kept"]} == {
        "new/.git": "repository metadata",
        "out": "a link that leads out of the directory",
        "pipe": "a device, socket or pipe",
    }
    assert "not kept: out: a link that leads out" in ran.stderr
    assert sorted(p.name for p in tree.rglob("*")) == ["f", "new"]


def test_json_tells_of_the_network_and_of_programs(sandbox: Sandbox) -> None:
    fetch = "import urllib.request as u\ntry: u.urlopen('http://no.example/')\nexcept OSError: pass"
    ran = sandbox("--json", "--network", "allow:other.example", "--", "python3", "-c", fetch)
    shown = json.loads(ran.stdout)
    assert [(r["host"], r["verdict"]) for r in shown["network"]] == [("no.example", "denied")]
    assert any(call["target"].endswith("python3") for call in shown["calls"])
    assert "no.example:80 is not allowed" in ran.stderr


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_trace_names_the_files_of_a_command(sandbox: Sandbox, tree: Path) -> None:
    ran = sandbox("--trace", "--", "sh", "-c", "echo x > traced-file; ls /nowhere")
    assert ran.returncode == 2
    file = Path(ran.stderr.split("traced to ")[1].split(";")[0])
    text = file.read_text()
    assert "traced-file" in text
    assert '"/nowhere"' in text
    assert file.parent.stat().st_mode & 0o077 == 0
