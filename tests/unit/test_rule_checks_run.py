"""The rules as a check of a session: one verdict for every directive, old breaches let be, nothing judged in silence."""

from __future__ import annotations

from pathlib import Path

import anyio

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.guard.checks.rules.check import RuleCheck
from loopwright.guard.checks.rules.syntax_python import DETECTORS as PYTHON
from loopwright.guard.checks.rules.syntax_script import DETECTORS as SCRIPT
from loopwright.guard.checks.rules.syntax_text import PATTERNS as TEXT
from loopwright.guard.directives import compile_text
from loopwright.guard.directives.recognisers.construct_words import CONSTRUCTS, OPPOSITES
from loopwright.testing.judging import judge_change, write_tree

RULES = """\
- Never edit `schema.sql`.
- Never use `print()` in source code.
- Never run `git push`.
- Tests are written with Jest
- Write readable code.
- `make test` - run the tests
"""


def judge(root: Path, before: dict[str, str], change: dict[str, str | bytes | None]) -> dict[str, Verdict]:
    write_tree(root, before)

    async def run() -> tuple[Verdict, ...]:
        return await judge_change(root, change, [RuleCheck()], Requirement(goal="x"), compile_text(RULES))

    return {v.source: v for v in anyio.run(run)}


def test_every_directive_but_a_command_gets_its_verdict(tmp_path: Path) -> None:
    verdicts = judge(
        tmp_path, {"a.py": "x = 1\n", "schema.sql": "a\n"}, {"a.py": "x = 1\nprint(x)\n", "schema.sql": "b\n"}
    )
    assert {source: v.verdict for source, v in verdicts.items()} == {
        "AGENTS.md:1": "failed",
        "AGENTS.md:2": "failed",
        "AGENTS.md:3": "passed",
        "AGENTS.md:4": "passed",
        "AGENTS.md:5": "advised",
    }
    broken = verdicts["AGENTS.md:2"]
    assert broken.red and broken.kind == "directive"
    assert [(f.file, f.line, f.check, f.source) for f in broken.findings] == [("a.py", 2, broken.check, "AGENTS.md:2")]
    assert "Never use `print()`" in broken.findings[0].reason
    assert "held at the call" in verdicts["AGENTS.md:3"].evidence


def test_what_the_base_lacked_already_is_said_and_does_not_block(tmp_path: Path) -> None:
    verdicts = judge(tmp_path, {"package.json": '{"dependencies": {}}', "a.js": "a()\n"}, {"a.js": "b()\n"})
    lacking = verdicts["AGENTS.md:4"]
    assert (lacking.verdict, lacking.red) == ("partly", False)
    assert "as before the change" in lacking.evidence


def test_files_that_are_no_text_are_no_reason_to_stop(tmp_path: Path) -> None:
    verdicts = judge(
        tmp_path,
        {"a.py": "x = 1\n"},
        {
            "a.py": b"\xff\x00\xfe print(1)",
            "b.py": "def f(:\n    print(1)\n",
            "c.py": b"# \xe9\nprint(1)\n",
            "d.py": 'x = "\\d"\n',
        },
    )
    assert verdicts["AGENTS.md:2"].verdict == "failed"
    assert [(f.file, f.line) for f in verdicts["AGENTS.md:2"].findings] == [("b.py", 2), ("c.py", 2)]


def test_a_check_can_be_run_alone(tmp_path: Path) -> None:
    rules = compile_text(RULES)
    write_tree(tmp_path, {"a.py": "x = 1\n"})

    async def run() -> tuple[Verdict, ...]:
        alone = tuple(d for d in rules if d.check == rules[1].check)
        return await judge_change(tmp_path, {"a.py": "print(1)\n"}, [RuleCheck()], Requirement(goal="x"), alone)

    (verdict,) = anyio.run(run)
    assert (verdict.check, verdict.verdict) == (rules[1].check, "failed")


def test_a_session_that_may_not_touch_tests_is_not_held_to_adding_them(tmp_path: Path) -> None:
    rules = compile_text("- Bug fixes must include tests.")
    write_tree(tmp_path, {"a.py": "x = 1\n"})

    async def run(may: bool) -> tuple[Verdict, ...]:
        requirement = Requirement(goal="x", tests_may_change=may)
        return await judge_change(tmp_path, {"a.py": "x = 2\n"}, [RuleCheck()], requirement, rules)

    (free,), (bound,) = anyio.run(run, True), anyio.run(run, False)
    assert (free.verdict, free.red) == ("failed", True)
    assert (bound.verdict, bound.red) == ("advised", False)


def test_every_construct_a_rule_can_name_has_a_detector() -> None:
    as_imports_or_text = {"local_import", "relative_import", "ts_ignore"}
    named = {name for name, _ in (*CONSTRUCTS, *OPPOSITES)} - as_imports_or_text
    assert named <= {*PYTHON, *SCRIPT, *TEXT}
