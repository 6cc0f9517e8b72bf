"""The security report of a session, folded from its log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loopwright.core import events as e
from loopwright.core.calls import ToolCall


def security_report(events: Sequence[e.Event]) -> dict[str, Any]:
    """Return commands run, files changed, refusals, limits hit and warnings, each with the event it came from."""
    calls: dict[str, ToolCall] = {}
    report: dict[str, Any] = {
        "session": events[0].session if events else "",
        "events": len(events),
        "workspace": "",
        "commands": [],
        "denials": [],
        "approvals": [],
        "limits": [],
        "files": [],
        "checks": [],
        "warnings": [],
        "outcome": "",
    }
    for event in events:
        _add(report, calls, event)
    return report


def _add(report: dict[str, Any], calls: dict[str, ToolCall], event: e.Event) -> None:
    at = {"seq": event.seq, "at": event.at.isoformat()}
    match event.body:
        case e.SessionStarted(workspace=workspace, settings=settings):
            report["workspace"] = workspace
            report["sandbox"] = settings.get("sandbox", "")
            report["backend"] = settings.get("backend", "")
        case e.Proposed(proposal=proposal):
            calls.update({call.id: call for call in proposal.calls})
        case e.Decided(call=call, decision=decision) if decision.verdict != "allow":
            what = _what(calls.get(call))
            entry = {**at, "verdict": decision.verdict, "what": what, "reason": decision.reason, "by": decision.by}
            report["denials"].append(entry)
        case e.Answered(call=call, approval=approval):
            report["approvals"].append({**at, "what": _what(calls.get(call)), "granted": approval.granted})
        case e.Returned(result=result):
            ran = calls.get(result.call)
            if ran is not None and ran.tool == "shell":
                status, reason = result.data.get("exit"), result.data.get("reason") or ""
                report["commands"].append({**at, "command": ran.args.get("command"), "exit": status})
                if reason:
                    report["limits"].append({**at, "limit": reason, "what": _what(ran)})
        case e.Verified(verification=found):
            for verdict in found.verdicts:
                if verdict.verdict not in ("advised", "not_understood"):
                    report["checks"].append({**at, "name": verdict.name, "verdict": verdict.verdict})
        case e.Promoted(promotion=landed):
            report["files"] += [{**at, "path": path} for path in landed.applied]
        case e.Noted(level="warning", text=text):
            report["warnings"].append({**at, "text": text})
        case e.Finished(proof=proof):
            report["outcome"] = proof.outcome
        case _:
            pass


def _what(call: ToolCall | None) -> str:
    if call is None:
        return ""
    return f"{call.tool} {call.args.get('command') or call.args.get('path') or ''}".strip()


def as_markdown(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        f"# Security report: session {report['session']}",
        "",
        f"Workspace `{report['workspace']}`, {report['events']} events, outcome: {report['outcome'] or 'open'}.",
        f"Sandbox: {report.get('backend', '')} ({report.get('sandbox', '')}).",
    ]
    for name in ("denials", "limits", "approvals", "commands", "files", "checks", "warnings"):
        rows = report[name]
        lines += ["", f"## {name.capitalize()} ({len(rows)})", ""]
        for row in rows:
            rest = ", ".join(f"{k} {v}" for k, v in row.items() if k not in ("seq", "at") and v not in ("", None))
            lines.append(f"- event {row['seq']}: {' '.join(rest.split())}")
    return "\n".join(lines) + "\n"
