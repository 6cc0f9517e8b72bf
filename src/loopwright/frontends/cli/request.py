"""The request of `exec`: its argument, standard input, or both."""

from __future__ import annotations

import os
import select
import stat
import sys
import time

import click

from loopwright.core.errors import UsageError

#: Bytes of standard input that are taken at most; more is no request but a stream without an end.
LARGEST = 64 << 20
#: Seconds that an open standard input may send nothing before the request goes on without it.
_SILENT = 0.2
#: Seconds it may pause once it has begun, and that it may take in all beside an argument.
_PAUSE = 5.0
_WHOLE = 60.0


def read_request(argument: str | None) -> str:
    """Return the request, with what is piped in.

    Only where standard input is the request itself is it awaited; one that is merely open never holds anything up.
    Raises UsageError where there is no request, or where standard input sends more than LARGEST bytes.
    """
    whole = argument in (None, "-")
    piped = _read(whole, typed=argument == "-")
    if whole:
        text = piped
    else:
        parts = [argument or "", f"<stdin>\n{piped}\n</stdin>" if piped.strip() else ""]
        text = "\n\n".join(part for part in parts if part.strip())
    if not text.strip():
        raise UsageError("give a request: loopwright exec 'PROMPT', or - with the request on standard input")
    return text.strip()


def _read(whole: bool, typed: bool) -> str:
    """What standard input sends; nothing where it is closed, or a terminal at which nobody was told to type."""
    try:
        source = sys.stdin.fileno()
        at_terminal = os.isatty(source)
        is_file = stat.S_ISREG(os.fstat(source).st_mode)
    except (AttributeError, OSError, ValueError):
        return ""
    if at_terminal and not typed:
        return ""
    return _take(source, patient=whole or is_file).decode("utf-8", "replace")


def _take(source: int, patient: bool) -> bytearray:
    data = bytearray()
    until = time.monotonic() + _WHOLE
    while patient or _ready(source, _PAUSE if data else _SILENT, until):
        part = os.read(source, 1 << 16)
        if not part:
            return data
        data += part
        if len(data) > LARGEST:
            raise UsageError(f"standard input sends more than {LARGEST >> 20} MB: name a file in the request instead")
    if data:
        click.echo("loopwright: standard input stays open: going on with what it has sent so far", err=True)
    return data


def _ready(source: int, patience: float, until: float) -> bool:
    left = min(patience, until - time.monotonic())
    return left > 0 and bool(select.select([source], [], [], left)[0])
