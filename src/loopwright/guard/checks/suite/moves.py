"""Tests that are gone under their old name and accounted for: renamed, moved, or changed as the request says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from loopwright.core.checks import Change
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.suite.permission import explains, may_change_tests
from loopwright.guard.checks.suite.probe import RAN, Probed
from loopwright.guard.checks.suite.python import body, functions


def accounted(change: Change, ran: Probed, ctx: CheckContext) -> Callable[[str], bool]:
    """Return what says of a test's id (pytest's or unittest's) whether its going is accounted for."""
    allowed = may_change_tests(ctx.requirement)
    explained: list[str] = []
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for file in change.files:
        if not file.path.endswith(".py"):
            continue
        old, new = (
            ctx.blobs.get(a).decode("utf-8", "replace") if a is not None else "" for a in (file.before, file.after)
        )
        if allowed or (old and new and explains(ctx.requirement, old, new)):
            explained.append(file.path)
        before |= {_identify(file.path, name): text for name, text in _bodies(old).items()}
        after |= {text: name.split(".")[-1] for name, text in _bodies(new).items()}
    names = {_last(test) for test, outcome in ran.outcomes.items() if outcome in RAN}

    def is_accounted(test: str) -> bool:
        known = _dotted(test)
        if any(known.startswith(_identify(path, "")) for path in explained):
            return True
        return after.get(before.get(known, ""), "") in names

    return is_accounted


def _bodies(source: str) -> dict[str, str]:
    try:
        return {name: body(function) for name, function in functions(source).items()}
    except (SyntaxError, ValueError):
        return {}


def _identify(path: str, name: str) -> str:
    return ".".join((*PurePosixPath(path).with_suffix("").parts, name))


def _dotted(test: str) -> str:
    """One form for `tests/test_a.py::T::test_b` and `tests.test_a.T.test_b`."""
    return test.replace(".py::", ".").replace("::", ".").replace("/", ".")


def _last(test: str) -> str:
    return _dotted(test.split("[", 1)[0]).rsplit(".", 1)[-1]
