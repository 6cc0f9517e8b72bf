"""Events as plain lines for a person: on a terminal with a moving status line, elsewhere without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape as escape_markup
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loopwright.core import events as e
from loopwright.core.calls import Delta, ToolCall
from loopwright.core.checks import Proof, Verdict
from loopwright.frontends.show.ending import badge
from loopwright.frontends.show.visible import visible

_MARK = {
    "passed": "[green]✓[/]",
    "failed": "[red]✗[/]",
    "partly": "[yellow]◐[/]",
    "advised": "[dim]·[/]",
    "not_understood": "[dim]?[/]",
    "not_run": "[yellow]–[/]",
}
#: Suspicious lines shown of a search.
_SUSPECTS = 5


class PlainView:
    """An observer that prints each event; on a terminal a status line says what is going on just now.

    `landed` says whether something of the request stands in the user's files.
    """

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._doing = Text("starting")
        self._live: Live | None = None
        self._calls: dict[str, ToolCall] = {}
        self._said = ""
        self._answers = True  # the engine's last words are what was asked for, and no report of a repair
        self.landed = False

    def __enter__(self) -> PlainView:
        if self._console.is_terminal and not self._quiet:
            spinner = Group(Spinner("dots", text=self._doing))
            self._live = Live(
                spinner,
                console=self._console,
                transient=True,
                refresh_per_second=8,
                redirect_stdout=not self._console.stderr,  # what goes to standard output stays there
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __call__(self, seen: e.Event | Delta) -> None:
        if isinstance(seen, Delta):
            self._status(seen.text)
            return
        self._make_way(seen.body)
        self._keep(seen.body)
        for line in self._lines(seen.body):
            if not self._quiet or isinstance(seen.body, e.Finished):
                self._console.print(line, highlight=False, soft_wrap=True)

    def _make_way(self, body: e.Body) -> None:
        """A question at the terminal must not be written over."""
        if self._live is not None and isinstance(body, e.Asked):
            self._live.stop()
        elif self._live is not None and isinstance(body, e.Answered):
            self._live.start()

    def _keep(self, body: e.Body) -> None:
        """Remember what the end of the run is told with."""
        match body:
            case e.SessionStarted(settings=settings):
                self._answers = not settings.get("fix")
            case e.Prompted():
                self.landed, self._said = False, ""
            case e.Promoted(promotion=promotion) if not promotion.conflicts:
                self.landed = True
            case e.Restored(promotion=promotion) if promotion is not None:
                self.landed = False
            case e.Proposed(proposal=proposal) if proposal.text:
                self._said = proposal.text
            case _:
                pass

    def _status(self, text: str) -> None:
        flat = " ".join(visible(text).split())
        self._doing.plain = flat[-max(20, self._console.width - 8) :]

    def _lines(self, body: e.Body) -> Iterator[str | Text]:
        match body:
            case e.SessionStarted(workspace=workspace):
                yield f"[bold]Loopwright[/] in {escape(workspace)}"
            case e.Prompted(text=text):
                self._status("reading the rules")
                yield f"[bold]>[/] {escape(_first(text))}"
            case e.DirectivesLoaded(files=files, directives=rules, open=left_open):
                for file in files:
                    mine = [rule for rule in rules if rule.file == file.path]
                    enforced = sum(rule.status == "enforced" for rule in mine)
                    note = f" [yellow]({escape(file.note)})[/]" if file.note else ""
                    yield f"[dim]rules[/] {escape(file.path)}: {enforced} enforced of {len(mine)}{note}"
                yield from (f"[yellow]open[/] {escape(line)}" for line in left_open)
            case e.Proposed(proposal=proposal):
                yield from self._proposed(body)
                if proposal.done:
                    self._status("verifying on the exact final tree")
            case e.Decided(call=call, decision=decision) if decision.verdict != "allow":
                known = self._calls.get(call)
                what = f" {escape(_describe(known))}:" if known and known.tool != "ask" else ""
                kind = "question" if known and known.tool == "ask" else decision.verdict
                yield f"  [yellow]{kind}[/]{what} {escape(decision.reason)} [dim]{escape(decision.by)}[/]"
            case e.Returned(result=result):
                known = self._calls.pop(result.call, None)
                if known is not None:
                    mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
                    why = "" if result.ok else f" [dim]{escape(_first(result.text))}[/]"
                    yield f"  {mark} {escape(_describe(known))}{why}"
            case e.Diagnosed(diagnosis=found):
                place = f" at {found.file}:{found.line}" if found.file else ""
                yield f"  [dim]diagnosis: {found.kind}{escape(place)}: {escape(_first(found.message))}[/]"
            case e.Answered(call=call, approval=approval) if call.startswith("network:"):
                said = "may be reached" if approval.granted else "may not be reached"
                why = f": {approval.text}" if approval.text else ""
                yield f"  [yellow]network[/] {escape(call.removeprefix('network:'))} {said}{escape(why)}"
            case e.NetworkRequested(request=request) if request.verdict != "allowed":
                yield f"  [yellow]network {request.verdict}[/] [dim]{escape(request.reason)}[/]"
            case e.Verified(verification=verification):
                for verdict in verification.verdicts:
                    if verdict.verdict not in ("advised", "not_understood"):
                        yield _verdict(verdict)
            case e.Promoted(promotion=promotion) if promotion.conflicts:
                names = ", ".join(promotion.conflicts[:5])
                yield f"  [yellow]not in your files: you changed the same ones meanwhile: {escape(names)}[/]"
            case e.Noted(text=text, level=level):
                colour = "yellow" if level == "warning" else "dim"
                yield f"  [{colour}]{escape(text)}[/]"
            case e.EngineFailed(message=message):
                yield f"  [red]engine:[/] {escape(message)}"
            case e.Compacted():
                yield "  [dim]earlier turns were shortened for the engine; the log keeps them[/]"
            case e.Finished(proof=proof, reason=reason):
                if self._quiet and proof.outcome == "answered" and self._answers and self._said:
                    yield escape(self._said.strip())
                yield from self._finished(proof, reason)
            case _:
                pass

    def _proposed(self, body: e.Proposed) -> Iterator[str]:
        yield from search_lines(body.proposal.report)
        if body.proposal.text:
            yield escape(body.proposal.text.strip())
        for call in body.proposal.calls:
            self._calls[call.id] = call
            self._status(_describe(call))

    def _finished(self, proof: Proof, reason: str) -> Iterator[str]:
        yield badge(proof.outcome, self.landed) + (f": {escape(reason)}" if reason else "")
        if proof.checks:
            yield f"[dim]tree {proof.tree[:16]}  log head {proof.log_head[:16]}[/]"


def search_lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield what a search says of itself: where it looked first, and how much it tried."""
    suspicious = report.get("suspicious")
    if isinstance(suspicious, list) and suspicious:
        yield f"[bold]most suspicious lines[/] [dim]({len(report.get('failing', []))} failing tests)[/]"
        for line in suspicious[:_SUSPECTS]:
            place = f"{line.get('file')}:{line.get('line')}"
            shown = escape(str(line.get("text")))
            yield f"  [yellow]{line.get('suspicion', 0):.2f}[/] {escape(place):28} [dim]{shown}[/]"
    if report.get("tried"):
        rate, rivals = report.get("per_second", 0), report.get("rivals_found", 0)
        yield f"[bold]tried[/] {report['tried']} candidates in {report.get('seconds', 0)} s ({rate}/s), {rivals} rivals"


def escape(text: str) -> str:
    """Return text of any origin as it can stand in a line: neither the terminal nor the markup acts on it."""
    return escape_markup(visible(text))


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return _first(lines[-1]) if lines else ""


def _first(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= 160 else line[:159] + "…"


def _describe(call: ToolCall) -> str:
    for name in ("command", "path", "pattern", "question"):
        if isinstance(call.args.get(name), str):
            return f"{call.tool} {_first(str(call.args[name]))}"
    return call.tool


def _verdict(verdict: Verdict) -> str:
    counted = "" if verdict.tests_run is None else f", tests: {verdict.tests_run}"
    failed = f", {verdict.tests_failed} failed" if verdict.tests_failed else ""
    source = f" [dim]{escape(verdict.source)}[/]" if verdict.source else ""
    why = "" if verdict.verdict == "passed" else f"\n      [dim]{escape(_first(verdict.evidence))}[/]"
    return f"  {_MARK[verdict.verdict]} {escape(verdict.name)}{counted}{failed}{source}{why}"


def proof_table(proof: Proof) -> Table:
    """Return the proof as a table: one row a check."""
    table = Table(title=f"proof: {proof.outcome}", title_justify="left", expand=False)
    for column in ("", "check", "source", "tests", "evidence"):
        table.add_column(column, overflow="fold")
    for verdict in proof.checks:
        tests = (
            ""
            if verdict.tests_run is None
            else f"{verdict.tests_run - (verdict.tests_failed or 0)}/{verdict.tests_run}"
        )
        table.add_row(
            _MARK[verdict.verdict],
            escape(verdict.name),
            escape(verdict.source),
            tests,
            escape(_last(verdict.evidence) if verdict.verdict == "passed" else _first(verdict.evidence)),
        )
    return table
