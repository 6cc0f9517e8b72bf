"""Records `session-v1.jsonl`: one session with every kind of event. Run by hand, and only while version 1 is unreleased.

A released golden log is never recorded anew: a later version reads it as it is (`upcast`), and gets a file of its own.
"""

from __future__ import annotations

from pathlib import Path

import anyio

from loopwright.core import events as e
from loopwright.core.calls import Approval, Decision, Proposal, TodoItem, Tokens, ToolCall, ToolResult
from loopwright.core.checks import Change, Cost, FileChange, Finding, Promotion, Proof, Ref, Verdict, Verification
from loopwright.core.knowledge import Diagnosis, Frame, Lesson
from loopwright.core.plan import Plan, Requirement, Task
from loopwright.core.rules import Directive, InstructionFile
from loopwright.store.sql import Store
from loopwright.testing.log import Ticks

FILE = Path(__file__).with_name("session-v1.jsonl")

R0, R1 = Ref("", "tree-0"), Ref("delta-1", "tree-1")
CALL = ToolCall("1.1", "edit", {"path": "shop/cart.py", "old": "a - b", "new": "a + b"}, "call_x")
SHELL = ToolCall("1.2", "shell", {"command": "python -m pytest -q"})
LESSON = Lesson("l1", "f1", "compare with the sum, not the difference", "older", 12, "shop", 3, 2)
DIAGNOSIS = Diagnosis(
    "logic", "assert 1 == 3", "f1", "pytest", "tests/test_cart.py", 9, "3", "1", (Frame("shop/cart.py", 4, "total"),)
)
CHANGE = Change("tree-0", "tree-1", (FileChange("shop/cart.py", "update", "aa", "bb", 0o644, 0o644),))
RED = Verdict("rule:AGENTS.md:3", "directive", "no print", "failed", "AGENTS.md:3", findings=(Finding("c", "n", "r"),))
GREEN = Verdict(
    "command:0", "command", "python -m pytest -q", "passed", exit=0, tests_run=30, tests_failed=0, seconds=1.5
)
PROPOSED = Proposal(
    "I will mend the sum.",
    (CALL, SHELL),
    False,
    "think",
    Tokens(100, 60, 0, 20, 5, 0.01),
    "llm",
    "m",
    [{"raw": 1}],
    {"k": [1]},
)

BODIES: tuple[tuple[str, e.Body], ...] = (
    ("host", e.SessionStarted("/repo", R0, {"engine": "auto", "checks": ["python -m pytest -q"]})),
    ("user", e.Prompted("mend the cart: naïve 🐍")),
    ("loop", e.RequirementAnalysed(Requirement("mend the cart", constraints=("no new files",), acceptance=("pytest",)))),
    ("guard", e.DirectivesLoaded((InstructionFile("AGENTS.md", 90, 90, "d"),), (Directive("AGENTS.md", 3, "no print", "enforced", "forbid"),), "text")),
    ("loop", e.Planned(Plan((Task("t1", "mend"), Task("t2", "check", ("t1",)))))),
    ("loop", e.Recalled((LESSON,))),
    ("engine", e.EngineFailed(1, "BadProposal", "that was not JSON", True)),
    ("engine", e.Proposed(1, PROPOSED, "t1")),
    ("policy", e.Decided("1.1", Decision("allow", "workspace-write", "mode"))),
    ("loop", e.Returned(ToolResult("1.1", True, "1 replacement", {"path": "shop/cart.py"}), R1)),
    ("policy", e.Decided("1.2", Decision("ask", "runs a program", "mode"))),
    ("loop", e.Asked("1.2", "run pytest?")),
    ("user", e.Answered("1.2", Approval(True, "yes"))),
    ("loop", e.Returned(ToolResult("1.2", False, "long output\n" * 2000, todo=(TodoItem("mend", "in_progress"),)), R1)),
    ("analyser", e.Diagnosed(DIAGNOSIS)),
    ("user", e.Steered("look at the tax as well")),
    ("loop", e.Verified(Verification(R1, (GREEN, RED)), CHANGE, "t1")),
    ("loop", e.Compacted("the cart was mended", 10)),
    ("user", e.Interrupted("enough for today")),
    ("host", e.Resumed("another process", {"engine": "llm"})),
    ("user", e.Restored(14, R0, Promotion(R0, ("shop/cart.py",), (), "undo-1"))),
    ("loop", e.TaskEnded("t1", True)),
    ("loop", e.Noted("the output was cut", "warning", {"bytes": 9})),
    ("loop", e.Verified(Verification(R1, (GREEN,), ("tests/test_cart.py",)), CHANGE)),
    ("loop", e.Promoted(Promotion(R1, ("shop/cart.py",), (), "undo-2"))),
    ("loop", e.LessonLearned(LESSON)),
)  # fmt: skip


async def record(store: Store) -> list[str]:
    """Return the archive of the session."""
    log = store.create("golden")
    for number, (actor, body) in enumerate(BODIES, 1):
        head = (await log.append(f"{number}", actor, body)).digest
    proof = Proof("solved", True, "tree-1", (GREEN,), ("tests/test_cart.py",), head, Cost(1, 2.5, 100, 60, 20, 0.01))
    await log.append("end", "loop", e.Finished(proof, "proven"))
    return list(store.export("golden"))


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as directory, Store.open(directory, clock=Ticks()) as store:
        FILE.write_text("".join(line + "\n" for line in anyio.run(record, store)), encoding="utf-8")
