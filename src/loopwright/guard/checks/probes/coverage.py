"""The coverage that the tests reach, measured by the project's own tool and compared with the rule's number."""

from __future__ import annotations

import secrets

import msgspec

from loopwright.core.checks import Ref
from loopwright.core.fact import Fact
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.core.running import Limits, run
from loopwright.guard.checks.probes.judge import Outcome
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.checks.rules.manifest import dependencies

_SECONDS = 300.0
#: How each runner is told to write a summary in JSON and the lines in LCOV's form; {folder} is where.
_RUNNERS = {
    "jest": (
        "jest --coverage --coverageReporters=json-summary --coverageReporters=lcovonly --coverageDirectory={folder}",
        "coverage-summary.json",
    ),
    "vitest": (
        "vitest run --coverage --coverage.reporter=json-summary --coverage.reporter=lcovonly"
        " --coverage.reportsDirectory={folder}",
        "coverage-summary.json",
    ),
    "pytest": (
        "python -m pytest -q -p no:cacheprovider --cov --cov-report=json:{folder}/coverage.json"
        " --cov-report=lcov:{folder}/lcov.info",
        "coverage.json",
    ),
}
#: Stands between the two in what is printed: LCOV has no such character.
_BETWEEN = "\x1e"
_SCRIPT = (
    'PATH="$PWD/.venv/bin:$PWD/venv/bin:$PWD/node_modules/.bin:$PATH"; export PATH; mkdir -p "$1"; '
    'COVERAGE_FILE="$1/data" sh -c "$2" >"$1/said" 2>&1; status=$?; '
    'if [ -f "$1/$3" ]; then cat "$1/$3"; printf "\\036"; cat "$1/lcov.info" 2>/dev/null; '
    'else tail -n 3 "$1/said"; fi; '
    'rm -rf "$1"; exit $status'
)


class _Share(msgspec.Struct, frozen=True):
    pct: float = 0.0


class _Total(msgspec.Struct, frozen=True):
    lines: _Share = _Share()
    percent_covered: float | None = None


class _Summary(msgspec.Struct, frozen=True):
    total: _Total | None = None  # jest's and vitest's
    totals: _Total | None = None  # coverage.py's


class Measured(Fact, frozen=True):
    """The share of lines covered in per cent, None where it is not known; how, or why not; the lines in LCOV's form."""

    reached: float | None
    how: str
    lines: str = ""


async def measure(ref: Ref, ctx: CheckContext) -> Measured:
    """Run the tests of a tree with coverage, in the sandbox. Raises SandboxError."""
    async with ctx.workspace.fresh(ref) as view:
        delta = Delta(await view.change(ref), ctx.blobs, view.files)
        runner = _runner(delta)
        if not runner:
            return Measured(None, "no runner that measures coverage is known here")
        command, file = _RUNNERS[runner]
        folder = f"/tmp/.coverage-{secrets.token_hex(6)}"  # noqa: S108 - of the sandbox, not of this machine
        limits = Limits(timeout=ctx.limits.timeout or _SECONDS, output=32 << 20, memory=ctx.limits.memory)
        argv = ("sh", "-c", _SCRIPT, "sh", folder, command.replace("{folder}", folder), file)
        ran = await run(view.executor, argv, limits)
    printed, _, lines = ran.merged.decode("utf-8", "replace").partition(_BETWEEN)
    try:
        summary = msgspec.json.decode(printed, type=_Summary)
    except msgspec.DecodeError:
        said = ran.text().strip().splitlines()
        return Measured(
            None, f"{runner} gave no summary: {(said or [ran.exit.reason or str(ran.exit.status)])[-1][:200]}"
        )
    if summary.totals is not None and summary.totals.percent_covered is not None:
        return Measured(summary.totals.percent_covered, f"measured with {runner}", lines)
    if summary.total:
        return Measured(summary.total.lines.pct, f"lines, measured with {runner}", lines)
    return Measured(None, "an empty summary")


def _runner(delta: Delta) -> str:
    declared = dependencies("package.json", delta.read("package.json") or "")
    for name in ("jest", "vitest"):
        if name in declared:
            return name
    return "pytest" if any(p.endswith(".py") and p.rsplit("/", 1)[-1].startswith("test_") for p in delta.tree()) else ""


def judge_coverage(rule: Directive, measured: Measured) -> Outcome:
    """Compare the number reached with the rule's: `> 80` is not met by 80."""
    if measured.reached is None:
        return Outcome(None, f"not measured: {measured.how}")
    return compare(rule, measured.reached, f"coverage is {measured.reached:.2f} % ({measured.how})")


def compare(rule: Directive, reached: float, said: str) -> Outcome:
    """Return whether a number of per cent meets the rule's."""
    wanted, op = rule.params.get("n"), str(rule.params.get("op", ">="))
    if not isinstance(wanted, int):
        return Outcome(None, "the rule names no number")
    holds = reached > wanted if op == ">" else reached >= wanted
    return Outcome(holds, f"{said}; the rule asks for {op} {wanted} %")
