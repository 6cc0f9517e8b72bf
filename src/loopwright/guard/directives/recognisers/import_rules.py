"""Rules about how imports are written."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_FORMS = (
    ("top-level", Pattern(r"\btop-level imports?\b|\bimports? (?:\w+ ){0,4}(?:at|to) (?:the )?(?:very )?top\b|"
                        r"\bat the top of (?:the |each |every )?(?:file|module)\b.*\bimports?\b|"
                        r"\bimports? not at top\b|\b(?:deferred|local|inline|lazy)(?:/\w+)? imports? only\b|"
                        r"\bmodule-level imports?\b", re.IGNORECASE)),
    ("absolute", Pattern(r"\babsolute (?:\w+ )?imports?\b|\bimports?\W{1,4}absolute\b|"
                        r"\bimports? (?:must |should )?(?:be |are )?absolute\b|"
                        r"绝对(?:路径)?导入", re.IGNORECASE)),
    ("relative", Pattern(r"\b(?:use|prefer|always)\b[^.;]{0,20}\brelative (?:\w+ )?imports?\b", re.IGNORECASE)),
    ("esm", Pattern(r"\b(?:use|uses|using|prefer|only)\b[^.;]{0,12}\b(?:ESM|ES6? modules?)\b(?! only)|"
                    r"\b(?:ESM|ES6? modules)(?: modules)? (?:throughout|everywhere)\b(?!.*\"type\")", re.IGNORECASE)),
    ("import type", Pattern(r"`import type\b|\btype-only imports?\b", re.IGNORECASE)),
    ("node:", Pattern(r"`node:`|\bnode: (?:protocol|prefix)", re.IGNORECASE)),
    ("from __future__ import annotations", Pattern(r"`from __future__ import annotations`")),
)  # fmt: skip


_ALIAS_IMPORT = Pattern(
    r"\bimports?\b[^.;`]{0,40}(?:using|via|with|through) (?:the )?`([@~#][\w-]*/)(?:\*|\.\.\.)?`|"
    r"`([@~][\w-]*/)(?:\*|\.\.\.)?` (?:path )?(?:alias|prefix|for|import)",
    re.IGNORECASE,
)


#: "Imports in `.ts` files use `.js` extensions": of files of the project, which alone bear one.
_EXTENSION = Pattern(
    r"\bimports?\b.{0,40}?\b(?:use|with|include|need|require|end in|have|must have|carry|keep|bear)"
    r"s?\b[^.;`]{0,20}`(\.[cm]?[jt]sx?)`(?: file)? "
    r"(?:extensions?|suffix)|`(\.[cm]?[jt]sx?)` (?:file )?extensions? (?:in|for|on) (?:\w+ ){0,2}imports?\b",
    re.IGNORECASE,
)


#: What is shown to illustrate, not asked for.
_INSTANCE = Pattern(
    r"\b(?:e\.g\.?|for (?:example|instance)|such as|like)[,:]?\s*(?:`[^`]*`[, ]*(?:or )?)*$", re.IGNORECASE
)
#: "Import this at the top": one thing is meant, not imports at large.
_ONE_THING = Pattern(r"\bimport (?:this|it|them|that)\b", re.IGNORECASE)


#: What a rule of some linter is told to be at odds with.
_CONFLICTS = Pattern(r"\b(?:conflicts with|is at odds with|not (?:yet )?enabled|is disabled)\b", re.IGNORECASE)


def import_form(statement: Statement) -> Rule | None:
    """How imports are written: at the top, absolute, with a prefix, in one given form."""
    plain = statement.plain
    if _ONE_THING.search(plain) or _CONFLICTS.search(plain) or ("TYPE_CHECKING`" in plain and "top" not in plain):
        return None
    why = "imports of the changed files are judged on their syntax"
    if alias := _ALIAS_IMPORT.search(plain):
        return Rule(
            "import_form", {"form": "alias", "prefix": alias[1] or alias[2], **place(statement)}, "enforced", why
        )
    for form, pattern in _FORMS:
        if form == "relative" and language.forbids(statement):
            continue
        if pattern.search(plain) and not (
            form.startswith("from") and regex.search(r"\bnot\b|n't\b|\bno\b|\bwithout\b", plain)
        ):
            return Rule("import_form", {"form": form, **place(statement)}, "enforced", why)
    if language.forbids(statement):
        return None
    if extension := _EXTENSION.search(plain):
        return Rule("import_form", {"form": "extension", "prefix": extension[1] or extension[2]}, "enforced", why)
    for word in literals.words(statement):
        if _INSTANCE.search(plain[: word.start]):
            continue
        if (
            regex.match(
                r"^(?:import\s+.+\s+from\s+['\"].+['\"];?|from\s+\S+\s+import\s+.+|"
                r"import\s+\S+\s+as\s+\S+)$",
                word.text,
            )
            and "..." not in word.text
            and not plain[: word.start].endswith("(")
        ) and regex.search(r"\b(?:import|use|always|as)\b", plain[: word.start], re.IGNORECASE):
            return Rule("import_form", {"form": word.text.rstrip(";"), **place(statement)}, "enforced", why)
    if found := regex.search(r"^\W*(?:always )?import `(\w+)` from `([@\w./-]+)`", plain, re.IGNORECASE):
        params: dict[str, JsonValue] = {"form": f"from {found[2]}", "names": [found[1]], **place(statement)}
        return Rule("import_form", params, "enforced", "an import of the name from elsewhere is found")
    found = regex.search(r"(?<!\()\bimport (?:\w+ ){0,3}from `([\w.@/-]+)", plain, re.IGNORECASE)
    if found and not plain.endswith(":"):
        return Rule(
            "import_form",
            {"form": f"from {found[1]}"},
            "partly",
            "an import of the same names from elsewhere is found only where the names are given",
        )
    return None
