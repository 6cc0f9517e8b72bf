"""Events as JSON Lines, in the shape that users of headless agents parse already; the proof comes last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from loopwright.core import events as e
from loopwright.core.calls import Delta, ToolCall, ToolResult
from loopwright.core.checks import Proof, Verdict

Line = dict[str, Any]


class JsonLines:
    """An observer that writes one line an item; `write` gets each line without its newline."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._items: dict[str, tuple[str, ToolCall]] = {}
        self._count = 0

    def __call__(self, seen: e.Event | Delta) -> None:
        if isinstance(seen, e.Event):
            for line in self._lines(seen):
                self._write(msgspec.json.encode(line).decode())

    def _lines(self, event: e.Event) -> Iterator[Line]:
        match event.body:
            case e.SessionStarted() | e.Resumed():
                yield {"type": "thread.started", "thread_id": event.session}
                if isinstance(event.body, e.Resumed):
                    yield {"type": "turn.started"}
            case e.Prompted():
                yield {"type": "turn.started"}
            case e.Proposed(proposal=proposal):
                if proposal.thinking:
                    yield self._completed({"type": "reasoning", "text": proposal.thinking})
                if proposal.text:
                    yield self._completed({"type": "agent_message", "text": proposal.text})
                for call in proposal.calls:
                    yield self._started(call)
            case e.Returned(result=result):
                yield self._returned(result, event.actor)
            case e.Verified(verification=found):
                for verdict in found.verdicts:
                    if verdict.exit is not None:
                        yield self._completed(_verified(verdict))
            case e.Promoted(promotion=landed) if landed.applied:
                changes = [{"path": path, "kind": "update"} for path in landed.applied]
                yield self._completed({"type": "file_change", "changes": changes, "status": "completed"})
            case e.DirectivesLoaded(files=files, open=left_open):
                notes = [f"{file.path}: {file.note}" for file in files if file.note]
                for note in (*notes, *left_open):
                    yield self._completed({"type": "error", "message": note})
            case e.Noted(level="warning", text=text):
                yield self._completed({"type": "error", "message": text})
            case e.NetworkRequested(request=request) if request.verdict != "allowed":
                yield self._completed({"type": "error", "message": f"network {request.verdict}: {request.reason}"})
            case e.EngineFailed(message=message):
                yield {"type": "error", "message": message}
            case e.Finished(proof=proof, reason=reason):
                yield from _finished(proof, reason)
            case _:
                pass

    def _id(self) -> str:
        self._count += 1
        return f"item_{self._count}"

    def _completed(self, item: Line) -> Line:
        return {"type": "item.completed", "item": {"id": self._id(), **item}}

    def _started(self, call: ToolCall) -> Line:
        item = self._id()
        self._items[call.id] = (item, call)
        return {"type": "item.started", "item": {"id": item, **_item(call, "in_progress", None)}}

    def _returned(self, result: ToolResult, tool: str) -> Line:
        status = "completed" if result.ok else "declined" if result.data.get("refused") else "failed"
        item, call = self._items.pop(result.call, ("", ToolCall(result.call, tool, {})))
        return {"type": "item.completed", "item": {"id": item or self._id(), **_item(call, status, result)}}


def _item(call: ToolCall, status: str, result: ToolResult | None) -> Line:
    text = result.text if result else ""
    match call.tool:
        case "shell":
            return {
                "type": "command_execution",
                "command": str(call.args.get("command", "")),
                "aggregated_output": text,
                "exit_code": result.data.get("exit") if result else None,
                "status": status,
            }
        case "edit" | "write":
            changes = result.data.get("changes") if result else None
            fallback = [{"path": str(call.args.get("path", "")), "kind": "update"}] if call.args.get("path") else []
            return {"type": "file_change", "changes": changes or fallback, "status": status, "message": text}
        case "plan":
            items = result.todo if result and result.todo is not None else ()
            return {
                "type": "todo_list",
                "items": [{"text": t.text, "completed": t.status == "completed"} for t in items],
            }
        case _:
            return {
                "type": "mcp_tool_call",
                "server": "loopwright",
                "tool": call.tool,
                "arguments": call.args,
                "result": text,
                "status": status,
            }


def _verified(verdict: Verdict) -> Line:
    return {
        "type": "command_execution",
        "command": verdict.name,
        "aggregated_output": verdict.evidence,
        "exit_code": verdict.exit,
        "status": "completed" if verdict.verdict == "passed" else "failed",
        "verification": True,
    }


def _finished(proof: Proof, reason: str) -> Iterator[Line]:
    usage = {
        "input_tokens": proof.cost.input_tokens,
        "cached_input_tokens": proof.cost.cached_tokens,
        "output_tokens": proof.cost.output_tokens,
    }
    if proof.outcome in ("refused", "interrupted", "unsolved"):
        yield {"type": "turn.failed", "error": {"message": reason or proof.outcome}, "usage": usage}
    else:
        yield {"type": "turn.completed", "usage": usage}
    yield proof_line(proof, reason)


def proof_line(proof: Proof, reason: str = "") -> Line:
    """Return the last line of every machine-readable run."""
    return {
        "type": "proof",
        "outcome": proof.outcome,
        "solved": proof.solved,
        "reason": reason,
        "tree": proof.tree,
        "checks": [_check(verdict) for verdict in proof.checks],
        "tests_changed": list(proof.tests_changed),
        "inputs": proof.inputs,
        "log_head": proof.log_head,
        "cost": {f: getattr(proof.cost, f) for f in proof.cost.__struct_fields__},
    }


def _check(verdict: Verdict) -> Line:
    return {
        "id": verdict.check,
        "kind": verdict.kind,
        "name": verdict.name,
        "source": verdict.source,
        "verdict": verdict.verdict,
        "level": verdict.level,
        "exit": verdict.exit,
        "tests_run": verdict.tests_run,
        "tests_failed": verdict.tests_failed,
        "evidence": verdict.evidence,
        "findings": [{"file": f.file, "line": f.line, "reason": f.reason, "level": f.level} for f in verdict.findings],
    }
