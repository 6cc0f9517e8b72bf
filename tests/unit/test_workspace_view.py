"""What the overlay itself owes: nothing seen by the host, limits that hold, no rights a command should not have."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import pytest

import loopwright
from loopwright.core.errors import ToolFailure, WorkspaceError
from loopwright.core.running import Limits, Ran, run
from loopwright.testing.memory import MemoryBlobs
from loopwright.testing.trees import git, make_repository, make_tree, snapshot
from loopwright.testing.workspace import NamespaceSandbox
from loopwright.workspace import beneath
from loopwright.workspace.git import Git
from loopwright.workspace.overlay import NoOverlay, mount_point
from loopwright.workspace.workspace import View, open_workspace

pytestmark = pytest.mark.anyio
LIMITS = Limits(disk=4 << 20, inodes=100)


class CountingBlobs(MemoryBlobs):
    """Blobs that count what is put into them."""

    puts = 0

    def put(self, data: bytes) -> str:
        self.puts += 1
        return super().put(data)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "p", {"a.py": b"a\n", "d/b.py": b"b\n", ".gitignore": b"*.o\n"})


@pytest.fixture
async def view(project: Path) -> AsyncIterator[View]:
    opened = await open_at(project)
    yield opened
    await opened.aclose()


async def open_at(root: Path, blobs: MemoryBlobs | None = None, limits: Limits = LIMITS) -> View:
    return await open_workspace(str(root), sandbox=NamespaceSandbox(), blobs=blobs or MemoryBlobs(), limits=limits)


async def sh(view: View, script: str) -> Ran:
    return await run(view.executor, ["sh", "-c", script])


def mounts_of(project: Path) -> list[str]:
    """The mounts of this process that have to do with a view of the project; others come and go on any machine."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line for line in lines if str(project) in line or f" {mount_point()} " in line]


async def test_the_host_sees_no_mount_and_keeps_no_descriptor(project: Path) -> None:
    mounts, descriptors = mounts_of(project), len(os.listdir("/proc/self/fd"))
    view = await open_at(project)
    await sh(view, "echo x > a.py")
    ref = await view.checkpoint()
    async with view.fresh(ref):
        assert mounts_of(project) == mounts
    await view.restore(ref)
    await view.aclose()
    assert mounts_of(project) == mounts
    assert len(os.listdir("/proc/self/fd")) == descriptors


async def test_a_view_dies_with_the_process_that_was_killed(project: Path) -> None:
    program = (
        "import anyio, os, signal, sys\n"
        "from loopwright.testing.memory import MemoryBlobs\n"
        "from loopwright.testing.workspace import NamespaceSandbox\n"
        "from loopwright.workspace.workspace import open_workspace\n"
        "async def main():\n"
        "    view = await open_workspace(sys.argv[1], sandbox=NamespaceSandbox(), blobs=MemoryBlobs())\n"
        "    view.files.write('a.py', b'lost')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "anyio.run(main)\n"
    )
    before, mounts = snapshot(project), mounts_of(project)
    killed = await anyio.run_process([sys.executable, "-c", program, str(project)], check=False)
    assert killed.returncode == -9
    assert snapshot(project) == before and mounts_of(project) == mounts


async def test_the_disk_limit_holds_for_commands_and_tools(view: View) -> None:
    ran = await sh(view, "head -c 8000000 /dev/zero > big")
    assert not ran.ok and b"No space left" in ran.out
    with pytest.raises(ToolFailure, match="no space left in the view"):
        view.files.write("more", bytes(1 << 20))
    assert view.files.stat("more") is None
    view.files.delete("big")
    view.files.write("more", bytes(1 << 20))


async def test_the_inode_limit_holds(view: View) -> None:
    ran = await sh(view, "i=0; while [ $i -lt 300 ]; do echo > f$i || exit 1; i=$((i+1)); done")
    assert not ran.ok and b"No space left" in ran.out


async def test_a_checkpoint_that_no_longer_fits_is_one_line(project: Path) -> None:
    blobs = MemoryBlobs()
    roomy = await open_at(project, blobs, Limits(disk=8 << 20, inodes=100))
    await sh(roomy, "head -c 6000000 /dev/urandom > big")
    ref = await roomy.checkpoint()
    await roomy.aclose()
    tight = await open_at(project, blobs)
    with pytest.raises(WorkspaceError, match=r"cannot make a view of .*No space left"):
        await tight.restore(ref)
    assert tight.files.read("a.py") == b"a\n"
    await tight.aclose()


async def test_an_unchanged_view_costs_nothing_to_checkpoint(project: Path) -> None:
    blobs = CountingBlobs()
    view = await open_at(project, blobs)
    await sh(view, "echo x > a.py; echo y > new.py; ln -s new.py l; echo o > x.o")
    ref = await view.checkpoint()
    await anyio.sleep(0.05)
    await view.checkpoint()
    before = blobs.puts
    assert await view.checkpoint() == ref
    assert blobs.puts == before
    await view.aclose()


async def test_git_is_asked_only_about_new_names(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    real = Git.run

    def counted(self: Git, args: list[str], below: bytes = b"", stdin: bytes = b"") -> tuple[int, bytes]:
        asked.append(tuple(args))
        return real(self, args, below, stdin)

    monkeypatch.setattr(Git, "run", counted)
    await sh(view, "echo 1 > n.py; echo 1 > a.py")
    await view.checkpoint()
    assert len(asked) == 1
    await sh(view, "echo 2 > n.py; echo 2 > a.py; mkdir -p __pycache__; echo > __pycache__/n.pyc")
    await view.checkpoint()
    assert len(asked) == 1


async def test_edits_within_one_tick_of_the_clock_are_all_seen(view: View) -> None:
    seen = set()
    for number in range(20):
        ran = await sh(view, f"printf {number % 10}{number // 10} > a.py")
        assert ran.ok
        seen.add((await view.checkpoint()).tree)
    assert len(seen) == 20
    for number in range(20):
        fd = os.open("a.py", os.O_WRONLY, dir_fd=view.files._tree)
        os.write(fd, b"%02d" % number)
        os.close(fd)
        seen.add((await view.checkpoint()).tree)
    assert len(seen) == 36  # four of them the first loop had as well


async def test_unreadable_leavings_of_a_command_are_kept_all_the_same(view: View) -> None:
    await sh(view, "mkdir shut; echo s > shut/f; chmod 0 shut/f; chmod 0 shut; chmod 400 d; chmod u-r a.py")
    ref = await view.checkpoint()
    assert (await view.change(ref)).paths == ("shut/f",)
    await view.restore(ref)
    assert (
        await sh(view, "stat -c %a shut a.py; chmod 700 shut; chmod 600 shut/f; cat shut/f")
    ).text() == "0\n244\ns\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops rights")
@pytest.mark.parametrize("owner", [0, 4321])
async def test_root_lends_its_rights_to_no_command(tmp_path: Path, owner: int) -> None:
    root = make_repository(tmp_path / "p", {"a.py": b"a\n", "d/b.py": b"b\n"})
    for path in (root, *root.rglob("*")):
        os.chown(path, owner, owner)
    root.chmod(0o700)
    (root / "a.py").chmod(0o600)
    before = snapshot(root)
    view = await open_at(root)
    ran = await sh(
        view, "id -u; cat a.py; echo more >> a.py; echo n > d/n.py; mkdir e; echo e > e/e; git status --short"
    )
    who, *rest = ran.text().split("\n")
    assert int(who) == (owner or 65533)
    assert rest[:1] == ["a"] and " M a.py" in rest and "?? d/n.py" in rest
    view.files.write("by-tool/f", b"t")
    assert (await sh(view, "echo t >> by-tool/f && rm -r by-tool")).ok
    await view.promote(await view.checkpoint())
    landed = snapshot(root)
    assert {landed[name][1:3] for name in (b"a.py", b"d/n.py", b"e", b"e/e")} == {(owner, owner)}
    assert landed[b"a.py"][0] == before[b"a.py"][0]
    await view.aclose()


async def test_an_untrusted_repository_runs_nothing(project: Path, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "filter.x.clean", "diff.external"):
        git(project, "config", key, str(trap))
    git(project, "config", "core.hooksPath", str(tmp_path))
    (project / ".gitattributes").write_bytes(b"* filter=x\n")
    if os.geteuid() == 0:
        os.chown(project / ".git", 4321, 4321)
    view = await open_at(project)
    await sh(view, "echo x > new.py; echo y > .gitignore")
    assert (await view.change(await view.checkpoint())).paths == (".gitignore", "new.py")
    await view.aclose()
    assert not sprung.exists()


async def test_repository_metadata_is_read_only_whatever_the_sandbox(project: Path) -> None:
    make_repository(project / "sub", {"s.py": b"s"})
    before = snapshot(project / ".git") | snapshot(project / "sub/.git")
    view = await open_at(project)
    for script in ("echo x >> .git/config", "touch sub/.git/hooks/post-commit", "mv .git elsewhere", "rm -rf sub/.git"):
        assert not (await sh(view, script)).ok
    assert (await sh(view, "git -c safe.directory='*' log --oneline")).text().endswith(" first\n")
    ref = await view.checkpoint()
    async with view.fresh(ref) as fresh:
        assert not (await sh(fresh, "echo x >> .git/config")).ok
    await view.aclose()
    assert snapshot(project / ".git") | snapshot(project / "sub/.git") == before


async def test_a_repository_made_in_the_view_decides_nothing(view: View) -> None:
    await sh(view, "rm -rf .git; git init -q .; echo '*' > .git/info/exclude; echo x > new.py")
    assert "new.py" in (await view.change(await view.checkpoint())).paths


async def test_without_an_overlay_the_view_is_a_copy_and_says_why(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise NoOverlay("mount overlay: Operation not permitted")

    monkeypatch.setattr("loopwright.workspace.backing.mount_overlay", refuse)
    view = await open_at(project)
    assert "copy: mount overlay: Operation not permitted" in view.note and "inode limit is not enforced" in view.note
    assert (await sh(view, "echo x > a.py; head -c 5000000 /dev/zero > big")).ok
    with pytest.raises(WorkspaceError, match="more than its disk limit"):
        await view.checkpoint()
    path = view._backing.path
    await view.aclose()
    assert not os.path.exists(path) and (project / "a.py").read_bytes() == b"a\n"


async def test_without_openat2_links_are_not_followed_at_all(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beneath, "_missing", True)
    await sh(view, "ln -s a.py inner; ln -s /etc outer; ln -s d dir")
    assert view.files.read("d/b.py") == b"b\n"
    view.files.write("d/new/x.py", b"x")
    assert view.files.read("d/new/x.py") == b"x"
    for path in ("inner", "outer/passwd", "dir/b.py"):
        with pytest.raises(ToolFailure):
            view.files.read(path)


@pytest.mark.real
async def test_a_large_file_that_nobody_changes_is_neither_copied_nor_held(project: Path) -> None:
    import resource

    with (project / "data.bin").open("wb") as file:
        file.truncate(2 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    view = await open_at(project)
    await sh(view, "echo x > a.py; stat -c %s data.bin")
    ref = await view.checkpoint()
    async with view.fresh(ref) as fresh:
        assert (await fresh.checkpoint()).tree == ref.tree
    assert (await view.promote(ref)).applied == ("a.py",)
    await view.aclose()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB


async def test_an_empty_directory_is_a_workspace_too(tmp_path: Path) -> None:
    view = await open_at(make_tree(tmp_path / "empty", {}))
    assert view.files.walk() == [] and view.files.entries() == []
    await sh(view, "echo first > first.py")
    assert (await view.promote(await view.checkpoint())).applied == ("first.py",)
    await view.aclose()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
async def test_a_file_that_may_not_be_read_is_left_out_and_said(project: Path) -> None:
    (project / "secret.py").write_bytes(b"s")
    (project / "secret.py").chmod(0)
    view = await open_at(project)
    assert view.note == "1 files may not be read and are no part of the tree: secret.py"
    assert [entry.path for entry in view.files.walk()] == [".gitignore", "a.py", "d/b.py"]
    await view.aclose()


async def test_without_git_every_file_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*args: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(Git, "run", missing)
    view = await open_at(project)
    await sh(view, "echo x > x.o")
    assert (await view.change(await view.checkpoint())).paths == ("x.o",)
    await view.aclose()


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of an ordinary user's, where that user can reach it."""
    with tempfile.TemporaryDirectory(prefix="loopwright-test-") as place:
        Path(place).chmod(0o755)
        made = Path(place, "home")
        made.mkdir()
        os.chown(made, 4321, 4321)
        yield made


@pytest.mark.real
@pytest.mark.skipif(os.geteuid() != 0, reason="runs the contract again as an ordinary user")
def test_an_ordinary_user_gets_the_same(home: Path) -> None:
    source = Path(loopwright.__file__).parents[1]
    packages = next(p for p in sys.path if p.endswith("site-packages"))
    minor = f"python3.{sys.version_info.minor}"
    drop = ["setpriv", "--reuid=4321", "--regid=4321", "--clear-groups"]
    env = {"PATH": os.defpath, "HOME": str(home), "PYTHONPATH": f"{packages}:{source}", "PYTHONDONTWRITEBYTECODE": "1"}
    probe = (
        "import msgspec, loopwright, pytest, subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    )
    for python in (sys.executable, f"/usr/bin/{minor}", f"/usr/local/bin/{minor}"):
        if subprocess.run([*drop, python, "-c", probe], env=env, capture_output=True, check=False).returncode == 0:
            break
    else:
        pytest.skip("no interpreter and no copy of the package that an ordinary user may read")
    asked = "overlay and (byte_for_byte or everything or exactly or becomes or clear_failures or must_not) or unreadable or may_not_be_read"
    ran = subprocess.run(
        [*drop, python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={home}/t", "-k", asked,
         "-c", source.parent / "pyproject.toml", source.parent / "tests/contract/test_workspace.py", __file__],
        env=env, cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "10 passed" in ran.stdout


async def test_what_git_would_take_for_a_repository_does_not_land(view: View, project: Path) -> None:
    await sh(
        view,
        "mkdir -p lib/objects/x lib/refs/x; touch lib/objects/x/y lib/refs/x/y; echo 'ref: r' > lib/HEAD; echo '[core]' > lib/config",
    )
    with pytest.raises(WorkspaceError, match="would be git's"):
        await view.promote(await view.checkpoint())
    assert not (project / "lib").exists()
    await sh(view, "rm lib/HEAD; mv lib/config config")
    assert "config" in (await view.promote(await view.checkpoint())).applied
