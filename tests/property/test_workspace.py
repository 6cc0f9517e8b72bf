"""Any edits whatever: restore gives back what was held, a promotion lands exactly the tree, undo is the identity."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from unittest.mock import patch

import anyio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from loopwright.core.running import Limits, run
from loopwright.testing.memory import MemoryBlobs
from loopwright.testing.trees import make_repository, make_tree, snapshot
from loopwright.testing.workspace import NamespaceSandbox
from loopwright.workspace.undo import undo
from loopwright.workspace.workspace import View, open_workspace

# Few names, so that edits meet: files become directories, links lead to what is gone.
NAME = st.sampled_from(["a", "b", "d", "d/a", "d/e", "d/e/f", "x.log", "build/o", "n\nl", "é"])
EDIT = st.one_of(
    st.tuples(st.just("write"), NAME, st.sampled_from(["", "1", "two\r\n", "three"])),
    st.tuples(st.just("remove"), NAME, st.just("")),
    st.tuples(st.just("mkdir"), NAME, st.just("")),
    st.tuples(st.just("link"), NAME, st.sampled_from(["a", "d/a", "e", "nowhere"])),
    st.tuples(st.just("move"), NAME, NAME),
    st.tuples(st.just("chmod"), NAME, st.sampled_from(["644", "755", "600", "500"])),
)
START = {".gitignore": b"*.log\nbuild/\n", "a": b"1", "d/a": b"da", "d/e/f": b"def", "b": "d/a"}
HELD = "find . -path ./.git -prune -o -printf '%P|%y|%m|%l\\n' -type f -exec sha256sum {} ';' | sort"


def script(edits: list[tuple[str, str, str]]) -> str:
    lines = []
    for kind, name, extra in edits:
        path, other = shlex.quote("./" + name), shlex.quote(extra)
        lines.append(
            {
                "write": f"mkdir -p $(dirname {path}); printf %s {other} > {path}",
                "remove": f"rm -rf {path}",
                "mkdir": f"mkdir -p {path}",
                "link": f"rm -rf {path}; ln -s {other} {path}",
                "move": f"mv -T {path} ./{other}",
                "chmod": f"[ -L {path} ] || chmod {extra} {path}",
            }[kind]
        )
    return "\n".join(lines) + "\ntrue"


async def sh(view: View, text: str) -> str:
    return (await run(view.executor, ["sh", "-c", f"{{ {text}\n}} 2>/dev/null"])).text()


async def open_at(root: Path, blobs: MemoryBlobs) -> View:
    limits = Limits(disk=8 << 20, inodes=500)
    return await open_workspace(str(root), sandbox=NamespaceSandbox(), blobs=blobs, limits=limits)


async def check(edits: list[tuple[str, str, str]], more: list[tuple[str, str, str]], root: Path) -> None:
    make_repository(root, START)
    make_tree(root, {"build/o": b"ignored", "untracked": b"u"})
    before, blobs = snapshot(root), MemoryBlobs()
    view = await open_at(root, blobs)
    try:
        await sh(view, script(edits))
        ref, held = await view.checkpoint(), await sh(view, HELD)
        await sh(view, script(more))
        later = await view.checkpoint()
        await view.restore(ref)
        assert await sh(view, HELD) == held
        assert (await view.checkpoint()).tree == ref.tree
        assert snapshot(root) == before
        first = await view.promote(ref)
        await lands_exactly(root, first.conflicts, ref.tree)
        middle = snapshot(root)
        second = await view.promote(later)
        await lands_exactly(root, second.conflicts, later.tree)
        async with view.fresh(ref) as fresh:
            assert (await fresh.checkpoint()).tree == ref.tree
        for promotion, state in ((second, middle), (first, before)):
            if promotion.undo:
                assert (await undo(str(root), promotion.undo, blobs)).conflicts == ()
            assert snapshot(root) == state
    finally:
        await view.aclose()


async def lands_exactly(root: Path, conflicts: tuple[str, ...], tree: str) -> None:
    assert conflicts == ()
    landed = await open_at(root, MemoryBlobs())
    await landed.aclose()
    assert landed.base.tree == tree


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(edits=st.lists(EDIT, max_size=8), more=st.lists(EDIT, max_size=4))
@example([("remove", "d/e/f", "")], [("link", "d", "a")])
def test_any_edits_are_restored_landed_and_undone(
    edits: list[tuple[str, str, str]], more: list[tuple[str, str, str]]
) -> None:
    # Nothing here is about power cuts, and waiting for the disk is most of the time.
    with tempfile.TemporaryDirectory() as place, patch("os.fsync"):
        anyio.run(check, edits, more, Path(place) / "root")
