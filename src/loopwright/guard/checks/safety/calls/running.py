"""Calls that run something: code held as text, command lines, programs, other processes."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.lasting import lasts

_HARMLESS_PRELOAD = expression(
    r"jemalloc|tcmalloc|mimalloc|[atlu]b?san|faketime|fakeroot|stdbuf|eatmydata|libgcc|\.dylib$|^$"
)
#: What a program's own file is called.
_ITSELF = frozenset(
    {"__file__", "__filename", "sys.argv", "sys.argv[]", "process.argv", "process.argv[]", "import.meta.url"}
)
_MODULES = ("importlib.util.module_from_spec", "types.ModuleType", "imp.new_module", "sys.modules", "module.Module")
_SHELL = expression(r"(?:^|[/\\])(?:ba|z|da|k|a)?sh$|(?:^|[/\\])(?:cmd|powershell|pwsh)(?:\.exe)?$", re.IGNORECASE)


_INTERPRETER = expression(r"(?:^|[/\\])(?:node|python|perl|ruby|php|deno|bun|lua)[\d.]*(?:\.exe)?$")
_CODE = expression(r"^(?:-\w*[cepr]|--eval|--print|eval)$")


def code(flow: Flow, called: Called) -> Value | None:
    """`eval`, `exec`, `Function`: text that becomes code."""
    value = called.arg(-1 if called.name in ("Function", "constructor", "AsyncFunction") else 0, "source")
    if called.args and called.name in ("Function", "constructor"):
        value = called.args[-1]
    if value.func is not None:
        return None
    flow.ran.setdefault(value.key, called.line)
    origin = v.origin_of(value.labels)
    if origin:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs code that {origin}; parsing data (ast.literal_eval, JSON) is fine",
        )
    if value.labels & (v.REMOTE | v.INPUT) and _into_module(called):
        flow.report(
            "imports", "block", called.line, "a module is made of code from outside; install it as a dependency"
        )
    if value.text and not value.text.isidentifier():
        text = value.text
        language = flow.language.name
        flow.judge(language, text, called.line)
        if called.name in ("Function", "constructor", "AsyncFunction") and re.search(
            r"return\s+process\b|return\s+require|mainModule", text
        ):
            flow.report(
                "syntax",
                "block",
                called.line,
                "a function is made from text to reach `process` or `require`; import what you need",
            )
    elif not origin and called.args and not isinstance(called.node.args[0], t.Const):
        flow.report("syntax", "warn", called.line, f"`{called.name}` runs code that is not known before it runs")
    return Value(None, f"{called.ref}()", value.labels)


def _into_module(called: Called) -> bool:
    """`exec(code, module.__dict__)`."""
    where = called.node.args[1] if len(called.node.args) > 1 else None
    return called.arg(1).ref.startswith(_MODULES) or (isinstance(where, t.Attr) and where.name == "__dict__")


def shell(flow: Flow, called: Called) -> Value | None:
    """`os.system`, `exec`: a command line."""
    command = called.arg(0, "command")
    if isinstance(command.func, t.Func) or (called.named.get("shell") and called.named["shell"].const is False):
        return program(flow, called)
    return run_line(flow, called, command)


def _judge_storm(flow: Flow, called: Called) -> None:
    if flow.endless and "storm" in flow.facts:
        why = "processes are started as fast as possible for ever (a fork bomb); a pool of a few workers is fine"
        flow.report("resources", "block", called.line, why)


def _names_itself(nodes: list[t.Node]) -> bool:
    """True where the program's own file is in a command that is put together."""
    return any((isinstance(n, t.Name) and n.id in _ITSELF) or _names_itself(t.inner(n)) for n in nodes)


def run_line(flow: Flow, called: Called, command: Value) -> Value:
    """Judge a command line and return what it prints."""
    _judge_storm(flow, called)
    if flow.starts_always and called.args and _names_itself((called.args and called.node.args[:1]) or []):
        why = "the program always starts itself again (a fork bomb); a condition is fine"
        flow.report("resources", "block", called.line, why)
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
    _environment(flow, called)
    _lasting(flow, called, command.text.split() if not re.search(r"[|&;]", command.text) else [])
    _carried(flow, called, [command], command.text)
    if command.text:
        flow.shells.append((command.text, called.line))
        if not re.search(r"\w|\(\)", command.text.replace(places.HOLE, "")):
            return Value(None, f"{called.ref}()", v.OUTPUT)
        flow.judge("shell", command.text, called.line)
    return Value(None, f"{called.ref}()", v.OUTPUT | command.labels & v.STURDY)


def program(flow: Flow, called: Called) -> Value | None:
    """`subprocess.run`, `spawn`, `execvp`: a program with a list of words, or a line for a shell."""
    first = called.arg(0, "args")
    shelled = called.named.get("shell") or option_of(called, "shell")
    if first.items is None and (shelled is not None and shelled.const not in (False, None)):
        return run_line(flow, called, first)
    words = _words(called, first)
    _environment(flow, called)
    for word in words:
        flow.ran.setdefault(word.key, called.line)
    _sockets(flow, called, words)
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
    _judge_storm(flow, called)
    if words and "/proc/self/fd" in words[0].text:
        flow.report(
            "privilege",
            "block",
            called.line,
            "a program is run from memory, where no file shows it; run it from a file",
        )
    if len(words) > 1 and flow.starts_always and any(w.ref in _ITSELF for w in words[1:]):
        flow.report(
            "resources",
            "block",
            called.line,
            "the program always starts itself again (a fork bomb); a condition is fine",
        )
    _lasting(flow, called, [w.text for w in words])
    line = argv_line(words)
    _carried(flow, called, words, line.split("\0")[0])
    if line:
        flow.shells.append((line, called.line))
        flow.judge("argv", line, called.line)
    return Value(None, f"{called.ref}()", v.OUTPUT)


#: Calls that come back when the program that they start has ended.
_AWAITING = frozenset({"run", "call", "check_call", "check_output", "system", "getoutput", "getstatusoutput",
                       "execSync", "spawnSync", "execFileSync", "sync", "execaSync", "commandSync"})  # fmt: skip


def _lasting(flow: Flow, called: Called, words: list[str]) -> None:
    """Report a call that waits for a program which never ends."""
    timeout = called.named.get("timeout") or option_of(called, "timeout")
    if called.name in _AWAITING and timeout is None and lasts(words):
        why = f"`{' '.join(words)[:60]}` never ends, so `{called.name}` never comes back; a timeout is fine"
        flow.report("time", "block", called.line, why)


def feed(flow: Flow, called: Called) -> Value | None:
    """`process.stdin.write(data)`, `communicate(data)`: what a running program is told."""
    if called.name == "sendline" and called.arg(0).text:
        flow.judge("shell", called.arg(0).text, called.line)
    if called.all.labels & v.REMOTE:
        flow.report(
            "syntax", "block", called.line, "a running program is told what to do from the network (a reverse shell)"
        )
    return Value(None, f"{called.receiver.ref}.{called.name}()", v.OUTPUT)


def template(flow: Flow, called: Called) -> Value | None:
    """`render_template_string(text)`: a template can reach every object of the program."""
    if called.arg(0).labels & (v.INPUT | v.REMOTE):
        flow.report(
            "syntax", "block", called.line, "a template comes from outside and can run code; pass data to a fixed one"
        )
    return None


def argv_line(words: list[Value]) -> str:
    """Return the words as one line, NUL between them; "" where the program is not known."""
    if not words or not words[0].text:
        return ""
    return "\0".join(w.text or (str(w.number) if w.number is not None else places.HOLE) for w in words)


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


def _environment(flow: Flow, called: Called) -> None:
    env = called.named.get("env") or option_of(called, "env")
    for name in ("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES"):
        value = env.attrs.get(name) if env is not None and env.attrs else None
        if value is not None and not _HARMLESS_PRELOAD.search(value.text.replace(places.HOLE, "")):
            preload(flow, name, called.line)


def preload(flow: Flow, name: str, line: int) -> None:
    flow.report(
        "privilege",
        "block",
        line,
        f"{name} puts foreign code into another program; LD_LIBRARY_PATH or linking it is fine",
    )


def set_preload(flow: Flow, called: Called) -> Value | None:
    """`os.environ["LD_PRELOAD"] = …`"""
    if not _HARMLESS_PRELOAD.search(called.arg(0).text.replace(places.HOLE, "")):
        preload(flow, called.name.rstrip("="), called.line)
    return None


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


def spawn_pty(flow: Flow, called: Called) -> Value | None:
    flow.facts.setdefault("pty", called.line)
    return program(flow, called)


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


def fork(flow: Flow, called: Called) -> Value | None:
    """`fork`, `Process`, `Thread`: one is fine, without end it is a bomb. The loops judge those that stand in them."""
    _judge_storm(flow, called)
    if flow.starts_always and called.args and any(x.ref in _ITSELF for x in called.args):
        why = "the program always starts itself again (a fork bomb); a condition is fine"
        flow.report("resources", "block", called.line, why)
    target = called.named.get("target")
    if target is not None and any(f is target.func for f in flow.active) and flow.sure:
        flow.report(
            "resources",
            "block",
            called.line,
            "each process or thread starts the next ones, without end (a fork bomb); a pool of a few workers is fine",
        )
    if target is not None and isinstance(target.func, t.Func):
        items = called.named["args"].items if "args" in called.named else None
        flow.call_back(target, items or [])
    if called.ref == "cluster.fork" and flow.starts_always and not flow.active:
        why = "each worker runs this file again and starts the next ones (a fork bomb); ask `cluster.isPrimary` first"
        flow.report("resources", "block", called.line, why)
    if called.ref == "child_process.fork":
        flow.ran.setdefault(called.arg(0).key, called.line)
    return Value(None, f"{called.ref}()")
