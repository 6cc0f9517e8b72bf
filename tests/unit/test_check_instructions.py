"""Files of rules change with a person's consent alone: what the log knows of it, and what the check makes of that."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from loopwright.core import events as e
from loopwright.core.calls import Approval, Decision, Proposal, ToolCall
from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.core.project import INSTRUCTIONS, fold
from loopwright.core.state import State
from loopwright.guard.checks.instructions import InstructionCheck
from loopwright.testing.judging import judge_change, write_tree
from loopwright.testing.log import MemoryLog


def judge(root: Path, path: str, may: tuple[str, ...]) -> tuple[Verdict, ...]:
    write_tree(root, {"a.py": "x = 1\n", path: "- Never use `print()`.\n"})

    async def run() -> tuple[Verdict, ...]:
        requirement = Requirement(goal="x", instructions_may_change=may)
        return await judge_change(root, {path: "anything goes\n", "a.py": "x = 2\n"}, [InstructionCheck()], requirement)

    return anyio.run(run)


@pytest.mark.parametrize("path", ["AGENTS.md", "api/CLAUDE.md", ".cursor/rules/a.mdc", ".loopwright/baseline.json"])
def test_without_consent_a_changed_file_of_rules_keeps_the_change_from_landing(tmp_path: Path, path: str) -> None:
    (verdict,) = judge(tmp_path, path, ())
    assert verdict.red and [f.file for f in verdict.findings] == [path]


@pytest.mark.parametrize("may", [("AGENTS.md",), ("*",)])
def test_with_consent_it_may_change_and_the_proof_says_so(tmp_path: Path, may: tuple[str, ...]) -> None:
    (verdict,) = judge(tmp_path, "AGENTS.md", may)
    assert verdict.verdict == "passed" and "consent: AGENTS.md" in verdict.evidence


def test_other_files_give_no_verdict(tmp_path: Path) -> None:
    assert judge(tmp_path, "docs/rules.md", ()) == ()


@pytest.mark.parametrize(
    ("args", "by", "granted", "consented"),
    [
        ({"path": "AGENTS.md"}, INSTRUCTIONS, True, ("AGENTS.md",)),
        ({"command": "sed -i s/a/b/ AGENTS.md"}, INSTRUCTIONS, True, ("*",)),
        ({"path": "AGENTS.md"}, INSTRUCTIONS, False, ()),
        ({"path": "AGENTS.md"}, "AGENTS.md:3", True, ()),
    ],
)
def test_consent_is_a_persons_yes_to_the_question_about_rules(
    args: dict[str, str], by: str, granted: bool, consented: tuple[str, ...]
) -> None:
    log = MemoryLog()

    async def write() -> State:
        await log.append("1", "engine", e.Proposed(1, Proposal(calls=(ToolCall("1.1", "write", dict(args)),))))
        await log.append("2", "policy", e.Decided("1.1", Decision("ask", "may it?", by)))
        await log.append("3", "user", e.Answered("1.1", Approval(granted)))
        return fold(State(), log.read())

    assert anyio.run(write).consented == consented
