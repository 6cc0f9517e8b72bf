"""Rules about constructs of a language, and what a linter judges of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import code_cases, code_rules, construct_words, text_rules
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule


def constructs(statement: Statement) -> Rule | None:
    """A construct of the language that must not be used, by its name or through its opposite."""
    plain = statement.plain
    for name, pattern in construct_words.OPPOSITES:
        if pattern.search(plain):
            return _construct(statement, name)
    if not (language.forbids(statement) or regex.search(r"\b(?:instead of|rather than|over|not)\b", plain)):
        return None
    return next((_construct(statement, name) for name, _, _ in _forbidden(statement)), None)


#: What limits a construct to some of its uses: "classes that exist only to wrap one function".
_SOME = Pattern(r"^`?\)? (?:that|which|whose|solely|purely|just to|only to|between|across)\b(?! is)", re.IGNORECASE)


def _forbidden(statement: Statement) -> Iterator[tuple[str, int, int]]:
    """Yield each construct the sentence speaks against, with the span it is named in; no span for two of them."""
    spans: list[tuple[int, int]] = []
    for name, pattern in construct_words.CONSTRUCTS:
        for found in pattern.finditer(statement.plain):
            start, end = found.span()
            if (
                not _SOME.match(statement.plain[end : end + 24])
                and not (name == "try_except" and statement.plain.startswith(" from ", end))
                and _spoken_against(statement, start, end)
                and not any(a < end and start < b for a, b in spans)
            ):
                spans.append((start, end))
                yield name, start, end
                break


def beside_first(statement: Statement, first: Rule) -> Iterator[Rule]:
    """Yield what a sentence forbids beside its first construct: other constructs, calls, names and suppressions."""
    listed = list(_forbidden(statement))
    kinds = set()
    for name, _, _ in listed:
        other = _construct(statement, name)
        if (
            other
            and first.params.get("what") not in (name, _PART_OF.get(name))
            and _among_words(statement, name, listed)
        ):
            kinds.add(other.kind)
            yield other
    covered = [(start, end) for _, start, end in listed]
    barred = code_rules.barred(statement)
    seen = {w.text for w in barred if any(a < w.end and w.start < b for a, b in covered)}
    words = [w for w in barred if w.text not in seen]
    if (rule := code_rules.of_words(statement, tuple(words))) and rule.kind not in kinds:
        yield rule


def _among_words(statement: Statement, name: str, listed: list[tuple[str, int, int]]) -> bool:
    """True where a construct stands in a list with others, by commas or "or", not in a remark on the first."""
    at = [start for found, start, _ in listed]
    start = next(s for found, s, _ in listed if found == name)
    return bool(regex.fullmatch(r"[^.;:()–—]*", statement.plain[min(at) : start]))


_BANNED_AFTER = Pattern(
    r"^`?\W*(?:(?:is|are) (?:strictly )?)?(?:forbidden|prohibited|banned|not allowed|disallowed|rejected|refused|"
    r"not accepted|not "
    r"permitted)\b",
    re.IGNORECASE,
)


def _spoken_against(statement: Statement, start: int, end: int) -> bool:
    head = statement.plain[:end]
    cut = 0
    for negation in language.NEGATION.finditer(head):
        if negation.start() < end:
            cut = negation.end()
    if start < cut <= end or _BANNED_AFTER.match(statement.plain[end:]) or language.refused_after(statement, end):
        return True
    if not cut:
        return language.negative_lead(statement) and start < 25
    between = head[cut:start]
    return len(between.split()) <= 5 and not regex.search(
        r"[.;:]|, (?:define|use|prefer|write|make|create|but|instead)\b|\b(?:in|inside|within|from|when|if|because|"
        r"so|change|modify|break|add|remove)\b",
        regex.sub(r"^\s*(?:ever )?add(?:ing)?(?= (?:new |any |an? )?\W*$)", "", between),
    )


#: A construct that is a part of another one, which the sentence does not speak of.
_PART_OF = {"enum": "unscoped_enum"}
#: Styles that are written where they are used, where others are handed over by the same property.
_STYLE_OBJECTS = Pattern(r"`StyleSheet\b|\bstyle objects?\b|\bobject literals?\b", re.IGNORECASE)
#: "Except where Next.js demands them": files whose default export a framework reads.
_WHERE_DEMANDED = Pattern(
    r"\b(?:except|unless|apart from|other than|\()[^.;]*\b(?:next(?:\.?js)?|frameworks?|pages?|routes?|layouts?|"
    r"demand\w*|requires?|"
    r"required|need\w*|config\w*|stories)\b",
    re.IGNORECASE,
)
_DEMANDED = (
    "**/{page,layout,template,loading,error,not-found,default,route,global-error,sitemap,robots,middleware}.*",
    "**/pages/**",
    "**/routes/**",
    "**/app/**/_layout.*",
    "*.config.*",
    "*.stories.*",
    "*.d.ts",
)


def _construct(statement: Statement, name: str) -> Rule | None:
    if name == "local_import":
        return Rule(
            "import_form",
            {"form": "top-level", **place(statement)},
            "enforced",
            "imports inside functions are found in the changed code (Python, JavaScript, TypeScript)",
        )
    if name == "relative_import":
        return Rule(
            "import_form",
            {"form": "absolute", **place(statement)},
            "enforced",
            "relative imports are found in the changed code",
        )
    if name == "inline_style" and _STYLE_OBJECTS.search(statement.plain):
        why = "searched for in the added lines"
        return Rule("forbid_text", {"texts": ["style={{"], **place(statement)}, "enforced", why)
    if name == "ts_ignore":
        return text_rules.suppression(statement)
    if name == "empty_catch" and "empty" not in statement.plain.lower():
        why = "handlers that hold nothing are found in the changed code; what one does with an error is not judged"
        return Rule("forbid_syntax", {"what": name, **place(statement)}, "partly", why)
    where = place(statement)
    if name == "default_export" and "outside" not in where and _WHERE_DEMANDED.search(statement.plain):
        where |= {"outside": [*_DEMANDED]}
    if code_cases.excepted(statement, where):
        why = "found on the syntax tree of the changed files; what is excepted is not told apart"
        return Rule("forbid_syntax", {"what": name, **where}, "partly", why, level="warn")
    return Rule("forbid_syntax", {"what": name, **where}, "enforced", "found on the syntax tree of the changed files")


#: Codes of ruff's rules named in prose: "avoids EM101", "functions triggering C901 or PLR0915".
_CODE_SAID = expression(
    r"\b(?:avoids?|rules?|codes?|trigger\w*|violat\w*|ruff|satisf\w+|passes)\b[^.;`]{0,12}?\b((?:[A-Z]{1,3}|PLR|"
    r"PLC|PLW|PLE|ANN|ARG|"
    r"ASYNC|PERF|FURB)\d{3,4})\b"
)


#: "Don't sort imports by hand".
_BY_HAND = Pattern(r"\b(?:don'?t|do not|never|no need to) (?:hand-|manually )?(?:sort|order|group)", re.IGNORECASE)


def linted(statement: Statement) -> Rule | None:
    """Wishes that a linter's rule judges."""
    if (
        len(statement.plain) > 170
        or literals.runs_first(statement)
        or regex.search(r"\bprs?\b", statement.plain, re.IGNORECASE)
    ):
        return None
    for codes, pattern in construct_words.LINTED:
        if pattern.search(statement.plain) and not (codes == "I" and _BY_HAND.search(statement.plain)):
            return _lint_rule(statement, codes)
    families = regex.search(
        r"\b(?:ruff|flake8|pylint|eslint|clippy)\b[^.;]{0,40}\brules?\b", statement.plain, re.IGNORECASE
    )
    if said := _CODE_SAID.findall(statement.plain):
        return _lint_rule(statement, ",".join(dict.fromkeys(said)))
    codes_named = [c for c in regex.findall(r"`([A-Z]{1,5}\d{0,4})`", statement.plain) if _is_code(c)]
    if (
        codes_named
        and (families or regex.search(r"\b(?:enforced|enabled)\b", statement.plain))
        and not regex.search(r"\bignored?\b", statement.plain)
    ):
        return _lint_rule(statement, ",".join(codes_named))
    return None


#: A rule of eslint in back-ticks.
_ESLINT = Pattern(
    r"`((?:@[\w-]+(?:/eslint-plugin)?|react(?:-hooks)?|import|jsx-a11y|unicorn|node|promise|jest|vitest|"
    r"testing-library|"
    r"workspaces?|local|[\w-]+-(?:sdk|tests|plugin|rules|lint))/[a-z][a-z-]+)(?:: ?\w+)?`"
)


#: A rule of eslint's own with how grave it is, or named as what holds something.
_CORE = Pattern(
    r"`([a-z]+(?:-[a-z]+)*): ?['\"](?:error|warn|never|always[\w-]*)['\"]`|\benforced (?:by|via)"
    r" `([a-z]+(?:-[a-z]+){2,})`",
    re.IGNORECASE,
)


def named_rule(statement: Statement) -> Rule | None:
    """A rule of eslint that a sentence names beside what it wants."""
    if core := _CORE.search(statement.plain):
        return _lint_rule(statement, core[1] or core[2])
    found = _ESLINT.search(statement.plain)
    if not found or not regex.search(
        r"\b(?:eslint|no|must|always|never|use|rule|enforced?)\b|-", statement.plain, re.IGNORECASE
    ):
        return None
    if not (
        "eslint" in statement.plain.lower()
        or regex.search(r"/(?:no|prefer|require|consistent|enforce|await|order)", found[1])
    ):
        return None
    return _lint_rule(statement, found[1])


#: Families of ruff's rules: the letters that codes begin with.
_FAMILIES = frozenset(
    [
        "A",
        "ANN",
        "ARG",
        "ASYNC",
        "B",
        "BLE",
        "C4",
        "C90",
        "COM",
        "CPY",
        "D",
        "DJ",
        "DOC",
        "DTZ",
        "E",
        "EM",
        "ERA",
        "EXE",
        "F",
        "FA",
        "FAST",
        "FBT",
        "FIX",
        "FLY",
        "FURB",
        "G",
        "I",
        "ICN",
        "INP",
        "INT",
        "ISC",
        "LOG",
        "N",
        "NPY",
        "PD",
        "PERF",
        "PGH",
        "PIE",
        "PL",
        "PLC",
        "PLE",
        "PLR",
        "PLW",
        "PT",
        "PTH",
        "PYI",
        "Q",
        "RET",
        "RSE",
        "RUF",
        "S",
        "SIM",
        "SLF",
        "SLOT",
        "T10",
        "T20",
        "TC",
        "TD",
        "TID",
        "TRY",
        "UP",
        "W",
        "YTT",
    ]
)


def _is_code(word: str) -> bool:
    return word in _FAMILIES or (word[-1].isdigit() and word.rstrip("0123456789") in _FAMILIES | {"C", "T"})


def _lint_rule(statement: Statement, codes: str) -> Rule:
    where = place(statement)
    if codes == "T201":
        others = [w.text for w in code_rules.barred(statement) if w.text.rstrip("()") != "print"]
        if others and all(regex.fullmatch(r"[A-Za-z_][\w.]*(?:\(\))?", name) for name in others):
            why = "uses of the names are found in the changed code"
            return Rule("forbid_call", {"names": ["print()", *others], **where}, "enforced", why)
        if not regex.search(r"\bpython\b", statement.plain, re.IGNORECASE):
            why = "uses of the name are found in the changed code"
            return Rule("forbid_call", {"names": ["print()"], **where}, "enforced", why)
        return Rule(
            "lint_rule", {"rule": codes, "tool": "ruff", **where}, "enforced", "ruff judges the changed Python files"
        )
    if codes in ("final-newline", "trailing-whitespace"):
        files: dict[str, JsonValue] = (
            {"within": ["*.md", "*.mdx"]}
            if regex.search(r"\bmarkdown\b|\.md\b", statement.plain, re.IGNORECASE)
            else {}
        )
        params: dict[str, JsonValue] = {"rule": codes, "tool": "text", **where, **files}
        return Rule(
            "lint_rule", params, "enforced", "the ends of the changed files and of their added lines are looked at"
        )
    if codes == "ERA001" and codes not in statement.plain:  # told in words, it is a rule for every language
        why = "added comments that parse as code are found"
        return Rule("forbid_comment", {"what": "code", **where}, "enforced", why)
    if codes[0].isupper():
        return Rule(
            "lint_rule",
            {"rule": codes, "tool": "ruff", **where},
            "enforced",
            "ruff judges the changed Python files with these rules",
        )
    if codes == "no-console":
        return Rule(
            "forbid_call",
            {"names": ["console.log"], **where},
            "enforced",
            "uses of the name are found in the changed code",
        )
    if codes == "airbnb":
        return Rule(
            "lint_rule",
            {"preset": "airbnb", "tool": "eslint"},
            "enforced",
            "eslint judges the changed files where the project has the preset; without it the preset's own core "
            "rules do",
        )
    return Rule(
        "lint_rule", {"rule": codes, "tool": "eslint", **where}, "partly", "judged where the project has this linter"
    )
