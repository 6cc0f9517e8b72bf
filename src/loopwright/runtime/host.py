"""What front ends talk to: opens new and stored sessions to be run, and reads what the store keeps of them."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loopwright.core import events as e
from loopwright.core.audit import Audit
from loopwright.core.errors import UsageError, WorkspaceError
from loopwright.core.events import Event
from loopwright.core.ports import Blobs, Engine, Recall, Workspace
from loopwright.core.project import fold
from loopwright.core.sessions import SessionSummary
from loopwright.core.state import State
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports
from loopwright.runtime.asking import Person, ask_nobody
from loopwright.runtime.builtins import make_hub
from loopwright.runtime.config import Config, load_config, narrow
from loopwright.runtime.home import Home, find_home
from loopwright.runtime.keys import stored_keys
from loopwright.runtime.lessons import remember
from loopwright.runtime.observed import Observer
from loopwright.runtime.overseeing import Witness
from loopwright.runtime.plugins import Hub
from loopwright.runtime.session import Session
from loopwright.runtime.settings import Settings, lay_over, make_settings, recall_settings
from loopwright.runtime.standing import standing_promotions
from loopwright.runtime.wire import NobodyThere, make_engine, make_judge, open_view, wire
from loopwright.store.audit import audit_file
from loopwright.store.log import SqlLog
from loopwright.store.sql import Store


class Host:
    """One user's Loopwright: configuration, plugins and the store of sessions."""

    def __init__(self, home: Home, config: Config, env: Mapping[str, str]) -> None:
        self.home = home
        self.config = config
        self.env = env
        self._hub: Hub | None = None
        self._store: Store | None = None

    @classmethod
    def here(cls, overrides: Sequence[str] = ()) -> Host:
        """Return the host of this process's user and environment. Raises ConfigError."""
        env = dict(os.environ)
        home = find_home(env)
        config = load_config(home.config, overrides)
        return cls(home, config, {**stored_keys(), **env} if config.keyring else env)

    @property
    def hub(self) -> Hub:
        """Built-ins and the plugins that the user enabled. Raises PluginError."""
        if self._hub is None:
            self._hub = make_hub(self.config.plugins)
        return self._hub

    @property
    def store(self) -> Store:
        """The store of sessions. Raises StoreError."""
        if self._store is None:
            self._store = Store.open(self.home.state, environ=self.env)
        return self._store

    # ------------------------------------------------------------ running

    @asynccontextmanager
    async def start(
        self,
        root: Path,
        *,
        observer: Observer,
        dry_run: bool = False,
        ephemeral: bool = False,
        person: Person = ask_nobody,
        **chosen: Any,
    ) -> AsyncIterator[Session]:
        """Open a new session on `root`; `person` is asked what a command may reach under `network = "ask"`.

        Raises WorkspaceError, ConfigError, SandboxError.
        """
        root = project_root(root)
        config, note = narrow(self.config, root)
        settings = lay_over(make_settings(config), chosen)
        memory = remember(self.home, self.env, root)
        engine = make_engine(self.hub, settings, self.env, memory.priors)
        session = new_id()
        with self._created(session, ephemeral) as log:
            witness = Witness(log, observer, person)
            observed = witness.log
            oversight = witness.oversight(config.anomalies, asks=settings.approval != "never")
            view = await open_view(root, settings, self.hub, log.blobs, self.env, oversight=oversight)
            try:
                started = e.SessionStarted(str(root), await view.checkpoint(), settings.to_json())
                await observed.append("start", "host", started)
                for key, text in (("config", note), ("view", view.note)):
                    if text:
                        await observed.append(key, "host", e.Noted(text, level="warning"))
                ports = self._ports(settings, config, engine, view, log.blobs, observer, memory, dry_run)
                yield Session(ports, Journal(observed))
            finally:
                await engine.aclose()
                await view.aclose()

    @contextmanager
    def _created(self, session: str, ephemeral: bool) -> Iterator[SqlLog]:
        try:
            with closing(self.store.create(session)) as log:
                yield log
        finally:
            if ephemeral:  # whatever ended it
                self.store.delete(session)

    @asynccontextmanager
    async def resume(
        self, session: str, *, observer: Observer, person: Person = ask_nobody, **chosen: Any
    ) -> AsyncIterator[Session]:
        """Open a stored session again, its view as the last durable checkpoint left it."""
        with closing(self.store.log(session)) as log:
            witness = Witness(log, observer, person)
            journal = Journal(witness.log)
            state = journal.state
            root = project_root(Path(state.workspace))
            config, _ = narrow(self.config, root)
            settings = lay_over(recall_settings(state.settings), chosen)
            memory = remember(self.home, self.env, root)
            engine = make_engine(self.hub, settings, self.env, memory.priors)
            oversight = witness.oversight(config.anomalies, asks=settings.approval != "never")
            view = await open_view(
                root, settings, self.hub, log.blobs, self.env, state.base, state.landed, oversight=oversight
            )
            try:
                await view.restore(state.ref)
                await journal.record(f"resumed/{state.seq}", e.Resumed(f"process {os.getpid()}"), "host")
                if moved := await view.stale(state.ref):
                    names = ", ".join(moved[:5])
                    text = f"your tree has changed since this session began: {names}"
                    await journal.record(f"stale/{state.seq}", e.Noted(text, level="warning"), "host")
                ports = self._ports(settings, config, engine, view, log.blobs, observer, memory)
                yield Session(ports, journal)
            finally:
                await engine.aclose()
                await view.aclose()

    # ------------------------------------------------------------ looking

    def sessions(self, root: Path | None = None) -> list[SessionSummary]:
        """Return the stored sessions, the latest first; only those of `root` where one is given."""
        return self.store.sessions(workspace=str(root.resolve()) if root else "")

    def find(self, session: str | None, root: Path | None = None) -> str:
        """Return the id that `session` begins; the latest (of `root`) for None. Raises UsageError."""
        if session is not None:
            return self.store.find(session)
        of_root = self.sessions(root)
        if not of_root:
            where = f" in {root}" if root else ""
            raise UsageError(f"there is no session{where}: see `loopwright sessions --all`")
        return of_root[0].id

    def find_standing(self, root: Path) -> str:
        """Return the latest session of `root` of which something stands in the user's tree, else the latest."""
        for summary in self.sessions(root):
            if standing_promotions(self.events(summary.id), 0):
                return summary.id
        return self.find(None, root)

    def events(self, session: str, after: int = 0) -> list[Event]:
        """Return the session's events after `after`."""
        return self.store.reader(session).read(after)

    def state(self, session: str, upto: int | None = None) -> State:
        """Return the state folded from the log, as it was at event `upto` where that is given."""
        return fold(State(), (x for x in self.events(session) if upto is None or x.seq <= upto))

    def follow(self, session: str, after: int = 0) -> AsyncIterator[Event]:
        """Return the session's events after `after` as they come, until it has finished."""
        return self.store.reader(session).follow(after)

    async def fork(self, session: str, at: int | None = None) -> str:
        """Return the id of a new session that begins with the history of `session` up to event `at`."""
        made = new_id()
        log = self.store.fork(session, at or self.state(session).seq, made)
        log.close()
        return made

    def verify(self, session: str, head: str = "") -> Audit:
        """Return what is wrong with the session's stored log, if anything."""
        return self.store.verify(session, head)

    def verify_file(self, path: Path, head: str = "") -> Audit:
        """Return what is wrong with an exported log; needs no store. Raises UsageError."""
        return audit_file(path, head)

    def export(self, session: str) -> Iterator[str]:
        """Return the lines of the session's archive."""
        return self.store.export(session)

    def replay(self, session: str) -> dict[str, Any]:
        """Fold the log anew and compare the proof it leads to with the recorded one."""
        events = self.events(session)
        finished = [x for x in events if isinstance(x.body, e.Finished)]
        recorded = finished[-1].body if finished else None
        upto = finished[-1].seq - 1 if finished else len(events)
        state = fold(State(), (x for x in events if x.seq <= upto))
        same = not isinstance(recorded, e.Finished) or (
            recorded.proof.tree == state.ref.tree and recorded.proof.log_head == state.head
        )
        outcome = recorded.proof.outcome if isinstance(recorded, e.Finished) else "open"
        return {"session": session, "events": len(events), "tree": state.ref.tree, "outcome": outcome, "same": same}

    def _ports(
        self,
        settings: Settings,
        config: Config,
        engine: Engine,
        view: Workspace,
        blobs: Blobs,
        observer: Observer,
        memory: Recall,
        dry_run: bool = False,
    ) -> Ports:
        return wire(
            self.hub,
            settings,
            config,
            engine,
            view,
            blobs,
            observer,
            self.home,
            memory,
            NobodyThere(),
            make_judge(settings, config, self.env),
            dry_run=dry_run,
        )


def new_id() -> str:
    """Return a session id that sorts by time and can be read aloud."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def project_root(root: Path) -> Path:
    """Return the directory of a project, links resolved. Raises WorkspaceError where it is none."""
    resolved = root.resolve()
    if not resolved.is_dir():
        raise WorkspaceError(f"{root} is not a directory")
    if resolved == Path(resolved.anchor) or resolved == Path.home().resolve():
        raise WorkspaceError(f"{resolved} is not a project: name the directory of one with -C DIR")
    return resolved
