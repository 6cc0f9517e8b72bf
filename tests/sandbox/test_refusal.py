"""Where the sandbox cannot start, nothing runs and the line says what to do; and what `doctor` is told."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount
from loopwright.core.running import Limits
from loopwright.sandbox import BubblewrapSandbox
from loopwright.sandbox.cgroups import Hierarchy
from loopwright.sandbox.limits import mechanisms
from loopwright.sandbox.probe import advice
from loopwright.sandbox.seccomp import program


@pytest.mark.anyio
async def test_without_bubblewrap_nothing_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="install the package `bubblewrap`"):
        await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits())


@pytest.mark.anyio
async def test_a_bubblewrap_that_fails_is_a_refusal_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxError, match="setting up uid map: Permission denied") as refused:
        await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits())
    assert "\n" not in str(refused.value)


@pytest.mark.anyio
async def test_a_tree_that_is_not_there_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(SandboxError):
        await BubblewrapSandbox().open(Mount(str(tmp_path / "missing")), "workspace-write", Limits())


def test_every_limit_names_its_mechanism() -> None:
    assert all(mechanisms(None).values())
    assert mechanisms(Hierarchy(1, {"memory": Path("/")}))["memory"] == "cgroup v1 memory"


def test_advice_is_one_line() -> None:
    assert "\n" not in advice("loopback: Failed RTM_NEWADDR: Operation not permitted")


def test_doctor_is_told_of_every_layer() -> None:
    names = {capability.name for capability in BubblewrapSandbox().probe()}
    assert {"bubblewrap", "namespaces", "seccomp", "landlock", "cgroups", "overlay", "limit:memory"} <= names


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_lands_inside_it(machine: str) -> None:
    lines = list(struct.iter_unpack("=HBBI", program(machine)))
    assert len(lines) < 4096  # the kernel's limit, BPF_MAXINSNS
    for place, (code, then, otherwise, _) in enumerate(lines):
        if code & 7 == 5:
            assert place + 1 + max(then, otherwise) < len(lines)
    assert lines[-1] == (6, 0, 0, 0x7FFF0000)


def test_a_machine_without_a_table_is_refused() -> None:
    with pytest.raises(SandboxError, match="sparc64"):
        program("sparc64")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("root", "why"),
    [
        ("/", "would hide the sandbox's own /proc; name the directory below it"),
        ("/tmp", "would hide the sandbox's own /tmp"),
        ("/var", "would hide the sandbox's own /var/tmp"),
        ("/run", "would hide the sandbox's own /run/loopwright"),
        ("/proc", "a /proc of its own; use a directory elsewhere"),
        ("/dev", "a /dev of its own; use a directory elsewhere"),
        ("/dev/shm", "a /dev of its own; use a directory elsewhere"),
    ],
)
async def test_a_directory_whose_place_is_taken_is_refused(root: str, why: str) -> None:
    with pytest.raises(SandboxError, match=why):
        await BubblewrapSandbox().open(Mount(root), "workspace-write", Limits())
