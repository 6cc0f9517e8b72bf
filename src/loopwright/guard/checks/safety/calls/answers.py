"""What a server answers with: files, pages, names of files that a client sent."""

from __future__ import annotations

from loopwright.guard.checks.safety.calls import sending
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.asked import judge_path
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def sent_file(flow: Flow, called: Called) -> Value | None:
    """`send_file(path)`, `res.sendFile(path)`: whatever it names is given out."""
    rooted = called.named.get("root") or (called.args[1].attrs or {}).get("root") if len(called.args) > 1 else None
    if rooted is None:
        judge_path(flow, called.arg(0), called.line, "given out")
    return None


def marked_safe(flow: Flow, called: Called) -> Value | None:
    """`Markup(text)`, `mark_safe(text)`: text that is put into a page as it is."""
    if called.arg(0).labels & v.REQUEST:
        why = "what a request sent becomes part of a page as it is, with the scripts in it"
        flow.report("syntax", "block", called.line, f"{why}; a template escapes it")
    return None


def kept_name(flow: Flow, called: Called) -> Value | None:
    """`secure_filename(name)`, `basename(path)`: a name without directories."""
    given = called.arg(0)
    return Value(given.text.rsplit("/", 1)[-1] or None, "", given.labels & ~(v.REQUEST | v.ENTRY))


def saved(flow: Flow, called: Called) -> Value | None:
    """`request.files["f"].save(path)`."""
    judge_path(flow, called.arg(0), called.line, "written")
    return sending.handed_on(flow, called)
