"""Whole runs of the test command in the scratch view."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from loopwright.core.ports import Workspace
from loopwright.core.running import Executor, Limits, Ran, run
from loopwright.engines.repair.command import Command

_WHOLE = Limits(timeout=300.0)


async def interpreter(command: Command, executor: Executor) -> Command:
    """The command with the interpreter that its program's first line names, where it is started by name."""
    if not command.shebang:
        return command
    line = await run(executor, ["sh", "-c", f'head -n 1 "$(command -v {command.shebang})"'], Limits(timeout=10.0))
    found = re.match(rb"#!\s*(?:/usr/bin/env\s+)?(\S*python\S*)\s*$", line.out.split(b"\n")[0])
    python = found[1].decode("utf-8", "replace") if found else "python3"
    return replace(command, python=(python,), shebang="")


async def whole_run(
    command: Command, workspace: Workspace, edited: Mapping[str, bytes], limits: Limits = _WHOLE
) -> Ran:
    """Run the whole command with these contents; the view is left as it was."""
    before = {path: workspace.files.read(path) for path in edited}
    try:
        for path, data in edited.items():
            workspace.files.write(path, data)
        return await run(workspace.executor, ["sh", "-c", command.shell], limits)
    finally:
        for path, data in before.items():
            workspace.files.write(path, data)
