"""Rules that leave one number or name open ("coverage must be high"): the question, and the rule an answer makes.

Answers are kept in the project, in `.loopwright/answers.toml`, so that a question is asked once for all who work on it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator

import msgspec

from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.directives.compiler import compile_text
from loopwright.guard.directives.reading import regex

#: Where answers are kept, relative to the root, and the table they stand in.
PATH = ".loopwright/answers.toml"
TABLE = "parameters"
#: Bytes beyond which a file of answers is none that Loopwright wrote.
LARGEST = 64 << 10

_BIG = r"(?:too )?(?:long|large|big|huge)"
_SMALL = r"(?:short|small|brief|concise|compact|reasonabl[ey]|manageable)"
_SIZE = rf"(?:{_SMALL}|{_BIG})\b"


class Question(msgspec.Struct, frozen=True):
    """What a rule leaves open: the name of its answer, the words asked, and the rule that an answer makes."""

    name: str
    asks: str
    rule: str  # with {} where the answer stands
    kind: str  # that this rule compiles to
    said: re.Pattern[str]


def _question(name: str, asks: str, rule: str, kind: str, said: str) -> Question:
    return Question(name, asks, rule, kind, expression(said, re.IGNORECASE))


#: The first that fits a rule is its question.
QUESTIONS = (
    _question(
        "coverage",
        "How many percent must the tests cover?",
        "Test coverage must be at least {}%.",
        "coverage_min",
        r"\bcoverage\b[^.\d%]*\b(?:high|good|sufficient|adequate|enough|decent|reasonable|acceptable)\b|"
        r"\b(?:high|good|sufficient|adequate|enough|decent|reasonable)\b[^.\d%]{0,20}\bcoverage\b",
    ),
    _question(
        "function_lines",
        "How many lines may a function have?",
        "Functions must not exceed {} lines.",
        "max_file_lines",
        rf"\b(?:functions?|methods?)\b[^.\d]{{0,30}}\b{_SIZE}|\b{_SMALL}\b[^.\d]{{0,12}}\b(?:functions?|methods?)\b",
    ),
    _question(
        "file_lines",
        "How many lines may a file have?",
        "Files must not exceed {} lines.",
        "max_file_lines",
        rf"\b(?:files?|modules?)\b[^.\d]{{0,30}}\b{_SIZE}|\b{_SMALL}\b[^.\d]{{0,12}}\b(?:files?|modules?)\b",
    ),
    _question(
        "line_characters",
        "How many characters may a line have?",
        "Lines must be at most {} characters long.",
        "max_line_length",
        rf"\blines?\b(?! of)[^.\d]{{0,30}}\b{_SIZE}|\b{_SMALL}\b[^.\d]{{0,12}}\blines\b(?! of)",
    ),
    _question(
        "change_lines",
        "How many lines may one change have?",
        "Pull requests must not exceed {} changed lines.",
        "diff_size",
        rf"\b(?:pull requests?|PRs?|changes|commits|diffs?)\b[^.\d]{{0,30}}\b{_SIZE}|"
        rf"\b{_SMALL}\b[^.\d]{{0,12}}\b(?:pull requests|PRs|changes|commits|diffs)\b",
    ),
    _question(
        "python",
        "Which version of Python is the oldest allowed?",
        "Python {}+ is required.",
        "language_version",
        r"\b(?:recent|modern|current|latest|supported)\b[^.\d]{0,20}\bpython\b(?! (?:idiom|syntax|feature|style|"
        r"code))",
    ),
    _question(
        "formatter",
        "Which formatter writes the code (black, ruff format, prettier, gofmt, ...)?",
        "All code is formatted with {}.",
        "formatter",
        r"\bcode\b[^.`]{0,20}\b(?:must|should) be (?:properly |consistently |well )?formatted\W*$",
    ),
    _question(
        "package_manager",
        "Which package manager is it (npm, pnpm, yarn, pip, uv, poetry, ...)?",
        "Use {} as the package manager.",
        "package_manager",
        r"\b(?:approved|project'?s|right|correct|agreed)\b[^.`]{0,12}\bpackage manager\b",
    ),
)


def question_of(rule: Directive) -> Question | None:
    """Return what a rule leaves open, None where it is held already or nothing that is known is missing."""
    if (rule.kind, rule.status) != ("judge", "advised"):
        return None
    return next((q for q in QUESTIONS if q.said.search(rule.text)), None)


def read_answers(data: bytes | None) -> dict[str, str]:
    """Return the answers by the names of their questions; what cannot be read is no answer. Never raises."""
    if data is None or len(data) > LARGEST:
        return {}
    try:
        table = tomllib.loads(data.decode("utf-8")).get(TABLE)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {k: str(v) for k, v in table.items() if isinstance(v, str | int)} if isinstance(table, dict) else {}


def answered(rules: Iterable[Directive], answers: dict[str, str]) -> tuple[Directive, ...]:
    """Return the rules with what was answered; the others say what is open and where an answer would stand."""
    return tuple(_answered(rule, answers) for rule in rules)


def makes_rule(question: Question, answer: str) -> Directive | None:
    """Return the rule that an answer makes, None where it is no answer to this question."""
    if not regex.fullmatch(r"[\w. +-]{1,30}", answer.strip()):
        return None
    made = compile_text(f"- {question.rule.format(answer.strip())}\n", PATH)
    fits = len(made) == 1 and made[0].kind == question.kind and made[0].status in ("enforced", "partly")
    return made[0] if fits else None


def _answered(rule: Directive, answers: dict[str, str]) -> Directive:
    question = question_of(rule)
    if question is None:
        return rule
    answer = answers.get(question.name, "").strip()
    ask = "" if question.name in answers else ", or run `loopwright rules` at a terminal"
    made = makes_rule(question, answer) if answer else None
    if made is None:
        wrong = f"{answer[:30]!r} is none" if answer else "it is not said"
        why = f"{question.asks} {wrong}: set {question.name} under [{TABLE}] in {PATH}{ask}"
        return msgspec.structs.replace(rule, why=why)
    return msgspec.structs.replace(
        rule,
        kind=made.kind,
        params=made.params,
        status=made.status,
        check=made.check,
        level="block" if not _WEAK.search(rule.text) else "warn",
        why=f"{made.why}; {question.name} = {answer} by {PATH}",
    )


_WEAK = expression(r"\b(?:should|prefer|avoid|try|aim|ideally|consider)\b", re.IGNORECASE)


def what_is_open(rules: Iterable[Directive], answers: dict[str, str]) -> tuple[str, ...]:
    """Return a line for each question without an answer: which rule asks it, and where an answer is kept."""
    return tuple(
        f"{rule.source} leaves open: {question.asks} Set {question.name} under [{TABLE}] in {PATH}, "
        "or run `loopwright rules` at a terminal"
        for question, rule in missing(rules, answers)
    )


def missing(rules: Iterable[Directive], answers: dict[str, str]) -> Iterator[tuple[Question, Directive]]:
    """Yield each question that has no answer yet, once, with the first rule that asks it. An empty answer is one."""
    asked = set(answers)
    for rule in rules:
        question = question_of(rule)
        if question is not None and question.name not in asked:
            asked.add(question.name)
            yield question, rule
