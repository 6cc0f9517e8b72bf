"""Programs whose terminal is a network connection, and those that are told what to do while they run."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety.calls import programs
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def spawn_pty(flow: Flow, called: Called) -> Value | None:
    flow.facts.setdefault("pty", called.line)
    return programs.program(flow, called)


def dup(flow: Flow, called: Called) -> Value | None:
    """`os.dup2(socket, 0)`: a connection becomes the terminal of what is run next."""
    if called.arg(0).ref.startswith("socket."):
        flow.report(
            "syntax",
            "block",
            called.line,
            "a network connection becomes this program's terminal (a reverse shell); send data over it instead",
        )
    return None


def pipe(flow: Flow, called: Called) -> Value | None:
    """`a.pipe(b)` of Node: between a socket and a shell it is a reverse shell; into a file it is a download."""
    ends = [called.receiver, called.arg(0)]
    refs = " ".join(e.ref for e in ends)
    if re.search(r"(?:net|tls)\.", refs) and "child_process." in refs:
        flow.report(
            "syntax",
            "block",
            called.line,
            "a network connection is joined to a program's input or output (a reverse shell)",
        )
    target = called.arg(0)
    if called.receiver.labels & v.REMOTE and target.attrs and "%path" in target.attrs:
        flow.dropped.setdefault(target.attrs["%path"].key, called.line)
    return target


def feed(flow: Flow, called: Called) -> Value | None:
    """`process.stdin.write(data)`, `communicate(data)`: what a running program is told."""
    if called.name == "sendline" and called.arg(0).text:
        flow.judge("shell", called.arg(0).text, called.line)
    if called.all.labels & v.REMOTE:
        flow.report(
            "syntax", "block", called.line, "a running program is told what to do from the network (a reverse shell)"
        )
    return Value(None, f"{called.receiver.ref}.{called.name}()", v.OUTPUT)
