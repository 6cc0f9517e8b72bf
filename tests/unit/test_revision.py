"""What changed since a revision, in a repository whose configuration is hostile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from loopwright.core.errors import UsageError
from loopwright.runtime.revision import changed_since


def git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    for name in ("kept.py", "changed.py", "gone.py", "ends.bat"):
        (root / name).write_bytes(b"one\ntwo\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


def changed(root: Path, revision: str = "HEAD") -> dict[str, bytes | None]:
    present = [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and ".git" not in p.parts]
    return changed_since(root, revision, present, lambda path: (root / path).read_bytes())


def test_added_changed_and_deleted_files_are_named_with_what_they_held(repository: Path) -> None:
    (repository / "changed.py").write_bytes(b"one\nTWO\n")
    (repository / "gone.py").unlink()
    (repository / "new.py").write_bytes(b"new\n")
    (repository / "ends.bat").write_bytes(b"one\r\ntwo\r\n")
    assert changed(repository) == {"changed.py": b"one\ntwo\n", "gone.py": b"one\ntwo\n", "new.py": None}


def test_a_file_that_git_has_seen_as_it_is_is_not_read_and_a_late_one_is(repository: Path) -> None:
    for path in repository.glob("*.*"):
        os.utime(path, ns=(1, 10**18))
    git(repository, "update-index", "--refresh")
    read: list[str] = []

    def reading(path: str) -> bytes:
        read.append(path)
        return (repository / path).read_bytes()

    present = ["kept.py", "changed.py", "gone.py", "ends.bat"]
    (repository / "changed.py").write_bytes(b"one\nTWO\n")
    assert changed_since(repository, "HEAD", present, reading) == {"changed.py": b"one\ntwo\n"}
    assert read == ["changed.py"]
    index = repository / ".git/index"
    os.utime(index, ns=(1, 10**18))
    assert changed_since(repository, "HEAD", present, reading) == {"changed.py": b"one\ntwo\n"}
    assert set(read) == set(present)


def test_only_what_lies_below_the_directory_counts(repository: Path) -> None:
    (repository / "part").mkdir()
    (repository / "part" / "inner.py").write_bytes(b"inner\n")
    assert changed(repository / "part") == {"inner.py": None}


def test_what_others_did_since_this_branch_left_is_no_change_of_it(repository: Path) -> None:
    git(repository, "branch", "-M", "main")
    git(repository, "checkout", "-q", "-b", "mine")
    (repository / "mine.py").write_bytes(b"mine\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "mine")
    git(repository, "checkout", "-q", "main")
    (repository / "kept.py").write_bytes(b"theirs\n")
    (repository / "theirs.py").write_bytes(b"theirs\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "theirs")
    git(repository, "checkout", "-q", "mine")
    assert changed(repository, "main") == {"mine.py": None}
    assert set(changed(repository, "main^{tree}")) == {"kept.py", "mine.py", "theirs.py"}


def test_a_submodule_is_compared_with_the_commit_that_the_revision_names(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "lib/inner")
    git(outer, "commit", "-q", "-m", "first")
    assert changed(outer) == {}
    (outer / "lib/inner/changed.py").write_bytes(b"one\nTWO\n")
    git(outer / "lib/inner", "commit", "-q", "-a", "-m", "second")
    assert changed(outer) == {"lib/inner/changed.py": b"one\ntwo\n"}


def test_what_is_lacking_is_said_with_what_to_do(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), "shallow")
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        changed(tmp_path / "shallow", "HEAD~1")
    git(tmp_path, "init", "-q", "begun")
    with pytest.raises(UsageError, match="nothing is committed yet"):
        changed(tmp_path / "begun")


def test_nothing_that_the_repository_configures_is_run(repository: Path, tmp_path: Path) -> None:
    marks = {}
    for key in ("filter.x.process", "filter.x.clean", "filter.x.smudge", "diff.x.textconv", "diff.external"):
        marks[key] = tmp_path / key
        git(repository, "config", key, f"touch {marks[key]}; cat")
    git(repository, "config", "core.fsmonitor", f"touch {tmp_path / 'fsmonitor'}; false")
    (repository / ".gitattributes").write_text("*.py filter=x diff=x\n")
    (repository / "changed.py").write_bytes(b"one\nTWO\n")
    assert set(changed(repository)) == {".gitattributes", "changed.py"}
    assert not [path for path in (*marks.values(), tmp_path / "fsmonitor") if path.exists()]


@pytest.mark.parametrize("revision", ["nosuch", "--output=planted", "HEAD:changed.py"])
def test_what_is_no_revision_is_refused_in_one_line_and_is_never_an_option(repository: Path, revision: str) -> None:
    with pytest.raises(UsageError, match=r"^[^\n]+$"):
        changed(repository, revision)
    assert not (repository / "planted").exists()


def test_a_directory_without_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is in no git repository"):
        changed_since(tmp_path, "HEAD", (), lambda path: b"")
