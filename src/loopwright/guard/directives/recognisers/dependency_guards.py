"""Guards of dependencies: one package manager, and consent to what is new."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_MANAGERS = ("npm", "pnpm", "yarn", "bun", "pip", "uv", "poetry", "pdm", "pipenv", "conda")
_JS, _PY = frozenset(("npm", "pnpm", "yarn", "bun")), frozenset(("pip", "uv", "poetry", "pdm", "pipenv", "conda"))


_DEPENDENCY = Pattern(
    r"\b(?:new|add(?:ing)?|introduc\w+|install(?:ing)?|extra|additional|third[- ]party|external|"
    r"unnecessary|any)\b[^.;]{0,40}?\b(?:dependenc(?:y|ies)|packages?|librar(?:y|ies)|modules?|"
    r"npm packages|crates?|gems?|pods?|deps|ui frameworks?)\b(?!-)|依赖",
    re.IGNORECASE,
)


#: "npm/yarn → use pnpm".
_SWAPPED = Pattern(
    r"^\W*((?:`?(?:npm|yarn|pnpm|bun|pip|poetry|pipenv|conda)`?(?:/|, ?| or )?){1,4})\W*(?:→|->|"
    r"=>)\W*(?:always )?use `?(npm|pnpm|yarn|"
    r"bun|uv|poetry|pdm)\b",
    re.IGNORECASE,
)


#: "Always use pnpm".
_ALONE = Pattern(
    r"^\W*(?:always |only |you must |must )?use (pnpm|npm|yarn|bun|uv|poetry|pdm)(?: only| exclusively|"
    r" everywhere| with the (?:\w+ )?lock-?file| \([^)]*\))?\W*$",
    re.IGNORECASE,
)


#: "Only pnpm is supported".
_ONLY = Pattern(
    r"^\W*only `?(pnpm|npm|yarn|bun|uv|poetry|pdm)`? (?:is|are) (?:supported|allowed|used)\b", re.IGNORECASE
)


#: "uv is the only tool that installs things", "pnpm is our package manager".
_ONLY_ONE = Pattern(
    r"^\W*(pnpm|npm|yarn|bun|uv|poetry|pdm) is the (?:only|one) (?:tool|package manager|"
    r"way)\b[^.;]{0,30}(?:install\w*|dependenc\w*|"
    r"packages?|package manager)\b",
    re.IGNORECASE,
)
#: "Yarn package manager (do not use npm)", "always use yarn commands, never npm commands".
_MANAGER = "`?(npm|pnpm|yarn|bun|uv|poetry|pdm|pip|pipenv)`?"


_NOT_THE_OTHER = Pattern(
    rf"\b(?:use {_MANAGER}(?: commands?| only)?\b|{_MANAGER} package manager\b|"
    rf"{_MANAGER}[\s\d.>=^~v+]*(?:\(|[-–—,;] ?(?=never\b|not\b|no\b)))[^;]{{0,30}}?"
    rf"\b(?:not|never|n't|no)\b(?: use| run)? {_MANAGER}\b",
    re.IGNORECASE,
)


_ANY_MANAGER = expression(
    r"(?<![\w-])(?:p?npm|yarn|bun|pip|uv|poetry|pdm|pipenv|conda)(?!\w)|package manager|包管理", re.IGNORECASE
)


#: "Use `bun` to run scripts": what something else is done with.
_RUNS_SCRIPTS = Pattern(r"\bto (?:run|execute|start|launch) ", re.IGNORECASE)


#: "pnpm 10+ (via corepack)", alone in a bullet.
_WITH_VERSION = Pattern(r"^\W*(pnpm|yarn|bun) (?:v|>= ?)?\d+(?:\.[\dx]+)*\+?(?: \([^)]*\))?\W*$", re.IGNORECASE)


def package_manager(statement: Statement) -> Rule | None:
    """One package manager, the others refused."""
    plain = statement.plain
    if not _ANY_MANAGER.search(plain):
        return None
    if swap := _SWAPPED.match(plain):
        others = regex.findall(r"\w+", swap[1].lower())
        params: dict[str, JsonValue] = {"name": swap[2].lower(), "forbid": [*others]}
        return Rule("package_manager", params, "enforced", "a call that runs another one is refused")
    if statement.form == "bullet" and (pinned := _WITH_VERSION.match(plain)):
        params = {"name": pinned[1].lower(), "forbid": [*sorted(_JS - {pinned[1].lower()})]}
        return Rule("package_manager", params, "enforced", "a call that runs another one is refused")
    if alone := _ALONE.match(plain) or _ONLY.match(plain) or _ONLY_ONE.match(plain):
        family = _JS if alone[1].lower() in _JS else _PY
        params = {"name": alone[1].lower(), "forbid": [*sorted(family - {alone[1].lower(), "conda"})]}
        return Rule("package_manager", params, "enforced", "a call that runs another one is refused")
    named = [w for w in literals.words(statement) if w.text in _MANAGERS]
    wanted = [w.text for w in named if not w.against]
    banned = [w.text for w in named if w.against]
    bare = set(regex.findall(r"\b(npm|pnpm|yarn|bun|poetry|pipenv|pdm)\b", plain, re.IGNORECASE))
    if (
        not named
        and not regex.search(r"\bpackage manager\b", plain, re.IGNORECASE)
        and not _NOT_THE_OTHER.search(plain)
    ):
        return None
    if (both := _NOT_THE_OTHER.search(plain)) and (one := (both[1] or both[2] or both[3]).lower()) != both[4].lower():
        wanted, banned = [one], [both[4].lower()]
    if not wanted and (
        said := regex.search(
            r"(?<!not )(?<!n't )(?<!never )\b(?:use|uses|using|with|is|:)\s+\W?(npm|pnpm|yarn|bun|uv|poetry|pip)\b",
            plain,
            re.IGNORECASE,
        )
    ):
        wanted = [said[1].lower()]
    if not banned and _RUNS_SCRIPTS.search(plain):
        return None
    if len(wanted) != 1 or not (
        banned or regex.search(r"\b(?:package manager|only|always|exclusively|use)\b|包管理|使用", plain, re.IGNORECASE)
    ):
        return None
    if len(plain) > 160 and not banned:
        return None
    family = _JS if wanted[0] in _JS else _PY
    rest: list[JsonValue] = sorted((set(banned) | {b.lower() for b in bare} | family) - set(wanted) - {"conda"})
    return Rule(
        "package_manager", {"name": wanted[0], "forbid": rest}, "enforced", "a call that runs another one is refused"
    )


#: "Introduce libraries sparingly", "keep dependencies to a minimum".
_SPARINGLY = Pattern(
    r"\b(?:introduce|add) (?:new |external |third-party )*(?:librar(?:y|ies)|dependenc(?:y|ies)|"
    r"packages?) sparingly\b|"
    r"\b(?:keep|minimi[sz]e) (?:the )?(?:external |third-party |runtime |number of )*dependencies"
    r"(?: (?:minimal|small|light|few|to a minimum)\b|\W*$)",
    re.IGNORECASE,
)


#: "No runtime dependencies": none at all.
_NONE = Pattern(
    r"^\W*(?:no|zero) (?:new |runtime |third[- ]party |external |additional |extra |production )+(?:dependenc(?:y|"
    r"ies)|packages|"
    r"librar(?:y|ies)|gems|crates)\W*$|"
    r"^\W*no (?:gems|packages|dependencies|libraries|crates|plugins|deps) without (?:asking|approval|permission|a |"
    r"discuss)|"
    r"^\W*(?:only (?:the )?(?:stdlib|standard library)|(?:the )?(?:stdlib|standard library) only)\W*$|"
    r"^\W*no (?:other |further )?(?:runtime )?dependenc(?:y|ies) (?:except|besides|other than|beyond) `[^`]+`\W*$|"
    r"^\W*(?:talk to|check with|ask) [\w ]{2,20} before (?:adding|you add|introducing|bringing in) (?:an? |any |new |"
    r"another )*(?:crate|dependency|"
    r"library|package|gem)s?\W*$|"
    r"^\W*ask (?:first )?before (?:you )?(?:running |using |run )?`(?:composer require|npm i(?:nstall)?|(?:pnpm|yarn|"
    r"bun|"
    r"uv|poetry|cargo) add|pip install|go get|bundle add|dotnet add package|gem install|mix deps\.get)\b|"
    r"^\W*adding (?:an? |any |new |third[- ]party |external )*(?:dependenc(?:y|ies)|packages?|librar(?:y|ies)|gems?|"
    r"crates?|"
    r"pods?) (?:always )?(?:requires?|needs?) (?:[\w-]+ ){0,3}(?:approval|issue|discussion|review|sign-?off|rfc|"
    r"ticket|"
    r"permission|consent|conversation|justification)\b|"
    r"\b(?:must |should |has to )?(?:stays?|remains?|keep (?:it|this)|be|is kept) (?:zero-dependency|"
    r"dependency[- ]free|"
    r"free of (?:external |third[- ]party |runtime )*dependencies)\b|"
    r"^\W*no (?:new|extra) deps\W*$|^\W*no third[- ]party imports\b|"
    r"^\W*no (?:new |third[- ]party |external |extra |runtime )+(?:dependenc(?:y|ies)|packages|librar(?:y|ies)|gems|"
    r"crates)"
    r"(?:[;,:] | [-–—]+ |\W*$| without\b)|"
    r"^\W*(?:no|zero) (?:\w+ )?dependencies (?:outside|beyond|besides|other than|"
    r"except) (?:of )?the standard library\b|"
    r"^\W*(?:new|further|additional|other) (?:third-party )?(?:dependenc(?:y|ies)|packages|librar(?:y|ies)|gems|"
    r"crates) "
    r"(?:(?:must |have to )?(?:go|pass) through (?:the )?(?:\w+ )?(?:maintainers?|owners?|team|review|lead|"
    r"architect\w*|humans?)|"
    r"(?:are|need) (?:to be )?(?:decided|chosen|reviewed|discussed|agreed|approved|cleared) (?:with|by|first|"
    r"before)\b)",
    re.IGNORECASE,
)


#: Nothing but that, below "Ask first".
_LED = Pattern(
    r"^\W*(?:any |new |production |runtime |dev(?:elopment)? |third-party |external |adding |upgrading |changing )*"
    r"(?:dependenc(?:y|ies)|packages|librar(?:y|ies)|gems|crates)(?: changes| upgrades| updates)?\W*$",
    re.IGNORECASE,
)


def new_dependency(statement: Statement) -> Rule | None:
    """New dependencies need consent."""
    if language.asking_lead(statement) and _LED.match(statement.plain):
        why = "a call that adds one is asked about, and the manifests of the final change are compared"
        return Rule("new_dependency", {}, "enforced", why, level="ask")
    if _NONE.match(statement.plain):
        why = "a call that adds one is asked about, and the manifests of the final change are compared"
        return Rule("new_dependency", {}, "enforced", why, level="ask")
    if _SPARINGLY.search(statement.plain):
        why = "the manifests of the final change are compared"
        return Rule("new_dependency", {}, "enforced", why, level="warn")
    if (
        regex.search(r"global|层|\blayer\b", statement.plain)
        or not _DEPENDENCY.search(statement.plain)
        or not (language.forbids(statement) or language.asks(statement))
    ):
        return None
    if regex.search(
        r"\bwithout (?:running|updating|regenerating|adding|also|an entry)\b|"
        r"\bdependenc(?:y|ies) (?:between|among|across|from|of|on) (?!(?:the )?internet|npm|pypi)",
        statement.plain,
        re.IGNORECASE,
    ):
        return None
    if not regex.search(r"\b(?:add|introduc|install|new)\w*\b|新增|添加|引入", statement.plain, re.IGNORECASE):
        return None
    named = next(_DEPENDENCY.finditer(statement.plain))
    if "`" in named[0]:  # one thing is not to be brought in
        return None
    if not language.asks(statement) and not language.negative_lead(statement) and named[0].isascii():
        head = statement.plain[: named.start()]
        if not language.NEGATION.search(head) and not regex.search(r"\bno\b|\bwithout\b", f"{head}{named[0]}"):
            return None
    only = regex.search(
        r"\bto (?:the )?(?:root|top-level) `(package\.json|pyproject\.toml|Cargo\.toml)`", statement.plain
    )
    return Rule(
        "new_dependency",
        {"manifests": [only[1]]} if only else {},
        "enforced",
        "a call that adds one is asked about, and the manifests of the final change are compared",
        level="ask",
    )
