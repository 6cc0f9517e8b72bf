"""Formatters and linters of the project judge in the sandbox; where they are not there, the verdict says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.guard.checks.rules.check import RuleCheck
from loopwright.guard.directives import compile_text
from loopwright.testing.judging import judge_change, write_tree

PRETTIER = "- All code is formatted with Prettier.\n"
#: A formatter as the project would have it: it collapses runs of spaces.
TIDY = "#!/bin/sh\nexec sed -E 's/([^ ]) +/\\1 /g'\n"


def judge(root: Path, rules: str, before: dict[str, str], change: dict[str, str | bytes | None]) -> Verdict:
    write_tree(root, before)

    async def run() -> tuple[Verdict, ...]:
        return await judge_change(root, change, [RuleCheck()], Requirement(goal="x"), compile_text(rules))

    (verdict,) = anyio.run(run)
    return verdict


def install(root: Path, name: str, script: str) -> None:
    """Put a program where the project's own package manager would."""
    program = root / "node_modules/.bin" / name
    program.parent.mkdir(parents=True)
    program.write_text(script)
    program.chmod(0o755)


def test_a_file_that_the_projects_formatter_would_write_otherwise_is_stopped_at_its_line(tmp_path: Path) -> None:
    install(tmp_path, "prettier", TIDY)
    bad = judge(tmp_path, PRETTIER, {}, {"a.ts": "const a = 1;\nconst b  = 2;\n"})
    assert (bad.verdict, bad.red) == ("failed", True)
    assert [(f.file, f.line, f.source) for f in bad.findings] == [("a.ts", 2, "AGENTS.md:1")]
    good = judge(tmp_path, PRETTIER, {}, {"a.ts": "const a = 1;\n"})
    assert (good.verdict, good.evidence) == ("passed", "prettier read 1 changed files")


def test_a_file_that_was_not_formatted_before_is_let_be(tmp_path: Path) -> None:
    install(tmp_path, "prettier", TIDY)
    verdict = judge(tmp_path, PRETTIER, {"a.ts": "let a  = 1;\n"}, {"a.ts": "let a  = 2;\n"})
    assert verdict.verdict == "passed"


def test_a_formatter_that_cannot_read_a_file_is_no_pass(tmp_path: Path) -> None:
    install(tmp_path, "prettier", "#!/bin/sh\necho 'SyntaxError: what?' >&2; exit 2\n")
    verdict = judge(tmp_path, PRETTIER, {}, {"a.ts": "const = ;\n"})
    assert verdict.verdict == "partly" and "SyntaxError: what?" in verdict.evidence


@pytest.mark.parametrize(
    ("rules", "good", "bad", "at"),
    [
        (PRETTIER, {"a.ts": "if (a) b();\n"}, {"a.ts": "b();\nif(a) b();\n"}, 2),
        (PRETTIER, {"a.ts": "const a = `x  `;\n"}, {"a.ts": "const a =   1;\n"}, 1),
        ("- Go code is formatted with gofmt.\n", {"a.go": "func a() {\n\tb()\n}\n"}, {"a.go": "func a() {\n    b()\n}\n"}, 2),
        ("- Format code with biome.\n", {"a.js": "a();\n"}, {"a.js": "a();  \n"}, 1),
    ],
)  # fmt: skip
def test_without_the_tool_nothing_passes_and_what_is_plain_is_stopped(
    tmp_path: Path, rules: str, good: dict[str, str], bad: dict[str, str], at: int
) -> None:
    if shutil.which("gofmt"):
        pytest.skip("gofmt is installed here")
    verdict = judge(tmp_path, rules, {}, {**good})
    assert verdict.verdict == "advised" and "is not installed" in verdict.evidence
    verdict = judge(tmp_path, rules, {}, {**bad})
    assert verdict.verdict == "failed" and [f.line for f in verdict.findings] == [at]


def test_what_rustfmt_would_write_otherwise_is_stopped_with_or_without_it(tmp_path: Path) -> None:
    rule = "- Code is formatted with `rustfmt`.\n"
    assert judge(tmp_path, rule, {}, {"a.rs": "fn main() {\n    a();\n}\n"}).verdict in ("passed", "advised")
    verdict = judge(tmp_path, rule, {}, {"a.rs": "fn main() {\n\ta();\n}\n"})
    assert [(f.file, f.line) for f in verdict.findings] == [("a.rs", 2)]


def eslint(*messages: dict[str, object]) -> str:
    rows = json.dumps([{"filePath": "/x/src/a.js", "messages": list(messages)}])
    return f'#!/bin/sh\ngrep -q bad src/a.js 2>/dev/null && echo \'{rows}\' && exit 1\necho \'[{{"filePath":"/x/src/a.js","messages":[]}}]\'\n'


def test_what_the_projects_eslint_finds_is_a_finding_of_the_rule(tmp_path: Path) -> None:
    found = {"ruleId": "no-shadow", "severity": 2, "message": "shadowed", "line": 2}
    install(tmp_path, "eslint", eslint(found, {**found, "severity": 1, "line": 1}))
    rule = "- Follow the Airbnb style guide\n"
    bad = judge(tmp_path, rule, {}, {"src/a.js": "a();\nbad();\n"})
    assert [(f.line, f.reason.split(". Rule")[0]) for f in bad.findings] == [(2, "no-shadow: shadowed")]
    assert judge(tmp_path, rule, {}, {"src/a.js": "a();\n"}).verdict == "passed"


def test_a_preset_without_eslint_holds_in_its_core_and_says_so(tmp_path: Path) -> None:
    rule = "- Follow the Airbnb style guide\n"
    good = judge(tmp_path, rule, {}, {"src/a.js": "a();\n"})
    assert good.verdict == "advised" and "not installed" in good.evidence
    bad = judge(tmp_path, rule, {}, {"src/a.js": "var a = 1;\n"})
    assert bad.verdict == "failed"


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ({"pyproject.toml": "[tool.ruff]\nline-length = 120\n"}, "passed"),
        ({"ruff.toml": "line-length = 120\n"}, "passed"),
        ({"src/ruff.toml": "line-length = 120\n"}, "passed"),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, "failed"),
        ({"ruff.toml": "line-length = 'long'\n"}, "advised"),
    ],
)
def test_a_file_is_formatted_by_the_projects_own_settings(
    tmp_path: Path, settings: dict[str, str], verdict: str
) -> None:
    change: dict[str, str | bytes | None] = {"src/a.py": f"names = [{', '.join(['name_of_it'] * 8)}]\n"}
    found = judge(tmp_path, "- Python is formatted with `ruff format`.\n", settings, change)
    assert found.verdict == verdict, found.evidence
