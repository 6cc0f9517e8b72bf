"""Chooses how a run is shown, and keeps what is said of it at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import click
from rich.console import Console

from loopwright.core import events as e
from loopwright.core.calls import Delta
from loopwright.core.checks import Proof
from loopwright.frontends.show.ending import hint
from loopwright.frontends.show.jsonl import JsonLines
from loopwright.frontends.show.plain import PlainView, proof_table

View = Callable[[e.Event | Delta], None]
_OUT, _ERR = 1, 2


class Show:
    """An observer over the chosen views; remembers the proof and the engine's last words.

    Each view comes with the descriptor it writes to. Output that nobody takes any more (a closed pipe, a full disk)
    ends the showing, never the run.
    """

    def __init__(
        self, views: Sequence[tuple[View, int]], plain: PlainView, console: Console, json: bool, quiet: bool
    ) -> None:
        self._views = list(views)
        self._plain = plain
        self._console = console
        self._json = json
        self._quiet = quiet
        self.proof: Proof | None = None
        self.session = ""
        self.last_message = ""

    def __call__(self, seen: e.Event | Delta) -> None:
        if isinstance(seen, e.Event) and isinstance(seen.body, e.Proposed) and seen.body.proposal.text:
            self.last_message = seen.body.proposal.text
        for view, descriptor in tuple(self._views):
            try:
                view(seen)
            except (OSError, SystemExit) as error:  # rich leaves with SystemExit where a pipe is closed
                self._views.remove((view, descriptor))
                _let_go(descriptor, error)

    def stands(self) -> None:
        """Know that something of the request stands in the user's files since an earlier run."""
        self._plain.landed = True

    def summary(self) -> None:
        """Print the proof, and what can be done next."""
        if self._json or self.proof is None or not self._views:
            return
        try:
            self._summarise(self.proof)
        except (OSError, SystemExit) as error:
            _let_go(_OUT, error)

    def _summarise(self, proof: Proof) -> None:
        if proof.checks and not self._quiet:
            self._console.print(proof_table(proof))
        if advice := hint(proof.outcome, self.session, self._plain.landed):
            self._console.print(f"[dim]{advice}[/]", highlight=False, soft_wrap=True)


@contextmanager
def show(json: bool, quiet: bool) -> Iterator[Show]:
    """Open the view: lines for a person on standard output; or JSON Lines there, and those on a terminal's stderr."""
    console = Console(stderr=True) if json else Console(file=sys.stdout)
    with PlainView(console, quiet) as view:
        if json:
            there = ((view, _ERR),) if console.is_terminal else ()
            yield Show([(JsonLines(_print), _OUT), *there], view, console, json, quiet)
        else:
            yield Show([(view, _OUT)], view, console, json, quiet)


def _print(line: str) -> None:
    """JSON is UTF-8 whatever the locale says."""
    click.echo(line.encode())


def _let_go(descriptor: int, error: BaseException) -> None:
    """Send what is still buffered nowhere, so that the end of the process does not trip on it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    if descriptor == _OUT:
        why = getattr(error, "strerror", None) or "it was closed"
        with suppress(OSError):
            click.echo(f"loopwright: the output cannot be written any more ({why}); the run goes on", err=True)
