"""How often a running command is looked at, and what a look at its tree costs."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from loopwright.core.oversight import Oversight
from loopwright.core.running import Limits, Reason
from loopwright.inside import meter
from loopwright.sandbox.accounts import Account
from loopwright.sandbox.cgroups import Group, Hierarchy, Reading
from loopwright.sandbox.disk import Gauge
from loopwright.sandbox.monitor import Watched

GIB = 1 << 30


@dataclass
class Aged:
    """A command of a certain age."""

    age: float
    printed: int = 0
    reason: Reason = ""
    asked: list[bool] = field(default_factory=list)

    def stop(self, reason: Reason, detail: str) -> None:
        self.reason = reason


def watched(command: Aged, limits: Limits, account: Account | None = None, gauge: Gauge | None = None) -> Watched:
    return Watched(command, limits, account, gauge, command.asked.append, Oversight(lambda _: None), None)


ACCOUNT = Account(Group(Hierarchy(1, {}), {}), own=True)


def test_a_young_command_is_looked_at_often() -> None:
    assert watched(Aged(1.0), Limits(memory=GIB), ACCOUNT).patience == 0.2


def test_what_the_kernel_holds_is_looked_at_ever_more_seldom() -> None:
    waits = [watched(Aged(age), Limits(memory=GIB), ACCOUNT).patience for age in (3.0, 8.0, 60.0)]
    assert waits == pytest.approx([0.5, 0.8, 1.0])


def test_memory_that_nothing_else_holds_is_looked_at_before_it_can_be_full() -> None:
    tree = watched(Aged(60.0), Limits(memory=4 * GIB))
    assert tree.patience == 0.5
    tree.now = Reading(memory=3 * GIB)
    assert tree.patience == pytest.approx(0.25)
    tree.now = Reading(memory=4 * GIB)
    assert tree.patience == 0.2


def test_a_disk_that_nothing_else_holds_is_looked_at_before_it_can_be_full(tmp_path: Path) -> None:
    tree = os.open(tmp_path, os.O_PATH)
    small = Gauge(tree, [str(tmp_path)], Limits(disk=GIB), limited=False)
    large = Gauge(tree, [str(tmp_path)], Limits(disk=100 * GIB), limited=False)
    assert watched(Aged(60.0), Limits(), ACCOUNT, small).patience < 0.3
    assert watched(Aged(60.0), Limits(), ACCOUNT, large).patience == 0.5
    os.close(tree)


def test_a_counted_tree_that_did_not_run_is_not_asked_for_processes() -> None:
    command = Aged(5.0)
    tree = watched(command, Limits(), ACCOUNT)
    tree.now = Reading(cpu=1.0)
    tree.request()
    assert command.asked == [False]
    command.age = 10.0
    tree.request()
    assert command.asked == [False], "it has started nothing since: that takes processor time"
    tree.now = Reading(cpu=1.5)
    tree.request()
    assert command.asked == [False, False]


def test_a_tree_whose_time_nobody_counts_is_asked() -> None:
    command = Aged(5.0)
    tree = watched(command, Limits(), ACCOUNT)
    tree.request()
    command.age = 6.0
    tree.request()
    assert command.asked == [False, False]


def test_a_tree_that_did_not_run_is_not_measured_again() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"started\n")
        process.stdin.flush()
        process.stdout.readline()
        before = meter.measure([process.pid], False, None)
        assert before.threads == 1
        if not before.runs:
            pytest.skip("this kernel does not tell how long a thread ran")
        while (after := meter.measure([process.pid], False, before)) is not before:
            before = after  # it was still on its way to sleep
        process.stdin.write(b"again\n")
        process.stdin.flush()
        process.stdout.readline()
        assert meter.measure([process.pid], False, before) is not before
        process.kill()


def test_a_tree_that_lost_a_process_is_measured_again() -> None:
    with subprocess.Popen(["sleep", "60"]) as one, subprocess.Popen(["sleep", "60"]) as other:
        before = meter.measure([one.pid, other.pid], False, None)
        after = meter.measure([one.pid], False, before)
        assert after is not before
        assert after.threads == 1
        one.kill()
        other.kill()
