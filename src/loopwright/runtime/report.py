"""The security report of a session, folded from its log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from loopwright.core import events as e
from loopwright.core.calls import ToolCall, ToolResult
from loopwright.core.checks import Verification
from loopwright.core.oversight import SystemCall

#: Reasons of an end that are not the name of a limit.
_NO_LIMIT = ("", "stopped", "sandbox", "anomaly")
_LISTS = {
    "commands": "Commands",
    "files": "Files changed",
    "network": "Requests to the network",
    "denials": "Denials and questions",
    "approvals": "Answers of a person",
    "limits": "Limits hit",
    "anomalies": "Anomalies",
    "failures": "Sandboxes that ended",
    "programs": "Programs started",
    "addresses": "Addresses opened",
    "checks": "Checks",
    "warnings": "Warnings",
}
#: Of the session as a whole.
_HEAD = ("session", "workspace", "backend", "sandbox", "permission", "events", "head", "outcome")


def security_report(events: Sequence[e.Event]) -> dict[str, Any]:
    """Return what was run, changed, asked for, refused and ended in a session, each with the event it came from.

    `programs` and `addresses` count what the kernel told of; `unwritten` are system calls that were only counted.
    """
    report: dict[str, Any] = dict.fromkeys(_HEAD, "") | {name: [] for name in _LISTS} | {"unwritten": 0}
    report |= {"session": events[0].session if events else "", "events": len(events)}
    report["head"] = events[-1].digest if events else ""
    calls: dict[str, ToolCall] = {}
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        _add(report, calls, seen, event)
    return report


def _add(
    report: dict[str, Any], calls: dict[str, ToolCall], seen: dict[tuple[str, str], dict[str, Any]], event: e.Event
) -> None:
    at = {"seq": event.seq, "at": event.at.isoformat()}
    match event.body:
        case e.SessionStarted(workspace=workspace, settings=settings):
            limits = settings.get("limits")
            report |= {"workspace": workspace, "sandbox": settings.get("sandbox", "")}
            report |= {"backend": settings.get("backend", "")}
            report["permission"] = str(limits.get("network", "none")) if isinstance(limits, dict) else "none"
        case e.Proposed(proposal=proposal):
            calls.update({call.id: call for call in proposal.calls})
        case e.Decided(call=call, decision=decision) if decision.verdict != "allow":
            entry = {**at, "verdict": decision.verdict, "what": _what(calls.get(call)), "reason": decision.reason}
            report["denials"].append({**entry, "by": decision.by})
        case e.Answered(call=call, approval=approval):
            what = _what(calls[call]) if call in calls else call
            answer = {"granted": approval.granted, "by": approval.by, "text": approval.text}
            report["approvals"].append({**at, "what": what, **answer})
        case e.Returned(result=result) if calls.get(result.call) and calls[result.call].tool == "shell":
            _add_command(report, at, calls[result.call], result)
        case e.Verified(verification=found):
            _add_checks(report, at, found)
        case e.Promoted(promotion=landed):
            report["files"] += [{**at, "path": path, "change": "landed"} for path in landed.applied]
            report["files"] += [{**at, "path": path, "change": "conflict, left alone"} for path in landed.conflicts]
        case e.Restored(promotion=back) if back is not None:
            report["files"] += [{**at, "path": path, "change": "taken back"} for path in back.applied]
        case e.NetworkRequested(request=request):
            report["network"].append({**at, **msgspec.structs.asdict(request)})
        case e.SystemCallsSeen(calls=told, more=more):
            report["unwritten"] += more
            for made in told:
                _count(report, seen, at, made)
        case e.Noted(data={"anomaly": kind, "detail": detail}):
            report["anomalies"].append({**at, "kind": kind, "detail": detail})
        case e.Noted(level="warning", text=text):
            report["warnings"].append({**at, "text": text})
        case e.Finished(proof=proof, reason=reason):
            report["outcome"] = proof.outcome + (f": {reason}" if reason else "")
        case _:
            pass


def _add_command(report: dict[str, Any], at: dict[str, Any], call: ToolCall, result: ToolResult) -> None:
    data = result.data
    told = {name: data[name] for name in ("exit", "seconds", "cpu", "memory", "pids", "reason") if data.get(name)}
    ran = {**at, "command": call.args.get("command"), "exit": data.get("exit"), **told}
    report["commands"].append(ran | ({"refused": True} if data.get("refused") else {}))
    reason = data.get("reason") or ""
    ended = {**at, "what": _what(call), "detail": data.get("detail", "")}
    if reason == "sandbox":
        report["failures"].append(ended)
    elif reason not in _NO_LIMIT:
        report["limits"].append({**ended, "limit": reason})


def _add_checks(report: dict[str, Any], at: dict[str, Any], found: Verification) -> None:
    for verdict in found.verdicts:
        if verdict.verdict not in ("advised", "not_understood"):
            report["checks"].append({**at, "name": verdict.name, "verdict": verdict.verdict, "kind": verdict.kind})
        if verdict.exit is not None:
            ran = {"command": verdict.name, "exit": verdict.exit, "seconds": round(verdict.seconds, 3)}
            report["commands"].append({**at, **ran, "by": "verification"})


def _count(
    report: dict[str, Any], seen: dict[tuple[str, str], dict[str, Any]], at: dict[str, Any], call: SystemCall
) -> None:
    """Each program and each address stands once, with how often and the first event it is in."""
    if (call.name, call.target) in seen:
        seen[call.name, call.target]["times"] += 1
        return
    entry = seen[call.name, call.target] = {**at, "call": call.name, "target": call.target, "times": 1}
    report["programs" if call.name.startswith("exec") else "addresses"].append(entry)


def _what(call: ToolCall | None) -> str:
    if call is None:
        return ""
    return f"{call.tool} {call.args.get('command') or call.args.get('path') or ''}".strip()


def as_markdown(report: dict[str, Any]) -> str:
    """Return the report as Markdown; nothing that a command made up stands in it as markup."""
    lines = [f"# Security report: session {report['session']}", ""]
    lines += [f"- {name}: {_code(report[name])}" for name in _HEAD[1:] if report[name] != ""]
    for name, title in _LISTS.items():
        rows = report[name]
        lines += ["", f"## {title} ({len(rows)})", ""]
        for row in rows:
            shown = ((k, v) for k, v in row.items() if k not in ("seq", "at") and v not in ("", None))
            lines.append(f"- event {row['seq']}: " + ", ".join(f"{key} {_code(value)}" for key, value in shown))
        if not rows:
            lines.append("None.")
        if name == "programs" and report["unwritten"]:
            lines += ["", f"{report['unwritten']} further calls were counted and not written down."]
    return "\n".join(lines) + "\n"


def _code(value: object) -> str:
    """A value as a code span (CommonMark 6.1): its fence is longer than any run of backticks in it."""
    text = " ".join(str(value).split())
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"
