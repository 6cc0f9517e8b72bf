"""One open session: a lease on its log, its workspace, and the run that may be steered or stopped."""

from __future__ import annotations

import itertools

import anyio

from loopwright.core import events as e
from loopwright.core.calls import Approval
from loopwright.core.checks import Outcome, Proof
from loopwright.core.commands import Approve, Command, Interrupt, Prompt, Steer
from loopwright.core.errors import SandboxError, WorkspaceError
from loopwright.loop.finish import close_calls, finish
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports
from loopwright.loop.run import run


class Session:
    """What a front end drives: `submit` commands, then `run` until there is an outcome."""

    def __init__(self, ports: Ports, journal: Journal) -> None:
        self._ports = ports
        self._journal = journal
        self._scope: anyio.CancelScope | None = None
        self._stopped = ""
        self._count = itertools.count(journal.state.seq)

    @property
    def id(self) -> str:
        return self._journal.state.session or self._journal.log.session

    @property
    def awaited(self) -> str:
        """The call that waits for a person, "" where none does."""
        state = self._journal.state
        asked = (c.id for c in state.pending if c.id in state.decisions and state.decisions[c.id].verdict == "ask")
        return next((call for call in asked if call not in state.answers), "")

    @property
    def ports(self) -> Ports:
        return self._ports

    @property
    def journal(self) -> Journal:
        return self._journal

    async def submit(self, command: Command) -> None:
        """Append what the command asks for; an Interrupt also stops what is running."""
        key = f"user/{next(self._count)}/{self._journal.catch_up().seq}"
        match command:
            case Prompt(text):
                await self._journal.record(key, e.Prompted(text), "user")
            case Steer(text):
                await self._journal.record(key, e.Steered(text), "user")
            case Approve(call, granted, text):
                await self._journal.record(key, e.Answered(call, Approval(granted, text)), "user")
            case Interrupt(reason):
                self.interrupt(reason)

    def interrupt(self, reason: str = "interrupted by the user") -> None:
        """Stop the run at once, from a signal handler or another task."""
        self._stopped = reason or "interrupted by the user"
        if self._scope is not None:
            self._scope.cancel()

    async def run(self) -> Proof:
        """Run the loop to its end and return the proof. Raises StoreError where the log cannot be written."""
        budget, refusal, trouble = self._ports.budget.seconds, "", ""
        try:
            # Checks that run when the budget ends may still finish: a proof within reach is not thrown away.
            with anyio.CancelScope() as self._scope, anyio.move_on_after(budget and 1.15 * budget + 15):
                if self._stopped:
                    self._scope.cancel()
                return await run(self._ports, self._journal)
        except* SandboxError as group:
            refusal = str(_first(group))
        except* WorkspaceError as group:
            trouble = str(_first(group))
        with anyio.CancelScope(shield=True):
            if self._stopped and not (refusal or trouble):
                key = f"interrupted/{self._journal.state.seq}"
                await self._journal.record(key, e.Interrupted(self._stopped), "user")
                proof = await self._end("interrupted", self._stopped)
            elif refusal:
                proof = await self._end("refused", refusal)
            elif trouble:
                proof = await self._end("unsolved", trouble)
            else:
                proof = await self._end("unsolved", f"the budget of {budget:g} seconds is spent")
        return proof

    async def _end(self, outcome: Outcome, reason: str) -> Proof:
        self._journal.catch_up()
        await close_calls(self._journal, f"interrupted: {reason}")
        await finish(self._ports, self._journal, outcome, reason)
        proof = self._journal.state.proof
        if proof is None:
            raise AssertionError("a finished session has a proof")
        return proof


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
