"""Devices that give bytes without end: fine in parts, not as a whole."""

from __future__ import annotations

from loopwright.guard.checks.safety.calls import files, folds, terminals
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value

_ENDLESS = frozenset({"/dev/zero", "/dev/urandom", "/dev/random", "/dev/full"})


def _judge(flow: Flow, path: str, line: int) -> None:
    if path in _ENDLESS:
        why = f"all of {path} is read, which never ends and takes all of the memory or disk; a number of bytes is fine"
        flow.report("resources", "block", line, why)


def _path(value: Value) -> str:
    return (value.attrs or {}).get("%path", Value()).text


def read_whole(flow: Flow, called: Called) -> Value | None:
    """`readFileSync(path)`, `Path(path).read_bytes()`."""
    _judge(flow, called.arg(0).text or called.receiver.text, called.line)
    return files.read(flow, called)


def read_rest(flow: Flow, called: Called) -> Value | None:
    """`open(path).read()`."""
    if not called.args:
        _judge(flow, _path(called.receiver), called.line)
    made = folds.same_text(flow, called)
    held = (called.receiver.attrs or {}).get("%path")
    if made is not None and held is not None:
        made.attrs = {"%path": held}
    return made


def copied(flow: Flow, called: Called) -> Value | None:
    """`shutil.copyfile(path, target)`."""
    _judge(flow, called.arg(0).text, called.line)
    return files.copy(flow, called)


def copied_over(flow: Flow, called: Called) -> Value | None:
    """`shutil.copyfileobj(source, target)`."""
    _judge(flow, _path(called.arg(0)), called.line)
    return None


def piped(flow: Flow, called: Called) -> Value | None:
    """`createReadStream(path).pipe(target)`."""
    _judge(flow, _path(called.receiver), called.line)
    return terminals.pipe(flow, called)


def streamed(flow: Flow, called: Called) -> Value | None:
    """`pipeline(createReadStream(path), target)`."""
    if called.args:
        _judge(flow, _path(called.args[0]), called.line)
    return files.streamed(flow, called)
