"""Calls that take rights: machine code, other users, containers, schedules, the registry, wallets."""

from __future__ import annotations

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


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


#: Functions of the C library and of Windows by what they do.
_DANGERS = {
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
}


def judge_native(flow: Flow, name: str, line: int) -> None:
    """Report a function of the C library that a program makes itself able to call."""
    if name in _DANGERS:
        why = f"`{name}` of the C library {_DANGERS[name]}"
        flow.report("privilege", "block", line, f"{why}; the runtime's own functions are fine")
        flow.report("imports", "block", line, f"`{name}` is loaded from the C library past the runtime's own modules")


def native(flow: Flow, called: Called) -> Value | None:
    """A function of the C library by ctypes."""
    danger = _DANGERS.get(called.name)
    if called.name == "syscall" and called.arg(0).number in _CALL_NUMBERS:
        danger = "makes a system call that looks into processes, loads code or takes rights"
    if called.name == "mmap" and any(a.number == 7 for a in called.args):
        danger = "makes memory executable"
    if danger is None or not called.ref.startswith(("ctypes.", "ffi-napi.", "koffi.", "cffi.")):
        return None
    flow.report(
        "privilege",
        "block",
        called.line,
        f"`{called.name}` by ctypes {danger}; the standard library's own functions are fine",
    )
    why = f"`{called.name}` is loaded from a library of machine code, past what an import shows"
    flow.report("imports", "block", called.line, f"{why}; import the standard library's own")
    return Value()


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


def _report_container(flow: Flow, called: Called) -> None:
    flow.report(
        "privilege", "block", called.line, "a container is given the host's rights; mount the project's directory alone"
    )


def docker_node(flow: Flow, called: Called) -> Value | None:
    """`createContainer({HostConfig: …})` of dockerode."""
    host = option_of(called, "HostConfig")
    attrs = host.attrs or {} if host is not None else {}
    binds = [i.text for i in (attrs.get("Binds", Value()).items or [])]
    if attrs.get("Privileged", Value()).const is True or any(b.startswith("/:") or "docker.sock" in b for b in binds):
        _report_container(flow, called)
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
    flow.judge("shell", f"sudo {called.arg(0).text}", called.line)
    return None


def container(flow: Flow, called: Called) -> Value | None:
    """`docker.from_env().containers.run(…)`."""
    volumes = called.named.get("volumes", Value())
    mounts = [*(volumes.attrs or {}), *(i.text for i in volumes.items or [])]
    opened = (
        called.named.get("privileged", Value()).const is True or called.named.get("pid_mode", Value()).text == "host"
    )
    if opened or any(m == "/" or m.startswith("/:") or "docker.sock" in m for m in mounts):
        _report_container(flow, called)
    return None


def pod(flow: Flow, called: Called) -> Value | None:
    """`V1SecurityContext(privileged=True)`, `V1PodSpec(host_pid=True)`."""
    opening = ("privileged", "host_pid", "host_network", "host_ipc", "allow_privilege_escalation")
    if any(called.named.get(name, Value()).const is True for name in opening):
        _report_container(flow, called)
    return None


def hook_wallet(flow: Flow, called: Called) -> Value | None:
    flow.report(
        "privilege",
        "block",
        called.line,
        "the wallet's requests are replaced, as is done to redirect payments; add a listener instead",
    )
    return None


def make_device(flow: Flow, called: Called) -> Value | None:
    """`os.mknod(path, mode, device)`: a file that is a disk or memory."""
    if (called.arg(1, "mode").number or 0) & 0o060000 or called.arg(2, "device").ref.startswith("os.makedev"):
        why = "a device file is made, past the rights of the one that there is"
        flow.report("privilege", "block", called.line, f"{why}; an ordinary file is fine")
    return None


def type_for(flow: Flow, called: Called) -> Value | None:
    """`ioctl(terminal, TIOCSTI, letter)`: types into a terminal as if a person did."""
    if called.arg(1).ref.endswith("TIOCSTI"):
        why = "what is typed into a terminal is made up, which the shell behind it runs"
        flow.report("privilege", "block", called.line, f"{why}; run the command itself")
    return None


def enter_namespace(flow: Flow, called: Called) -> Value | None:
    """`os.unshare`, `os.setns`."""
    why = f"`{called.name}` makes or enters namespaces, in which this is root"
    flow.report("privilege", "block", called.line, f"{why}; run the program as it is")
    return None


def end_all(flow: Flow, called: Called) -> Value | None:
    """`os.kill(-1, signal)`, `process.kill(1)`: every process, or the one that all others come from."""
    if called.arg(0).number in (1, -1):
        why = "every process of the user, or the first one, is ended"
        flow.report("privilege", "block", called.line, f"{why}; end processes that the program started")
    return None


def set_identity(flow: Flow, called: Called) -> Value | None:
    """`setuid(0)`: dropping rights is fine, taking root's is not."""
    given = [x for a in called.args for x in (a, *(a.items or []))]
    if any(a.number == 0 or a.text == "root" for a in given):
        flow.report(
            "privilege",
            "block",
            called.line,
            f"`{called.name}(0)` takes root's rights; dropping to an ordinary user is fine",
        )
    return None
