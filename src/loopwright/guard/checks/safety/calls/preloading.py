"""Code that is put into other programs by the environment they are started with."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.variables import judge_variable

_HARMLESS_PRELOAD = expression(
    r"jemalloc|tcmalloc|mimalloc|[atlu]b?san|faketime|fakeroot|stdbuf|eatmydata|libgcc|\.dylib$|^$"
)


def judge_environment(flow: Flow, called: Called) -> None:
    env = called.named.get("env") or option_of(called, "env")
    if called.ref.startswith("os.") and called.name.endswith(("ve", "vpe", "le", "lpe")) and called.args:
        env = called.args[-1]
    for name, given in (env.attrs or {}).items() if env is not None else ():
        judge_variable(flow.report, name, given.text, called.line)
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
