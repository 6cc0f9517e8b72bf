"""What is temporary lies in one directory a process, and goes with it, or with the next one where it was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from loopwright.runtime.temporary import own_temporary

LEAVE = """
import os, signal, tempfile
from loopwright.runtime.temporary import own_temporary
with own_temporary():
    made = tempfile.mkdtemp()
    os.mkdir(os.path.join(made, "full"))
    print(os.path.dirname(made), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_temporary_files_are_made_in_it_and_go_with_it(above: Path) -> None:
    with own_temporary():
        made = Path(tempfile.mkdtemp(prefix="any-"))
        (made / "file").write_text("x")
        assert made.parent.parent == above
    assert list(above.iterdir()) == [] and tempfile.gettempdir() == str(above)


def test_what_a_killed_process_left_is_removed_by_the_next_one(above: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", LEAVE], env={"TMPDIR": str(above)}, capture_output=True, text=True)
    left = Path(ran.stdout.strip())
    assert left.is_dir() and list(left.glob("*/full"))
    with own_temporary():
        assert not left.exists() and len(list(above.iterdir())) == 1


def test_where_no_directory_can_be_made_the_command_runs_all_the_same(above: Path) -> None:
    tempfile.tempdir = str(above / "gone")
    with own_temporary():
        assert tempfile.tempdir == str(above / "gone")


def test_what_may_be_in_use_or_is_not_known_stays(above: Path) -> None:
    space = Path("/proc/self/ns/pid").stat().st_ino
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    kept = [
        f"loopwright-{os.getppid()}-{space}-living",
        f"loopwright-{gone.pid}-{space + 1}-elsewhere",
        f"loopwright-{gone.pid}",
        "loopwright-abc",
        "other",
    ]
    for name in kept:
        (above / name).mkdir()
    (above / f"loopwright-{gone.pid}-{space}-dead").mkdir()
    with own_temporary():
        pass
    assert sorted(path.name for path in above.iterdir()) == sorted(kept)
