"""What every Workspace does, whatever its view stands on."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from loopwright.core.errors import ToolFailure, WorkspaceError
from loopwright.core.running import Limits, run
from loopwright.testing.memory import MemoryBlobs
from loopwright.testing.trees import git, make_repository, make_tree, snapshot
from loopwright.testing.workspace import NamespaceSandbox
from loopwright.workspace.undo import undo
from loopwright.workspace.workspace import View, open_workspace

pytestmark = pytest.mark.anyio

FILES = {
    ".gitignore": b"build/\n*.log\n",
    "app.py": b"print('app')\n",
    "crlf.txt": b"one\r\ntwo\r\n",
    "pkg/__init__.py": b"",
    "pkg/core.py": b"def f():\n    return 1\n",
    "pkg/deep/data.bin": bytes(range(256)),
    "link": "app.py",
    "run.sh": b"#!/bin/sh\necho run\n",
}
Open = Callable[..., Awaitable[View]]


@pytest.fixture(params=["overlay", "copy"])
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    views: list[View] = []

    async def make(root: Path, blobs: MemoryBlobs | None = None, **options: object) -> View:
        limits = Limits(disk=24 << 20, inodes=2000)
        plain = request.param == "copy"
        view = await open_workspace(
            str(root), sandbox=NamespaceSandbox(), blobs=blobs or MemoryBlobs(), limits=limits, plain=plain, **options
        )
        assert bool(view.note) == plain
        views.append(view)
        return view

    yield make
    for view in views:
        await view.aclose()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_tree(tmp_path_factory.mktemp("template") / "project", FILES)
    (root / "run.sh").chmod(0o755)
    make_repository(root, {})
    return make_tree(root, {"build/out": b"built\n", "notes.txt": b"untracked\n", "pkg/__pycache__/core.pyc": b"stale"})


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "project", symlinks=True))


async def sh(view: View, script: str) -> str:
    ran = await run(view.executor, ["sh", "-c", script])
    assert ran.ok, ran.text()
    return ran.text()


EDITS = """
echo more >> app.py; rm pkg/core.py; mkdir -p new/dir; echo n > new/dir/n.py; chmod +x new/dir/n.py
ln -s new/dir/n.py link2; chmod -x run.sh; echo log > a.log; mkdir -p build; echo o > build/o; printf 'x\\r\\n' >> crlf.txt
mkdir -p pkg/__pycache__; echo c > pkg/__pycache__/new.pyc
"""
EDITED = ["app.py", "crlf.txt", "link2", "new/dir/n.py", "pkg/core.py", "run.sh"]


async def test_nothing_reaches_the_users_tree_until_it_is_promoted(opened: Open, project: Path) -> None:
    before = snapshot(project)
    view = await opened(project)
    await sh(view, EDITS)
    await view.checkpoint()
    assert snapshot(project) == before
    await view.aclose()
    assert snapshot(project) == before


async def test_the_first_checkpoint_is_the_base(opened: Open, project: Path) -> None:
    view = await opened(project)
    assert await view.checkpoint() == view.base
    assert (await view.change(view.base)).files == ()


async def test_a_change_names_tracked_and_unignored_files_with_their_contents(opened: Open, project: Path) -> None:
    blobs = MemoryBlobs()
    view = await opened(project, blobs)
    await sh(view, EDITS)
    ref = await view.checkpoint()
    change = await view.change(ref)
    assert sorted(change.paths) == EDITED
    assert (change.base, change.tree) == (view.base.tree, ref.tree)
    files = {file.path: file for file in change.files}
    assert {name: file.kind for name, file in files.items()} == {
        **dict.fromkeys(["app.py", "crlf.txt", "run.sh"], "update"),
        **dict.fromkeys(["link2", "new/dir/n.py"], "add"),
        "pkg/core.py": "delete",
    }
    assert blobs.get(files["app.py"].before or "") == b"print('app')\n"
    assert blobs.get(files["app.py"].after or "") == b"print('app')\nmore\n"
    assert blobs.get(files["pkg/core.py"].before or "") == FILES["pkg/core.py"]
    assert files["link2"].link and blobs.get(files["link2"].after or "") == b"new/dir/n.py"
    assert files["run.sh"].mode_before & 0o111 and not files["run.sh"].mode_after & 0o111


async def test_the_tree_hash_depends_on_content_mode_and_links_and_on_nothing_else(opened: Open, project: Path) -> None:
    view = await opened(project)
    base = (await view.checkpoint()).tree
    seen = {base}
    for script in ("echo x > app.py", "chmod +x app.py", "ln -sf run.sh link", "rm notes.txt"):
        await sh(view, script)
        seen.add((await view.checkpoint()).tree)
    assert len(seen) == 5
    await sh(
        view, "printf \"print('app')\\n\" > app.py; chmod -x app.py; ln -sf app.py link; echo untracked > notes.txt"
    )
    await sh(view, "touch app.py build/other a.log; rm build/out")
    assert (await view.checkpoint()).tree == base


async def test_restore_gives_back_everything_ignored_files_included(opened: Open, project: Path) -> None:
    view = await opened(project)
    start = await view.checkpoint()
    await sh(view, EDITS + "rm build/out; rm -r pkg/deep; mkdir pkg/deep; echo 1 > pkg/deep/only")
    edited = await view.checkpoint()
    held = await sh(
        view, "find . -path ./.git -prune -o -name __pycache__ -prune -o -type f -print -exec cat {} + | sort"
    )
    await view.restore(start)
    assert await view.checkpoint() == start
    assert view.files.read("pkg/core.py") == FILES["pkg/core.py"]
    assert view.files.read("build/out") == b"built\n"
    await view.restore(edited)
    assert (
        await sh(view, "find . -path ./.git -prune -o -name __pycache__ -prune -o -type f -print -exec cat {} + | sort")
        == held
    )
    assert (await view.checkpoint()).tree == edited.tree


async def test_another_process_takes_the_session_up(opened: Open, project: Path) -> None:
    blobs = MemoryBlobs()
    first = await opened(project, blobs)
    base = await first.checkpoint()
    await sh(first, EDITS)
    ref = await first.checkpoint()
    second = await opened(project, blobs, base=base)
    await second.restore(ref)
    assert (await second.checkpoint()).tree == ref.tree
    assert await second.stale(ref) == ()
    assert sorted((await second.promote(ref)).applied) == EDITED
    third = await opened(project, blobs, base=base, landed=ref)
    await third.restore(ref)
    await sh(third, "echo third >> app.py")
    assert (await third.promote(await third.checkpoint())).applied == ("app.py",)


async def test_a_promotion_is_undone_byte_for_byte_and_redone(opened: Open, project: Path) -> None:
    blobs = MemoryBlobs()
    (project / "app.py").chmod(0o640)
    before = snapshot(project)
    view = await opened(project, blobs)
    await sh(view, EDITS)
    promotion = await view.promote(await view.checkpoint())
    assert sorted(promotion.applied) == EDITED and promotion.conflicts == ()
    after = snapshot(project)
    assert after[b"app.py"][3] == b"print('app')\nmore\n" and after[b"app.py"][0] & 0o777 == 0o640
    assert after[b"link2"][3] == b"new/dir/n.py" and b"pkg/core.py" not in after and b"a.log" not in after
    back = await undo(str(project), promotion.undo, blobs)
    assert snapshot(project) == before
    assert sorted(back.applied) == EDITED and back.ref == view.base
    await undo(str(project), back.undo, blobs)
    assert snapshot(project) == after


async def test_a_file_becomes_a_directory_and_a_directory_a_file(opened: Open, project: Path) -> None:
    blobs = MemoryBlobs()
    before = snapshot(project)
    view = await opened(project, blobs)
    await sh(
        view,
        "rm app.py; mkdir app.py; echo 1 > app.py/inner; rm -r pkg/deep; echo 2 > pkg/deep; rm link; mkdir link; echo 3 > link/x",
    )
    ref = await view.checkpoint()
    promotion = await view.promote(ref)
    assert promotion.conflicts == ()
    assert (project / "app.py/inner").read_bytes() == b"1\n" and (project / "pkg/deep").read_bytes() == b"2\n"
    async with view.fresh(ref) as fresh:
        assert (await fresh.checkpoint()).tree == ref.tree
    await undo(str(project), promotion.undo, blobs)
    assert snapshot(project) == before


async def test_what_the_user_changed_meanwhile_is_a_conflict_and_left_alone(opened: Open, project: Path) -> None:
    view = await opened(project)
    await sh(view, "echo ours > app.py; echo ours > crlf.txt; echo ours > fresh.txt; rm run.sh; rm notes.txt")
    ref = await view.checkpoint()
    (project / "app.py").write_bytes(b"the user's\n")
    (project / "fresh.txt").write_bytes(b"the user's\n")
    (project / "run.sh").write_bytes(b"the user's\n")
    assert await view.stale(ref) == ("app.py", "fresh.txt", "run.sh")
    promotion = await view.promote(ref)
    assert promotion.conflicts == ("app.py", "fresh.txt", "run.sh")
    assert promotion.applied == () and promotion.undo == "", "half of a change proves nothing"
    assert (project / "notes.txt").exists() and b"ours" not in (project / "crlf.txt").read_bytes()
    assert (project / "app.py").read_bytes() == (project / "fresh.txt").read_bytes() == b"the user's\n"
    assert (project / "run.sh").exists()


async def test_undo_takes_nothing_back_where_a_file_was_changed_since(opened: Open, project: Path) -> None:
    blobs = MemoryBlobs()
    view = await opened(project, blobs)
    await sh(view, EDITS)
    promotion = await view.promote(await view.checkpoint())
    (project / "new/dir/n.py").write_bytes(b"the user's\n")
    changed = snapshot(project)
    back = await undo(str(project), promotion.undo, blobs)
    assert (back.applied, back.conflicts, back.undo) == ((), ("new/dir/n.py",), "")
    assert snapshot(project) == changed


async def test_live_promotions_build_on_each_other_and_are_undone_one_by_one(opened: Open, project: Path) -> None:
    blobs = MemoryBlobs()
    states, promotions = [snapshot(project)], []
    view = await opened(project, blobs)
    for script in ("echo 1 >> app.py", "echo 2 >> app.py; echo 2 > two.py", "rm two.py; rm -r pkg", "echo 4 > pkg"):
        await sh(view, script)
        promotions.append(await view.promote(await view.checkpoint()))
        states.append(snapshot(project))
    assert [p.applied for p in promotions[:2]] == [("app.py",), ("app.py", "two.py")]
    assert (await view.promote(await view.checkpoint())).applied == ()
    for state, promotion in reversed(list(zip(states, promotions, strict=False))):
        assert (await view.undo(promotion.undo)).conflicts == ()
        assert {k: v for k, v in snapshot(project).items() if b"__pycache__" not in k} == {
            k: v for k, v in state.items() if b"__pycache__" not in k
        }


async def test_restore_shows_what_the_view_held_also_after_it_was_promoted(opened: Open, project: Path) -> None:
    view = await opened(project)
    start = await view.checkpoint()
    await sh(view, EDITS)
    edited = await view.checkpoint()
    await view.promote(edited)
    await view.restore(start)
    assert view.files.read("app.py") == FILES["app.py"] and view.files.stat("new/dir/n.py") is None
    assert (await view.checkpoint()).tree == start.tree
    assert sorted((await view.promote(await view.checkpoint())).applied) == EDITED
    assert (project / "app.py").read_bytes() == FILES["app.py"] and not (project / "link2").exists()


async def test_a_fresh_view_is_exactly_the_tree_without_caches_and_leavings(opened: Open, project: Path) -> None:
    view = await opened(project)
    make_tree(project, {"build/venv/lib": b"input"})
    await sh(view, EDITS + "echo evil > build/out; echo pyc > pkg/evil.pyc")
    ref = await view.checkpoint()
    async with view.fresh(ref, {"app.py": b"patched\n", "run.sh": None, "extra/t.py": b"t\n"}) as fresh:
        found = (await sh(fresh, "find . -path ./.git -prune -o -type f -print | sort; cat build/out")).split()
        assert found == [
            *("./.gitignore", "./app.py", "./build/out", "./build/venv/lib", "./crlf.txt", "./extra/t.py"),
            *("./new/dir/n.py", "./notes.txt", "./pkg/__init__.py", "./pkg/deep/data.bin", "built"),
        ]
        assert fresh.files.read("app.py") == b"patched\n"
        await sh(fresh, "echo gone > app.py; rm -r pkg")
    async with view.fresh(ref) as fresh:
        assert (await fresh.checkpoint()).tree == ref.tree
        assert fresh.files.read("app.py") == b"print('app')\nmore\n"
    assert await view.checkpoint() == ref
    async with view.fresh(view.base) as fresh:
        assert (await fresh.checkpoint()).tree == view.base.tree


async def test_a_removed_package_leaves_no_empty_directory_in_a_fresh_view(opened: Open, project: Path) -> None:
    view = await opened(project)
    await sh(view, "rm -r pkg")
    async with view.fresh(await view.checkpoint()) as fresh:
        assert fresh.files.stat("pkg") is None


async def test_files_are_read_and_written_with_clear_failures(opened: Open, project: Path) -> None:
    view = await opened(project)
    files = view.files
    files.write("a/b/c.txt", b"text")
    assert files.read("a/b/c.txt") == b"text" and files.read(f"{project}/app.py") == FILES["app.py"]
    files.write("run.sh", b"echo new\n")
    entry = files.stat("run.sh")
    assert entry is not None and (entry.kind, entry.size, entry.mode) == ("file", 9, 0o755)
    assert await sh(view, "./run.sh; id -u > mine; stat -c %u a/b/c.txt a mine | sort -u | wc -l") == "new\n1\n"
    files.write("link", b"through\n")
    assert files.read("app.py") == b"through\n" and (files.stat("link") or entry).kind == "link"
    files.delete("a/b/c.txt")
    assert files.stat("a/b/c.txt") is None and files.stat("no/such") is None
    assert [e.path for e in files.entries("pkg")] == ["pkg/__init__.py", "pkg/__pycache__", "pkg/core.py", "pkg/deep"]
    assert [e.path for e in files.walk("pkg")] == ["pkg/__init__.py", "pkg/core.py", "pkg/deep/data.bin"]
    for path, line in {
        "missing": "no such file",
        "pkg": "is a directory",
        "app.py/x": "not a directory",
        "../secret": "outside the workspace",
        "/etc/passwd": "outside the workspace",
    }.items():
        with pytest.raises(ToolFailure, match=line):
            files.read(path)
    with pytest.raises(ToolFailure, match="at most 10 are read"):
        files.read("pkg/deep/data.bin", limit=10)
    with pytest.raises(ToolFailure, match="read-only"):
        files.write(".git/hooks/pre-commit", b"evil")
    with pytest.raises(ToolFailure, match="read-only"):
        files.write("sub/.GIT/config", b"evil")


async def test_edits_of_the_same_length_within_a_second_are_all_run(opened: Open, project: Path) -> None:
    (project / "link.py").symlink_to("value.py")
    view = await opened(project)
    for number, path in enumerate(["value.py", "value.py", "value.py", "link.py", "value.py"]):
        view.files.write(path, b"print(%d)\n" % number)
        assert await sh(view, "python3 -c 'import value'") == f"{number}\n"


async def test_links_that_leave_are_not_followed(opened: Open, project: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    view = await opened(project)
    await sh(view, f"ln -s {secret} out; ln -s .. up; ln -s loop loop; ln -s /proc/self/root/etc proc")
    for path in ("out", "up/secret", "loop", "proc/passwd"):
        with pytest.raises(ToolFailure):
            view.files.read(path)
        with pytest.raises(ToolFailure):
            view.files.write(path, b"overwritten")
    assert secret.read_bytes() == b"secret"


@pytest.mark.parametrize(
    "script, line",
    [
        ("ln -s /etc/passwd evil", "leaves the workspace"),
        ("mkdir -p a; ln -s ../../x a/evil", "leaves the workspace"),
        ("cp app.py evil; chmod u+s evil", "set-user-id"),
    ],
)
async def test_what_must_not_land_is_refused_whole(opened: Open, project: Path, script: str, line: str) -> None:
    before = snapshot(project)
    view = await opened(project)
    await sh(view, "echo fine >> app.py; " + script)
    with pytest.raises(WorkspaceError, match=line):
        await view.promote(await view.checkpoint())
    assert snapshot(project) == before


async def test_pipes_sockets_and_git_directories_never_land(opened: Open, project: Path) -> None:
    view = await opened(project)
    await sh(view, "mkfifo pipe; mkdir -p vendored; cd vendored; git init -q .; echo x > x")
    promotion = await view.promote(await view.checkpoint())
    assert promotion.applied == ("vendored/x",)


async def test_a_changed_gitignore_of_the_view_counts(opened: Open, project: Path) -> None:
    view = await opened(project)
    await sh(view, "echo 'notes.txt' > .gitignore; echo x > skipped.o; echo '*.o' >> .gitignore; echo k > kept.log")
    change = await view.change(await view.checkpoint())
    assert sorted(f"{f.kind} {f.path}" for f in change.files) == [
        *("add build/out", "add kept.log", "delete notes.txt", "update .gitignore")
    ]


async def test_weird_names_survive_the_round_trip(opened: Open, tmp_path: Path) -> None:
    names = [
        b"new\nline",
        b"not-utf8-\xff\xfe",
        "naïve – ünï.txt".encode(),
        b" lead",
        b"quo\"te'",
        b"tab\t",
        b"-rf",
        b":(attr:x)",
        b"back\\x41",
    ]
    root = tmp_path / "weird"
    root.mkdir()
    for name in names:
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(name)
    make_repository(root, {})
    before = snapshot(root)
    blobs = MemoryBlobs()
    view = await opened(root, blobs)
    await sh(
        view,
        'for f in ./*; do echo changed >> "$f"; done; mkdir "$(printf "d\\377")"; echo x > "$(printf "d\\377/n\\ny")"',
    )
    assert view.files.read("not-utf8-\\xff\\xfe") == b"not-utf8-\xff\xfechanged\n"
    ref = await view.checkpoint()
    await view.restore(view.base)
    await view.restore(ref)
    promotion = await view.promote(ref)
    assert len(promotion.applied) == len(names) + 1
    assert snapshot(root)[b"d\xff/n\ny"][3] == b"x\n"
    await undo(str(root), promotion.undo, blobs)
    assert snapshot(root) == before


async def test_a_directory_without_git_works_the_same(opened: Open, tmp_path: Path) -> None:
    root = make_tree(
        tmp_path / "plain",
        {
            "a.py": b"a\n",
            "empty": None,
            "node_modules/m.js": b"m",
            ".venv/bin/python": b"p",
            "x/__pycache__/x.pyc": b"",
        },
    )
    before, blobs = snapshot(root), MemoryBlobs()
    view = await opened(root, blobs)
    assert [e.path for e in view.files.walk()] == ["a.py"]
    await sh(view, "test -d empty; cat node_modules/m.js; echo b > a.py; echo n > node_modules/n.js; echo c > c.log")
    promotion = await view.promote(await view.checkpoint())
    assert promotion.applied == ("a.py", "c.log")
    await undo(str(root), promotion.undo, blobs)
    assert snapshot(root) == before


async def test_nested_repositories_are_part_of_the_tree(opened: Open, project: Path) -> None:
    make_repository(project / "vendor/inner", {"i.py": b"i\n", ".gitignore": b"*.tmp\n"})
    view = await opened(project)
    await sh(view, "echo j > vendor/inner/i.py; echo k > vendor/inner/k.py; echo t > vendor/inner/t.tmp")
    ref = await view.checkpoint()
    assert (await view.change(ref)).paths == ("vendor/inner/i.py", "vendor/inner/k.py")
    assert (await view.promote(ref)).applied == ("vendor/inner/i.py", "vendor/inner/k.py")
    assert git(project / "vendor/inner", "status", "--short") == " M i.py\n?? k.py\n"


async def test_a_directory_of_a_repository_and_one_it_ignores(opened: Open, project: Path) -> None:
    view = await opened(project / "pkg")
    await sh(view, "echo x >> core.py; echo l > l.log; echo n > n.py")
    assert (await view.change(await view.checkpoint())).paths == ("core.py", "n.py")
    ignored = await opened(project / "build")
    assert [e.path for e in ignored.files.walk()] == ["out"]


async def test_the_users_own_edits_join_the_base_where_the_session_did_not_touch_the_file(
    opened: Open, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loopwright.workspace.workspace._LOOK", 0.0)
    view = await opened(project)
    await sh(view, "echo ours > app.py")
    (project / "crlf.txt").write_bytes(b"edited by the user\n")
    ref = await view.checkpoint()
    change = await view.change(ref)
    assert change.paths == ("app.py",)
    async with view.fresh(ref) as fresh:
        assert (await fresh.checkpoint()).tree == ref.tree
        assert fresh.files.read("crlf.txt") == b"edited by the user\n"
    assert await view.stale(ref) == ("crlf.txt",)
    assert (await view.promote(ref)).applied == ("app.py",)
    assert (project / "crlf.txt").read_bytes() == b"edited by the user\n"


async def test_a_fresh_view_keeps_to_its_checkpoint_when_the_user_changes_a_file(opened: Open, project: Path) -> None:
    view = await opened(project)
    await sh(view, "echo ours > app.py")
    ref = await view.checkpoint()
    (project / "app.py").write_bytes(b"the user's\n")
    (project / "surprise.py").write_bytes(b"the user's\n")
    async with view.fresh(ref) as fresh:
        assert (await fresh.checkpoint()).tree == ref.tree
        assert fresh.files.stat("surprise.py") is None
    (project / "crlf.txt").write_bytes(b"never kept before\n")
    with pytest.raises(WorkspaceError, match=r"crlf\.txt changed"):
        async with view.fresh(ref):
            pass


async def test_no_file_is_too_large_to_be_kept(opened: Open, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopwright.workspace.content.PIECE", 1 << 16)
    blobs = MemoryBlobs()
    (project / "large").write_bytes(bytes(range(256)) * 1000)
    before = snapshot(project)
    view = await opened(project, blobs)
    await sh(view, "head -c 300000 /dev/urandom > large; head -c 200000 /dev/zero > other")
    ref = await view.checkpoint()
    files = {f.path: f for f in (await view.change(ref)).files}
    assert blobs.get(files["other"].after or "").startswith(b"loopwright: a file of 200000 bytes")
    held = view.files.read("large")
    await view.restore(ref)
    assert view.files.read("large") == held
    promotion = await view.promote(ref)
    assert (project / "large").read_bytes() == held
    await undo(str(project), promotion.undo, blobs)
    assert snapshot(project) == before


async def test_a_directory_that_is_not_there_is_one_line(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="is not a directory"):
        await opened(tmp_path / "missing")
