"""Repair by whole runs, for test commands that cannot be looked into: slow, led by the frames in what they print."""

from __future__ import annotations

import os.path
import re
import time

import anyio.to_thread

from loopwright.core.calls import Delta, Proposal
from loopwright.core.errors import ToolFailure
from loopwright.core.expression import expression
from loopwright.core.ports import EngineContext, Workspace
from loopwright.core.running import Limits, run
from loopwright.engines.repair import report
from loopwright.engines.repair.baseline import Baseline, Outcome
from loopwright.engines.repair.behaviour import Behaviours
from loopwright.engines.repair.candidates import Candidate, generate
from loopwright.engines.repair.choose import ordered
from loopwright.engines.repair.command import Command
from loopwright.engines.repair.confirm import whole_run
from loopwright.engines.repair.elsewhere import look_elsewhere
from loopwright.engines.repair.files import editable
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.hints import Hints
from loopwright.engines.repair.localise import Suspicion
from loopwright.engines.repair.patch import call
from loopwright.engines.repair.pool import gather
from loopwright.engines.repair.session import NAME, SECONDS, nothing
from loopwright.engines.repair.source import Source, Unreadable
from loopwright.engines.repair.trial import Trial

_FRAME = expression(r'File "([^"\n]+\.py)", line (\d+)|^([\w./-]+\.py):(\d+)', re.MULTILINE)
_NEAR = 0.3  # suspicion of lines in the function of a frame
_RESERVE = 0.1
_RIVALS = 10  # candidates tried behind the first cure
_MOST = 2000
_TIMES, _LEAST = 3.0, 5.0  # how long a candidate may take: times what the command took as it is, and seconds at least
_NOTE = "the command cannot be looked into, so every candidate was a whole run of it"


class WholeRuns:
    """A search in which each candidate is written to the scratch view and the whole command run."""

    def __init__(self, command: Command, ctx: EngineContext) -> None:
        self._command, self._ctx = command, ctx
        budget = ctx.seconds if ctx.seconds is not None else SECONDS
        self._began = time.monotonic()
        self._until = self._began + budget * (1 - _RESERVE)
        self._each = Limits()

    async def run(self, workspace: Workspace) -> Proposal:
        """Search until the time is up; propose the likeliest edit with which the command passes."""
        limits = Limits(timeout=max(_LEAST, (self._until - self._began) / 3))
        ran = await run(workspace.executor, ["sh", "-c", self._command.shell], limits)
        if ran.ok:
            return nothing("the command passes as it is")
        if ran.exit.reason:
            return nothing(f"the command did not get as far as to say what fails: {ran.exit.said}; {_NOTE}")
        self._each = Limits(timeout=max(_LEAST, _TIMES * ran.exit.usage.wall))
        sources, spectra = _frames(workspace, ran.text())
        if not sources:
            return nothing("the command cannot be looked into, and what it prints names no line of the project")
        elsewhere = look_elsewhere(sources.values())
        files = [(source, gather(source, (), elsewhere)) for source in sources.values()]
        candidates = await anyio.to_thread.run_sync(generate, files, spectra, Hints(), _MOST)
        found = await self._try(workspace, candidates, sources)
        cure = ordered(found.complete)[:1]
        baseline = Baseline([self._command.shell], [""], {0: Outcome("f")}, [0], [], [], [], {}, workspace.root)
        facts = report.search(baseline, spectra, found, candidates, sources, [], cure, Behaviours())
        facts = report.stored(facts | {"note": _NOTE}, self._ctx.blobs)
        if not cure:
            return nothing(f"{report.why_not(baseline, found, len(candidates), [])}; {_NOTE}", facts)
        edit = cure[0].candidate.edit
        final = {edit.file: sources[edit.file].edited(edit.splices)}
        pairs = sources[edit.file].changes(final[edit.file])
        calls = tuple(call(f"repair-{n}", edit.file, old, new) for n, (old, new) in enumerate(pairs, start=1))
        text = report.text(cure, sources, final, found, Behaviours())
        return Proposal(text=f"{text}\nNote: {_NOTE}.", calls=calls, done=True, engine=NAME, report=facts)

    async def _try(self, workspace: Workspace, candidates: list[Candidate], sources: dict[str, Source]) -> Found:
        found = Found()
        seen: set[str] = set()
        for candidate in candidates:
            found.seconds = time.monotonic() - self._began
            late = time.monotonic() >= self._until
            if late or (found.first_at is not None and found.tried >= found.first_at + _RIVALS):
                break
            source = sources[candidate.edit.file]
            text = source.edited(candidate.edit.splices)
            if text in seen or text == source.text or not _compiles(text):
                continue
            seen.add(text)
            found.tried += 1
            found.by_operator[candidate.edit.operator] += 1
            contents = {source.path: source.encode(text)}
            green = (await whole_run(self._command, workspace, contents, self._each)).ok
            found.ends["green" if green else "red"] += 1
            if green:
                found.complete.append(Trial(candidate, "fresh", green=candidate.tests))
                found.first_at = found.first_at if found.first_at is not None else found.tried
            self._ctx.emit(Delta("progress", f"{found.tried} whole runs", data={"tried": found.tried}))
        found.left = len(candidates) - found.tried
        return found


def _compiles(text: str) -> bool:
    try:
        compile(text, "candidate", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _frames(workspace: Workspace, output: str) -> tuple[dict[str, Source], Suspicion]:
    """Sources named in the output, and suspicion of the named lines and of the functions around them."""
    nobody = Baseline([], [], {}, [], [], [], [], {}, workspace.root)
    sources: dict[str, Source] = {}
    spectra = Suspicion()
    for match in _FRAME.finditer(output):
        path = os.path.relpath(os.path.join(workspace.root, match[1] or match[3]), workspace.root)
        line = int(match[2] or match[4])
        if not editable(path, nobody):
            continue
        try:
            source = sources.setdefault(path, Source(path, workspace.files.read(path)))
        except (Unreadable, ToolFailure):
            continue
        lines = spectra.lines.setdefault(path, {})
        unit = source.unit_at(line)
        around = range(unit.first, (unit.node.end_lineno or line) + 1) if unit else range(line, line + 1)
        for near in around:
            lines[near] = max(lines.get(near, 0.0), 1.0 if near == line else _NEAR)
            spectra.covered[(path, near)] = frozenset({0})
    return sources, spectra
