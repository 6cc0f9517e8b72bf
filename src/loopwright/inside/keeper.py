"""The parent of a command and of whatever it orphans: starts it, sees to the end of all that it left, and reports."""

import _signal as signal
import _socket
import posix as os

import isolate
import messages
import reaper
import resources
from kernel import is_directory  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

#: What waits in sockets and pipes is the kernel's memory, which only a control group counts.
_OPEN_FILES = 8192
_RESET = [signal.SIGPIPE, signal.SIGCHLD, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def keep(control: _socket.socket, more: _socket.socket | None, fields: list[bytes], fds: list[int]) -> None:
    """Keep one command, if one is given, and then, one after the other, those that come over `more`. Does not return.

    To fork a process for each command costs as much as the command. Over `more` the supervisor is told of the end of
    a command before the host is.
    """
    isolate.adopt_orphans()
    isolate.die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    os.setsid()
    blank = os.dup(0)
    before = resources.used_by_children()
    if more is not None and not fields:
        fields, fds = messages.receive(more)
    while fields:
        report = see_through(fields, fds, blank, before)
        if more is None:
            control.send(report)
            break
        more.send(b".")
        control.send(report)
        before = resources.used_by_children()
        fields, fds = messages.receive(more)
    os._exit(0)


def see_through(fields: list[bytes], fds: list[int], blank: int, before: resources.Used) -> bytes:
    """Run one command until it and everything it left is gone, and return the report for the host."""
    command = spawn(fields, fds)
    for fd in fds:
        os.close(fd)
    for stream in range(3):
        os.dup2(blank, stream)  # the command's end of its output must not stay open here
    while True:
        pid, status, used = resources.wait_for_any()
        if pid == command:
            break
    reaper.end_children(set())
    code = os.waitstatus_to_exitcode(status)
    after = resources.used_by_children()
    peak = after.peak if after.peak > before.peak else used.peak
    user, system = after.user - before.user, after.system - before.system
    report: bytes = messages.encode("exit", fields[0], code if code >= 0 else 128 - code, user, system, peak)
    return report


def spawn(fields: list[bytes], fds: list[int]) -> int:
    """Start the command in its own session, in its limits, with nothing open but its three streams."""
    _ident, cwd, threads, count, *rest = fields
    argv, pairs = rest[: int(count)], rest[int(count) :]
    environment = dict(pair.split(b"=", 1) for pair in pairs)
    isolate.enter(fds[3:])
    for target, fd in enumerate(fds[:3]):
        os.dup2(fd, target)
    resources.limit(resources.CORE, 1)  # 0 would still start a program that core_pattern names (core(5))
    resources.limit(resources.FILES, min(_OPEN_FILES, resources.most(resources.FILES)))
    if int(threads):
        resources.limit(resources.PROCESSES, int(threads))
    what = argv[0]
    try:
        os.chdir(cwd)
        what = find(argv[0], environment)
        # Every other descriptor is closed on exec. A spawned process shares memory until it execs: no copy of ours.
        return os.posix_spawn(what, argv, environment, setsid=True, setsigdef=_RESET, setsigmask=())
    except OSError as error:
        said = error.filename if isinstance(error.filename, bytes) else what
        os.write(2, b"loopwright: %s: %s\n" % (said, os.strerror(error.errno or 0).encode()))
        return end_with(127 if isinstance(error, FileNotFoundError) else 126)


def find(program: bytes, environment: dict[bytes, bytes]) -> bytes:
    """The file a shell would run. Raises FileNotFoundError."""
    if b"/" in program:
        return program
    for directory in environment.get(b"PATH", b"/bin:/usr/bin").split(b":"):
        candidate = (directory or b".") + b"/" + program
        if os.access(candidate, os.X_OK) and not is_directory(candidate):
            return candidate
    raise FileNotFoundError(2, "", program)


def end_with(status: int) -> int:
    """A child that ends with this status, in place of a command that could not be started."""
    child = os.fork()
    if child == 0:
        os._exit(status)
    return child
