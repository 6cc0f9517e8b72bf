"""The parent of a command and of whatever it orphans: starts it, sees to the end of all that it left, and reports."""

import _signal as signal
import _socket
import posix as os

import isolate
import messages
import reaper
from kernel import is_directory  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

TYPE_CHECKING = False
if TYPE_CHECKING:
    import resource

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
    before = used_by_children()
    if more is not None and not fields:
        fields, fds = messages.receive(more)
    while fields:
        report = see_through(fields, fds, blank, before)
        if more is None:
            control.send(report)
            break
        more.send(b".")
        control.send(report)
        before = used_by_children()
        fields, fds = messages.receive(more)
    os._exit(0)


def see_through(fields: list[bytes], fds: list[int], blank: int, before: "resource.struct_rusage") -> bytes:
    """Run one command until it and everything it left is gone, and return the report for the host."""
    command = spawn(fields, fds)
    for fd in fds:
        os.close(fd)
    for stream in range(3):
        os.dup2(blank, stream)  # the command's end of its output must not stay open here
    while True:
        pid, status, used = os.wait4(-1, 0)
        if pid == command:
            break
    reaper.end_children(set())
    code = os.waitstatus_to_exitcode(status)
    after = used_by_children()
    peak = after.ru_maxrss if after.ru_maxrss > before.ru_maxrss else used.ru_maxrss
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    report: bytes = messages.encode(
        "exit", fields[0], code if code >= 0 else 128 - code, int(user * 1e6), int(system * 1e6), peak
    )
    return report


def used_by_children() -> "resource.struct_rusage":
    """What ended children used. The first call loads the module, before there is a command: no start waits for it."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN)


def spawn(fields: list[bytes], fds: list[int]) -> int:
    """Start the command in its own session, in its limits, with nothing open but its three streams."""
    import resource

    _ident, cwd, threads, count, *rest = fields
    argv, pairs = rest[: int(count)], rest[int(count) :]
    environment = dict(pair.split(b"=", 1) for pair in pairs)
    isolate.enter(fds[3:])
    for target, fd in enumerate(fds[:3]):
        os.dup2(fd, target)
    resource.setrlimit(resource.RLIMIT_CORE, (1, 1))  # 0 would still start a program that core_pattern names (core(5))
    files = min(_OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    if int(threads):
        resource.setrlimit(resource.RLIMIT_NPROC, (int(threads), int(threads)))
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
