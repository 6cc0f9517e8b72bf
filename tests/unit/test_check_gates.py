"""Commands that AGENTS.md names are gates: required where it says so, adopted where they pass on the base."""

from __future__ import annotations

from pathlib import Path

import anyio
import msgspec

from loopwright.core.checks import Change, FileChange, Finding, Verdict
from loopwright.core.plan import Requirement
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Directive
from loopwright.guard.checks.baseline import make_baseline, without_known
from loopwright.guard.checks.commands.check import CommandCheck
from loopwright.guard.checks.commands.gates import gates
from loopwright.guard.checks.rules.verdict import places
from loopwright.runtime.check_report import Report
from loopwright.testing.judging import judge_change, write_tree

NO_CHANGE = Change(base="a", tree="b")


def named(line: int, *commands: str, purpose: str = "lint", gate: str = "explicit", **more: object) -> Directive:
    params = {"commands": list(commands), "purpose": purpose, "gate": gate, **more}
    return Directive("AGENTS.md", line, " ".join(commands), "enforced", "command", params)  # type: ignore[arg-type]


def judged(root: Path, *rules: Directive, change: dict[str, str | bytes | None] | None = None) -> list[Verdict]:
    wanted = Requirement(goal="judge")
    return list(anyio.run(judge_change, root, change or {}, (CommandCheck(),), wanted, rules))


def test_a_required_gate_that_the_change_breaks_blocks(tmp_path: Path) -> None:
    (verdict,) = judged(tmp_path, named(7, "test ! -e bad"), change={"bad": ""})
    assert (verdict.verdict, verdict.kind, verdict.source, verdict.exit, verdict.red) == (
        "failed",
        "directive",
        "AGENTS.md:7",
        1,
        True,
    )


def test_a_required_gate_that_holds_passes(tmp_path: Path) -> None:
    (verdict,) = judged(tmp_path, named(7, "true"))
    assert (verdict.verdict, verdict.tests_run) == ("passed", None)


def test_a_gate_that_was_red_before_never_blocks(tmp_path: Path) -> None:
    required, listed = judged(tmp_path, named(1, "exit 3"), named(2, "exit 4", gate="listed"))
    assert (required.verdict, required.red, listed.verdict, listed.red) == ("advised", False, "advised", False)
    assert "on the tree before as well: exit status 3" in required.evidence
    assert "not adopted" in listed.evidence and "exit status 4" in listed.evidence


class WholeTree(CommandCheck):
    """Judges the tree as it stands, as `check` does without --base."""

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        return await super().run(msgspec.structs.replace(change, base=""), ctx)


def test_on_a_whole_tree_a_required_gate_that_is_red_blocks_until_a_baseline_knows_it(tmp_path: Path) -> None:
    rules = (named(1, "exit 3"), named(2, "exit 4", gate="listed"), named(3, "no-such-linter ."))
    wanted = Requirement(goal="judge")
    found = anyio.run(judge_change, tmp_path, {}, (WholeTree(),), wanted, rules)
    required, listed, lacking = found
    assert (required.verdict, required.red, listed.red, lacking.red) == ("failed", True, False, False)
    assert required.findings[0].reason == "`exit 3` does not pass: exit status 3"
    kept, _ = without_known(found, make_baseline(found, lambda path, line: ""), lambda path, line: "")
    assert not any(verdict.red for verdict in kept)


def test_a_file_name_makes_no_line_of_its_own() -> None:
    finding = Finding("c", "n", "bad", file="a\nb.py:1: ok", line=2)
    (line, _) = Report((Verdict("c", "directive", "n", "failed", findings=(finding,)),)).lines(False)
    assert line == "a\\nb.py:1: ok:2: block: bad [c]"


def test_a_finding_on_a_whole_file_names_no_line() -> None:
    assert places((Finding("c", "n", "it was changed", file="a.txt"),)) == "a.txt: it was changed"
    assert places((Finding("c", "n", "bad", file="a.py", line=3), Finding("c", "n", "none"))) == "a.py:3: bad; none"


def test_a_gate_that_was_red_before_is_said_to_a_person(tmp_path: Path) -> None:
    report = Report(tuple(judged(tmp_path, named(1, "exit 3"))))
    assert "not held: exit 3: it failed on the tree before as well: exit status 3 [AGENTS.md:1]" in report.lines(False)


def test_a_listed_gate_that_was_green_before_is_adopted(tmp_path: Path) -> None:
    (verdict,) = judged(tmp_path, named(1, "test ! -e bad", gate="listed"), change={"bad": ""})
    assert (verdict.verdict, verdict.red) == ("failed", True)


def test_a_missing_tool_is_advised_with_the_reason(tmp_path: Path) -> None:
    (verdict,) = judged(tmp_path, named(1, "no-such-linter ."))
    assert verdict.verdict == "advised" and "no-such-linter is not installed" in verdict.evidence


def test_a_forbidden_command_never_runs(tmp_path: Path) -> None:
    forbidden = Directive("AGENTS.md", 3, "never", "enforced", "forbid_command", {"commands": ["touch ran"]})
    (verdict,) = judged(tmp_path, named(1, "touch ran"), forbidden)
    assert verdict.verdict == "advised" and "forbidden elsewhere" in verdict.evidence


def test_a_ban_holds_for_the_command_it_names_and_not_for_one_that_begins_like_it() -> None:
    ban = Directive("AGENTS.md", 3, "never", "enforced", "forbid_command", {"commands": ["pnpm test"]})
    listed = named(1, "pnpm test:unit", "cd web && pnpm run test", "pnpm testing", purpose="test", gate="listed")
    standing = {g.command: g.standing for g in gates((listed, ban), NO_CHANGE, ())}
    assert standing == {"pnpm test:unit": "proposed", "cd web && pnpm run test": "advised", "pnpm testing": "proposed"}


def test_an_acceptance_command_is_not_run_again_as_a_gate() -> None:
    assert gates((named(1, "make  test"),), NO_CHANGE, ("make test",)) == ()


def test_cheap_gates_come_first_and_each_once() -> None:
    rules = (
        named(1, "pytest", purpose="test"),
        named(2, "ruff check"),
        named(3, "pytest", purpose="test", gate="listed"),
    )
    assert [(g.command, g.source) for g in gates(rules, NO_CHANGE, ())] == [
        ("ruff check", "AGENTS.md:2"),
        ("pytest", "AGENTS.md:1"),
    ]


def test_a_demand_without_a_command_makes_the_listed_ones_required() -> None:
    (gate,) = gates((named(1, "ruff check", gate="listed"), named(9)), NO_CHANGE, ())
    assert (gate.command, gate.standing, gate.source) == ("ruff check", "required", "AGENTS.md:9")


def test_a_demand_that_nothing_answers_is_said() -> None:
    (gate,) = gates((named(9),), NO_CHANGE, ())
    assert gate.standing == "advised" and "none for lint is listed" in gate.why


def test_a_placeholder_is_not_run() -> None:
    (gate,) = gates((named(1, "pytest path/to/file", placeholder=True),), NO_CHANGE, ())
    assert gate.standing == "advised" and "placeholder" in gate.why


def test_a_gate_runs_in_the_directory_its_rule_names_below_the_one_the_file_holds_for() -> None:
    there = named(1, "npm test", directory="web")
    (gate,) = gates((there,), NO_CHANGE, ())
    assert gate.directory == "web"
    touched = msgspec.structs.replace(NO_CHANGE, files=(FileChange("apps/web/a.ts", "add", None, "x"),))
    nested = msgspec.structs.replace(there, scope="apps")
    assert [g.directory for g in gates((nested,), touched, ())] == ["apps/web"]
    whole = msgspec.structs.replace(nested, params={**nested.params, "directory": "apps/web"})
    assert [g.directory for g in gates((whole,), touched, ())] == ["apps/web"]


def test_a_gate_of_a_directory_is_judged_there(tmp_path: Path) -> None:
    (verdict,) = judged(tmp_path, named(1, "test -e only-here", directory="web"), change={"web/only-here": "x\n"})
    assert verdict.verdict == "passed"


def test_a_listed_command_that_generates_is_no_gate() -> None:
    (gate,) = gates((named(1, "make gen", purpose="codegen", gate="listed"),), NO_CHANGE, ())
    assert gate.standing == "advised"


def test_a_formatter_that_would_change_the_tree_is_red(tmp_path: Path) -> None:
    write_tree(tmp_path, {"fmt.sh": "[ ! -e new.txt ] || echo tidy > new.txt\n"})
    rule = named(1, "sh fmt.sh", purpose="format")
    (verdict,) = judged(tmp_path, rule, change={"new.txt": "untidy"})
    assert verdict.red and "would change files" in verdict.evidence
    (verdict,) = judged(tmp_path, rule, change={"new.txt": "tidy\n"})
    assert verdict.verdict == "passed"


def test_a_nested_file_rules_only_its_own_directory(tmp_path: Path) -> None:
    nested = Directive(
        "web/AGENTS.md",
        1,
        "x",
        "enforced",
        "command",
        {"commands": ["test -e here"], "purpose": "lint", "gate": "explicit"},
        scope="web",
    )
    assert gates((nested,), NO_CHANGE, ()) == ()
    touched = Change("a", "b", (FileChange("web/a.js", "add", None, "x"),))
    assert [g.directory for g in gates((nested,), touched, ())] == ["web"]
    write_tree(tmp_path, {"web/here": ""})
    (verdict,) = judged(tmp_path, nested, change={"web/a.js": "1"})
    assert verdict.verdict == "passed"
