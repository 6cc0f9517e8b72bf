"""The warm process: takes jobs as JSON lines, forks a worker for each, ends those that run over their time."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import mmap
import os
import selectors
import shutil
import signal
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside.repair_worker import Job, Line
else:
    from repair_worker import Job, Line

PR_SET_PDEATHSIG = 1
PATIENCE = 6  # times the wall clock allowed, after which even a busy worker is ended
TOGETHER = 32  # light jobs that one worker takes at most
GRACE = 0.5  # seconds of wall clock over the limit before a worker is ended


class Link:
    """JSON lines to and from the engine over two descriptors that the project cannot print to."""

    def __init__(self, source: int, sink: int) -> None:
        self.source, self._sink = source, sink
        self._rest = b""

    def send(self, message: dict[str, Any]) -> None:
        self.send_raw(json.dumps(message).encode() + b"\n")

    def send_raw(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._sink, data) :]

    def receive(self) -> list[dict[str, Any]] | None:
        """The messages that have come, None once the engine has gone. Blocks where nothing has come."""
        data = os.read(self.source, 1 << 16)
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines if line]


class Slot:
    """One running worker."""

    def __init__(self, pid: int, pipe: int, jobs: list[Job], mark: Any, home: str) -> None:
        self.pid, self.pipe, self.mark, self.home = pid, pipe, mark, home
        self.jobs = deque(jobs)  # those that have not ended
        self.job = jobs[0]  # the one it is at
        self.data = b""
        self.sent = 0
        self.test, self.since = 0, time.monotonic()  # the test it is at, and since when
        self.checked, self.ticks = self.since, 0
        self.late = False

    def overdue(self, now: float) -> bool:
        """True where its test has taken more wall clock than allowed and does not even use the processor.

        A test that is only kept waiting by a busy machine is left to its limit of processor time.
        """
        test, wall = int.from_bytes(self.mark[0:8], "little"), float(self.job["wall"]) + GRACE
        if test != self.test:
            self.test, self.since, self.checked = test, now, now
        if now - self.since > wall * PATIENCE:
            return True
        if now - self.since <= wall or now - self.checked < GRACE:
            return False
        ticks, self.checked = cpu_ticks(self.pid), now
        idle, self.ticks = ticks == self.ticks, ticks
        return idle


def marked(slot: Slot) -> int:
    """The test that the worker is at, or was at when it ended."""
    return (int.from_bytes(slot.mark[0:8], "little") & 0xFFFFFFFF) - 1


def cpu_ticks(pid: int) -> int:
    """Processor time a process has used, in clock ticks; 0 where it has gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


class Server:
    """Runs jobs in forked workers, as many at a time as there are processors to use."""

    def __init__(
        self,
        link: Link,
        workers: int,
        body: Callable[[Job, Line], None],
        guard: Any,
        several: Callable[[list[Job], Line], None] | None = None,
    ) -> None:
        self._link, self._workers, self._body, self._guard = link, workers, body, guard
        self._several = several  # does light jobs one after the other
        self._queue: deque[Job] = deque()
        self._slots: dict[int, Slot] = {}
        self._wait = selectors.DefaultSelector()
        self._home = tempfile.mkdtemp(prefix="repair-")
        self._count = 0
        self._marks: list[Any] = []
        self._limits: list[float] = []  # seconds of CPU time by test, once the engine has told them

    def serve(self) -> None:
        """Serve until the engine closes the line or says stop."""
        self._wait.register(self._link.source, selectors.EVENT_READ)
        gc.collect()
        gc.freeze()
        try:
            while self._turn():
                pass
        finally:
            for slot in list(self._slots.values()):
                end_group(slot.pid)
            shutil.rmtree(self._home, ignore_errors=True)

    def _turn(self) -> bool:
        while self._queue and len(self._slots) < self._workers:
            self._start(self._light() or [self._queue.popleft()])
        for key, _ in self._wait.select(0.05 if self._slots else None):
            if key.fd == self._link.source:
                if not self._take():
                    return False
            else:
                self._drain(self._slots[key.fd])
        now = time.monotonic()
        for slot in list(self._slots.values()):
            if slot.overdue(now):
                slot.late = True
                end_group(slot.pid)
        return True

    def _take(self) -> bool:
        messages = self._link.receive()
        for message in messages or ():
            if message["op"] == "stop":
                return False
            if message["op"] == "run":
                ahead = sum(bool(job.get("first")) for job in self._queue)  # they stand at the head
                for place, job in enumerate(message["jobs"]):
                    self._queue.insert(ahead + place if job.get("first") else len(self._queue), job)
            elif message["op"] == "drop":
                self._drop(set(message["ids"]))
            elif message["op"] == "limits":
                self._limits = message["cpu"]
        return messages is not None

    def _drop(self, ids: set[int]) -> None:
        for job in self._queue:
            if job["id"] in ids:
                self._link.send({"ev": "done", "id": job["id"], "end": "dropped", "results": []})
        self._queue = deque(job for job in self._queue if job["id"] not in ids)

    def _light(self) -> list[Job]:
        """The light jobs at the head of the queue, shared among the free workers; [] where none is."""
        if self._several is None:
            return []
        count = 0
        while count < len(self._queue) and self._queue[count].get("light"):
            count += 1
        part = min(TOGETHER, -(-count // (self._workers - len(self._slots))))
        return [self._queue.popleft() for _ in range(part)]

    def _start(self, jobs: list[Job]) -> None:
        read, write = os.pipe()
        mark = self._marks.pop() if self._marks else mmap.mmap(-1, 8)
        mark[0:8] = bytes(8)
        self._count += 1
        home = os.path.join(self._home, str(self._count))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 3.12 warns of threads the project may have started
            pid = os.fork()
        if pid == 0:
            self._child(jobs, read, Line(write, mark, bool(jobs[0].get("detail"))), home)
        os.close(write)
        os.set_blocking(read, False)
        self._slots[read] = Slot(pid, read, jobs, mark, home)
        self._wait.register(read, selectors.EVENT_READ)

    def _child(self, jobs: list[Job], read: int, line: Line, home: str) -> None:
        jobs = [{**job, "home": home, "limits": self._limits} for job in jobs]
        several = self._several
        try:
            os.setpgid(0, 0)
            die_with_parent()
            self._wait.close()
            os.close(read)
            for other in self._slots:
                os.close(other)
        finally:
            if several is not None and jobs[0].get("light"):
                self._guard(lambda: several(jobs, line), line)
            self._guard(lambda: self._body(jobs[0], line), line)

    def _drain(self, slot: Slot) -> None:
        ended = False
        with contextlib.suppress(BlockingIOError):
            while True:
                data = os.read(slot.pipe, 1 << 16)
                if not data:
                    ended = True
                    break
                slot.data += data
        if slot.job.get("detail"):
            self._stream(slot)
        if self._several is not None and slot.job.get("light"):
            ended = self._each(slot) or ended
        if ended or slot.data.endswith(b'"\n'):
            self._finish(slot)

    def _each(self, slot: Slot) -> bool:
        """Tell of the light jobs that have ended; True once the worker takes no more of them."""
        *lines, rest = slot.data.split(b"\n")
        rows: list[bytes] = []
        for line in lines:
            if line == b"-":
                self._queue.extendleft(reversed(slot.jobs))
                slot.jobs.clear()
            elif line.startswith(b'"') and slot.jobs:
                self._tell(slot.jobs.popleft(), json.loads(line), marked(slot), rows)
                slot.job, rows = (slot.jobs or [slot.job])[0], []
            else:
                rows.append(line)
        slot.data = b"".join(line + b"\n" for line in rows) + rest
        return not slot.jobs

    def _tell(self, job: Job, end: str, at: int, lines: list[bytes]) -> None:
        rows = b"" if job.get("detail") else b",".join(line for line in lines if line.startswith(b"["))
        head = json.dumps({"ev": "done", "id": job["id"], "end": end, "at": at})[:-1].encode()
        self._link.send_raw(head + b',"results":[' + rows + b"]}\n")

    def _stream(self, slot: Slot) -> None:
        """Results of a detailed job go out as they come."""
        upto = slot.data.rfind(b"\n") + 1
        lines = slot.data[slot.sent : upto].splitlines()
        for line in lines:
            if line.startswith(b"["):
                self._link.send_raw(b'{"ev":"test","id":%d,"row":%s}\n' % (slot.job["id"], line))
        slot.sent = upto

    def _finish(self, slot: Slot) -> None:
        self._wait.unregister(slot.pipe)
        del self._slots[slot.pipe]
        os.close(slot.pipe)
        end_group(slot.pid)
        _, status = os.waitpid(slot.pid, 0)
        lines = slot.data.splitlines()
        if lines and lines[-1].startswith(b'"'):
            end = json.loads(lines[-1])
        else:
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            end = "late" if slot.late or number == signal.SIGPROF else f"died: signal {number}, exit {status >> 8}"
        if slot.jobs:
            self._tell(slot.jobs.popleft(), end, marked(slot), lines)
            self._queue.extendleft(reversed(slot.jobs))
        self._marks.append(slot.mark)
        self._sweep(slot.home)

    def _sweep(self, home: str) -> None:
        try:
            Path(home).rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            shutil.rmtree(home, ignore_errors=True)


def die_with_parent() -> None:
    """Have the kernel end this process when the one that forked it goes."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_group(pid: int) -> None:
    """End a worker and everything it started."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
