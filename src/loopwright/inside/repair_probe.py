"""What functions do on given inputs: the result, what became of the arguments, what was printed, or how it failed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import inspect
import io
import itertools
import json
import pickle
import re
import signal
import sys
from collections import deque
from collections.abc import Callable
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import repair_record, repair_swap, repair_worker
else:
    import repair_record
    import repair_swap
    import repair_worker

CALL = 0.25  # seconds of CPU time one call may take
ITEMS = 200  # of an iterator that are looked at
DEPTH = 6
LONG = 20_000  # characters of a value that are compared
CHANGES = ", changes its arguments"  # said behind what a call gives
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
#: What a call on changed arguments must not do: it is an experiment, not the project at work.
EFFECTS = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod",
           "os.chown", "os.utime", "os.chdir", "os.putenv", "os.unsetenv", "os.system", "os.exec", "os.posix_spawn",
           "os.fork", "os.kill", "subprocess.Popen", "shutil.rmtree", "shutil.move", "socket.connect", "socket.bind",
           "socket.sendto", "signal.pthread_kill")  # fmt: skip


class Late(BaseException):
    """The call takes too long."""


def record(suite: repair_worker.Suite, job: repair_worker.Job, line: repair_worker.Line, wanted: Any) -> None:
    """Run the job's tests and say which calls they make of the project, and others like them."""
    units = {(repair_swap.real(file), first) for file, first in job["record"]}
    tests = {repair_swap.real(file) for file in suite.files if file}
    recorder = repair_record.Recorder(lambda file: wanted(file) and repair_swap.real(file) not in tests, units)

    def end(*_: Any) -> None:
        recorder.stop()
        signal.setitimer(signal.ITIMER_PROF, 0)
        for row in repair_record.rows(list(recorder.calls)):
            line.write(json.dumps(row))

    def late(*_: Any) -> None:
        end()
        line.end("")
        repair_worker.leave()

    def before(index: int) -> None:
        line.at(index)
        signal.signal(signal.SIGPROF, late)
        signal.setitimer(signal.ITIMER_PROF, job["cpu"])
        recorder.start()

    for _ in suite.run(job["tests"], before, True):
        recorder.stop()
    end()


def probe(job: repair_worker.Job, line: repair_worker.Line, functions: repair_swap.Functions) -> None:
    """Call each of the job's inputs on what the process now holds; a line for each: number, digest, short text."""
    sys.addaudithook(_pure)
    signal.signal(signal.SIGVTALRM, _late)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, job["cpu"])
    for number, (file, name, data) in enumerate(job["inputs"]):
        line.at(number)
        live = functions.called(repair_swap.real(file), name)
        if len(live) == 1:
            found = outcome(live[0], base64.b64decode(data))
            line.write(
                json.dumps([number, hashlib.sha256(found[0].encode("utf-8", "replace")).hexdigest()[:16], found[1]])
            )
    signal.setitimer(signal.ITIMER_PROF, 0)


def outcome(function: FunctionType, data: bytes) -> tuple[str, str]:
    """What a call does, whole and in a few characters."""
    out = io.StringIO()
    try:
        given, keywords = pickle.loads(data)  # noqa: S301  # made by the project's own tests
        before = canonical([given, keywords])
        with contextlib.redirect_stdout(out):
            value = _limited(lambda: _awaited(function(*given, **keywords)))
            whole = _limited(lambda: canonical([value, given, keywords]))
    except Late:
        return "late", "does not end"
    except MemoryError:
        return "memory", "takes too much memory"
    except BaseException as error:
        return f"raises {type(error).__name__}", f"raises {type(error).__name__}"
    text = canonical(value)
    text = text if len(text) <= 80 else text[:77] + "..."
    return whole + canonical(out.getvalue()), text + CHANGES * (canonical([given, keywords]) != before)


def _awaited(value: Any) -> Any:
    """Iterators as the list of what they yield, coroutines as what they return."""
    if inspect.iscoroutine(value):
        return asyncio.run(value)
    if hasattr(value, "__next__"):
        return list(itertools.islice(value, ITEMS))
    return value


def _limited(work: Callable[[], Any]) -> Any:
    signal.setitimer(signal.ITIMER_VIRTUAL, CALL)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _late(*_: Any) -> None:
    raise Late


def _pure(event: str, args: tuple[Any, ...]) -> None:
    """Refuse what changes anything outside the process."""
    if event in EFFECTS or (event == "open" and _writes(args)):
        raise PermissionError(f"{event} while trying other inputs")


def _writes(args: tuple[Any, ...]) -> bool:
    mode, flags = args[1], args[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & 0o1003)  # O_WRONLY, O_RDWR, O_TRUNC


def canonical(value: Any, depth: int = 0) -> str:
    """A value as text in which equal values look the same."""
    if value is None or isinstance(value, (bool, int, str, bytes, Enum, range, complex)):
        return repr(value)[:LONG]
    if isinstance(value, float):
        return repr(float(f"{value:.12g}"))
    if depth > DEPTH:
        return type(value).__name__
    if isinstance(value, (list, tuple, deque)):
        inner = ", ".join(canonical(item, depth + 1) for item in itertools.islice(value, LONG))
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(canonical(item, depth + 1) for item in value)) + "}"
    if isinstance(value, dict):
        pairs = sorted(f"{canonical(k, depth + 1)}: {canonical(v, depth + 1)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    kept = getattr(value, "__dict__", None)
    if isinstance(kept, dict) and not callable(value):
        return f"{type(value).__name__}{canonical(kept, depth + 1)}"
    return ADDRESS.sub("", repr(value))[:LONG]
