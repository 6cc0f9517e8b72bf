"""The first process of a container: a supervisor whose requests and pipes come and go over standard input and output.

A container's runtime may be a kernel of its own and its daemon another machine, so no descriptor can be passed: every
stream of every command travels in frames. A frame is LENGTH (4 bytes, big endian, of what follows KIND and IDENT),
KIND (1 byte), IDENT (4 bytes, the command's number or 0) and a payload; fields in a payload are joined by NUL.

    host  s what isolate.apply takes  -> s ready ABI AUDITED | failed TEXT, and the descriptors it may take from here
    host  t it has taken them
    host  r CWD NPROC ARGC argv... NAME=VALUE...
    host  i standard input · c its end · k kill · l look · p nothing: the host is alive
    here  o, e output · w COUNT bytes of input taken (0: nobody reads) · v BYTES THREADS LAST answers a look
    here  x STATUS USER_MICROSECONDS SYSTEM_MICROSECONDS PEAK_KIB, after all output
"""

from __future__ import annotations

import _signal as signal
import _socket
import os
import select
import sys
import time

import isolate
import reaper
import supervisor  # type: ignore[import-not-found]  # a neighbour by name, as the programs in here are run

HEAD = 9
_PIECE = 1 << 16
#: Seconds without a word after which the host is taken for dead: a daemon that was killed does not tell.
_SILENCE = 120.0
#: Commands are the kernel's first choice when memory runs out, not this process.
_OOM_SCORE = b"500"


class Streams:
    """The three pipes of one command, and input that its pipe has no room for yet."""

    def __init__(self) -> None:
        theirs, self.input = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        out, their_out = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        err, their_err = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self.theirs = [theirs, their_out, their_err]
        for fd in self.theirs:
            os.set_blocking(fd, True)
        self.output = {out: b"o", err: b"e"}
        self.pending = bytearray()
        self.closing = False


class Agent:
    """Moves frames to the supervisor and back."""

    def __init__(self, frames_in: int, frames_out: int) -> None:
        self.frames_in, self.frames_out = frames_in, frames_out
        self.answers, control = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
        self.supervisor = supervisor.Supervisor(control)
        self.buffer = bytearray()
        self.streams: dict[int, Streams] = {}
        self.lent: list[int] = []  # for the host to take
        self.poll = select.poll()
        self.owners: dict[int, int] = {}  # a pipe's descriptor -> the command's number
        self.score = os.open("/proc/self/oom_score_adj", os.O_RDWR | os.O_CLOEXEC)
        self.calm = os.pread(self.score, 16, 0)
        self.heard = time.monotonic()
        self.keepers_adopt = try_keeper()
        if not self.keepers_adopt:
            isolate.adopt_orphans = nothing

    def leave(self) -> None:
        """In a child: let go of everything that is the agent's, or a command's input would never end."""
        for fd in (self.frames_in, self.frames_out, self.score, *self.owners, *self.lent):
            os.close(fd)
        self.answers.close()
        self.frames_in = self.frames_out = self.score = -1
        self.owners, self.lent = {}, []
        self.leave = nothing  # type: ignore[method-assign]  # a child's own children have nothing of it

    def serve(self) -> None:
        """Answer the host until it hangs up or falls silent; the kernel then ends the container's processes."""
        self.poll.register(self.frames_in, select.POLLIN)
        self.poll.register(self.answers.fileno(), select.POLLIN)
        while time.monotonic() - self.heard < _SILENCE:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            ready = self.poll.poll(10_000)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
            for fd, _ in ready:
                if fd == self.frames_in:
                    if not self.take_frames():
                        return
                elif fd == self.answers.fileno():
                    self.take_answer(self.answers.recv(_PIECE))
                elif fd in self.owners:
                    self.move(fd)

    def send(self, kind: bytes, ident: int, payload: bytes = b"") -> None:
        """Write one frame; waits until the host has taken it."""
        left = memoryview(len(payload).to_bytes(4, "big") + kind + ident.to_bytes(4, "big") + payload)
        while left:
            left = left[os.write(self.frames_out, left) :]

    def take_frames(self) -> bool:
        """Read what the host sent; False where it has hung up."""
        data = os.read(self.frames_in, _PIECE)
        self.heard = time.monotonic()
        self.buffer += data
        while len(self.buffer) >= HEAD:
            end = HEAD + int.from_bytes(self.buffer[:4], "big")
            if len(self.buffer) < end:
                break
            kind, ident = bytes(self.buffer[4:5]), int.from_bytes(self.buffer[5:9], "big")
            payload = bytes(self.buffer[HEAD:end])
            del self.buffer[:end]
            self.obey(kind, ident, payload)
        return bool(data)

    def obey(self, kind: bytes, ident: int, payload: bytes) -> None:
        """Do what one frame asks for."""
        if kind == b"s":
            answer, self.lent = isolate.apply(payload.split(b"\0"), [])
            self.send(b"s", 0, answer + b"".join(b"\0%d" % fd for fd in self.lent))
        elif kind == b"t":
            while self.lent:
                os.close(self.lent.pop())
        elif kind == b"r":
            self.run(ident, payload.split(b"\0"))
        elif kind in (b"i", b"c") and ident in self.streams:
            self.streams[ident].pending += payload
            self.streams[ident].closing |= kind == b"c"
            self.feed(ident)
        elif kind == b"k":
            self.supervisor.kill(b"%d" % ident)
        elif kind == b"l":
            self.supervisor.look(b"%d" % ident, True)

    def run(self, ident: int, fields: list[bytes]) -> None:
        """Start a command. A keeper is born with the score it is to die by, and takes it along to the command."""
        streams = self.streams[ident] = Streams()
        for fd in (streams.input, *streams.output):
            self.owners[fd] = ident
        for fd in streams.output:
            self.poll.register(fd, select.POLLIN)
        self.expose(_OOM_SCORE)
        try:
            self.supervisor.run([b"%d" % ident, *fields], streams.theirs)
        finally:
            self.expose(self.calm)
            for fd in streams.theirs:
                os.close(fd)

    def expose(self, score: bytes) -> None:
        """How readily the kernel ends this process, and what it starts, when memory runs out."""
        try:
            os.pwrite(self.score, score, 0)
        except OSError:
            return  # a runtime with a kernel of its own has no such choice

    def move(self, fd: int) -> None:
        """Output is there, or room for input."""
        ident = self.owners[fd]
        if fd == self.streams[ident].input:
            self.feed(ident)
        else:
            self.drain(ident, fd)

    def drain(self, ident: int, fd: int) -> bool:
        """Pass one piece of output on; False when there is nothing more at the moment."""
        try:
            data = os.read(fd, _PIECE)
        except BlockingIOError:
            return False
        if data:
            self.send(self.streams[ident].output[fd], ident, data)
            return True
        self.poll.unregister(fd)
        del self.owners[fd], self.streams[ident].output[fd]
        os.close(fd)
        return False

    def feed(self, ident: int) -> None:
        """Write pending input as far as it goes; the host sends no more than it was told was taken."""
        streams = self.streams[ident]
        if streams.input < 0:
            return
        try:
            taken = os.write(streams.input, streams.pending) if streams.pending else 0
        except BlockingIOError:
            taken = 0
        except OSError:
            self.close_input(streams)
            self.send(b"w", ident, b"0")
            return
        del streams.pending[:taken]
        if taken:
            self.send(b"w", ident, b"%d" % taken)
        if streams.pending:
            self.poll.register(streams.input, select.POLLOUT)
        elif streams.closing:
            self.close_input(streams)
        else:
            self.forget(streams.input)

    def forget(self, fd: int) -> None:
        """Stop waiting for room in a pipe."""
        try:
            self.poll.unregister(fd)
        except KeyError:
            return

    def close_input(self, streams: Streams) -> None:
        """Let go of a command's standard input."""
        if streams.input >= 0:
            self.forget(streams.input)
            del self.owners[streams.input]
            os.close(streams.input)
            streams.input = -1
            streams.pending.clear()

    def take_answer(self, message: bytes) -> None:
        """Pass on what the supervisor, or a keeper, has to say."""
        kind, ident, *rest = message.split(b"\0")
        if kind == b"seen":
            self.send(b"v", int(ident), b"\0".join(rest))
        elif kind == b"exit" and int(ident) in self.streams:
            if not self.keepers_adopt:
                reaper.end_children(self.supervisor.spared())
            streams = self.streams[int(ident)]
            for fd in list(streams.output):
                while self.drain(int(ident), fd):
                    pass
            for fd in streams.output:
                self.poll.unregister(fd)
                del self.owners[fd]
                os.close(fd)
            self.close_input(streams)
            del self.streams[int(ident)]
            self.send(b"x", int(ident), b"\0".join(rest))


def nothing() -> None:
    """Instead of what a runtime's kernel does not know."""


def try_keeper() -> bool:
    """Whether a child can adopt orphans. Under gVisor (seen in 20221219) only the first process can: orphans of every
    command then come to this one, which ends them whenever a command has ended."""
    child = os.fork()
    if child == 0:
        try:
            isolate.adopt_orphans()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main() -> None:
    """Serve standard input and output; a command never sees either."""
    frames_in, frames_out = os.dup(0), os.dup(1)
    nothing = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1):
        os.dup2(nothing, fd)
    os.close(nothing)
    agent = Agent(frames_in, frames_out)
    os.register_at_fork(after_in_child=lambda: agent.leave())
    isolate.hide()
    isolate.adopt_orphans()
    signal.signal(signal.SIGCHLD, agent.supervisor.reap)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    try:
        agent.serve()
    except OSError as error:
        sys.stderr.write(f"the container's supervisor failed: {error}\n")
    finally:
        agent.supervisor.end()
