"""Landing on the user's tree: whole or not at all, never through a link, never over the user's own work."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loopwright.core.checks import Ref
from loopwright.core.errors import WorkspaceError
from loopwright.testing.memory import MemoryBlobs
from loopwright.testing.trees import git, make_repository, make_tree, snapshot
from loopwright.workspace.journal import Directory, Step, recover
from loopwright.workspace.landing import Landed, land
from loopwright.workspace.promotion import record
from loopwright.workspace.tree import Item
from loopwright.workspace.undo import undo_all


class ActingBlobs(MemoryBlobs):
    """Blobs that do something the first time a content is asked for: after the check, before the change."""

    def __init__(self) -> None:
        super().__init__()
        self.act: Callable[[], object] | None = None

    def get(self, address: str) -> bytes:
        act, self.act = self.act, None
        if act is not None:
            act()
        return super().get(address)


@pytest.fixture
def blobs() -> ActingBlobs:
    return ActingBlobs()


def item(content: bytes | str | None, blobs: MemoryBlobs, mode: int = 0o644) -> Item | None:
    if content is None:
        return None
    data = content.encode() if isinstance(content, str) else content
    blobs.put(data)
    kind = "l" if isinstance(content, str) else "f"
    return Item(kind, 0 if kind == "l" else mode, hashlib.sha256(data).digest(), len(data))


def step(blobs: MemoryBlobs, path: str, expect: bytes | str | None, target: bytes | str | None) -> Step:
    return Step(path.encode(), item(expect, blobs), item(target, blobs))


def take_back(root: Path, landed: Landed, blobs: MemoryBlobs) -> Landed:
    return land(str(root), landed.back, blobs, landed.made, landed.removed)


def test_a_landing_and_its_way_back_leave_no_trace(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1", "d/e/f": b"2", "l": "a", "keep/x": b"3"})
    (root / "a").chmod(0o751)
    (root / "d/e").chmod(0o750)
    before = snapshot(root)
    steps = [
        step(blobs, "a", b"1", b"one"),
        step(blobs, "d/e/f", b"2", None),
        step(blobs, "l", "a", "keep/x"),
        step(blobs, "new/deep/n", None, b"n"),
    ]
    steps[0] = Step(b"a", item(b"1", blobs, 0o751), item(b"one", blobs, 0o755))
    landed = land(str(root), steps, blobs, prune=[b"d", b"d/e"])
    after = snapshot(root)
    assert landed.applied == (b"a", b"d/e/f", b"l", b"new/deep/n") and landed.conflicts == ()
    assert after[b"a"][0] & 0o777 == 0o751 and after[b"a"][3] == b"one" and b"d" not in after
    assert landed.removed == (
        Directory(b"d/e", 0o750, os.getuid(), os.getgid()),
        Directory(b"d", 0o755, os.getuid(), os.getgid()),
    )
    take_back(root, landed, blobs)
    assert snapshot(root) == before


def test_a_directory_with_something_else_in_it_stays(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"d/f": b"1", "d/mine": b"2"})
    landed = land(str(root), [step(blobs, "d/f", b"1", None)], blobs, prune=[b"d"])
    assert landed.applied == (b"d/f",) and (root / "d/mine").exists()
    blocked = land(str(root), [step(blobs, "d", None, b"file")], blobs)
    assert blocked.conflicts == (b"d",) and (root / "d/mine").exists()


def test_a_landing_that_was_done_before_is_done_again_without_harm(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1", "gone": b"2"})
    steps = [step(blobs, "a", b"1", b"one"), step(blobs, "gone", b"2", None), step(blobs, "n", None, b"n")]
    land(str(root), steps, blobs)
    again = land(str(root), steps, blobs)
    assert again.applied == (b"a", b"gone", b"n")
    take_back(root, again, blobs)
    assert (root / "a").read_bytes() == b"1" and (root / "gone").read_bytes() == b"2" and not (root / "n").exists()


@pytest.mark.parametrize("target", [b"ours", None])
def test_a_file_saved_between_the_check_and_the_change_is_kept(
    tmp_path: Path, blobs: ActingBlobs, target: bytes | None
) -> None:
    root = make_tree(tmp_path / "r", {"a": b"old", "b": b"b"})
    steps = [step(blobs, "a", b"old", target), step(blobs, "b", b"b", b"B")]
    blobs.act = lambda: (root / "a").write_bytes(b"the user's")
    landed = land(str(root), steps, blobs)
    assert landed.conflicts == (b"a",) and landed.applied == ()
    assert (root / "a").read_bytes() == b"the user's" and (root / "b").read_bytes() == b"b"


@pytest.mark.anyio
async def test_of_several_landings_all_are_taken_back_or_none(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1", "b": b"1", "c": b"1"})
    ref = Ref("", "")
    made = [record(land(str(root), [step(blobs, p, b"1", b"2")], blobs), ref, ref, blobs).undo for p in "abc"]
    (root / "b").write_bytes(b"the user's")
    after = snapshot(root)
    assert [back.conflicts for back in await undo_all(str(root), made[::-1], blobs)] == [("b",)]
    assert snapshot(root) == after
    (root / "b").write_bytes(b"2")
    assert [back.applied for back in await undo_all(str(root), made[::-1], blobs)] == [("c",), ("b",), ("a",)]
    assert (root / "a").read_bytes() == (root / "b").read_bytes() == (root / "c").read_bytes() == b"1"


def test_a_file_made_between_the_check_and_the_change_is_kept(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {})
    blobs.act = lambda: (root / "n").write_bytes(b"the user's")
    landed = land(str(root), [step(blobs, "n", None, b"ours")], blobs)
    assert landed.conflicts == (b"n",) and (root / "n").read_bytes() == b"the user's"


@pytest.mark.parametrize("when", ["before", "between"])
def test_a_directory_swapped_for_a_link_leads_nowhere(tmp_path: Path, blobs: ActingBlobs, when: str) -> None:
    outside = make_tree(tmp_path / "outside", {"f": b"1", "g": b"g"})
    root = make_tree(tmp_path / "r", {"d/f": b"1", "d/g": b"g"})

    def swap() -> None:
        (root / "d").rename(root / "moved")
        (root / "d").symlink_to(outside)

    if when == "before":
        swap()
    else:
        blobs.act = swap
    steps = [step(blobs, "d/f", b"1", b"evil"), step(blobs, "d/new", None, b"evil"), step(blobs, "d/g", b"g", None)]
    landed = land(str(root), steps, blobs)
    assert landed.applied == () and landed.conflicts
    assert {p.name: p.read_bytes() for p in outside.iterdir()} == {"f": b"1", "g": b"g"}


def test_a_link_in_place_of_a_file_is_replaced_not_followed(tmp_path: Path, blobs: ActingBlobs) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"1")
    root = make_tree(tmp_path / "r", {"a": str(outside)})
    assert land(str(root), [step(blobs, "a", b"1", b"2")], blobs).conflicts == (b"a",)
    assert land(str(root), [step(blobs, "a", str(outside), b"2")], blobs).applied == (b"a",)
    assert outside.read_bytes() == b"1" and not (root / "a").is_symlink()


def test_other_names_of_a_file_keep_their_content(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1"})
    os.link(root / "a", tmp_path / "elsewhere")
    land(str(root), [step(blobs, "a", b"1", b"2")], blobs)
    assert (root / "a").read_bytes() == b"2" and (tmp_path / "elsewhere").read_bytes() == b"1"


def test_a_read_only_file_is_changed_and_stays_read_only(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1"})
    (root / "a").chmod(0o444)
    assert land(str(root), [step(blobs, "a", b"1", b"2")], blobs).applied == (b"a",)
    assert (root / "a").read_bytes() == b"2" and stat.S_IMODE((root / "a").stat().st_mode) == 0o444


def test_a_new_file_is_the_owner_of_its_directorys_and_nobody_else_may_write_it(
    tmp_path: Path, blobs: ActingBlobs
) -> None:
    root = make_tree(tmp_path / "r", {"d/x": b""})
    if os.geteuid() == 0:
        os.chown(root / "d", 4321, 1234)
    target = Step(b"d/n/f", None, item(b"f", blobs, 0o777))
    land(str(root), [target], blobs)
    for made in (root / "d/n", root / "d/n/f"):
        assert (made.stat().st_uid, made.stat().st_gid) == ((root / "d").stat().st_uid, (root / "d").stat().st_gid)
        assert stat.S_IMODE(made.stat().st_mode) == 0o755


def test_an_error_in_the_middle_takes_everything_back(
    tmp_path: Path, blobs: ActingBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1", "d/b": b"2", "z": b"3"})
    before = snapshot(root)
    from loopwright.workspace import beneath

    real, calls = beneath.exchange, [0]

    def fail(*args: object) -> None:
        calls[0] += 1
        if calls[0] == 2:
            raise OSError(5, "Input/output error", "z")
        real(*args)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(beneath, "exchange", fail)
    steps = [
        step(blobs, "a", b"1", b"one"),
        step(blobs, "d/b", b"2", None),
        step(blobs, "n/n", None, b"n"),
        step(blobs, "z", b"3", b"zed"),
    ]
    with pytest.raises(WorkspaceError, match="z: Input/output error; it is as it was before") as raised:
        land(str(root), steps, blobs, prune=[b"d"])
    assert "\n" not in str(raised.value)
    assert snapshot(root) == before


FULL = """
import os, subprocess, sys, hashlib
from pathlib import Path
from loopwright.core.checks import Ref
from loopwright.core.errors import WorkspaceError
from loopwright.testing.memory import MemoryBlobs
from loopwright.testing.trees import snapshot
from loopwright.workspace.journal import Step
from loopwright.workspace.landing import land
from loopwright.workspace.promotion import record
from loopwright.workspace.tree import Item
from loopwright.workspace.undo import undo_all
root = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", root], check=True)
(root / "a").write_bytes(b"1")
before, blobs = snapshot(root), MemoryBlobs()
def item(data): return Item("f", 0o644, bytes.fromhex(blobs.put(data)), len(data))
steps = [Step(b"a", item(b"1"), item(b"2")), Step(b"big", None, item(os.urandom(1 << 20)))]
try:
    land(str(root), steps, blobs)
except WorkspaceError as error:
    assert snapshot(root) == before, "changed"
    assert sorted(os.listdir(root)) == ["a"], os.listdir(root)
    print(error)
"""


def test_a_full_disk_leaves_the_tree_as_it_was(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["unshare", "-Urm", sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    if "unshare failed" in ran.stderr or "Operation not permitted" in ran.stderr:
        pytest.skip("no user namespaces here")
    assert ran.returncode == 0, ran.stderr
    assert "No space left on device" in ran.stdout and ran.stdout.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_tree_that_cannot_be_written_is_one_line(tmp_path: Path, blobs: ActingBlobs) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1"})
    root.chmod(0o555)
    with pytest.raises(WorkspaceError, match="Permission denied; it is as it was before"):
        land(str(root), [step(blobs, "a", b"1", b"2")], blobs)
    root.chmod(0o755)


KILLED = """
import os, signal, sys
from loopwright.testing.memory import MemoryBlobs
from loopwright.workspace import landing
from loopwright.workspace.journal import Step
from loopwright.workspace.promotion import record
from loopwright.workspace.tree import Item
from loopwright.workspace.undo import undo_all
root, left = sys.argv[1], int(sys.argv[2])
blobs = MemoryBlobs()
def item(data): return None if data is None else Item("f", 0o644, bytes.fromhex(blobs.put(data)), len(data))
def step(path, old, new): return Step(path, item(old), item(new))
steps = [step(b"a", b"1", b"one"), step(b"d/b", b"2", None), step(b"n/n", None, b"n"), step(b"was", b"4", None),
         step(b"was/now", None, b"5")]
commit, sync = landing.Landing._commit, landing.Landing._sync
def counted(self, number, step):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return commit(self, number, step)
landing.Landing._commit = counted
landing.Landing._sync = lambda self: os.kill(os.getpid(), signal.SIGKILL)
landing.land(root, steps, blobs, prune=[b"d"])
"""


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 5])
def test_a_landing_killed_at_any_step_is_taken_back(tmp_path: Path, after: int) -> None:
    root = make_tree(tmp_path / "r", {"a": b"1", "d/b": b"2", "was": b"4", "other": b"x"})
    (root / "d").chmod(0o751)
    before = snapshot(root)
    ran = subprocess.run([sys.executable, "-c", KILLED, str(root), str(after)], check=False)
    assert ran.returncode == -signal.SIGKILL
    assert any(name.startswith(".loopwright-") for name in os.listdir(root))
    assert recover(str(root))
    assert snapshot(root) == before
    assert not recover(str(root))


def test_what_a_killed_landing_leaves_is_nothing_for_git(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "r", {"a": b"1", "d/b": b"2", "was": b"4"})
    subprocess.run([sys.executable, "-c", KILLED, str(root), "0"], check=False)
    assert any(name.startswith(".loopwright-") for name in os.listdir(root))
    assert git(root, "status", "--porcelain").strip() in ("", b"")


def test_a_planted_journal_is_not_believed(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "r", {".loopwright-0123456789abcdef/journal": b"x", "a": b"1"})
    (root / ".loopwright-0123456789abcdef").chmod(0o755)
    assert not recover(str(root))
    assert (root / "a").exists()


def test_one_landing_at_a_time(tmp_path: Path, blobs: ActingBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopwright.workspace.journal._PATIENCE", 0.1)
    root = make_tree(tmp_path / "r", {"a": b"1"})
    failed: list[str] = []

    def second() -> None:
        try:
            land(str(root), [step(blobs, "a", b"1", b"3")], blobs)
        except WorkspaceError as error:
            failed.append(str(error))

    blobs.act = second
    land(str(root), [step(blobs, "a", b"1", b"2")], blobs)
    assert (root / "a").read_bytes() == b"2"
    assert len(failed) == 1 and "another session" in failed[0]


def test_without_exchange_in_one_step_it_still_works(
    tmp_path: Path, blobs: ActingBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loopwright.workspace.beneath._rename", lambda *args: False)
    root = make_tree(tmp_path / "r", {"a": b"1", "b": b"2"})
    before = snapshot(root)
    steps = [step(blobs, "a", b"1", b"one"), step(blobs, "b", b"2", None), step(blobs, "c", None, b"3")]
    landed = land(str(root), steps, blobs)
    assert landed.applied == (b"a", b"b", b"c")
    take_back(root, landed, blobs)
    assert snapshot(root) == before
