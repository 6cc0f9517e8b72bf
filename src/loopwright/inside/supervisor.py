"""The first process of a sandbox: starts each command on request and leaves nothing of it behind.

The host speaks over one SOCK_SEQPACKET socket, whose descriptor is the last argument; messages are fields joined by
NUL, descriptors come along as SCM_RIGHTS:

    host  setup TREE drop|remap|stay uid gid home cpus seccomp(hex) audit(hex) (STEP FIRST SECOND)...  + groups to enter
          -> ready ABI AUDITED + descriptors: tree, layers, network listener, listener of the audit | failed TEXT
    host  run ID CWD NPROC ARGC argv... NAME=VALUE...  + stdin, stdout, stderr, groups to enter
    host  look ID 0|1  -> seen ID BYTES THREADS LAST   (1: measure the tree; LAST: the number last given to a process)
    host  kill ID
    host  share PROCESSORS    (for all commands together; only where this is the first process of its pid namespace)
    here  exit ID STATUS USER_MICROSECONDS SYSTEM_MICROSECONDS PEAK_KIB

Only built-in modules are imported where they serve, since the start of a sandbox is waited for.
"""

import _signal as signal
import _socket
import posix as os
import sys

import isolate
import messages
import reaper

TYPE_CHECKING = False
if TYPE_CHECKING:
    import resource
    from typing import NoReturn

    import meter
    import pace

_HANDLED = {signal.SIGCHLD, signal.SIGALRM}


class Supervisor:
    """Holds the keepers, one for each running command; the resident one takes command after command."""

    def __init__(self, control: _socket.socket) -> None:
        self.control = control
        self.keepers: dict[int, bytes] = {}
        self.resident = 0
        self.more: _socket.socket | None = None  # where the resident keeper hears of further commands
        self.threads: bytes | None = None  # the resident keeper's limit: what was lowered cannot be raised again
        self.first = os.getpid() == 1
        self.pace: pace.Pace | None = None
        self.measured: meter.Measured | None = None  # what the latest tree that was measured held

    def serve(self) -> None:
        """Answer the host until it closes the socket; then end everything."""
        while True:
            fields, fds = messages.receive(self.control)
            signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
            try:
                if not fields:
                    return
                if fields[0] == b"setup":
                    if not self.set_up(fields[1], fields[2:], fds):
                        return
                elif fields[0] == b"run":
                    self.run(fields[1:], fds)
                elif fields[0] == b"station":
                    self.station()
                elif fields[0] == b"share":
                    self.share(float(fields[1]))
                elif fields[0] == b"kill":
                    self.kill(fields[1])
                elif fields[0] == b"look":
                    self.look(fields[1], fields[2] == b"1")
            finally:
                for fd in fds:
                    os.close(fd)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)

    def set_up(self, tree: bytes, fields: list[bytes], doors: list[int]) -> bool:
        """Give up what commands must not have; the host gets the tree's descriptor, to see how full it is."""
        answer, fds = isolate.apply(fields, doors)
        fds.insert(0, os.open(tree, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
        rights = b"".join(fd.to_bytes(4, sys.byteorder) for fd in fds)
        self.control.sendmsg([answer], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        for fd in fds:
            os.close(fd)
        stands: bool = answer.startswith(b"ready")
        return stands

    def station(self) -> None:
        """Have a resident keeper before the first command comes, since its start would be waited for then."""
        ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        try:
            keeper = os.fork()
        except OSError:
            return  # the first command will say so
        if keeper == 0:
            ours.close()
            become_keeper(self.control, theirs, [], [])
        self.resident, self.more, self.threads = keeper, ours, None

    def share(self, processors: float) -> None:
        """Let all commands together have no more than so many processors' worth of time."""
        import pace

        self.pace = pace.Pace(processors)
        signal.signal(signal.SIGALRM, self.keep_pace)

    def keep_pace(self, *_: object) -> None:
        """Look whether the commands are ahead of their share, while there are any."""
        self.settle()
        if self.pace:
            if self.keepers:
                self.pace.look()
            else:
                self.pace.end()

    def look(self, ident: bytes, measure: bool) -> None:
        """Tell what a command's tree holds, and how far the count of processes has come."""
        import meter

        self.settle()
        keeper = self.keeper(ident)
        if keeper is None:
            return
        found = meter.Measured()
        if measure:
            spared = self.spared() - {keeper}
            pids = [pid for pid in reaper.descendants(spared) if pid != keeper]
            found = self.measured = meter.measure(pids, self.first, self.measured)
        self.control.send(messages.encode("seen", ident, found.held, found.threads, meter.last_process()))

    def keeper(self, ident: bytes) -> int | None:
        """The process that keeps a command."""
        return next((pid for pid, name in self.keepers.items() if name == ident), None)

    def run(self, fields: list[bytes], fds: list[int]) -> None:
        """Give a command to the resident keeper, or where that is busy or not fit for it, to one of its own."""
        self.settle()
        if self.pace:
            self.pace.begin()
        if self.hand_over(fields, fds):
            return
        stays = self.more is None and len(fds) == 3
        pair = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET) if stays else None
        try:
            keeper = os.fork()
        except OSError as error:
            os.write(fds[2], f"loopwright: cannot start another process: {error.strerror}\n".encode())
            self.control.send(messages.encode("exit", fields[0], 126, 0, 0, 0))
            return
        if keeper == 0:
            if pair:
                pair[0].close()
            become_keeper(self.control, pair[1] if pair else None, fields, fds)
        self.keepers[keeper] = fields[0]
        if pair:
            self.resident, self.more, self.threads = keeper, pair[0], fields[2]

    def hand_over(self, fields: list[bytes], fds: list[int]) -> bool:
        """Let the resident keeper have a command. It stays in the group and in the limits of its first one."""
        idle = self.more is not None and self.resident not in self.keepers
        fits = self.threads in (None, fields[2]) and sum(map(len, fields)) <= messages.MESSAGE // 2
        if not idle or len(fds) != 3 or not fits:
            return False
        try:
            messages.send(self.more, fields, fds)
        except OSError:
            self.dismiss()
            return False
        self.keepers[self.resident], self.threads = fields[0], fields[2]
        return True

    def settle(self) -> None:
        """Hear whether the resident keeper is done with its command."""
        if self.more is not None and self.resident in self.keepers:
            try:
                done = self.more.recv(1, _socket.MSG_DONTWAIT)
            except OSError:
                return
            if done:
                del self.keepers[self.resident]

    def dismiss(self) -> None:
        """Have no resident keeper; an idle one ends."""
        if self.more is not None:
            self.more.close()
        self.resident, self.more = 0, None

    def spared(self) -> set[int]:
        """The keepers, busy and idle."""
        return {*self.keepers, self.resident} - {0}

    def kill(self, ident: bytes) -> None:
        """End a command's whole tree, whatever it did to its sessions, parents and signals."""
        self.settle()
        keeper = self.keeper(ident)
        if keeper is None:
            return
        if self.first and len(self.keepers) == 1:
            os.kill(-1, signal.SIGKILL)  # in one step for all of this pid namespace: no fork can slip through
            self.dismiss()
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
            if pid == self.resident:
                self.dismiss()
            ident = self.keepers.pop(pid, None)
            if ident is None or status == 0:
                continue
            reaper.end_children(self.spared())
            self.control.send(messages.encode("exit", ident, 137, *usage(used)))

    def end(self) -> None:
        """Leave nothing running."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.dismiss()
        if self.first:
            os._exit(0)  # the kernel ends the rest of the pid namespace
        reaper.end_children(set())


def become_keeper(
    control: _socket.socket, more: _socket.socket | None, fields: list[bytes], fds: list[int]
) -> "NoReturn":
    """What a child does from here on. Only there the module is loaded: by then nobody waits for this process."""
    try:
        from keeper import keep

        keep(control, more, fields, fds)
    finally:
        os._exit(70)


def usage(used: "resource.struct_rusage") -> tuple[int, int, int]:
    """User and system microseconds and the largest process's peak in KiB."""
    return int(used.ru_utime * 1e6), int(used.ru_stime * 1e6), used.ru_maxrss


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
