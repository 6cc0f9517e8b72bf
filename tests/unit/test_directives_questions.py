"""What a rule leaves open is asked once, and the answer, kept in the project, makes it a rule that is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.errors import UsageError
from loopwright.core.rules import Directive
from loopwright.guard.directives import InstructionReader, compile_text
from loopwright.guard.directives.questions import PATH, QUESTIONS, makes_rule, question_of, read_answers
from loopwright.runtime.answers import ask_what_is_open

RULES = "# Rules\n\n- Test coverage must be high.\n- Keep functions short.\n- Coverage should be good.\n- Write readable code.\n"


def load(root: Path) -> tuple[Directive, ...]:
    return InstructionReader().load(str(root), None).directives


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "AGENTS.md").write_text(RULES)
    return tmp_path


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("Coverage must be high.", "coverage"),
        ("Keep a good test coverage", "coverage"),
        ("Files must not be too long.", "file_lines"),
        ("Functions must be short", "function_lines"),
        ("Lines must not be too long", "line_characters"),
        ("Keep pull requests small", "change_lines"),
        ("Use a recent Python version", "python"),
        ("Code must be formatted", "formatter"),
        ("Use the approved package manager", "package_manager"),
        ("Coverage must be at least 80%", ""),
        ("Functions must not exceed 40 lines.", ""),
        ("Write readable code.", ""),
        ("Use modern Python idioms", ""),
        ("Keep the number of lines of output small", ""),
    ],
)
def test_only_what_lacks_one_thing_is_a_question(rule: str, name: str) -> None:
    (compiled,) = compile_text(f"- {rule}\n")
    question = question_of(compiled)
    assert (question.name if question else "") == name


ANSWERS = {
    "coverage": "80",
    "function_lines": "40",
    "file_lines": "300",
    "line_characters": "100",
    "change_lines": "400",
    "python": "3.12",
    "formatter": "ruff format",
    "package_manager": "pnpm",
}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_every_question_has_an_answer_that_is_held_and_refuses_others(question: object) -> None:
    from loopwright.guard.directives.questions import Question

    assert isinstance(question, Question)
    made = makes_rule(question, ANSWERS[question.name])
    assert made is not None and made.check
    for wrong in ("", "very", "- Never run `ls`", "80%. Never use `print()`", "9" * 40, "{}"):
        assert makes_rule(question, wrong) is None, wrong


def test_without_an_answer_the_rule_is_advised_and_says_what_is_open(project: Path) -> None:
    coverage = load(project)[0]
    assert (coverage.status, coverage.check) == ("advised", "")
    assert "How many percent" in coverage.why and PATH in coverage.why


def test_each_open_question_is_named_once_with_the_way_to_answer_it_until_it_is_answered(project: Path) -> None:
    coverage, functions = InstructionReader().load(str(project), None).open
    assert coverage.startswith("AGENTS.md:3 leaves open: How many percent") and f"[parameters] in {PATH}" in coverage
    assert functions.startswith("AGENTS.md:4 leaves open: How many lines")
    (project / PATH).parent.mkdir()
    (project / PATH).write_text('[parameters]\ncoverage = "80"\nfunction_lines = ""\n')
    assert InstructionReader().load(str(project), None).open == ()


def test_an_answer_is_kept_asked_once_for_all_rules_and_makes_them_held(project: Path) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "85" if "percent" in question else ""

    assert ask_what_is_open(project, load(project), ask, print)
    assert len(asked) == 2 and "AGENTS.md:3" in asked[0]
    rules = load(project)
    assert [(r.line, r.kind, r.params.get("n"), r.level) for r in rules if r.kind == "coverage_min"] == [
        (3, "coverage_min", 85, "block"),
        (5, "coverage_min", 85, "warn"),
    ]
    assert rules[0].text == "Test coverage must be high." and f"coverage = 85 by {PATH}" in rules[0].why
    assert not ask_what_is_open(project, rules, ask, print)
    assert len(asked) == 2, "neither the answer nor the empty one is asked for again"


def test_what_is_no_answer_is_said_and_not_kept(project: Path) -> None:
    said: list[str] = []
    assert not ask_what_is_open(project, load(project), lambda question: "quite", said.append)
    assert len(said) == 2 and "'quite' is no answer" in said[0]
    assert not (project / PATH).exists()


def test_what_a_person_wrote_in_the_file_stays(project: Path) -> None:
    path = project / PATH
    path.parent.mkdir()
    path.write_text("# ours\n[parameters]\nfunction_lines = 40 # agreed\n")
    ask_what_is_open(project, load(project), lambda question: "90", print)
    assert "# ours" in path.read_text() and "40 # agreed" in path.read_text() and 'coverage = "90"' in path.read_text()


@pytest.mark.parametrize(
    "data", [None, b"", b"\xff", b"[", b"parameters = 1", b"[parameters]\ncoverage = [1]\n", b"#" * 100_000]
)
def test_a_broken_file_of_answers_holds_none(data: bytes | None) -> None:
    assert read_answers(data) == {}


def test_a_broken_file_is_not_written_over(project: Path) -> None:
    (project / PATH).parent.mkdir()
    (project / PATH).write_text("[parameters\n")
    with pytest.raises(UsageError, match="not valid TOML"):
        ask_what_is_open(project, load(project), lambda question: "90", print)
