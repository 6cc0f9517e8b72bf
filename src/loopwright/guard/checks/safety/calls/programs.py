"""Command lines and programs that are started, with the words they are given."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.own_program import judge_own_line, judge_own_words, judge_storm
from loopwright.guard.checks.safety.calls.preloading import judge_environment
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.lasting import lasts

_SHELL = expression(r"(?:^|[/\\])(?:ba|z|da|k|a)?sh$|(?:^|[/\\])(?:cmd|powershell|pwsh)(?:\.exe)?$", re.IGNORECASE)
_INTERPRETER = expression(r"(?:^|[/\\])(?:node|python|perl|ruby|php|deno|bun|lua)[\d.]*(?:\.exe)?$")
_INSTALLS = expression(
    r"(?:\S*/)?(?:python\S* -m )?(?:pip\d?|npm|pnpm|yarn|uv(?: pip)?|gem|cargo|go)\b.*\b(?:install|add|i|get)\b"
)
_CODE = expression(r"^(?:-\w*[cepr]|--eval|--print|eval)$")
#: Calls that come back when the program that they start has ended.
_AWAITING = frozenset({"run", "call", "check_call", "check_output", "system", "getoutput", "getstatusoutput",
                       "execSync", "spawnSync", "execFileSync", "sync", "execaSync", "commandSync"})  # fmt: skip


def shell(flow: Flow, called: Called) -> Value | None:
    """`os.system`, `exec`: a command line."""
    command = called.arg(0, "command")
    if isinstance(command.func, t.Func) or (called.named.get("shell") and called.named["shell"].const is False):
        return program(flow, called)
    return run_line(flow, called, command)


def named(flow: Flow, called: Called) -> Value | None:
    """`sh.rm("-rf", path)`, `repo.git.push("--force")`: a program, or a command of git, called by its name."""
    owner = called.receiver.ref
    if owner in ("sh", "plumbum.cmd"):
        words = [Value(called.name), *called.args]
    elif owner.endswith(".git") or owner.startswith("simple-git"):
        items = [x for a in called.args for x in (a.items if a.items is not None else [a])]
        words = [Value("git"), *([Value(called.name)] if called.name != "raw" else []), *items]
    else:
        return None
    flow.judge("argv", argv_line(words), called.line)
    if _SHELL.search(called.name) and v.join(words).labels & (v.REMOTE | v.INPUT | v.DECODED):
        why = f"`{called.name}` runs a command that {v.origin_of(v.join(words).labels)}; a fixed program is fine"
        flow.report("syntax", "block", called.line, why)
    return Value(None, f"{called.ref}()", v.OUTPUT)


def remote_line(flow: Flow, called: Called) -> Value | None:
    """`client.exec_command(line)`: a command on another machine, and what it prints there."""
    printed = shell(flow, called) or Value()
    return Value(None, printed.ref, printed.labels | v.REMOTE)


def run_line(flow: Flow, called: Called, command: Value) -> Value:
    """Judge a command line and return what it prints."""
    judge_storm(flow, called)
    judge_own_line(flow, called, command)
    origin = (
        v.origin_of(command.labels & ~v.COOKIE & ~v.ARGUMENT)
        if command.labels & (v.REMOTE | v.INPUT | v.DECODED)
        else ""
    )
    if origin:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs a command that {origin}; a list of fixed words is fine",
        )
    if not origin and command.labels & v.ARGUMENT and re.match(r"\s*[\w./-]+ ", command.text):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` puts an argument of the program into a command line for a shell; a list of words is fine",
        )
    flow.ran.setdefault(command.key, called.line)
    judge_environment(flow, called)
    _lasting(flow, called, command.text.split() if not re.search(r"[|&;]", command.text) else [])
    _carried(flow, called, [command], command.text)
    if command.text:
        _note(flow, command.text, called.line)
        if not re.search(r"\w|\(\)", command.text.replace(places.HOLE, "")):
            return Value(None, f"{called.ref}()", v.OUTPUT)
        flow.judge("shell", command.text, called.line)
    return Value(None, f"{called.ref}()", v.OUTPUT | command.labels & v.STURDY | _printed(command.text))


def program(flow: Flow, called: Called) -> Value | None:
    """`subprocess.run`, `spawn`, `execvp`: a program with a list of words, or a line for a shell."""
    first = called.arg(0, "args")
    shelled = called.named.get("shell") or option_of(called, "shell")
    if first.items is None and (shelled is not None and shelled.const not in (False, None)):
        further = called.arg(1).items or []
        whole = [first, *(x for w in further for x in (Value(" "), w))]
        return run_line(flow, called, v.concatenate(whole) if further else first)
    words = _words(called, first)
    judge_environment(flow, called)
    for word in words if not _INTO.search(" ".join(w.text for w in words)) else ():
        flow.ran.setdefault(word.key, called.line)
    _sockets(flow, called, words)
    _chosen(flow, called, words)
    judge_storm(flow, called)
    if words and "/proc/self/fd" in words[0].text:
        flow.report(
            "privilege",
            "block",
            called.line,
            "a program is run from memory, where no file shows it; run it from a file",
        )
    judge_own_words(flow, called, words)
    _lasting(flow, called, [w.text for w in words])
    line = argv_line(words)
    _carried(flow, called, words, line.split("\0")[0])
    if line:
        _note(flow, line, called.line)
        flow.judge("argv", line, called.line)
    return Value(None, f"{called.ref}()", v.OUTPUT | _printed(" ".join(w.text for w in words)))


def _chosen(flow: Flow, called: Called, words: list[Value]) -> None:
    """Report a program, code or package that is chosen from outside."""
    if words and (
        words[0].labels & (v.REMOTE | v.INPUT)
        or (_SHELL.search(words[0].text) and any(w.labels & (v.REMOTE | v.INPUT | v.DECODED) for w in words))
    ):
        labels = v.join(words).labels
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs a program or script that {v.origin_of(labels)}; a fixed program is fine",
        )
    if len(words) > 2 and _INTERPRETER.search(words[0].text) and _CODE.match(words[1].text):
        origin = v.origin_of(words[2].labels & (v.REMOTE | v.INPUT | v.DECODED))
        if origin:
            flow.report("syntax", "block", called.line, f"an interpreter is given code that {origin}; write it plainly")
    if (
        words
        and _INSTALLS.match(" ".join(w.text for w in words[:5]))
        and any(w.labels & (v.INPUT | v.REMOTE) for w in words)
    ):
        why = "a package is installed whose name a person or a request sent"
        flow.report("imports", "block", called.line, f"{why}; name the packages that may be installed")


def _lasting(flow: Flow, called: Called, words: list[str]) -> None:
    """Report a call that waits for a program which never ends."""
    timeout = called.named.get("timeout") or option_of(called, "timeout")
    if called.name in _AWAITING and timeout is None and lasts(words):
        why = f"`{' '.join(words)[:60]}` never ends, so `{called.name}` never comes back; a timeout is fine"
        flow.report("time", "block", called.line, why)


def _sockets(flow: Flow, called: Called, words: list[Value]) -> None:
    stdio = option_of(called, "stdio")
    ends = [called.named.get("stdin"), called.named.get("stdout"), *((stdio.items or []) if stdio is not None else [])]
    for value in ends:
        if value is not None and value.ref.startswith(("socket.", "net.", "tls.")):
            flow.report(
                "syntax",
                "block",
                called.line,
                "a program is given a network connection as its terminal (a reverse shell); a pipe or file is fine",
            )
    if words and _SHELL.search(words[0].text) and len(words) <= 2:
        flow.facts.setdefault("shell", called.line)


def argv_line(words: list[Value]) -> str:
    """Return the words as one line, NUL between them; "" where the program is not known."""
    if not words or not words[0].text:
        return ""
    return "\0".join(w.text or (str(w.number) if w.number is not None else places.HOLE) for w in words)


#: Programs that print what they load, unless they are told to put it into a file.
_LOADS = expression(r"^\s*(?:\S*/)?(?:curl|wget|https?|lwp-request)\s(?!.*(?:\s-o\s|\s-O\s+[^\s-]))")


_INTO = expression(r"\b(?:curl|wget)\b.*?\s-(?:o|O)\s*([\w./~][\w./~-]*)")


def _note(flow: Flow, line: str, at: int) -> None:
    """Remember a command line, or the file that it puts what it loads into."""
    found = _INTO.search(line.replace("\0", " "))
    if found:
        flow.dropped.setdefault(Value(found[1]).key, at)
    else:
        flow.shells.append((line, at))


def _printed(line: str) -> int:
    """The origin of what a command line prints."""
    return v.REMOTE if _LOADS.match(line) else 0


def _carried(flow: Flow, called: Called, words: list[Value], text: str) -> None:
    """What a command line that talks to the network is given to carry."""
    if re.search(r"\b(?:curl|wget|nc|ncat|nslookup|dig|host|ping|ssh|scp|ftp|telnet)\b", text):
        from loopwright.guard.checks.safety.calls.sending import judge_sent

        judge_sent(flow, v.join(words), "", called.line)


def _words(called: Called, first: Value) -> list[Value]:
    if first.items is not None:
        return first.items
    if (called.name.startswith("exec") and called.ref.startswith("os.")) or (
        called.name.startswith("spawn") and called.ref.startswith("os.")
    ):
        rest = called.args[1:] if not called.name.startswith("spawn") else called.args[2:]
        head = called.args[0] if called.name.startswith("exec") else called.arg(1)
        listed = rest[0].items if rest and rest[0].items is not None else rest
        return [head, *(listed or [])[1:]]
    second = called.arg(1)
    if second.items is not None:
        return [first, *second.items]
    given = option_of(called, "args")
    if given is not None and given.items is not None:
        return [first, *given.items]
    if called.ref.startswith(("asyncio.", "Deno.")):
        return called.args
    if first.text and " " in first.text.strip() and called.ref.startswith("subprocess."):
        return [Value(w) for w in first.text.split()]
    return [first]
