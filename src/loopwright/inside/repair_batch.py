"""Several candidates in one worker, one after the other, for as long as none of them leaves a trace behind.

A fork and the first touch of each page cost ten times what a small test does. What an edit leaves in the process (a
list it grew, a cache it filled) would decide for the candidates behind it, so what the project's modules and the
tests' arguments hold is compared after each, and the first that changed it is the last.
"""

from __future__ import annotations

import os
import pickle
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from math import inf
from time import perf_counter
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import repair_force, repair_probe, repair_pytest, repair_swap, repair_worker
else:
    import repair_force
    import repair_probe
    import repair_swap
    import repair_worker

OURS = (b"PYTEST_CURRENT_TEST", b"TMPDIR")  # of the environment
COSTLY = 0.003  # seconds: where a look at everything takes longer, a fork is as cheap


class Late(BaseException):
    """The test has used its processor time."""


class Traces:
    """What the project's modules, their classes and functions, and the tests' arguments hold."""

    def __init__(self, suite: repair_pytest.PytestSuite, owns: Callable[[str], bool]) -> None:
        self._owns = owns
        self._given = [params for params in map(_params, suite.items) if params]
        self._random = random.getstate()
        self._modules: tuple[int, list[tuple[str, ModuleType]]] = (0, [])
        self.clean, self.cheap = b"", False
        self._until = perf_counter() + 50 * COSTLY
        try:
            self.clean, start = self.look(), perf_counter()
            self.cheap = self.look() == self.clean and perf_counter() - start < COSTLY
            self._until = inf
        except Exception:  # a project's own objects decide what looking at them does
            return

    def reset(self) -> None:
        """Chance begins anew for each candidate."""
        random.setstate(self._random)

    def same(self) -> bool:
        """True where nothing has changed."""
        try:
            return self.look() == self.clean
        except Exception:  # what the project holds may raise anything when it is looked at
            return False

    def look(self) -> bytes:
        """Everything held, as bytes; they differ where something changed."""
        found = [_bytes(params) for params in self._given]
        for name, module in self._loaded():
            found += [name.encode(), *_held(vars(module), module.__name__)]
            if perf_counter() > self._until:
                raise TimeoutError
        environment = {key: value for key, value in vars(os.environ)["_data"].items() if key not in OURS}
        found += [_bytes(environment), _bytes(sys.path), os.getcwd().encode(), b"%d" % threading.active_count()]
        return b"\0".join(found)

    def _loaded(self) -> list[tuple[str, ModuleType]]:
        """The project's modules."""
        if self._modules[0] != len(sys.modules):
            loaded = [(n, m) for n, m in list(sys.modules.items()) if isinstance(m, ModuleType)]
            mine = [(n, m) for n, m in loaded if self._owns(str(getattr(m, "__file__", None) or ""))]
            self._modules = len(sys.modules), mine
        return self._modules[1]


def _params(item: Any) -> Any:
    return getattr(getattr(item, "callspec", None), "params", None)


def _held(namespace: Any, module: str) -> Iterator[bytes]:
    """What is held under each name of a module or a class that was made there."""
    for name, value in list(namespace.items()):
        plain = getattr(value, "__func__", value)  # static and class methods
        if name.startswith("__") or isinstance(value, ModuleType):
            continue
        if isinstance(plain, FunctionType):
            cells = [cell.cell_contents for cell in plain.__closure__ or () if _filled(cell)]
            held = (plain.__defaults__, plain.__kwdefaults__, plain.__dict__, cells)
            if any(held):
                yield _bytes(held)
        elif isinstance(value, type):
            if value.__module__ == module:
                yield from _held(vars(value), module)
        elif hasattr(plain, "cache_info"):
            yield repr(plain.cache_info()).encode()
        else:
            yield name.encode() + _bytes(value)


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _bytes(value: Any) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception:  # as above
        return repair_probe.canonical(value).encode("utf-8", "replace")


def work(
    jobs: list[repair_worker.Job],
    suite: repair_pytest.PytestSuite,
    line: repair_worker.Line,
    functions: repair_swap.Functions,
    traces: Traces,
) -> None:
    """Do the jobs in turn and leave what is behind the first trace to another worker."""
    for number, job in enumerate(jobs):
        line.turn(number)
        traces.reset()
        whole, how = True, ""
        try:
            repair_swap.override(job["edits"])
            for edit in job["edits"]:
                repair_swap.swap(edit, functions)
            if "force" in job:
                repair_force.begin(job["force"])
            whole, how = _tests(suite, job, line, 0.0 if number else float(job.get("warming", 0.0)))
            if "force" in job:
                repair_force.tell(line)
        except repair_swap.CannotSwap:
            how = "fresh"
        except SyntaxError:
            how = "invalid"
        except MemoryError:
            whole, how = False, "memory"
        except BaseException:
            whole, how = False, "died: " + traceback.format_exc(limit=-3)[-600:]
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            repair_swap.undo()
        line.end(how)
        if not (whole and suite.settle() and traces.same()):
            break
    line.write("-")


def _tests(
    suite: repair_pytest.PytestSuite, job: repair_worker.Job, line: repair_worker.Line, more: float
) -> tuple[bool, str]:
    """Run the job's tests; whether the worker is fit for more, and how the job ended."""
    limits, known = job["limits"], bool(job.get("known"))
    late = [False]

    def over(*_: Any) -> None:
        late[0] = True
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the worker where the test goes on regardless
        raise Late

    def before(index: int) -> None:
        line.at(index)
        seconds = limits[index] if known and index < len(limits) else job["cpu"]
        signal.signal(signal.SIGPROF, over)
        signal.setitimer(signal.ITIMER_PROF, seconds + more, seconds)

    red, stop = 0, job.get("stop") or 0
    try:
        for result in suite.run(job["tests"], before, True):
            signal.setitimer(signal.ITIMER_PROF, 0)
            if late[0]:
                return True, "late"  # the plugin has taken it for a failure
            line.result(result, {})
            red += result[1] == "f"
            if stop and red >= stop:
                break
    except Late:
        return False, "late"
    return True, ""
