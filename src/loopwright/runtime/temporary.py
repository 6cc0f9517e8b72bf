"""A directory for everything temporary of one process, so that what a killed one left is found and removed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "loopwright-"


@contextmanager
def own_temporary() -> Iterator[None]:
    """Have this process make its temporary files in a directory of its own, removed at the end.

    Directories of processes that are gone are removed first: `kill -9` leaves nobody who could. Where none can be
    made, as on a full disk, whatever needs one will say so.
    """
    before, space = tempfile.tempdir, _pid_space()
    try:
        place = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-{space}-"))
    except OSError:
        yield
        return
    if os.geteuid() == 0:
        place.chmod(0o711)  # commands run as somebody else have their copies below
    sweep(place.parent, space)
    tempfile.tempdir = str(place)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(place, ignore_errors=True)


def sweep(above: Path, space: int) -> None:
    """Remove the directories of this user's processes that are gone; numbers of other PID namespaces say nothing."""
    with suppress(OSError), os.scandir(above) as entries:
        for entry in entries:
            if not entry.name.startswith(_PREFIX):
                continue
            named = re.fullmatch(rf"{_PREFIX}(\d+)-{space}-\w+", entry.name)
            with suppress(OSError):
                if named and not _alive(int(named[1])) and entry.stat(follow_symlinks=False).st_uid == os.geteuid():
                    shutil.rmtree(entry.path, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is somebody else's
    return True


def _pid_space() -> int:
    """The number of the PID namespace, 0 where the system has none."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0
