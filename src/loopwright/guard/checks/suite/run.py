"""Judges one run of one command on one tree: what it said, and what the probe saw."""

from __future__ import annotations

import re
import shlex

import msgspec

from loopwright.core.checks import Ref
from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.ports import Files, Workspace
from loopwright.core.running import Limits, Ran, Reason, run
from loopwright.guard.checks.suite.probe import Orders, Probed, run_plain, run_probed
from loopwright.guard.checks.suite.reports import Counts, count
from loopwright.guard.checks.suite.reports_junit import count_junit

_TAIL_LINES, _TAIL_CHARACTERS = 40, 4000
_RUNNER = expression(r"(?:^|[\s;&|/(])(?:pytest|py\.test)(?=$|[\s;&|)])|-m\s+(?:pytest|unittest)\b")
_COUNTED = expression(
    r"\b(?:test|tests|check|spec|jest|vitest|mocha|ava|tap|cargo|go|mvn|mvnw|gradle|gradlew|phpunit|rspec|ctest|prove|bats)\b"
)
_SUMMARY_LINES = 3
_NO_MODULE = expression(r"No module named '?([\w.]+)'?")


class Judged(Fact, frozen=True):
    """What one command's run on one tree amounts to. `wrong` is empty where it passed."""

    command: str
    exit: int
    wrong: tuple[str, ...] = ()
    reason: Reason = ""  # the limit that ended it
    missing: str = ""  # the tool that is not there, where that is why it failed
    tests_run: int | None = None
    tests_failed: int | None = None
    evidence: str = ""
    seconds: float = 0.0
    probed: Probed | None = None

    @property
    def unseen(self) -> bool:
        """True where no test session told anything: what is known is the exit status and the output."""
        return self.probed is not None and not self.probed.sessions

    @property
    def passed(self) -> bool:
        return not self.wrong


async def judge(view: Workspace, command: str, limits: Limits) -> Judged:
    """Run the command in a fresh view and say what it showed by itself. Raises SandboxError."""
    probed = await run_probed(view.executor, command, Orders(), limits)
    if probed.deaf:
        return await _judge_deaf(view, command, limits)
    ran = probed.ran
    if not ran.ok:
        return _red(command, ran, probed)
    if not probed.sessions:
        return _judge_unseen(command, ran, probed)
    return _counted(command, probed, _doubts(probed))


def _counted(command: str, probed: Probed, wrong: tuple[str, ...]) -> Judged:
    return Judged(
        command,
        probed.ran.exit.status,
        wrong,
        tests_run=probed.tests_run,
        tests_failed=probed.tests_failed,
        evidence=tail(probed.ran.text()),
        seconds=probed.ran.exit.usage.wall,
        probed=probed,
    )


async def run_gate(view: Workspace, command: str, directory: str, kept: Ref | None, limits: Limits) -> Judged:
    """Run a gate in a fresh view, without the control; a tree other than `kept` after it is a failure."""
    if directory:
        command = f"cd {shlex.quote(directory)} && {command}"
    probed = await run_probed(view.executor, command, Orders(), limits)
    ran = probed.ran
    if not ran.ok:
        return _red(command, ran, probed)
    judged = _judge_unseen(command, ran, probed) if not probed.sessions else _counted(command, probed, _doubts(probed))
    if kept is not None and judged.passed:
        after = await view.checkpoint()
        if after.tree != kept.tree:
            return msgspec.structs.replace(judged, wrong=("it would change files: run it and keep what it writes",))
    return judged


def has_python_tests(files: Files) -> bool:
    """True where the tree has files that pytest or unittest would take for tests."""
    names = (entry.path.rsplit("/", 1)[-1] for entry in files.walk())
    return any(n.endswith(".py") and (n.startswith("test") or n.endswith("_test.py")) for n in names)


def tail(text: str) -> str:
    """The last lines of an output."""
    return "\n".join(text.rstrip().splitlines()[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]


def can_count(command: str) -> bool:
    """True where what the command runs may well print how many tests it ran."""
    return bool(_COUNTED.search(command))


def names_runner(command: str) -> bool:
    """True where the command itself names pytest or unittest, so that a run without them is suspicious."""
    return bool(_RUNNER.search(command))


def _doubts(probed: Probed) -> tuple[str, ...]:
    """What is wrong with a run that ended with exit status 0."""
    if any(not session.ended for session in probed.sessions):
        return ("the test process ended before its session did, with exit status 0",)
    if probed.tests_failed:
        return (f"exit status 0, but {probed.tests_failed} of {probed.tests_run} tests failed",)
    if not probed.tests_run:
        return ("no test ran",)
    said = count("\n".join(probed.ran.text().rstrip().splitlines()[-_SUMMARY_LINES:]))
    if said and said.failed:
        return (f"exit status 0, and all tests are recorded as passed, but the output ends with {said.failed} failed",)
    return ()


def _red(command: str, ran: Ran, probed: Probed) -> Judged:
    text = ran.text()
    counts = count(text) if not probed.sessions else Counts("probe", probed.tests_run, probed.tests_failed)
    failed = f", {counts.failed} of {counts.run} tests failed" if counts and counts.failed else ""
    wrong = ran.exit.said + ("" if ran.exit.reason else failed)
    return Judged(
        command,
        ran.exit.status,
        (wrong,),
        ran.exit.reason,
        missing="" if probed.sessions else _missing_tool(command, ran),
        tests_run=counts.run if counts else None,
        tests_failed=counts.failed if counts else None,
        evidence=tail(text),
        seconds=ran.exit.usage.wall,
        probed=probed,
    )


def _missing_tool(command: str, ran: Ran) -> str:
    if ran.exit.status == 127:
        found = re.search(r"([^\s:]+): (?:command )?not found", ran.text())
        return found[1] if found else command.split()[0]
    module = _NO_MODULE.search(ran.text())
    return module[1] if module and re.search(rf"-m\s+{re.escape(module[1])}\b", command) else ""


def _judge_unseen(command: str, ran: Ran, probed: Probed) -> Judged:
    """A green run without any test session of ours: read its output, and say so."""
    counts = count(ran.text())
    wrong: tuple[str, ...] = ()
    if names_runner(command):
        wrong = (
            "the command names a test runner, but no test session was seen: the process ended early or shut it out",
        )
    elif counts and counts.failed:
        wrong = (f"exit status 0, but {counts.failed} of {counts.run} tests failed",)
    elif counts and not counts.run:
        wrong = ("no test ran",)
    known = f"counted in the output of {counts.tool}" if counts else "only the exit status is known"
    return Judged(
        command,
        ran.exit.status,
        wrong,
        tests_run=counts.run if counts else None,
        tests_failed=counts.failed if counts else None,
        evidence=f"{tail(ran.text())}\n({known})".lstrip(),
        seconds=ran.exit.usage.wall,
        probed=probed,
    )


async def _judge_deaf(view: Workspace, command: str, limits: Limits) -> Judged:
    """The command sets its own PYTHONPATH somewhere inside: count by a JUnit report, which needs no import."""
    report = "/tmp/.probe-report.xml"  # noqa: S108 - of the sandbox, not of this machine
    ran = await run_plain(view.executor, command, limits, env={"PYTEST_ADDOPTS": f"--junitxml={report}"})
    told = await run(view.executor, ("sh", "-c", 'cat "$1"; rm -f "$1"', "sh", report), Limits(output=64 << 20))
    counts = count_junit(told.out)
    if not ran.ok:
        return _red(command, ran, Probed(ran))
    wrong: tuple[str, ...] = ()
    if counts is None or not counts.run:
        wrong = ("no test ran",)
    elif counts.failed:
        wrong = (f"exit status 0, but {counts.failed} of {counts.run} tests failed",)
    return Judged(
        command,
        ran.exit.status,
        wrong,
        tests_run=counts.run if counts else 0,
        tests_failed=counts.failed if counts else 0,
        evidence=f"{tail(ran.text())}\n(counted in a JUnit report; the command sets PYTHONPATH, so no control ran)",
        seconds=ran.exit.usage.wall,
        probed=Probed(ran),
    )
