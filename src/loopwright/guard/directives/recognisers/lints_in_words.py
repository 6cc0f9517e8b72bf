"""Rules of linters that sentences describe in words: held where the project has the linter."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement, once

#: A sentence that is longer speaks of more than the rule.
_LONGEST = 200
#: Words of which one is in every sentence of the table below.
_SAID = (
    "inlin",
    "collaps",
    "exhausti",
    "wildcard",
    "closure",
    "let chains",
    "error",
    "else",
    "context",
    "initialisms",
    "glob import",
    "naked return",
    "package-level",
    "period",
    "usefixtures",
    "encoding",
    "mutable class",
    "optional chaining",
    "nullish",
    "inferr",
    "annotat",
    "param",
    "component",
    "await",
    "aria-",
    "onclick",
    "accessible",
    "index",
    "trailing comma",
    "nullptr",
    "override",
    "explicit",
    "sealed",
    "cancellation",
    "configureawait",
    "virtual",
    "clone",
    "comprehension",
    "comments",
    "c-style",
    "final",
    "chain",
    "blocking",
    "f-string",
    "semicolon",
    "arrow function",
    "constructor",
    "static",
)
#: Linter, its rule, and how sentences say it.
_IN_WORDS = tuple(
    (tool, rule, Pattern(words, re.IGNORECASE))
    for tool, rule, words in (
        (
            "clippy",
            "uninlined_format_args",
            r"\binlin\w+\b[^.;]{0,40}\b(?:format!|format args|\{\})|\bformat!.*\binline\b",
        ),
        (
            "clippy",
            "collapsible_if",
            r"\bcollapse\b[^.;]{0,20}\bif(?: |-)?(?:statements?|s)?\b|\blet chains\b[^.;]{0,60}\b(?:over|instead of|"
            r"rather than)\b",
        ),
        ("clippy", "wildcard_enum_match_arm", r"\bmatch\b[^.;]{0,30}\bexhaustive\b|\bwildcard (?:match )?arms?\b"),
        ("clippy", "redundant_closure_for_method_calls", r"\bmethod references? over closures?\b"),
        ("clippy", "redundant_clone", r"\b(?:unnecessary|needless|redundant|superfluous) `?\.?clon(?:e|ing)"),
        ("clippy", "wildcard_imports", r"\bglob imports?\b"),
        (
            "staticcheck",
            "ST1005",
            r"\berror (?:strings?|messages?|texts?)\b[^.;]{0,60}\b(?:lower-?case|capitali[sz]\w+|"
            r"trailing punctuation|"
            r"full stop|end(?:s|ing)? with)\b",
        ),
        ("revive", "indent-error-flow", r"\belse`? (?:after|following) (?:an? )?`?return|\bnot? else blocks?\b"),
        (
            "revive",
            "context-as-argument",
            r"\bcontext(?:\.Context)?`?\b[^.;]{0,40}\b(?:first (?:param\w*|arg\w*))\b",
        ),
        (
            "containedctx",
            "containedctx",
            r"\bcontexts?(?:\.Context)?`?s? (?:in|inside|within) (?:an? |any )?structs?\b",
        ),
        ("errorlint", "errorlint", r"`errors\.(?:Is|As)`?[^.;]{0,60}\b(?:not|never|instead of|over|rather than)\b"),
        ("nakedret", "nakedret", r"\bnaked returns?\b"),
        (
            "gochecknoglobals",
            "gochecknoglobals",
            r"\b(?:no|avoid|never|without|not)\b[^.;]{0,30}\bpackage-level (?:mutable )?(?:var\w*|state|globals?)\b",
        ),
        (
            "revive",
            "exported",
            r"\bcomments?\b[^.;]{0,40}\b(?:start|begin)(?:s|ning|ing)? with the (?:name|identifier)\b",
        ),
        ("godot", "godot", r"\bcomments?\b[^.;]{0,60}\bend\w*\b[^.;]{0,12}\b(?:period|full stop)\b"),
        ("ruff", "PT019", r"\busefixtures\b"),
        ("ruff", "PLW1514", r"\bexplicit (?:text )?encoding\b|`encoding=[^`]*`"),
        ("ruff", "RUF012", r"\bmutable class (?:attributes?|variables?|defaults?)\b"),
        ("ruff", "C4", r"\bcomprehensions? (?:over|instead of|rather than) [`\w/ ]*\b(?:map|filter|loop\w*)\b"),
        (
            "ruff",
            "B904",
            r"`(?:raise \.\.\. )?from(?: \w+)?`[^.;]{0,30}\bchain|\b(?:explicit|"
            r"proper)(?:ly)? (?:exception )?chain(?:ing|ed)?\b|"
            r"\bchain(?:ing)? exceptions? (?:with|using) `(?:raise )?[^`]*from\b",
        ),
        (
            "ruff",
            "ASYNC",
            r"\b(?:no|never|avoid|not|without)\b[^.;]{0,30}\bblocking (?:calls?|operations?|i/?o|"
            r"code)\b[^.;]{0,30}\b(?:async|"
            r"event loop|coroutines?)\b|^\W*(?:synchronous )?blocking (?:calls?|operations?|i/?o|code) (?:in|inside|"
            r"within) (?:an? )?"
            r"(?:async|coroutines?|the event loop)",
        ),
        ("ruff", "UP031,UP032", r"\bf-strings?\b[^.;]{0,20}\b(?:preferred over|over|instead of|rather than|not)\b"),
        (
            "eslint",
            "prefer-arrow-callback",
            r"\barrow functions?\b[^.;]{0,10} (?:over|instead of|rather than) (?:anonymous )?function expressions?\b|"
            r"\barrow functions? for callbacks\b",
        ),
        ("eslint", "@typescript-eslint/prefer-optional-chain", r"\boptional chaining\b"),
        ("eslint", "@typescript-eslint/prefer-nullish-coalescing", r"\bnullish coalescing\b"),
        (
            "eslint",
            "@typescript-eslint/no-inferrable-types",
            r"\btrivially infer|\binferr?able types?\b|\b(?:no|omit|avoid|skip|not)\b[^.;]{0,40}\bannotations?\b"
            r"[^.;]{0,40}\b(?:can be inferred|infers?|obvious)\b",
        ),
        (
            "eslint",
            "no-param-reassign",
            r"\b(?:mutat|reassign|modify)\w* (?:the |their |its |function )*(?:param(?:eter)?s?|arguments?)\b",
        ),
        (
            "eslint",
            "react/no-unstable-nested-components",
            r"\bcomponents? (?:inside|within) (?:an?other )?components?\b",
        ),
        ("eslint", "react/no-array-index-key", r"\b(?:array )?index(?:es)? as (?:an? |the |react )*`?keys?\b"),
        ("eslint", "no-await-in-loop", r"\b`?await`? (?:in|inside|within) (?:an? )?loops?\b"),
        (
            "eslint",
            "jsx-a11y/control-has-associated-label",
            r"\b(?:must|should|need|needs|have|has|requires?|with(?:out)?)\b[^.;]{0,30}(?:`aria-label`|"
            r"\baria labels?\b|\baccessible (?:names?|labels?)\b)",
        ),
        ("eslint", "jsx-a11y/no-static-element-interactions", r"`onClick`? on (?:non-interactive|divs?|spans?|`)"),
        (
            "eslint",
            "@typescript-eslint/switch-exhaustiveness-check",
            r"\bswitch(?:es)?\b[^.;]{0,40}\bexhaustive\w*\b|\bexhaustive `?switch",
        ),
        ("eslint", "comma-dangle", r"^(?!.*\btitles?\b).*\btrailing commas?\b"),
        ("clang-tidy", "modernize-use-nullptr", r"`?\bnullptr`?[^.;]{0,20}\b(?:not|never|over|instead of)\b"),
        ("clang-tidy", "modernize-use-override", r"\b(?:mark|use|with|must|always)\b[^.;]{0,60}`override`"),
        (
            "clang-tidy",
            "google-explicit-constructor",
            r"\bconstructors?\b[^.;]{0,40}`explicit`|`explicit`[^.;]{0,40}\bconstructors?\b",
        ),
        ("clang-tidy", "google-readability-casting", r"\bc-style casts?\b"),
        ("checkstyle", "FinalClass", r"\b(?:classes|services|handlers|entities) are (?:declared )?`final`"),
        ("clang-tidy", "cppcoreguidelines-virtual-class-destructor", r"\bvirtual destructors?\b"),
        ("roslyn", "CA1822", r"\b(?:members?|methods?) (?:are |as )?`?static`? (?:when|where|if) possible\b"),
        (
            "roslyn",
            "CA1852",
            r"^\W*`?sealed`? by default\b|\b(?:seal|sealed|`sealed`)\b[^.;]{0,30}\bclass(?:es)?\b|"
            r"\bclass(?:es)?\b[^.;]{0,30}`?sealed\b",
        ),
        ("roslyn", "CA2016", r"\b(?:pass|accept|take|forward|propagate|flow)\w*\b[^.;]{0,30}`?cancellation ?tokens?\b"),
        (
            "eslint",
            "semi",
            r"^\W*semicolons?\W{1,4}(?:required|always|yes|mandatory)\b|\balways (?:use|"
            r"end [\w ]{3,20} with) (?:a )?semicolons?\b",
        ),
        ("roslyn", "CA2007", r"`?ConfigureAwait\(false\)"),
    )
)


@once
def described(statement: Statement) -> tuple[str, str] | None:
    """Return the linter and its rule that a sentence describes."""
    plain = statement.plain
    if len(plain) >= _LONGEST or plain.endswith(":") or "conflicts with" in plain:
        return None
    lower = plain.lower()
    if not any(word in lower for word in _SAID):
        return None
    found = next(((tool, rule) for tool, rule, words in _IN_WORDS if words.search(plain)), None)
    return None if found and found[1] == "ASYNC" and not language.forbids(statement) else found
