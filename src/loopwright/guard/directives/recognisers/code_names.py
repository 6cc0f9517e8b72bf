"""Names of code that a sentence holds without back-ticks, or that the sentence before named."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import literals, regex
from loopwright.guard.directives.reading.literals import Word
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.sentences import split
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import code_cases

#: "`x` hides errors. Don't use it": what the sentence before begins with.
REFERS = Pattern(
    r"^\W*(?:never|do not|don't|avoid|please don't) (?:ever )?(?:use|using|add|adding|call|calling|import|importing|"
    r"introduce)"
    r" (?:it|them|this|these)\W*$",
    re.IGNORECASE,
)
_FIRST_NAMED = Pattern(r"^\W*(?:the )?`[^`]+`")


def named_before(statement: Statement) -> tuple[Word, ...]:
    """Return the name that the sentence before begins with, for "don't use it"."""
    before = statement.block.split(statement.plain)[0] if statement.block != statement.plain else ""
    sentences = [each for _, each in split(before)]
    if not sentences or not _FIRST_NAMED.match(sentences[-1]):
        return ()
    told = literals.words(Statement(statement.line, sentences[-1], sentences[-1], "paragraph"))
    return tuple(w for w in told[:1] if w.sort in ("call", "name") and code_cases.TELLING.search(w.text))


#: Names that only code has, without back-ticks: "never println! or eprintln!", "do not use Directory.SetCurrent".
_NAME = (
    r"(?:console\.(?:log|warn|error|debug)|(?:typing|os|sys|time|json|random|subprocess|datetime|unittest|pickle|"
    r"asyncio)(?:\.[a-z]\w+){1,2}|"
    r"(?:e?print(?:ln)?|dbg|todo|unimplemented)!|[A-Z]\w+\.[A-Z]\w+(?:\(\))?|"
    r"[A-Za-z_][\w.]+\(\))(?![\w`!]|\.\w)"
)
#: "Use `Logger`, not console.log".
_CONSOLE = Pattern(
    r"\b(?:[Nn]ever|[Nn]ot|[Dd]on't|[Aa]void|instead of|rather than) (?:(?:unnecessary |direct |"
    r"any )*uses? of )?(?:(?:use|call|using|calling) )?console\.",
)
_UNTICKED = Pattern(
    rf"\b(?:[Nn]ever|[Nn]ot|[Dd]on't|[Aa]void|instead of|rather than) (?:(?:unnecessary |direct |"
    rf"any )*uses? of )?(?:(?:use|call|using|"
    rf"calling) )?({_NAME}(?:(?:, | or | and |"
    rf"/){_NAME})*)"
)


#: "No unwrap/expect/panic": names of Rust, said plainly.
_PLAIN_NAMES = Pattern(
    r"\b(?:[Nn]o|[Nn]ever(?: use)?|[Dd]on't use|[Aa]void) ((?:(?:unwrap|expect|panic|todo|dbg|println|"
    r"eprintln)(?:\(\)|!)?(?:/|, ?(?:or |and )?| or "
    r"| and )?){2,})(?= |\W|$)"
)
#: "Don't panic; return errors".
_PANIC = Pattern(
    r"^\W*(?:[Dd]on't|[Dd]o not|[Nn]ever|[Aa]void|[Nn]o) (?:use |call )?(panic)(?:s|king|ing)?(?=[,;.:]|"
    r" in (?:library|production) code|\W*$)"
)
_OF_RUST = {"unwrap": ".unwrap()", "expect": ".expect("}


def unticked(statement: Statement) -> tuple[Word, ...]:
    """Return the names of code that a sentence speaks against without back-ticks."""
    plain = statement.plain
    if row := _PLAIN_NAMES.search(plain):
        names = regex.findall(r"\w+", row[1])
        return tuple(
            Word(_OF_RUST.get(n, f"{n}!").rstrip("("), "call", row.start(1), row.end(1), against=True)
            for n in names
            if n not in ("or", "and")
        )
    if alone := _PANIC.search(plain):
        return (Word("panic", "name", alone.start(1), alone.end(1), against=True),)
    if ("`" in plain and not _CONSOLE.search(plain)) or not (
        "!" in plain or "()" in plain or regex.search(r"\w\.\w", plain)
    ):
        return ()
    if not (found := _UNTICKED.search(plain)):
        return ()
    return tuple(
        Word(name[0].removesuffix("()"), "name", found.start(1), found.end(1), against=True)
        for name in re.finditer(_NAME, found[1])
    )
