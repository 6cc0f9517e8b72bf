"""The first process of a sandbox: starts each command on request and leaves nothing of it behind.

The host speaks over one SOCK_SEQPACKET socket, whose descriptor is the last argument; messages are fields joined by
NUL, descriptors come along as SCM_RIGHTS:

    host  setup TREE drop|remap|stay uid gid home cpus seccomp(hex) (STEP FIRST SECOND)...
          -> ready ABI + descriptors of the tree and the layers | failed TEXT
    host  run ID CWD NPROC ARGC argv... NAME=VALUE...  + stdin, stdout, stderr, cgroup.procs...
    host  look ID  -> seen ID BYTES THREADS
    host  kill ID
    here  exit ID STATUS USER_MICROSECONDS SYSTEM_MICROSECONDS PEAK_KIB

Only built-in modules are imported where they serve, since the start of a sandbox is waited for.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # typeshed has no stub; `signal` imports enum: 5 ms
import _socket
import os
import resource
import sys

import isolate
import reaper

MESSAGE = 1 << 16
FDS = 32
_RESET = [signal.SIGPIPE, signal.SIGCHLD, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def encode(*fields: str | bytes | int) -> bytes:
    """Join fields by NUL."""
    return b"\0".join(f if isinstance(f, bytes) else os.fsencode(str(f)) for f in fields)


class Supervisor:
    """Holds the keepers, one for each running command."""

    def __init__(self, control: _socket.socket) -> None:
        self.control = control
        self.keepers: dict[int, bytes] = {}
        self.first = os.getpid() == 1

    def serve(self) -> None:
        """Answer the host until it closes the socket; then end everything."""
        while True:
            fields, fds = receive(self.control)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            try:
                if not fields:
                    return
                if fields[0] == b"setup":
                    self.set_up(fields[1], fields[2:])
                elif fields[0] == b"run":
                    self.run(fields[1:], fds)
                elif fields[0] == b"kill":
                    self.kill(fields[1])
                elif fields[0] == b"look":
                    self.look(fields[1])
            finally:
                for fd in fds:
                    os.close(fd)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})

    def set_up(self, tree: bytes, fields: list[bytes]) -> None:
        """Give up what commands must not have; the host gets the tree's descriptor, to see how full it is."""
        answer, fds = isolate.apply(fields)
        fds.insert(0, os.open(tree, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
        rights = b"".join(fd.to_bytes(4, sys.byteorder) for fd in fds)
        self.control.sendmsg([answer], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        for fd in fds:
            os.close(fd)

    def look(self, ident: bytes) -> None:
        """Tell what a command's tree holds."""
        import meter

        keeper = self.keeper(ident)
        if keeper is not None:
            spared = set(self.keepers) - {keeper}
            pids = [pid for pid in reaper.descendants(spared) if pid != keeper]
            self.control.send(encode("seen", ident, *meter.measure(pids, self.first)))

    def keeper(self, ident: bytes) -> int | None:
        """The process that keeps a command."""
        return next((pid for pid, name in self.keepers.items() if name == ident), None)

    def run(self, fields: list[bytes], fds: list[int]) -> None:
        """Fork the keeper of one command."""
        try:
            keeper = os.fork()
        except OSError as error:
            os.write(fds[2], f"loopwright: cannot start another process: {error.strerror}\n".encode())
            self.control.send(encode("exit", fields[0], 126, 0, 0, 0))
            return
        if keeper == 0:
            try:
                keep(self.control, fields, fds)
            finally:
                os._exit(70)
        self.keepers[keeper] = fields[0]

    def kill(self, ident: bytes) -> None:
        """End a command's whole tree, whatever it did to its sessions, parents and signals."""
        keeper = self.keeper(ident)
        if keeper is None:
            return
        if self.first and len(self.keepers) == 1:
            os.kill(-1, signal.SIGKILL)  # in one step for all of this pid namespace: no fork can slip through
        else:
            os.kill(keeper, signal.SIGKILL)
        self.reap()

    def reap(self, *_: object) -> None:
        """Collect what ended. A keeper that was killed leaves its command's processes to us: end them."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ident = self.keepers.pop(pid, None)
            if ident is None or status == 0:
                continue
            reaper.end_children(set(self.keepers))
            self.control.send(encode("exit", ident, 137, *usage(used)))

    def end(self) -> None:
        """Leave nothing running."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if self.first:
            os._exit(0)  # the kernel ends the rest of the pid namespace
        reaper.end_children(set())


def usage(used: resource.struct_rusage) -> tuple[int, int, int]:
    """User and system microseconds and the largest process's peak in KiB."""
    return int(used.ru_utime * 1e6), int(used.ru_stime * 1e6), used.ru_maxrss


def receive(control: _socket.socket) -> tuple[list[bytes], list[int]]:
    """One message and its descriptors; no fields at the end of the connection."""
    data, ancillary, _, _ = control.recvmsg(MESSAGE, _socket.CMSG_SPACE(FDS * 4), _socket.MSG_CMSG_CLOEXEC)
    fds: list[int] = []
    for _level, _kind, payload in ancillary:
        fds.extend(int.from_bytes(payload[i : i + 4], sys.byteorder) for i in range(0, len(payload) - 3, 4))
    if data == b"@":
        memory = fds.pop(0)
        data = os.pread(memory, os.fstat(memory).st_size, 0)
        os.close(memory)
    return (data.split(b"\0") if data else []), fds


def keep(control: _socket.socket, fields: list[bytes], fds: list[int]) -> None:
    """Be the parent of one command and of whatever it orphans; report when the command and all of that is gone."""
    isolate.adopt_orphans()
    isolate.die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    os.setsid()
    command = spawn(fields, fds)
    for fd in (0, 1, 2, *fds):
        os.close(fd)
    while True:
        pid, status, _ = os.wait4(-1, 0)
        if pid == command:
            break
    reaper.end_children(set())
    code = os.waitstatus_to_exitcode(status)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    control.send(encode("exit", fields[0], code if code >= 0 else 128 - code, *usage(used)))
    os._exit(0)


def spawn(fields: list[bytes], fds: list[int]) -> int:
    """Start the command in its own session, in its limits, with nothing open but its three streams."""
    _ident, cwd, threads, count, *rest = fields
    argv, pairs = rest[: int(count)], rest[int(count) :]
    environment = dict(pair.split(b"=", 1) for pair in pairs)
    for fd in fds[3:]:
        os.write(fd, b"0")
    for target, fd in enumerate(fds[:3]):
        os.dup2(fd, target)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
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
    for directory in environment.get(b"PATH", os.fsencode(os.defpath)).split(b":"):
        candidate = os.path.join(directory or b".", program)
        if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
            return candidate
    raise FileNotFoundError(2, "", program)


def end_with(status: int) -> int:
    """A child that ends with this status, in place of a command that could not be started."""
    child = os.fork()
    if child == 0:
        os._exit(status)
    return child


def main() -> None:
    """Serve the socket whose descriptor is the last argument; nothing else that was open is kept."""
    descriptor = int(sys.argv[-1])
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 1 << 16)
    os.set_inheritable(descriptor, False)
    control = _socket.socket(fileno=descriptor)
    isolate.hide()
    isolate.adopt_orphans()
    supervisor = Supervisor(control)
    signal.signal(signal.SIGCHLD, supervisor.reap)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    try:
        supervisor.serve()
    except OSError:
        pass
    finally:
        supervisor.end()
