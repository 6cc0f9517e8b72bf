"""What other scanners found, as checks: CodeQL, Snyk, SonarQube, semgrep and whatever else writes SARIF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from loopwright.core.checks import Change, Finding, Verdict
from loopwright.core.ports import CheckContext
from loopwright.guard.checks.rules.delta import Delta, File
from loopwright.guard.checks.scanners.results_sarif import Hit, ToolRun


class ResultsCheck:
    """One verdict for each run of a tool. Nothing is run: the report is taken as the tool's word, with its name.

    On a change, what lies on lines that the change did not write is old; where the tool itself says what is new, that
    counts.
    """

    id = "results"
    cost = 1

    def __init__(self, runs: Sequence[ToolRun]) -> None:
        self._runs = tuple(runs)

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        files = {f.path: f for f in Delta(change, ctx.blobs).files}
        return tuple(_verdict(run, files, whole=not change.base) for run in self._runs)


def _verdict(run: ToolRun, files: dict[str, File], whole: bool) -> Verdict:
    check = f"scanner.{re.sub(r'[^a-z0-9]+', '-', run.tool.lower()).strip('-')}"
    fresh = tuple(_findings(run, check, files, whole))
    old = len(run.hits) - len(fresh)
    counts = [f"{len(fresh)} findings"] + [
        f"{number} {what}" for number, what in ((old, "not of this change"), (run.left_out, "suppressed")) if number
    ]
    evidence = f"{_name(run)}, read from {run.source}: {', '.join(counts)}"
    blocks = any(f.level == "block" for f in fresh)
    if run.wrong:
        evidence = f"{_name(run)}, read from {run.source}: {run.wrong}"
    return Verdict(
        check=check,
        kind="scanner",
        name=_name(run),
        verdict="failed" if blocks else "not_run" if run.wrong else "passed",
        source=run.source,
        level="block" if blocks or run.wrong or not fresh else "warn",
        evidence=evidence,
        findings=fresh,
    )


def _name(run: ToolRun) -> str:
    return f"{run.tool} {run.version}".rstrip()


def _findings(run: ToolRun, check: str, files: dict[str, File], whole: bool) -> Iterator[Finding]:
    for hit in run.hits:
        if _is_fresh(hit, files, whole):
            reason = f"{hit.rule}: {hit.message}"
            yield Finding(check, hit.rule, reason, hit.level, hit.file, hit.line, f"{run.source} ({_name(run)})")


def _is_fresh(hit: Hit, files: dict[str, File], whole: bool) -> bool:
    if hit.new is not None:
        return hit.new
    if whole:
        return not hit.file or not files or hit.file in files
    file = files.get(hit.file)
    if file is None:
        return False
    return not hit.line or hit.line in file.added
