"""What history and sessions teach: the style of commits, and rules that a person may take over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loopwright.core import events as e
from loopwright.core.calls import Approval, Proposal, ToolCall
from loopwright.core.checks import Promotion, Ref
from loopwright.core.events import Event
from loopwright.guard.directives import compile_text
from loopwright.scaffold.answers import learn_from_answers
from loopwright.scaffold.followups import is_agents, learn_from_followups, pairs, parse_removed
from loopwright.scaffold.history import Commit, Style, parse_log, read_style
from loopwright.scaffold.project import Command
from loopwright.scaffold.proposal import merge
from loopwright.scaffold.reverts import learn_from_reverts

RUFF = (Command("ruff check .", "lint"),)


def commits(*subjects: str, body: str = "") -> list[Commit]:
    return [Commit(f"{n:040x}", "Ann <ann@localhost>", s, body) for n, s in enumerate(subjects)]


def agents(number: int, *paths: str) -> Commit:
    body = "Co-authored-by: Claude <noreply@localhost>"
    return Commit(f"{number:040x}", "Ann <ann@localhost>", "Add a thing", body, paths)


def person(number: int, subject: str, *paths: str) -> Commit:
    return Commit(f"{number:040x}", "Ann <ann@localhost>", subject, "", paths)


# ------------------------------------------------------------ style


@pytest.mark.parametrize(
    ("subjects", "form"),
    [
        (["feat(cart): add", "fix: mend", "docs!: say", "chore: bump", "test: more", "Merge branch x"], "conventional"),
        (["SHOP-1: a", "SHOP-22: b", "SHOP-3: c", "SHOP-4: d", "SHOP-5: e"], "SHOP-<number>: <subject>"),
        (["cart: add", "net/http: mend", "all: tidy", "cart, web: say", "web: go"], "<area>: <subject>"),
        (["Add a", "fix: b", "SHOP-1: c", "More", "Less"], ""),
        (["feat: too", "feat: few"], ""),
    ],
)
def test_a_habit_of_four_in_five_commits_is_the_style(subjects: list[str], form: str) -> None:
    assert read_style(commits(*subjects)).form == form


def test_lengths_and_sign_offs_are_habits_too() -> None:
    short = read_style(commits(*["Add a thing"] * 6, body="Signed-off-by: Ann <ann@localhost>"))
    assert (short.longest, short.signed, short.seen) == (50, True, 6)
    assert read_style(commits(*["x" * 60] * 5, "y" * 90)).longest == 0
    assert read_style(commits(*["x" * 60] * 6)).longest == 72 and not read_style(commits(*["x"] * 6)).signed


def test_a_log_is_read_whatever_its_messages_hold() -> None:
    log = "\x1eabc\x1fAnn <a@b>\x1fSubject\x1fbody\nof two\x1f\n\nsrc/a b.py\nc.md\n\x1edef\x1fBob <b@b>\x1fEmpty\x1f\x1f\n"
    first, second = parse_log(log)
    assert (first.subject, first.body, first.paths) == ("Subject", "body\nof two", ("src/a b.py", "c.md"))
    assert second.paths == () and parse_log("") == () and read_style(()) == Style()


# ------------------------------------------------------------ reverts


def test_a_place_whose_changes_are_taken_back_twice_is_proposed_with_the_commits() -> None:
    history = [
        person(1, 'Revert "Rework prices"', "src/billing/price.py"),
        person(2, 'Revert "Add left-pad as a dependency"', "package.json", "src/web/app.js"),
        person(3, "Work", "src/billing/price.py"),
        Commit("4" * 40, "Bob <b@b>", "Back to the old way", "This reverts commit abcdef1.", ("src/billing/tax.py",)),
    ]
    found = {p.rule: p for p in merge(learn_from_reverts(history))}
    assert set(found) == {"Do not change `src/billing/**` without asking.", "Do not add `left-pad` as a dependency."}
    billing = found["Do not change `src/billing/**` without asking."]
    assert [line.split()[0] for line in billing.evidence] == ["000000000", "444444444"]


# ------------------------------------------------------------ follow-ups


@pytest.mark.parametrize(
    ("author", "body", "expected"),
    [
        ("Ann <a@b>", "Co-authored-by: Copilot <x@y>", True),
        ("Ann <a@b>", "Text\n\nGenerated with Codex", True),
        ("devin-ai[bot] <x@y>", "", True),
        ("dependabot[bot] <x@y>", "", False),
        ("Claudia <c@d>", "a cursor in the database", False),
        ("Ann <a@b>", "Co-authored-by: Bob <b@c>", False),
    ],
)
def test_the_commits_of_agents_are_known_by_author_and_trailer(author: str, body: str, expected: bool) -> None:
    assert is_agents(Commit("1", author, "Add", body)) is expected


def test_only_a_mend_that_shares_a_file_and_comes_soon_is_a_follow_up() -> None:
    history = [
        person(9, "Fix lint", "src/a.py"),
        person(8, "Fix lint", "src/other.py"),
        person(7, "New feature", "src/a.py"),
        agents(6, "src/a.py"),
        *(person(20 + n, "Work", "x") for n in range(12)),
        agents(5, "src/other.py"),
    ]
    assert [(p.mend.subject, p.agent.sha) for p in pairs(history)] == [("Fix lint", f"{6:040x}")]


def test_what_is_mended_twice_becomes_a_rule_that_would_be_enforced() -> None:
    history = [
        person(8, "fix lint and forgotten tests", "src/a.py", "tests/test_a.py", "CHANGELOG.md"),
        agents(7, "src/a.py"),
        person(6, "Lint, review notes", "src/b.py", "tests/test_b.py", "CHANGELOG.md"),
        agents(5, "src/b.py"),
    ]
    patch = "diff --git a/src/{0}.py b/src/{0}.py\n--- a/src/{0}.py\n+++ b/src/{0}.py\n@@ -1 +0,0 @@\n-    print(1)\n"
    removed = {history[0].sha: parse_removed(patch.format("a")), history[2].sha: parse_removed(patch.format("b"))}
    found = {p.rule: p for p in learn_from_followups(pairs(history), RUFF, removed)}
    assert set(found) == {
        "`ruff check .` must pass before every commit (lint).",
        "Add a test with every change of the code.",
        "When changing `src/**`, update `CHANGELOG.md`.",
        "Do not use `print` outside tests.",
    }
    for rule, proposal in found.items():
        assert len(proposal.evidence) == 2 and "after" in proposal.evidence[0]
        assert compile_text(f"- {rule}\n", file="AGENTS.md")[0].status == "enforced"


def test_once_is_no_convention() -> None:
    history = [person(8, "fix lint", "src/a.py", "tests/test_a.py"), agents(7, "src/a.py")]
    assert list(learn_from_followups(pairs(history), RUFF, {})) == []


# ------------------------------------------------------------ sessions


def session(name: str, *bodies: e.Body) -> list[Event]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [Event(1, name, n, at, "user", str(n), body, "", "") for n, body in enumerate(bodies, 1)]


def asked(tool: str, args: dict[str, str], granted: bool, text: str = "", by: str = "user") -> tuple[e.Body, e.Body]:
    call = ToolCall("c1", tool, dict(args))
    return e.Proposed(1, Proposal(calls=(call,))), e.Answered("c1", Approval(granted, text, by))


def test_what_a_person_denied_is_proposed_with_the_event_and_the_reason() -> None:
    one = session("s1", *asked("shell", {"command": "npm publish --tag next"}, False, "we release from CI"))
    two = session("s2", *asked("edit", {"path": "infra/main.tf", "old": "a", "new": "b"}, False))
    found = {p.rule: p for p in learn_from_answers([one, two])}
    assert set(found) == {"Do not run `npm publish`.", "Do not edit `infra/main.tf`."}
    said = found["Do not run `npm publish`."].evidence[0]
    assert said.startswith("session s1 event 2: 'npm publish --tag next'") and "we release from CI" in said


def test_what_was_both_allowed_and_denied_teaches_nothing() -> None:
    sessions = [session(f"s{n}", *asked("shell", {"command": "npm install"}, n > 0)) for n in range(4)]
    assert list(learn_from_answers(sessions)) == []
    assert [p.rule for p in learn_from_answers(sessions[1:])] == ["`npm install` may be run without asking."]


def test_only_a_persons_answer_to_one_plain_command_counts() -> None:
    by_rule = session("s1", *asked("shell", {"command": "rm x"}, False, by="policy"))
    several = session("s2", *asked("shell", {"command": "cd a && rm x"}, False))
    odd = session("s3", *asked("shell", {"command": "echo 'open"}, False))
    assert list(learn_from_answers([by_rule, several, odd])) == []


def test_files_that_were_taken_back_twice_ask_first() -> None:
    undo = e.Restored(1, Ref("a", "b"), Promotion(Ref("a", "b"), ("src/price.py",)))
    assert [p.rule for p in learn_from_answers([session("s1", undo), session("s2", undo)])] == [
        "Do not change `src/price.py` without asking."
    ]
