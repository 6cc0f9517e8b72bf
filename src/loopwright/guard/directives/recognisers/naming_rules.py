"""Rules about names: cases, prefixes, suffixes and shapes."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import naming_pictures
from loopwright.guard.directives.recognisers.naming_cases import CASES, NAMED_THINGS, cases_of, subject_of
from loopwright.guard.directives.recognisers.places import PARTS, globs_of_part, place
from loopwright.guard.directives.recognisers.test_places import FOLDERS_OF_TESTS
from loopwright.guard.directives.rule import Rule

_PREFIX = Pattern(
    r"\b(?:(?<!` )prefix(?:ed|es)?|start(?:s|ing)?|begin(?:s|ning)?)\b[^.;`]{0,40}`([\w.@{}<>-]+?)`|"
    r"\bnames? (?:must |should |always )*(?:start|begin)s? with \"(\w+)\"",
    re.IGNORECASE,
)


_SUFFIX = Pattern(
    r"\b(?:suffix(?:ed|es)?|end(?:s|ing)? (?:in|with)|postfix(?:ed)?)\b[^.;`]{0,40}`([\w.@{}<>-]+?)`|"
    r"`[-.]?([A-Z]\w+|\.\w+|_\w+)` suffix",
    re.IGNORECASE,
)


_PREFIX_AFTER = Pattern(r"`([\w.@{}<>-]+?)[*]?` prefix\b", re.IGNORECASE)


_NAMED = Pattern(
    r"\b(?:nam(?:e|ed|ing)|called|pattern|matching|convention|follow(?:s|ing)? the)\b[^.;`]{0,50}$|:\s*$|^$|命名",
    re.IGNORECASE,
)


_SHAPE = Pattern(r"^[\w.@/-]*(?:[*]|<[\w -]+>|\{[\w -]+\})[\w.@/*<>{} -]*$|^use[A-Z]\w*$|^Test[A-Z]?\w*$")


#: "Getters have no `Get` prefix".
_HAS_NONE = Pattern(r"\b(?:no|never|not|n't|without)\b[^.;`]{0,20}`[^`]*` (?:prefix|suffix)$", re.IGNORECASE)


def _joined(before: str, subject: str) -> list[str]:
    """What else is named just before: "all functions and hooks are prefixed with `x_`"."""
    found = regex.search(r"(\w+) (?:and|or) \w+ (?:\w+ )?$", regex.sub(r"`[^`]*`", " ", before))
    other = next((name for name, pattern in NAMED_THINGS if found and pattern.fullmatch(found[1])), "")
    return [other] if other and other != subject and other in CHECKED else []


#: "`g_` prefix for globals".
_FOR_WHAT = expression(r" for ([\w ]{3,30})(?=[,.;]|$| and)")
#: What a build does to names, told.
_TELLS = Pattern(r"\b(?:is|are|gets?) (?:automatically )?renamed\b|\brenamed? (?:at|during|by)\b", re.IGNORECASE)
#: Headings under which titles and texts are spoken of, no names of code.
_OF_MESSAGES = Pattern(r"\b(?:commits?|prs?|pull[- ]requests?|changelogs?)\b", re.IGNORECASE)


def naming(statement: Statement) -> Rule | None:
    """Cases, prefixes, suffixes and shapes of names."""
    plain = statement.plain
    if _TELLS.search(plain) or (statement.headings and _OF_MESSAGES.search(statement.headings[-1])):
        return None
    pairs = cases_of(_VALUE.sub(_blanked, _AT_TOP.sub(_blanked, plain)), statement)
    why = "names that the change brings are judged"
    if pairs:
        judged = any(p["kind"] in CHECKED for p in pairs if isinstance(p, dict))
        params: dict[str, JsonValue] = {"names": pairs, **place(statement)}
        if "within" not in params and (extensions := _extensions(plain)):
            params["within"] = extensions
        return Rule("naming", params, "enforced" if judged else "partly", why)
    for pattern, position in ((_PREFIX, "prefix"), (_PREFIX_AFTER, "prefix"), (_SUFFIX, "suffix")):
        found = pattern.search(plain)
        subject = _subject_before(plain, found.start(), statement) if found else ""
        if found and (after := _FOR_WHAT.match(plain, found.end())):
            subject = subject_of(after[1], statement)
        if (
            found
            and subject
            and not regex.search(r"\b(?:commit|pr title|pull request|message)\b", plain, re.IGNORECASE)
        ):
            text = next(g for g in found.groups() if g)
            if regex.search(r"\w\.(?:py|ts|tsx|js|go|rs|rb|java|cs|md|json|ya?ml|toml)$", text):
                continue
            bare = regex.sub(r"\{[^}]*\}|<[^>]*>", "*", text)
            if subject == "file" and bare.startswith("."):
                continue  # an ending of files of some sort
            pair: dict[str, JsonValue] = {"kind": subject, position: bare}
            if _HAS_NONE.search(plain[: found.end()]):
                pair = {"kind": subject, "forbid": f"{bare}*" if position == "prefix" else f"*{bare}"}
            kind_of = _OF_A_KIND.search(plain[: found.start()])
            where = _where(kind_of[1].lower(), statement) if kind_of else place(statement)
            told_by_example = regex.search(r"\bas (?:an? )?(?:prefix|suffix)\b", found[0]) and "_" in text.strip("_")
            ok = not told_by_example and subject in CHECKED and "*" not in bare and where is not None
            also = _joined(plain[: found.start()], subject)
            pairs = [pair, *({**pair, "kind": kind} for kind in also)]
            return Rule("naming", {"names": pairs, **(where or {})}, "enforced" if ok else "partly", why)
    return (
        naming_pictures.by_example(statement)
        or _underscored(plain, statement)
        or _of_part(statement)
        or _shaped(statement)
        or naming_pictures.pictured(statement)
        or naming_pictures.by_picture(statement)
    )


#: "Services: PascalCase with `Service` suffix".
_PART = Pattern(rf"^\W*({PARTS})\W{{1,4}}[^`]{{0,30}}(?:`-?([A-Z]\w+)` suffix|suffix `-?([A-Z]\w+)`)", re.IGNORECASE)


def _of_part(statement: Statement) -> Rule | None:
    """The end of the names of classes of one part of the code, which lie in the folder of that name."""
    if not (found := _PART.match(statement.plain)):
        return None
    pair: dict[str, JsonValue] = {"kind": "class", "suffix": found[2] or found[3]}
    params: dict[str, JsonValue] = {"names": [pair], "within": [*globs_of_part(found[1].lower())]}
    return Rule("naming", params, "enforced", "names that the change brings in the folder of that name are judged")


#: "No underscores in package names".
_NO_UNDERSCORES = Pattern(r"^\W*no (underscores?|dashes|hyphens) in (\w+) names\W*$", re.IGNORECASE)
_UNDERSCORE = Pattern(
    r"\b(?:leading underscores?|(?:start|begin|prefix)\w* (?:with )?(?:an? )?(?:leading )?underscores?)\b",
    re.IGNORECASE,
)


def _underscored(plain: str, statement: Statement) -> Rule | None:
    """ "No class name may start with an underscore", "private methods start with an underscore"."""
    if barred := _NO_UNDERSCORES.match(plain):
        kind = subject_of(f"{barred[2]} names", statement)
        mark = "*_*" if barred[1].lower().startswith("under") else "*-*"
        named: dict[str, JsonValue] = {"names": [{"kind": kind, "forbid": mark}], **place(statement)}
        why = "names that the change brings are judged"
        return Rule("naming", named, "enforced" if kind in CHECKED else "partly", why) if kind else None
    found = _UNDERSCORE.search(plain)
    subject = _subject_before(plain, found.start(), statement) if found else ""
    if not found or subject not in CHECKED:
        return None
    pair: dict[str, JsonValue] = {"kind": subject, ("forbid" if language.forbids(statement) else "prefix"): "_*"}
    if "prefix" in pair:
        return None
    return Rule("naming", {"names": [pair], **place(statement)}, "enforced", "names that the change brings are judged")


#: "Service classes", "helper classes": the word before says which ones are meant.
_OF_A_KIND = Pattern(
    r"\b(?!(?:all|new|every|each|the|any|our|your|public|private|and|or|of|in|for|react|typescript|java|"
    r"python)\b)(\w+) classes\b",
    re.IGNORECASE,
)


def _where(kind: str, statement: Statement) -> dict[str, JsonValue] | None:
    """Where the classes of a kind lie; None where no path shows it."""
    if kind in ("test", "tests"):
        return {"where": "tests"}
    return {"within": [*globs_of_part(kind)]} if re.fullmatch(PARTS, kind) else None


def _subject_before(plain: str, end: int, statement: Statement) -> str:
    """What is named last before a word of its own clause, else what the sentence speaks of first."""
    clause = regex.split(r"[,;.]\s", regex.sub(r"`[^`]*`", " ", plain[:end]))[-1]
    found = ((m.end(), -m.start(), name) for name, pattern in NAMED_THINGS for m in pattern.finditer(clause))
    last = max(found, default=None)
    return last[2] if last else subject_of(plain, statement)


#: Back-ticked examples of names (`NodeKind::Func`, `password-input.tsx`), which say nothing of what is named.
_VALUE = expression(r"`[^`]*(?:::|\.[a-z]|[a-z][A-Z]|[A-Z][a-z]|[a-z][-_][a-z])[^`]*`")


#: Where names stand, not what is named.
_AT_TOP = expression(
    r"\b(?:module|file|package|class|top|function)-level\b|\bat (?:the )?top of (?:the |each |every )?(?:files?|"
    r"modules?)\b",
    re.IGNORECASE,
)


_ANY_CASE = expression("|".join(CASES.values()), re.IGNORECASE)


def _blanked(found: re.Match[str]) -> str:
    text = found[0]
    return text if _ANY_CASE.search(text) else " " * len(text)


#: Kinds of names whose declarations the checks find.
CHECKED = frozenset(
    {
        "function",
        "async function",
        "package",
        "variable",
        "class",
        "constant",
        "method",
        "file",
        "directory",
        "component",
        "component file",
        "hook",
        "test function",
        "test file",
        "interface",
        "type",
        "enum",
    }
)


_CASE_AND_EXTENSION = Pattern(r"case(?:`)?\.((?:[a-z][\w-]*\.)*)\{?([a-z]{1,5}(?:,[a-z]{1,5})*)\}?", re.IGNORECASE)


def _extensions(plain: str) -> list[JsonValue]:
    """Globs of the files that a case with an extension speaks of: `kebab-case.tsx`."""
    found = _CASE_AND_EXTENSION.search(plain)
    return [f"*.{found[1]}{one}" for one in found[2].split(",")] if found else []


#: Under a heading of names: "Use `*_test.go` for test files".
_USE_FOR = Pattern(
    r"^\W*use `[^`]+` for (?:[\w-]+ ){0,2}(?:files?|modules?|hooks?|components?|tests?|classes)\b", re.IGNORECASE
)


_CALLED = Pattern(r"\b(?:called|(?:is|are|be) (?:all )?named)(?: like| as)? $", re.IGNORECASE)


#: Names of what tools write: "Generated files: `*_gen.go`".
_MADE_BY_TOOLS = Pattern(
    r"^\W*(?:auto-?)?(?:generated|output|compiled|build|temporary|log) (?:\w+ )?files?\b",
    re.IGNORECASE,
)


def _shaped(statement: Statement) -> Rule | None:
    """A shape of names: "Test files: `test_*.py`", "Name hooks `useThing`", "Never name tests `TestIssue1234`"."""
    plain = statement.plain
    if "`" not in plain or FOLDERS_OF_TESTS.match(plain) or _MADE_BY_TOOLS.match(plain):
        return None
    titled = bool(statement.headings) and "naming" in statement.headings[-1].lower() and _USE_FOR.match(plain)
    if (
        not titled
        and not regex.search(r"\bnam(?:e|es|ed|ing)\b|\bpattern:|命名|\bcalled `[^`]*[<*{]", plain, re.IGNORECASE)
        and not regex.match(
            r"^(?:\w+ ){0,2}(?:files?|modules?|functions?|hooks?|components?|classes|tests?|types?|"
            r"methods?)\s*(?:\(.{0,20}\))?:\s*`",
            plain,
            re.IGNORECASE,
        )
    ):
        return None
    subject = subject_of(plain, statement)
    for word in literals.words(statement):
        if (
            not _SHAPE.match(word.text)
            or "/" in word.text.strip("/")
            or not (titled or _NAMED.search(plain[: word.start].rstrip(" -–—")))
        ):
            continue
        kind = subject or subject_of(
            f"{statement.label} {statement.headings[-1] if statement.headings else ''}", statement
        )
        if not kind and regex.search(r"[\w>*}]\.[a-z]{1,5}$", word.text) and _CALLED.search(plain[: word.start]):
            kind = "file"
        if not kind:
            continue
        if kind == "file" and regex.match(r"test[_*]|.*[_.-](?:test|spec)\b", word.text):
            kind = "test file"
        if regex.search(r"\.\w+$", word.text) and "file" not in kind:
            kind = "test file" if regex.search(r"test|spec", word.text) else "file"
        others = [
            o.text
            for o in literals.words(statement)
            if o.start > word.end
            and _SHAPE.match(o.text)
            and o.against == word.against
            and regex.fullmatch(r"(?:, |,? or |/|,? and |`[^`]*`)+", plain[word.end : o.start])
        ]
        ok = kind in CHECKED and bool(regex.search(r"[*<{]", word.text) or word.against)
        shape: dict[str, JsonValue] = {
            "kind": kind,
            "forbid" if word.against else "shape": regex.sub(r"<[^>]*>|\{[^}]*\}", "*", "|".join([word.text, *others])),
        }
        return Rule(
            "naming",
            {"names": [shape], **place(statement)},
            "enforced" if ok else "partly",
            "names that the change brings are judged",
        )
    return None
