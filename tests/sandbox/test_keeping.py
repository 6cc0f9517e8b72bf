"""From the layer to the user's directory: what a hostile command may leave there, and what the user did meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path

import anyio
import pytest

from loopwright.core.ports import Bind, Mount, Profile
from loopwright.core.running import Limits, run
from loopwright.sandbox import BubblewrapSandbox
from loopwright.sandbox.executor import WarmExecutor
from loopwright.sandbox.keeping import Keeper, Kept

pytestmark = pytest.mark.anyio


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    return made


async def layered(tree: Path, *extra: Bind, profile: Profile = "workspace-write") -> WarmExecutor:
    limits = Limits(disk=64 << 20, inodes=60_000, timeout=30)
    return await BubblewrapSandbox().open(Mount(str(tree), layered=True, extra=extra), profile, limits)


async def keep(tree: Path, script: str) -> Kept:
    executor = await layered(tree)
    await run(executor, ["sh", "-c", script])
    await executor.aclose()
    return executor.kept


def keep_made(layer: Path, tree: Path, began: float = 0.0) -> Kept:
    """A layer that no sandbox made: what the keeper does where every other wall has fallen."""
    kept = Kept()
    fd = os.open(layer, os.O_RDONLY)
    try:
        Keeper(str(tree), began or time.time(), (os.geteuid(), os.getegid()), kept).keep(fd)
    finally:
        os.close(fd)
    return kept


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("file", True),
        ("../file", True),
        ("../../file", True),
        ("../../../file", False),
        ("a/../../b", False),  # what `a` leads to decides where `..` ends
        ("{tree}/file", True),
        ("{tree}", True),
        ("{tree}/../x", False),
        ("{tree}x", False),
        ("/etc/passwd", False),
        ("/", False),
    ],
)
async def test_links_that_could_lead_out_are_left_out(tree: Path, text: str, stays: bool) -> None:
    text = text.replace("{tree}", str(tree))
    kept = await keep(tree, f"mkdir -p one/two; ln -s '{text}' one/two/link")
    assert os.path.lexists(tree / "one" / "two" / "link") is stays
    assert [path for path, _ in kept.left_out] == ([] if stays else ["one/two/link"])


async def test_a_directory_made_a_link_is_not_written_through(tree: Path, tmp_path: Path) -> None:
    (tree / "dir").mkdir()
    (tree / "dir" / "f").write_text("mine")
    outside = tmp_path / "outside"
    outside.mkdir()
    layer = tmp_path / "layer"
    (layer / "dir").mkdir(parents=True)
    (layer / "dir" / "f").write_text("theirs")
    (tree / "dir" / "f").unlink()
    (tree / "dir").rmdir()
    (tree / "dir").symlink_to(outside)  # as a program of the user's might, while the command runs
    keep_made(layer, tree, began=time.time() + 10)
    assert list(outside.iterdir()) == []


async def test_names_of_every_kind_arrive(tree: Path) -> None:
    names = ["new\nline", "-rf", "sp ace", "$(touch x)", "ünïcode", "'quote'"]
    code = f"import os\nfor n in {names!r}: open(n, 'w').write(n)\nopen(b'not\\xff utf8', 'w').close()"
    kept = await keep(tree, f'python3 - <<"END"\n{code}\nEND')
    assert set(os.listdir(os.fsencode(tree))) == {*map(os.fsencode, names), b"not\xff utf8"}
    assert kept.left_out == []


async def test_set_user_id_bits_and_devices_are_left_out(tree: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    for name, mode in (("s", 0o4755), ("g", 0o2755)):
        (layer / name).write_text("#!/bin/sh\n")
        (layer / name).chmod(mode)
    os.mkfifo(layer / "pipe")
    if os.geteuid() == 0:
        os.mknod(layer / "disk", 0o60666, os.makedev(254, 0))
    kept = keep_made(layer, tree)
    assert list(tree.iterdir()) == []
    assert {path for path, _ in kept.left_out} >= {"s", "g", "pipe"}


async def test_a_directory_s_own_rights_are_kept_and_no_new_set_group_id_comes(tree: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    (layer / "new").mkdir(parents=True)
    (layer / "new").chmod(0o2777)
    keep_made(layer, tree)
    assert (tree / "new").stat().st_mode & 0o7777 == 0o777


@pytest.mark.parametrize("name", [".git", ".GIT", "sub/.git", "sub/.Git"])
async def test_repository_metadata_is_never_made(tree: Path, name: str) -> None:
    kept = await keep(tree, f"mkdir -p sub; mkdir -p {name}; echo '[core]fsmonitor=evil' > {name}/config")
    assert not os.path.lexists(tree / name)
    assert [path for path, _ in kept.left_out] == ([] if name == ".git" else [name])


@pytest.mark.parametrize("trick", ["rm -rf sub", "mv sub other", "rm -rf sub; echo x > sub", "rm -rf sub; mkdir sub"])
async def test_a_nested_repository_stays(tree: Path, trick: str) -> None:
    (tree / "sub" / ".git").mkdir(parents=True)
    (tree / "sub" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    await keep(tree, f"{trick}; true")
    assert (tree / "sub" / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"


async def test_a_repository_hidden_below_a_removed_directory_stays(tree: Path, tmp_path: Path) -> None:
    (tree / "sub" / "deep" / ".git").mkdir(parents=True)
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "sub").write_text("a file in its place")
    kept = keep_made(layer, tree)
    assert (tree / "sub" / "deep" / ".git").is_dir()
    assert kept.left_out == [("sub", "it holds repository metadata")]


@pytest.mark.parametrize("script", ["echo theirs > f", "rm f", "rm f; mkdir f; echo x > f/g"])
async def test_a_file_the_user_changed_meanwhile_is_left_alone(tree: Path, script: str) -> None:
    (tree / "f").write_text("before")
    await anyio.sleep(0.05)
    executor = await layered(tree)
    await run(executor, ["sh", "-c", script])
    (tree / "f").write_text("mine")
    await executor.aclose()
    assert (tree / "f").read_text() == "mine"
    assert [reason for _, reason in executor.kept.left_out] == ["you changed it meanwhile"]


async def test_a_tree_the_user_changed_below_a_removed_directory_stays(tree: Path) -> None:
    (tree / "d").mkdir()
    (tree / "d" / "f").write_text("before")
    await anyio.sleep(0.05)
    executor = await layered(tree)
    await run(executor, ["rm", "-r", "d"])
    (tree / "d" / "f").write_text("mine")
    await executor.aclose()
    assert (tree / "d" / "f").read_text() == "mine"


async def test_very_deep_and_very_many_are_taken_or_named(tree: Path) -> None:
    code = (
        "import os\nfor i in range(3000): open(f'm{i}', 'w').close()\nfor i in range(400): os.mkdir('d'); os.chdir('d')"
    )
    kept = await keep(tree, f'python3 -c "{code}"')
    assert kept.count == 3000
    assert len(kept.left_out) == 1
    assert "deep" in kept.left_out[0][1]


async def test_a_full_disk_is_said_and_the_rest_is_kept(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "sendfile", full)
    kept = await keep(tree, "echo content > f; mkdir d; : > empty")
    assert kept.failed
    assert kept.left_out == [("f", "No space left on device")]
    assert sorted(p.name for p in tree.iterdir()) == ["d", "empty"]


async def test_a_sandbox_killed_in_mid_command_keeps_what_was_written(tree: Path) -> None:
    executor = await layered(tree)
    running = await executor.start(["sh", "-c", "echo half > f; sleep 30"])
    while not executor._warm or not (await run(executor, ["test", "-s", "f"])).ok:
        pass
    executor._warm.launched.end()
    assert (await running.wait()).reason == "sandbox"
    assert (await run(executor, ["cat", "f"])).out == b"half\n"  # the next one stands on it
    await executor.aclose()
    assert (tree / "f").read_text() == "half\n"


async def test_the_layer_itself_is_out_of_reach(tree: Path) -> None:
    executor = await layered(tree)
    seen = await run(
        executor, ["sh", "-c", "ls -A /run/loopwright/layers /run/loopwright/lower/*; touch /run/loopwright/layers/x"]
    )
    await executor.aclose()
    assert "upper" not in seen.text()
    assert "cannot touch" in seen.text()


async def test_holes_and_times_are_kept(tree: Path) -> None:
    await keep(tree, "truncate -s 40M sparse; echo end >> sparse; touch -d 2001-02-03 old")
    sparse = (tree / "sparse").stat()
    assert sparse.st_size == (40 << 20) + 4
    assert sparse.st_blocks * 512 < 1 << 20
    assert time.gmtime((tree / "old").stat().st_mtime).tm_year == 2001


async def test_files_without_rights_arrive_as_they_are(tree: Path) -> None:
    await keep(tree, "mkdir d; echo x > d/f; chmod 0 d/f; chmod 111 d")
    assert (tree / "d").stat().st_mode & 0o777 == 0o111
    (tree / "d").chmod(0o755)
    assert (tree / "d" / "f").stat().st_size == 2


async def test_a_writable_directory_that_holds_another_is_refused(tree: Path) -> None:
    from loopwright.core.errors import SandboxError

    with pytest.raises(SandboxError, match="lies in it"):
        await layered(tree, Bind(str(tree.parent), writable=True))


async def test_metadata_of_a_repository_is_not_writable_by_asking_for_it(tree: Path) -> None:
    from loopwright.core.errors import SandboxError

    hooks = tree.parent / "other" / ".git" / "hooks"
    hooks.mkdir(parents=True)
    for place in (hooks, hooks.parent):
        with pytest.raises(SandboxError, match="metadata"):
            await layered(tree, Bind(str(place), writable=True))
