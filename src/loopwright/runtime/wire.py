"""The composition root: the only place where adapters are chosen and ports are filled."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loopwright.core.calls import Approval, Decision, ToolCall
from loopwright.core.checks import Ref
from loopwright.core.errors import ConfigError
from loopwright.core.oversight import Overseen, Oversight
from loopwright.core.ports import Approver, Blobs, Engine, Judge, Recall, Sandbox, Tool, Workspace
from loopwright.core.specs import spec
from loopwright.guard.directives import InstructionReader
from loopwright.guard.policy import compose
from loopwright.loop.ports import Land, Ports
from loopwright.runtime.config import Config
from loopwright.runtime.home import Home
from loopwright.runtime.landing import keep_back, land_live, land_when_proven
from loopwright.runtime.observed import Observer
from loopwright.runtime.plugins import EngineOrder, Hub
from loopwright.runtime.settings import Settings
from loopwright.runtime.widened import WidenedSandbox, binds, kept_variables
from loopwright.sandbox.docker_options import DockerOptions, OfContainers

#: Kind of edit -> its share of a search's chances; answered by how much likelier than that it is to cure.
Priors = Callable[[Mapping[str, float]], Mapping[str, float]]


class NobodyThere:
    """The approver of a headless run: no one answers, so the run waits (exit status 4)."""

    async def approve(self, call: ToolCall, decision: Decision) -> Approval | None:
        return None


def make_engine(hub: Hub, settings: Settings, env: Mapping[str, str], priors: Priors = lambda shares: {}) -> Engine:
    """Return the engine of `--engine NAME[:ARGUMENT]`. Raises ConfigError where there is none of that name.

    `priors` says what experience weighs kinds of edit by; an engine that searches asks it.
    """
    from loopwright.engines.baseline import BaselineFirst

    name, _, argument = settings.engine.partition(":")
    if name not in hub.engines:
        raise ConfigError(f"there is no engine named {name!r}; there are: {', '.join(sorted(hub.engines))}")
    options = {"schema": settings.schema, "priors": priors}
    engine = hub.engines[name](EngineOrder(argument, settings.model, env, options, hub))
    return BaselineFirst(engine) if settings.fix else engine


def make_judge(settings: Settings, config: Config, env: Mapping[str, str]) -> Judge | None:
    """Return the judge of rules that no check can hold: a model's, where the session has a model and wants one."""
    if not config.judge or not (settings.model or settings.engine.partition(":")[0] in ("llm", "auto")):
        return None
    from loopwright.engines.llm.judge import LlmJudge

    name, _, argument = settings.engine.partition(":")
    try:
        return LlmJudge((argument if name == "llm" else "") or settings.model, env)
    except ConfigError:
        return None


def make_sandbox(hub: Hub, settings: Settings, env: Mapping[str, str]) -> Sandbox:
    """Return the sandbox of `--backend NAME`; `danger-full-access` is the direct one, chosen by that name only."""
    name = "direct" if settings.sandbox == "danger-full-access" else settings.backend
    if name not in hub.sandboxes:
        raise ConfigError(f"there is no sandbox named {name!r}; there are: {', '.join(sorted(hub.sandboxes))}")
    return configured(hub.sandboxes[name](env), settings.docker)


def configured(sandbox: Sandbox, options: DockerOptions) -> Sandbox:
    """Return the sandbox with what is configured for it."""
    return sandbox.configured(options) if isinstance(sandbox, OfContainers) else sandbox


def oversee(sandbox: Sandbox, oversight: Oversight) -> None:
    """Let the sandbox tell what it sees, where it can."""
    if isinstance(sandbox, Overseen):
        sandbox.oversee(oversight)


async def open_view(
    root: Path,
    settings: Settings,
    hub: Hub,
    blobs: Blobs,
    env: Mapping[str, str],
    base: Ref | None = None,
    landed: Ref | None = None,
    oversight: Oversight | None = None,
) -> Workspace:
    """Return a view of `root` with the session's sandbox over it. Raises WorkspaceError, SandboxError.

    A session that is taken up again names its base and what of it the user's tree holds.
    """
    from loopwright.workspace.workspace import open_workspace

    sandbox = make_sandbox(hub, settings, env)
    if oversight is not None:
        oversee(sandbox, oversight)
    return await open_workspace(
        str(root),
        sandbox=WidenedSandbox(
            sandbox,
            binds(settings.readable, settings.writable),
            kept_variables(settings.env, env),
        ),
        blobs=blobs,
        profile=settings.sandbox,
        limits=settings.limits,
        base=base,
        landed=landed,
        plain=getattr(sandbox, "plain_views", False),
    )


def wire(
    hub: Hub,
    settings: Settings,
    config: Config,
    engine: Engine,
    view: Workspace,
    blobs: Blobs,
    observer: Observer,
    home: Home,
    recall: Recall,
    approver: Approver,
    judge: Judge | None = None,
    *,
    dry_run: bool = False,
) -> Ports:
    """Return the ports of one session."""
    from loopwright.knowledge.analyser import Analyser

    tools: dict[str, Tool[Any]] = dict(hub.tools)
    extra = [make() for make in hub.policies.values()]
    return Ports(
        engine=engine,
        workspace=view,
        tools=tools,
        specs=tuple(spec(tool) for tool in tools.values()),
        policy=compose(settings.sandbox, settings.approval, extra=extra, fallbacks=config.instruction_files),
        approver=approver,
        checks=tuple(check for make in hub.checks.values() for check in make()),
        directives=InstructionReader(home=home.config.parent, fallbacks=config.instruction_files),
        analyser=Analyser(),
        recall=recall,
        blobs=blobs,
        land=_landing(settings, view, dry_run),
        emit=observer,
        clock=time.monotonic,
        budget=settings.budget,
        limits=settings.limits,
        judge=judge,
        window=config.window,
    )


def _landing(settings: Settings, view: Workspace, dry_run: bool) -> Land:
    if dry_run:
        return keep_back
    return land_live(view) if settings.live else land_when_proven(view)
