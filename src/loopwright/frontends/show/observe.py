"""Chooses how a run is shown, and keeps what is said of it at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from loopwright.core import events as e
from loopwright.core.calls import Delta
from loopwright.core.checks import Proof
from loopwright.frontends.show.jsonl import JsonLines
from loopwright.frontends.show.plain import PlainView, proof_table


class Show:
    """An observer over the chosen view; remembers the proof and the engine's last words."""

    def __init__(self, view: JsonLines | PlainView, console: Console, json: bool, quiet: bool) -> None:
        self._view = view
        self._console = console
        self._json = json
        self._quiet = quiet
        self.proof: Proof | None = None
        self.session = ""
        self.last_message = ""

    def __call__(self, seen: e.Event | Delta) -> None:
        if isinstance(seen, e.Event) and isinstance(seen.body, e.Proposed) and seen.body.proposal.text:
            self.last_message = seen.body.proposal.text
        self._view(seen)

    def summary(self) -> None:
        """Print the proof, and what can be done next."""
        if self._json or self.proof is None:
            return
        if self.proof.checks and not self._quiet:
            self._console.print(proof_table(self.proof))
        hints = {
            "solved": f"undo it: loopwright undo {self.session}",
            "unsolved": f"look: loopwright diff {self.session}   go on: loopwright resume {self.session}",
            "unproven": f"look: loopwright diff {self.session}   take it: loopwright apply {self.session}",
            "waiting": f"answer: loopwright resume {self.session} 'yes'",
            "interrupted": f"go on: loopwright resume {self.session}",
        }
        if hint := hints.get(self.proof.outcome):
            self._console.print(f"[dim]{hint}[/]", highlight=False, soft_wrap=True)


@contextmanager
def show(json: bool, quiet: bool) -> Iterator[Show]:
    """Open the view: JSON Lines on standard output, or lines for a person on standard output."""
    if json:
        console = Console(stderr=True)
        yield Show(JsonLines(lambda line: print(line, flush=True)), console, json, quiet)
        return
    console = Console(file=sys.stdout)
    with PlainView(console, quiet) as view:
        yield Show(view, console, json, quiet)
