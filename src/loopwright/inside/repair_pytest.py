"""pytest taken by the hand: collect once in this process, then run chosen tests whenever asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time  # kept: tests may patch the module
from typing import Any

Result = tuple[int, str, float, dict[str, Any]]  # test, outcome, cpu seconds, failure
PLACE = re.compile(r'File "([^"\n]+\.py)", line (\d+)|^(?:E +)?([^\s:"]+\.py):(\d+):', re.MULTILINE)


class PytestSuite:
    """The collected items, in pytest's order. `ids` are node ids; a file that cannot be collected is one as well."""

    def __init__(self, session: Any, broken: dict[str, dict[str, Any]], plugin: Plugin) -> None:
        self._items = list(session.items)
        self._broken = broken
        self._plugin = plugin
        self.ids = [item.nodeid for item in self._items] + list(broken)
        root = Path(str(session.config.rootdir))
        self.files = [str(item.fspath) for item in self._items] + [str(root / name.split("::")[0]) for name in broken]
        self.broken = set(range(len(self._items), len(self.ids)))
        self._at = {nodeid: index for index, nodeid in enumerate(self.ids)}

    @property
    def items(self) -> list[Any]:
        return self._items

    def settle(self) -> bool:
        """Take down what tests that were not run to their end have set up; False where that fails."""
        try:
            for state in {item.session._setupstate for item in self._items[:1]}:
                if state.stack:
                    state.teardown_exact(None)
        except BaseException:
            return False
        return True

    def place(self, test: str) -> int | None:
        return self._at.get(test)

    def run(self, order: list[int], before: Callable[[int], None], terse: bool = False) -> Iterator[Result]:
        """Run the tests in this order; `before` is called ahead of each; `terse` leaves failures undescribed."""
        items = [i for i in order if i < len(self._items)]
        for index in items if terse else ():
            self._items[index].repr_failure = self._items[index]._repr_failure_py = unprinted
        for index in (i for i in order if i >= len(self._items)):
            before(index)
            yield index, "f", 0.0, self._broken[self.ids[index]]
        for place, index in enumerate(items):
            item = self._items[index]
            after = self._items[items[place + 1]] if place + 1 < len(items) else None
            before(index)
            start = process_time()
            self._plugin.reset()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            yield index, self._plugin.outcome, process_time() - start, self._plugin.failure


class Plugin:
    """Takes over pytest's run loop: `serve` is called with the suite once everything is collected."""

    def __init__(self, serve: Callable[[PytestSuite], None], only: set[str] | None = None) -> None:
        self._serve = serve
        self._only = only
        self._broken: dict[str, dict[str, Any]] = {}
        self.reset()

    def reset(self) -> None:
        self.outcome = "p"
        self.failure: dict[str, Any] = {}

    def pytest_load_initial_conftests(self, early_config: Any) -> None:
        known = early_config.known_args_namespace
        for option in ("cov_source", "cov_report"):
            if getattr(known, option, None):
                setattr(known, option, [])
        if hasattr(known, "no_cov"):
            known.no_cov = True

    def pytest_cmdline_main(self, config: Any) -> None:
        for option, value in (("numprocesses", None), ("dist", "no"), ("tx", []), ("looponfail", False)):
            if hasattr(config.option, option):
                setattr(config.option, option, value)
        for option in ("no_cov", "continue_on_collection_errors"):
            if hasattr(config.option, option):
                setattr(config.option, option, True)
        config.option.maxfail = 0

    def pytest_ignore_collect(self, path: Any) -> bool | None:
        file = Path(str(path))
        if self._only is None or file.is_dir() or file.name in ("conftest.py", "__init__.py"):
            return None
        return None if str(file.resolve()) in self._only else True

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and report.nodeid:
            known = {"type": "collection", "message": str(report.longrepr)[-4000:], "frames": []}
            self._broken.setdefault(report.nodeid, known)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.outcome == "failed":
            self.outcome = "f"
        elif report.outcome == "skipped" and self.outcome == "p":
            self.outcome = "s"

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
        info = call.excinfo
        if info is not None and getattr(node, "repr_failure", None) is not unprinted:
            found = failure(info.type, info.value, info.tb)
            if not hasattr(node, "runtest"):
                self._broken[node.nodeid] = found
            else:
                self.failure = found

    def pytest_runtestloop(self, session: Any) -> bool:
        self._serve(PytestSuite(session, self._broken, self))
        return True


def failure(kind: Any, value: Any, tb: Any) -> dict[str, Any]:
    """A failure as data: exception, message, and the frames from the outermost to the innermost."""
    frames = []
    while tb is not None:
        code = tb.tb_frame.f_code
        frames.append([code.co_filename, tb.tb_lineno, code.co_name])
        tb = tb.tb_next
    try:
        message = str(value)[:4000]
    except Exception as error:
        message = f"<{type(error).__name__} while printing the failure>"
    found: dict[str, Any] = {"type": getattr(kind, "__name__", str(kind)), "message": message, "frames": frames[-60:]}
    if isinstance(value, SyntaxError):
        found["frames"].append([value.filename or "", value.lineno or 0, "<syntax>"])
    if found["type"] == "CollectError":  # pytest has turned the traceback of an import into text
        places = [(match[1] or match[3], match[2] or match[4]) for match in PLACE.finditer(message)]
        found["frames"] = [[str(Path(file).absolute()), int(line), "<import>"] for file, line in places]
    return found


def unprinted(*args: Any, **options: Any) -> str:
    """Stands in for pytest's printing of a failure, which takes longer than most tests."""
    return "failed"


def main(args: list[str], serve: Callable[[PytestSuite], None], only: set[str] | None = None) -> str:
    """Collect with the project's pytest, then hand over to `serve`. Returns why it never came to that, else ""."""
    import pytest  # the project's

    served = []

    def once(suite: PytestSuite) -> None:
        served.append(True)
        serve(suite)

    plugin = Plugin(once, only)
    for name in ("pytest_load_initial_conftests", "pytest_cmdline_main", "pytest_runtestloop"):
        setattr(Plugin, name, pytest.hookimpl(tryfirst=True)(getattr(Plugin, name)))
    setattr(Plugin, "pytest_ignore_collect", ignore(pytest))  # noqa: B010  # the hook is made once pytest is known
    status = pytest.main([*args, "-s"], plugins=[plugin])
    return "" if served else f"pytest ended with status {int(status)} before any test was collected"


def ignore(pytest: Any) -> Any:
    """The hook under the argument name that this version of pytest gives it."""
    plain = Plugin.pytest_ignore_collect
    major = int(pytest.__version__.split(".")[0])

    def new(self: Plugin, collection_path: Any) -> bool | None:
        return plain(self, collection_path)

    def old(self: Plugin, path: Any) -> bool | None:
        return plain(self, path)

    return new if major >= 7 else old
