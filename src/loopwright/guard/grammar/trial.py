"""Whether a parse comes to an end, found out in a process that may be lost.

No timeout inside the process helps against a parser that loops in C: it neither returns nor lets a signal handler of
Python run. The child sets itself a timer of processor time whose signal has no handler, so the kernel ends it.
"""

from __future__ import annotations

import atexit
import resource
import signal
import struct
import subprocess
import sys
import threading
from typing import IO, cast

from loopwright.guard.grammar.parsers import Grammar, parser_of

_SECONDS = 1.0  # of processor time, enough for some 10 MB of ordinary source
_SECONDS_A_BYTE = 1e-6
_MEMORY = 2 << 30  # bytes; a parser that has lost itself may also grow

_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None


def ends(grammar: Grammar, source: bytes) -> bool:
    """Return whether the grammar's parser comes to an end on the source. A lost child is replaced at the next call."""
    name = grammar.encode()
    with _lock:
        asked, answer = _pipes()
        try:
            asked.write(struct.pack("<BQ", len(name), len(source)) + name + source)
            asked.flush()
            ended = answer.read(1) == b"."
        except BrokenPipeError:
            ended = False
        if not ended:
            _close()
        return ended


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    global _child
    if _child is None:
        argv = [sys.executable, "-P", "-m", __name__]  # -P: nothing is imported from the directory it is started in
        _child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return cast(IO[bytes], _child.stdin), cast(IO[bytes], _child.stdout)


@atexit.register
def _close() -> None:
    global _child
    child, _child = _child, None
    if child is not None:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what a lost child did not read


def _serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and closes the pipe
    asked, answer = sys.stdin.buffer, sys.stdout.buffer
    while header := asked.read(9):
        length, size = struct.unpack("<BQ", header)
        grammar, source = cast(Grammar, asked.read(length).decode()), asked.read(size)
        signal.setitimer(signal.ITIMER_PROF, _SECONDS + size * _SECONDS_A_BYTE)
        parser_of(grammar).parse(source)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answer.write(b".")
        answer.flush()


if __name__ == "__main__":
    _serve()
