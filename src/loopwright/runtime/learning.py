"""Learns a team's conventions from what happened since AGENTS.md was last written, and proposes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from loopwright.core.errors import LoopwrightError, UsageError
from loopwright.core.events import Event
from loopwright.core.rules import Directive
from loopwright.guard.directives import compile_text
from loopwright.runtime.host import Host
from loopwright.runtime.initial import NAME, read_commits
from loopwright.runtime.rules import read_rules
from loopwright.runtime.scaffolding import git, read_tree
from loopwright.scaffold import read_project
from loopwright.scaffold.answers import learn_from_answers
from loopwright.scaffold.followups import Lines, Pair, learn_from_followups, pairs, parse_removed
from loopwright.scaffold.history import Commit
from loopwright.scaffold.proposal import Proposal, merge
from loopwright.scaffold.reverts import learn_from_reverts

#: How far back is looked where AGENTS.md has no commit of its own, and how many follow-ups are read whole.
_COMMITS, _PATCHES = 500, 100


@dataclass(frozen=True, slots=True)
class Learned:
    """The proposals, each with the rule it would compile to, and what they were learned from."""

    proposals: tuple[tuple[Proposal, Directive], ...]
    commits: int
    sessions: int
    since: str

    def record(self) -> dict[str, Any]:
        """Return it as `init --update --json` prints it."""
        proposals = [
            {"rule": p.rule, "why": p.why, "evidence": list(p.evidence), "status": d.status, "kind": d.kind}
            for p, d in self.proposals
        ]
        return {"since": self.since, "commits": self.commits, "sessions": self.sessions, "proposals": proposals}

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        commits, sessions = _counted(self.commits, "commit"), _counted(self.sessions, "session")
        yield f"read {commits} and {sessions} {self.since}"
        for proposal, directive in self.proposals:
            yield f"- {proposal.rule}"
            yield f"    {proposal.why}; it would be {directive.status} ({directive.kind})"
            yield from (f"    {line}" for line in proposal.evidence)
        if self.proposals:
            yield f"nothing was written: put the rules you agree with into {NAME}"
        else:
            yield "nothing to propose"


def propose_rules(host: Host, directory: Path) -> Learned:
    """Return the rules that history and sessions suggest and that do not hold yet. Raises UsageError."""
    root = directory.resolve()
    if not (root / NAME).is_file():
        raise UsageError(f"there is no {NAME} in {root}: `loopwright init` writes the first one")
    last, at = _last_written(root)
    commits = read_commits(root, f"-{_COMMITS}", *([f"{last}..HEAD"] if last else []))
    sessions = list(_sessions(host, root, at))
    found = pairs(commits)
    commands = read_project(read_tree(root), root.name).commands
    learned = [
        *learn_from_reverts(commits),
        *learn_from_followups(found, commands, {p.mend.sha: _removed(root, p) for p in found[:_PATCHES]}),
        *learn_from_answers(sessions),
    ]
    known = read_rules(root, host.config, host.home).directives
    return Learned(tuple(_new(merge(learned), known)), len(commits), len(sessions), _since(last, at, commits))


def _last_written(root: Path) -> tuple[str, datetime | None]:
    """The commit that last changed AGENTS.md, and when."""
    try:
        sha, _, at = git(root, "log", "-1", "--format=%H %cI", "--", NAME).strip().partition(" ")
    except UsageError:
        return "", None
    return sha, datetime.fromisoformat(at) if at else None


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _since(last: str, at: datetime | None, commits: Sequence[Commit]) -> str:
    if last and at:
        return f"since {NAME} was last changed ({last[:9]}, {at:%Y-%m-%d})"
    return f"({NAME} has no commit yet: the latest {len(commits)} were read)"


def _sessions(host: Host, root: Path, since: datetime | None) -> Iterator[Sequence[Event]]:
    """The events of the directory's sessions that went on after `since`; unreadable ones are passed over."""
    for summary in host.sessions(root):
        if since is None or summary.updated > since:
            try:
                yield host.events(summary.id)
            except LoopwrightError:
                continue


def _removed(root: Path, pair: Pair) -> tuple[Lines, ...]:
    try:
        return parse_removed(
            git(root, "show", "--format=", "--no-ext-diff", "--no-textconv", "-U0", pair.mend.sha, "--")
        )
    except UsageError:
        return ()


def _new(proposals: Sequence[Proposal], known: Sequence[Directive]) -> Iterator[tuple[Proposal, Directive]]:
    """The proposals that compile to a rule which does not hold already."""
    holds = [(d.kind, d.params) for d in known if not d.scope]
    words = {" ".join(d.text.split()) for d in known}
    for proposal in proposals:
        rules = compile_text(f"- {proposal.rule}\n", file=NAME)
        if rules and (rules[0].kind, rules[0].params) not in holds and proposal.rule not in words:
            yield proposal, rules[0]
