"""A command that runs in a container, and how it is judged by what is seen of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from loopwright.core.running import Limits, Reason
from loopwright.sandbox.cgroups import Reading
from loopwright.sandbox.container_command import ContainerCommand
from loopwright.sandbox.monitor import Watched, judge


@dataclass
class Running:
    """One command and what is known of it."""

    command: ContainerCommand
    watched: Watched
    narrower: bool  # it may use less than its container: its tree is measured
    follow_up: asyncio.TimerHandle | None = None


def judge_tree(run: Running, memory: int, pids: int, last: int) -> None:
    """Note what a command's tree holds, and end one that holds more than it may and its container may not."""
    command, watched = run.command, run.watched
    command.peak, command.pids = max(command.peak, memory), max(command.pids, pids)
    watched.count(last)
    watched.now = Reading(memory=memory, pids=pids)
    if run.narrower:
        judge(watched, watched.now)


def said(reason: Reason, limits: Limits) -> str:
    """What a person is told of the limit that was hit."""
    return (
        f"more than {(limits.memory or 0) >> 20} MiB of memory"
        if reason == "memory"
        else f"more than {limits.pids} processes"
    )


def judge_disk(run: Running, status: int | None) -> None:
    """End a command that wrote more than it may; one that has ended (with `status`) keeps the reason."""
    gauge = run.watched.gauge
    found = gauge.judge() if gauge and status != 0 else None
    if found and status is None:
        run.command.stop(*found)
    elif found:
        run.command.note(*found)
