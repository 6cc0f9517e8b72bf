"""What people mend after an agent's commits teaches what the agent should have done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.scaffold.history import Commit
from loopwright.scaffold.instructions import gate
from loopwright.scaffold.project import Command
from loopwright.scaffold.proposal import OFTEN, Proposal
from loopwright.scaffold.tree import is_test

_AGENT = expression(
    r"\b(?:claude|copilot|codex|cursor|aider|devin|gemini|openai|anthropic|loopwright|jules|sweep|openhands|amp)\b|"
    r"\bgenerated (?:with|by)\b",
    re.IGNORECASE,
)
_TRAILER = expression(
    r"^(?:co-authored-by|assisted-by|generated-by)\s*:\s*(.+)|^.*\bgenerated (?:with|by) .+", re.I | re.MULTILINE
)
_ROBOT = expression(r"\[bot\]", re.IGNORECASE)
_UPDATES = expression(r"dependabot|renovate|github-actions|pre-commit-ci|release-please|weblate", re.IGNORECASE)
_MENDS = expression(
    r"^(?:fixup|squash)!|\b(?:fix|lint|format|style|typo|review|clean ?up|tidy|address|missing|forgot\w*|follow-?up|"
    r"remove|drop|undo|mend|nit)\b",
    re.IGNORECASE,
)
#: How many commits later a follow-up may come and still be one.
_SOON = 10
_USES = (
    ("lint", r"\blint\w*\b|\bruff\b|\beslint\b"),
    ("format", r"\bformat\w*\b|\bprettier\b|\bblack\b"),
    ("typecheck", r"\btyp(?:es?|ing)\b(?!o)|\bmypy\b|\btsc\b"),
)
#: What a line holds -> the rule that keeps it out.
_CONSTRUCTS: tuple[tuple[str, str, str], ...] = (
    (r"^\s*print\(", ".py", "Do not use `print` outside tests."),
    (r"\bbreakpoint\(\)", ".py", "Do not use `breakpoint()`."),
    (r"^\s*except\s*:", ".py", "Do not use bare `except`."),
    (r"#\s*type:\s*ignore", ".py", "Do not use `# type: ignore`."),
    (r"\bconsole\.log\(", ".js .jsx .ts .tsx .mjs .cjs", "Do not use `console.log`."),
    (r"\beslint-disable", ".js .jsx .ts .tsx .mjs .cjs", "Do not use `eslint-disable` comments."),
    (r":\s*any\b", ".ts .tsx", "Do not use the `any` type."),
    (r"(?:#|//).*\bTODO\b", ".py .js .jsx .ts .tsx .go .rs", "Do not add TODO comments."),
)  # fmt: skip


class Lines(Fact, frozen=True):
    """The lines that one commit took out of one file."""

    path: str
    removed: tuple[str, ...]


class Pair(Fact, frozen=True):
    """An agent's commit, and a commit of a person that mended it soon after."""

    agent: Commit
    mend: Commit

    @property
    def said(self) -> str:
        return f"{self.mend.short} {self.mend.subject[:60]!r} after {self.agent.short}"


def is_agents(commit: Commit) -> bool:
    """True where the author or a trailer of the message names a coding agent."""
    if _UPDATES.search(commit.author):
        return False
    trailers = " ".join(found[0] for found in _TRAILER.finditer(commit.body))
    return bool(_ROBOT.search(commit.author) or _AGENT.search(commit.author) or _AGENT.search(trailers))


def pairs(commits: Sequence[Commit]) -> tuple[Pair, ...]:
    """Return each follow-up with the latest agent's commit that it shares a file with. `commits`: the latest first."""
    found = []
    for index, mend in enumerate(commits):
        if is_agents(mend) or not _MENDS.search(mend.subject):
            continue
        for earlier in commits[index + 1 : index + 1 + _SOON]:
            if is_agents(earlier) and set(earlier.paths) & set(mend.paths):
                found.append(Pair(earlier, mend))
                break
    return tuple(found)


def learn_from_followups(
    found: Sequence[Pair], commands: Sequence[Command], removed: Mapping[str, Sequence[Lines]]
) -> Iterator[Proposal]:
    """Yield what the follow-ups have in common. `removed`: what each of them took out, by its hash."""
    yield from _gates(found, commands)
    yield from _companions(found)
    yield from _constructs(found, removed)


def _gates(found: Sequence[Pair], commands: Sequence[Command]) -> Iterator[Proposal]:
    for use, words in _USES:
        said = tuple(p.said for p in found if re.search(words, p.mend.subject, re.IGNORECASE))
        command = next((c for c in commands if c.use == use), None)
        if command and len(said) >= OFTEN:
            why = f"{len(said)} commits of agents were mended for it"
            yield Proposal(gate(command).removeprefix("- "), why, said)


def _companions(found: Sequence[Pair]) -> Iterator[Proposal]:
    """What the agent left out again and again: tests, or one certain file."""
    beside = [(p, [x for x in p.mend.paths if x not in p.agent.paths]) for p in found]
    tests = tuple(p.said for p, more in beside if any(map(is_test, more)) and not any(map(is_test, p.agent.paths)))
    if len(tests) >= OFTEN:
        yield Proposal(
            "Add a test with every change of the code.", f"{len(tests)} times a person added the tests", tests
        )
    counts = Counter(path for _, more in beside for path in more if not is_test(path))
    for path, count in counts.items():
        if count >= OFTEN and not re.search(r"[`\s]", path):
            behind = [p for p, more in beside if path in more]
            tops = set.intersection(*({q.partition("/")[0] for q in p.agent.paths if "/" in q} for p in behind))
            if tops:
                rule = f"When changing `{min(tops)}/**`, update `{path}`."
                yield Proposal(rule, f"{count} times a person updated it afterwards", tuple(p.said for p in behind))


def _constructs(found: Sequence[Pair], removed: Mapping[str, Sequence[Lines]]) -> Iterator[Proposal]:
    for pattern, endings, rule in _CONSTRUCTS:
        said = tuple(p.said for p in found if _took_out(pattern, endings, removed.get(p.mend.sha, ()), p.agent))
        if len(said) >= OFTEN:
            yield Proposal(rule, f"{len(said)} times a person took it out", said)


def _took_out(pattern: str, endings: str, files: Sequence[Lines], agent: Commit) -> bool:
    return any(
        file.path in agent.paths
        and file.path.endswith(tuple(endings.split()))
        and not is_test(file.path)
        and any(re.search(pattern, line) for line in file.removed)
        for file in files
    )


def parse_removed(patch: str) -> tuple[Lines, ...]:
    """Return what a patch without context takes out, file by file."""
    found: dict[str, list[str]] = {}
    path, inside = "", False
    for line in patch.split("\n"):
        if line.startswith("diff --git "):
            inside = False
        elif line.startswith("@@"):
            inside = True
        elif not inside and line.startswith("--- "):
            path = line[4:].removeprefix("a/").rstrip("\t")
        elif inside and line.startswith("-"):
            found.setdefault(path, []).append(line[1:])
    return tuple(Lines(path, tuple(lines)) for path, lines in found.items())
