"""Calls that run something: code held as text, command lines, programs, other processes."""

from __future__ import annotations

import re

from loopwright.guard.checks import safety_places as places
from loopwright.guard.checks import safety_tree as t
from loopwright.guard.checks import safety_values as v
from loopwright.guard.checks.safety_flow import HIDDEN, Called, Flow, composed
from loopwright.guard.checks.safety_values import Value

_HARMLESS_PRELOAD = re.compile(
    r"jemalloc|tcmalloc|mimalloc|[atlu]b?san|faketime|fakeroot|stdbuf|eatmydata|libgcc|\.dylib$|^$"
)
_SHELL = re.compile(r"(?:^|[/\\])(?:ba|z|da|k|a)?sh$|(?:^|[/\\])(?:cmd|powershell|pwsh)(?:\.exe)?$", re.IGNORECASE)


def _origin(labels: int) -> str:
    if labels & v.REMOTE:
        return "came from the network"
    if labels & v.COOKIE:
        return "came from the page's address, its forms or cookies"
    if labels & v.INPUT:
        return "came from a person or a request"
    if labels & v.ARGUMENT:
        return "came from the command line"
    return "was decoded or put together so that it cannot be read" if labels & v.DECODED else ""


def code(flow: Flow, called: Called) -> Value | None:
    """`eval`, `exec`, `Function`: text that becomes code."""
    value = called.arg(-1 if called.name in ("Function", "constructor", "AsyncFunction") else 0, "source")
    if called.args and called.name in ("Function", "constructor"):
        value = called.args[-1]
    if value.func is not None:
        return None
    flow.ran.setdefault(value.key, called.line)
    origin = _origin(value.labels)
    if origin:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs code that {origin}; parsing data (ast.literal_eval, JSON) is fine",
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


def timer(flow: Flow, called: Called) -> Value | None:
    """`setTimeout`: code where its argument is text."""
    value = called.arg(0)
    if value.func is None and (value.text or value.labels & (v.REMOTE | v.INPUT | v.DECODED | v.COOKIE)):
        code(flow, called)
    if (
        value.func is not None
        and called.name == "setInterval"
        and called.arg(1).const in (0, None)
        and len(called.args) > 1
    ):
        flow.endless = True
        flow.facts["storm"] = called.line
        flow.call_back(value, [])
        flow.endless = False
        flow.facts.pop("storm", None)
    return None


def shell(flow: Flow, called: Called) -> Value | None:
    """`os.system`, `exec`: a command line."""
    command = called.arg(0, "command")
    if isinstance(command.func, t.Func) or (called.named.get("shell") and called.named["shell"].const is False):
        return program(flow, called)
    return run_line(flow, called, command)


def run_line(flow: Flow, called: Called, command: Value) -> Value:
    """Judge a command line and return what it prints."""
    origin = (
        _origin(command.labels & ~v.COOKIE & ~v.ARGUMENT) if command.labels & (v.REMOTE | v.INPUT | v.DECODED) else ""
    )
    if origin:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs a command that {origin}; a list of fixed words is fine",
        )
    flow.ran.setdefault(command.key, called.line)
    _environment(flow, called)
    _carried(flow, called, [command], command.text)
    if command.text:
        flow.shells.append((command.text, called.line))
        if not re.search(r"\w", command.text.replace(places.HOLE, "")):
            return Value(None, f"{called.ref}()", v.OUTPUT)
        flow.judge("shell", command.text, called.line)
    return Value(None, f"{called.ref}()", v.OUTPUT | command.labels & v.STURDY)


def program(flow: Flow, called: Called) -> Value | None:
    """`subprocess.run`, `spawn`, `execvp`: a program with a list of words, or a line for a shell."""
    first = called.arg(0, "args")
    shelled = called.named.get("shell") or _option(called, "shell")
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
            f"`{called.name}` runs a program or script that {_origin(labels)}; a fixed program is fine",
        )
    if words and "/proc/self/fd" in words[0].text:
        flow.report(
            "privilege",
            "block",
            called.line,
            "a program is run from memory, where no file shows it; run it from a file",
        )
    line = argv_line(words)
    _carried(flow, called, words, line.split("\0")[0])
    if line:
        flow.shells.append((line, called.line))
        flow.judge("argv", line, called.line)
    return Value(None, f"{called.ref}()", v.OUTPUT)


def feed(flow: Flow, called: Called) -> Value | None:
    """`process.stdin.write(data)`, `communicate(data)`: what a running program is told."""
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


def partial(flow: Flow, called: Called) -> Value | None:
    """`partial(f, x)`: f with x, which is judged as if called at once."""
    return called.args[0] if called.args and not called.args[1:] else None


def method_named(flow: Flow, called: Called) -> Value | None:
    """`operator.methodcaller(name)`."""
    if called.arg(0).text in HIDDEN:
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.arg(0).text}` is called by its name so that it cannot be seen; write the call plainly",
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
        from loopwright.guard.checks.safety_sending import judge_sent

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
    given = _option(called, "args")
    if given is not None and given.items is not None:
        return [first, *given.items]
    if called.ref.startswith(("asyncio.", "Deno.")):
        return called.args
    if first.text and " " in first.text.strip() and called.ref.startswith("subprocess."):
        return [Value(w) for w in first.text.split()]
    return [first]


def _option(called: Called, name: str) -> Value | None:
    """An option in the object that JavaScript passes last."""
    last = called.args[-1] if called.args else Value()
    return last.attrs.get(name) if last.attrs and last.items is None else None


def _environment(flow: Flow, called: Called) -> None:
    env = called.named.get("env") or _option(called, "env")
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
    stdio = _option(called, "stdio")
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
    if flow.endless and "storm" in flow.facts:
        flow.report(
            "resources",
            "block",
            called.line,
            "processes are started as fast as possible for ever (a fork bomb); a pool of a few workers is fine",
        )
    target = called.named.get("target")
    if target is not None and isinstance(target.func, t.Func):
        items = called.named["args"].items if "args" in called.named else None
        flow.call_back(target, items or [])
    if called.ref == "child_process.fork":
        flow.ran.setdefault(called.arg(0).key, called.line)
    return Value(None, f"{called.ref}()")


def look_up(flow: Flow, called: Called) -> Value | None:
    """`getattr(x, name)`."""
    base, key = called.arg(0), called.arg(1)
    node = called.node.args[1] if len(called.node.args) > 1 else called.node
    if key.text:
        flow.spelled(base, key, node, called.line)
        return flow.attribute(base, key.text)
    if base.ref == "__builtins__" and key.labels & (v.DECODED | v.REMOTE | v.INPUT):
        flow.report(
            "syntax",
            "block",
            called.line,
            "a built-in function is looked up by a name that is hidden or comes from outside",
        )
    return Value(None, "", base.labels)


def load_module(flow: Flow, called: Called) -> Value | None:
    """`import_module`, `__import__`, `require`: a module by name."""
    name = called.arg(0, "name")
    node = called.node.args[0] if called.node.args else called.node
    if name.labels & (v.REMOTE | v.INPUT | v.DECODED | v.COOKIE) and not name.text:
        flow.report(
            "imports",
            "block",
            called.line,
            f"the module to import {_origin(name.labels)}; name the modules that may be loaded",
        )
    if not name.text:
        return Value(None, "", name.labels & v.STURDY)
    module = flow.language.canonical(name.text)
    if re.match(r"^(?:https?|data):", module):
        flow.report(
            "imports",
            "block",
            called.line,
            f"code is imported from {module[:80]}; install it as a dependency with a fixed version",
        )
        return Value(None, "", v.REMOTE)
    if module in _POWERFUL and composed(node, name):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"the import of `{module}` is put together so that it cannot be read; write `import {module}`",
        )
    if not module.startswith((".", "/")):
        flow.modules.setdefault(module, called.line)
    made = Value(ref=module)
    if called.ref == "__import__" and module in _POWERFUL:
        made.labels |= 0
        made.ref = module
        flow.facts.setdefault(f"inline {module}", called.line)
    return made


_POWERFUL = frozenset(
    {
        "os",
        "subprocess",
        "pty",
        "ctypes",
        "marshal",
        "socket",
        "builtins",
        "child_process",
        "vm",
        "posix",
        "nt",
        "commands",
    }
)


def execute_memory(flow: Flow, called: Called) -> Value | None:
    """Memory that is made executable: shellcode."""
    pending: list[t.Node] = [called.node]
    executable = called.named.get("prot", Value()).number == 7
    while pending:
        each = pending.pop()
        executable = executable or (isinstance(each, t.Attr) and each.name == "PROT_EXEC")
        pending.extend(t.inner(each))
    if executable:
        flow.report(
            "privilege",
            "block",
            called.line,
            "memory is made executable to run machine code; a compiled extension module is fine",
        )
    return None


#: x86-64: execve, ptrace, setuid, setgid, chroot, mount, reboot, init_module, process_vm_*, finit_module, memfd_create,
#: bpf, execveat.
_CALL_NUMBERS = frozenset({59, 101, 105, 106, 161, 165, 169, 175, 310, 311, 313, 319, 321, 322})


def native(flow: Flow, called: Called) -> Value | None:
    """A function of the C library by ctypes."""
    danger = {
        "ptrace": "looks into and changes other processes",
        "process_vm_writev": "writes into other processes",
        "process_vm_readv": "reads other processes",
        "system": "runs a command past every check",
        "popen": "runs a command past every check",
        "execve": "runs a program past every check",
        "execv": "runs a program past every check",
        "execl": "runs a program past every check",
        "setuid": "changes who the process runs as",
        "setresuid": "changes who the process runs as",
        "setreuid": "changes who the process runs as",
        "memfd_create": "makes a program that has no file",
        "init_module": "loads a kernel module",
        "finit_module": "loads a kernel module",
        "mount": "mounts file systems",
        "unshare": "makes namespaces",
        "setns": "enters other namespaces",
        "keyctl": "reads the kernel's keys",
        "WriteProcessMemory": "writes into other processes",
        "CreateRemoteThread": "runs code in other processes",
        "VirtualAllocEx": "writes into other processes",
        "RtlMoveMemory": "writes machine code into memory",
        "VirtualAlloc": "makes memory executable",
        "mprotect": "makes memory executable",
        "CreateThread": "runs machine code from memory",
        "ShellExecuteW": "starts programs with other rights",
        "RtlAdjustPrivilege": "takes rights",
        "NtRaiseHardError": "crashes the machine",
        "SetWindowsHookExA": "records keys",
        "SetWindowsHookExW": "records keys",
        "GetAsyncKeyState": "records keys",
        "cap_set_proc": "takes rights of root in part",
        "capset": "takes rights of root in part",
        "pivot_root": "changes the root of the file system",
        "chroot": "changes the root of the file system",
        "seteuid": "changes who the process runs as",
        "setgid": "changes who the process runs as",
        "kexec_load": "starts another kernel",
        "bpf": "puts programs into the kernel",
        "reboot": "stops the machine",
        "fork": "starts processes past every check",
        "unlink": "removes files past every check",
    }.get(called.name)
    if called.name == "syscall" and called.arg(0).number in _CALL_NUMBERS:
        danger = "makes a system call that looks into processes, loads code or takes rights"
    if danger is None or not called.ref.startswith(("ctypes.", "ffi-napi.", "koffi.", "cffi.")):
        return None
    flow.report(
        "privilege",
        "block",
        called.line,
        f"`{called.name}` by ctypes {danger}; the standard library's own functions are fine",
    )
    return Value()


def object_walk(flow: Flow, called: Called) -> Value | None:
    """`().__class__.__base__.__subclasses__()`: every class there is, to find one that runs code."""
    flow.report(
        "syntax",
        "block",
        called.line,
        "all classes are walked through to find one that runs code; import what you need",
    )
    return None


def open_registry(flow: Flow, called: Called) -> Value | None:
    if any(places.is_startup(a.text) for a in called.args):
        flow.facts.setdefault("run key", called.line)
    return None


def set_registry(flow: Flow, called: Called) -> Value | None:
    if "run key" in flow.facts or any(places.is_startup(a.text) for a in called.args):
        flow.report(
            "privilege",
            "block",
            called.line,
            "a program is started at every login by the registry's Run key; a shortcut that the person makes is fine",
        )
    return None


def docker_node(flow: Flow, called: Called) -> Value | None:
    """`createContainer({HostConfig: …})` of dockerode."""
    host = _option(called, "HostConfig")
    attrs = host.attrs or {} if host is not None else {}
    binds = [i.text for i in (attrs.get("Binds", Value()).items or [])]
    if attrs.get("Privileged", Value()).const is True or any(b.startswith("/:") or "docker.sock" in b for b in binds):
        flow.report(
            "privilege",
            "block",
            called.line,
            "a container is given the host's rights; mount the project's directory alone",
        )
    return None


def schedule(flow: Flow, called: Called) -> Value | None:
    flow.report(
        "privilege",
        "block",
        called.line,
        "a schedule is written, so that something runs later by itself; let a person set that up",
    )
    return None


def as_root(flow: Flow, called: Called) -> Value | None:
    flow.report("privilege", "ask", called.line, "a command is run as root by asking the person for a password")
    return None


def container(flow: Flow, called: Called) -> Value | None:
    """`docker.from_env().containers.run(…)`."""
    volumes = called.named.get("volumes", Value())
    mounts = [*(volumes.attrs or {}), *(i.text for i in volumes.items or [])]
    opened = (
        called.named.get("privileged", Value()).const is True or called.named.get("pid_mode", Value()).text == "host"
    )
    if opened or any(m == "/" or m.startswith("/:") or "docker.sock" in m for m in mounts):
        flow.report(
            "privilege",
            "block",
            called.line,
            "a container is given the host's rights; mount the project's directory alone",
        )
    return None


def hook_wallet(flow: Flow, called: Called) -> Value | None:
    flow.report(
        "privilege",
        "block",
        called.line,
        "the wallet's requests are replaced, as is done to redirect payments; add a listener instead",
    )
    return None


def make_require(flow: Flow, called: Called) -> Value | None:
    return Value(ref="require")


def set_identity(flow: Flow, called: Called) -> Value | None:
    """`setuid(0)`: dropping rights is fine, taking root's is not."""
    if any(a.number == 0 for a in called.args):
        flow.report(
            "privilege",
            "block",
            called.line,
            f"`{called.name}(0)` takes root's rights; dropping to an ordinary user is fine",
        )
    return None
