"""The coverage of what a change brings: the lines that the tests reached, compared with the change by diff-cover."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import anyio
import msgspec

from loopwright.core.rules import Directive
from loopwright.guard.checks.probes.coverage import Measured, compare
from loopwright.guard.checks.probes.judge import Outcome
from loopwright.guard.checks.rules.delta import Delta, File, is_test
from loopwright.guard.checks.rules.mask import mask
from loopwright.guard.checks.rules.tools import ToolMissing, program

_SECONDS = 60.0
_MEASURED = ("python", "javascript", "typescript")
#: Where nothing of a file was reached no line of it is told, and it is not one that is left out on purpose.
_NOT_CODE = (".d.ts", ".pyi", ".config.js", ".config.ts", ".config.mjs", ".config.cjs")


class _Lines(msgspec.Struct):
    violation_lines: list[int] = []


class _Report(msgspec.Struct):
    total_num_lines: int
    total_num_violations: int
    src_stats: dict[str, _Lines] = {}


async def judge_change_coverage(rule: Directive, measured: Measured, delta: Delta) -> tuple[Outcome, tuple[str, int]]:
    """Return whether the lines of the change are covered as the rule asks, and the first place that is not."""
    files = [f for f in delta.written(rule) if f.language in _MEASURED and not is_test(f.path)]
    if not measured.lines.strip():
        return Outcome(None, f"not measured: {measured.how if measured.reached is None else 'no lines were told'}"), (
            "",
            0,
        )
    try:
        report = await _compared(files, measured.lines)
    except ToolMissing as missing:
        return Outcome(None, f"not measured: {missing}"), ("", 0)
    if not report.total_num_lines:
        return Outcome(True, f"no changed line is one that coverage tells of ({measured.how})"), ("", 0)
    reached = 100 * (1 - report.total_num_violations / report.total_num_lines)
    said = f"of {report.total_num_lines} changed lines {reached:.2f} % are covered (diff-cover, {measured.how})"
    places = sorted((path, min(s.violation_lines)) for path, s in report.src_stats.items() if s.violation_lines)
    return compare(rule, reached, said), places[0] if places else ("", 0)


async def _compared(files: list[File], lines: str) -> _Report:
    tool = program("diff-cover")
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        (folder / "lcov.info").write_text(_records(files, lines), encoding="utf-8")
        (folder / "change.diff").write_text("".join(_diff(f) for f in files), encoding="utf-8", errors="replace")
        quiet = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DIR": str(folder / ".git"),
        }
        argv = [tool, "lcov.info", "--diff-file", "change.diff", "--format", "json:report.json", "-q"]
        try:
            with anyio.fail_after(_SECONDS):  # it asks git for the top of the tree, and nothing else
                await anyio.run_process(["git", "init", "-q", name], env=quiet)
                ran = await anyio.run_process(argv, cwd=name, check=False, env=quiet | {"GIT_WORK_TREE": name})
            return msgspec.json.decode((folder / "report.json").read_bytes(), type=_Report)
        except TimeoutError:
            raise ToolMissing(f"diff-cover gave no result in {_SECONDS:.0f} s") from None
        except (OSError, msgspec.DecodeError):
            said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
            raise ToolMissing(f"diff-cover gave no result: {said[-1][:160] if said else ran.returncode}") from None


def _records(files: list[File], lines: str) -> str:
    """Return the records of the changed files under their own paths, and one for each that the tests never loaded."""
    told: dict[str, str] = {}
    for record in lines.split("end_of_record"):
        named = next((x[3:].strip() for x in record.splitlines() if x.startswith("SF:")), "")
        if named:
            told[named.removeprefix("./")] = record
    kept = []
    for file in files:
        path = next((p for p in told if p == file.path or p.endswith(f"/{file.path}")), "")
        if path:
            body = [x for x in told[path].splitlines() if x and not x.startswith(("SF:", "TN:"))]
            kept.append("\n".join((f"SF:{file.path}", *body, "end_of_record\n")))
        elif not file.path.endswith(_NOT_CODE) and _beside(file.path, told):
            code = mask(file.after, file.language).splitlines()
            never = [f"DA:{n},0" for n in sorted(file.added) if any(c.isalnum() for c in code[n - 1])]
            kept.append("\n".join((f"SF:{file.path}", *never, "end_of_record\n")))
    return "".join(kept)


def _beside(path: str, told: Iterable[str]) -> bool:
    """Return whether coverage tells of other files in the same folder at the top: it would tell of this one."""
    top = path.split("/")[0] + "/"
    return "/" in path and any(other.startswith(top) or f"/{top}" in other for other in told)


def _diff(file: File) -> str:
    before = [x + "\n" for x in file.before.splitlines()]
    after = [x + "\n" for x in file.after.splitlines()]
    body = "".join(difflib.unified_diff(before, after, f"a/{file.path}", f"b/{file.path}", n=0))
    return f"diff --git a/{file.path} b/{file.path}\n{body}" if body else ""
