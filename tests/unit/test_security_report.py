"""What a security report says of a session, and that it cannot be made to say something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from loopwright.core import events as e
from loopwright.core.calls import Approval, Decision, Proposal, ToolCall, ToolResult
from loopwright.core.checks import Change, Promotion, Proof, Ref, Verdict, Verification
from loopwright.core.oversight import Anomaly, NetworkRequest, SystemCall
from loopwright.runtime.overseeing import Recorder
from loopwright.runtime.report import as_markdown, security_report

REF = Ref("r", "t")


def shell(number: int, command: str) -> ToolCall:
    return ToolCall(f"c{number}", "shell", {"command": command})


def returned(number: int, **data: Any) -> e.Returned:
    return e.Returned(ToolResult(f"c{number}", False, "", data))


def told() -> list[e.Body]:
    recorder = Recorder()
    recorder.observe(NetworkRequest("CONNECT", "evil.example", 443, "denied", "evil.example:443 is not allowed"))
    recorder.observe(Anomaly("process storm", "9000 processes started a second"))
    for _ in range(3):
        recorder.observe(SystemCall("execve", 1, "/bin/sh"))
    recorder.observe(SystemCall("connect", 1, "127.0.0.1:3128"))
    return recorder.take()


def report(*bodies: e.Body) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    events = [e.Event(1, "s", n, at, "loop", str(n), body, "", f"d{n}") for n, body in enumerate(bodies, 1)]
    return security_report(events)


@pytest.fixture
def made() -> dict[str, Any]:
    verdict = Verdict("c", "command", "pytest -q", "passed", exit=0, seconds=1.5)
    settings: dict[str, Any] = {"sandbox": "workspace-write", "backend": "bubblewrap", "limits": {"network": "ask"}}
    return report(
        e.SessionStarted("/home/ada/shop", REF, settings),
        e.Proposed(1, Proposal(calls=(shell(1, "git push --force"), shell(2, "python hog.py"), shell(3, "make")))),
        e.Decided("c1", Decision("ask", "it rewrites what others have", "safety")),
        e.Answered("c1", Approval(False)),
        e.Asked("network:good.example:443", "Let the command reach good.example:443?"),
        e.Answered("network:good.example:443", Approval(True)),
        *told(),
        returned(2, exit=137, reason="memory", detail="more than 512 MiB of memory", seconds=2.0),
        returned(3, exit=137, reason="sandbox", detail="the sandbox ended"),
        e.Verified(Verification(REF, (verdict,)), Change("b", "t")),
        e.Promoted(Promotion(REF, ("a.py",), ("b.py",))),
        e.Noted("a warning", "warning"),
        e.Finished(Proof("solved", True, "t")),
    )


def test_everything_that_matters_is_in_it(made: dict[str, Any]) -> None:
    assert (made["workspace"], made["sandbox"], made["permission"]) == ("/home/ada/shop", "workspace-write", "ask")
    assert [c["command"] for c in made["commands"]] == ["python hog.py", "make", "pytest -q"]
    assert [(f["path"], f["change"]) for f in made["files"]] == [("a.py", "landed"), ("b.py", "conflict, left alone")]
    assert [(r["host"], r["verdict"]) for r in made["network"]] == [("evil.example", "denied")]
    assert [(d["verdict"], d["what"]) for d in made["denials"]] == [("ask", "shell git push --force")]
    assert [(a["what"], a["granted"]) for a in made["approvals"]] == [
        ("shell git push --force", False),
        ("network:good.example:443", True),
    ]
    assert [(x["limit"], x["detail"]) for x in made["limits"]] == [("memory", "more than 512 MiB of memory")]
    assert [x["detail"] for x in made["failures"]] == ["the sandbox ended"]
    assert [x["kind"] for x in made["anomalies"]] == ["process storm"]
    assert [(p["target"], p["times"]) for p in made["programs"]] == [("/bin/sh", 3)]
    assert [p["target"] for p in made["addresses"]] == ["127.0.0.1:3128"]
    assert [w["text"] for w in made["warnings"]] == ["a warning"]
    assert (made["outcome"], made["head"]) == ("solved", "d15")


def test_every_entry_names_its_event(made: dict[str, Any]) -> None:
    for rows in made.values():
        if isinstance(rows, list):
            assert all(row["seq"] and row["at"] for row in rows)


def test_as_markdown_it_has_a_part_for_each_and_says_none(made: dict[str, Any]) -> None:
    text = as_markdown(made)
    for title in (
        "Commands (3)",
        "Files changed (2)",
        "Requests to the network (1)",
        "Limits hit (1)",
        "Anomalies (1)",
    ):
        assert f"## {title}" in text
    assert "## Anomalies (0)\n\nNone." in as_markdown(report())


def test_a_command_cannot_write_headings_of_its_own() -> None:
    call = shell(1, "true\n\n## Anomalies (0)\n`` x ` y")
    text = as_markdown(report(e.Proposed(1, Proposal(calls=(call,))), returned(1, exit=0)))
    assert text.count("\n## Anomalies") == 1
    assert "``` true ## Anomalies (0) `` x ` y ```" in text
