"""Rules that a call is refused for before it runs: protected paths, package managers, new dependencies."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

_EDIT = Pattern(
    r"\b(?:edit|modif(?:y|ied|ying)|chang(?:e|ing)|touch|alter|hand-?(?:edit|write|modify)|overwrite|"
    r"delete|remove|rewrite|append|manually|update|bump|write|add)\w*\b|修改|编辑|改动|删除",
    re.IGNORECASE,
)


_GENERATED = Pattern(
    r"\b(?:auto-?generated|generated (?:by|from|code|file|automatically)|machine-generated|is generated|"
    r"are generated|do not (?:hand-?)?(?:edit|modify|touch)|don'?t (?:hand-?)?(?:edit|modify|touch)|"
    r"read-only|vendored)\b|自动生成",
    re.IGNORECASE,
)


_MANAGERS = ("npm", "pnpm", "yarn", "bun", "pip", "uv", "poetry", "pdm", "pipenv", "conda")


_JS, _PY = frozenset(("npm", "pnpm", "yarn", "bun")), frozenset(("pip", "uv", "poetry", "pdm", "pipenv", "conda"))


_DEPENDENCY = Pattern(
    r"\b(?:new|add(?:ing)?|introduc\w+|install(?:ing)?|extra|additional|third[- ]party|external|"
    r"unnecessary|any)\b[^.;]{0,40}?\b(?:dependenc(?:y|ies)|packages?|librar(?:y|ies)|modules?|"
    r"npm packages|crates?)\b(?!-)|依赖",
    re.IGNORECASE,
)


def path_protected(statement: Statement) -> Rule | None:
    """Paths that must not be changed: refused in dispatch, and judged again on the final change."""
    if statement.form == "tree":
        if _GENERATED.search(statement.comment) and re.search(
            r"\b(?:do not|don'?t|never|auto-?generated)\b", statement.comment, re.IGNORECASE
        ):
            return Rule(
                "path_protected", {"globs": [glob_of(statement.plain)]}, "enforced", "a change to it is refused"
            )
        return None
    plain = statement.plain
    generated = bool(_GENERATED.search(plain))
    asked = language.asking_lead(statement) and bool(_EDIT.search(plain))
    led = statement.first and statement.form == "bullet" and language.led_away(statement)
    held: dict[str, JsonValue] = {"existing": True} if _ONLY_OLD.search(plain) else {}
    if led and (listed := literals.words(statement)) and listed[0].sort == "path" and listed[0].start < 3:
        return Rule("path_protected", {"globs": [glob_of(listed[0].text)], **held}, "enforced", _AT_CALL_AND_AFTER)
    ordered = language.negative_lead(statement) and bool(_ORDERS_EDIT.match(plain))
    forbidden = asked or ordered or (language.forbids(statement) and bool(_EDIT_VERB.search(plain)))
    if not (forbidden or generated) or (not generated and _UNLESS_WITH.search(plain)):
        return None
    found = [
        w
        for w in literals.words(statement)
        if w.sort == "path"
        and not _is_address(plain, w)
        and not _CASE.search(plain[: w.start])
        and not _MADE_FROM.search(plain[: w.start])
    ]
    found = found or [
        msgspec.structs.replace(w, text=f"*{w.text}", sort="path")
        for w in literals.words(statement)
        if re.fullmatch(r"\.\w+\.\w+", w.text)
    ]
    found = found or _folders(statement) or _unticked(statement)
    at_all = generated or asked or _WRITTEN_TO.search(plain) or not _targeted(plain)
    chosen = [w for w in found if w.against] or (found[:1] if at_all else [])
    if not chosen or (not forbidden and not _KEPT.search(plain)):
        return None
    return Rule(
        "path_protected",
        {"globs": [*dict.fromkeys(glob_of(w.text) for w in chosen)], **held},
        "enforced",
        _AT_CALL_AND_AFTER,
    )


#: A change is allowed that brings something else: "do not change `x` without updating `y`".
_UNLESS_WITH = Pattern(
    r"\bwithout (?:also )?(?:updating|adding|changing|adjusting|regenerating|documenting)\b", re.IGNORECASE
)
#: New files may come: "existing migrations are immutable; only append new ones".
_ONLY_OLD = Pattern(
    r"\b(?:only|always|instead,?) (?:append|add|create|write) (?:a )?new\b|\b(?:append|add|create|write) (?:a )?new"
    r" (?:ones?|migrations?)(?: instead)?\b",
    re.IGNORECASE,
)
#: Under "do not": "modify `package.json`", "make changes to `.github/`".
_ORDERS_EDIT = Pattern(
    r"^\W*(?:hand-?)?(?:edit|modify|change|touch|alter|make (?:any )?changes to|delete|remove|rewrite) (?:the |"
    r"files in )?`",
    re.IGNORECASE,
)


#: The path that follows tells when, not what: "where a `modular.py` exists".
_CASE = Pattern(r"\b(?:when|if|where|unless|once|while|except|without)\b[^.;,:]*$", re.IGNORECASE)


#: What something is made from or by: "generated from the schema in `api.yaml`".
_MADE_FROM = Pattern(r"\bgenerated (?:from|by|via|using|with)\b[^.;]*$", re.IGNORECASE)


#: An address that is served, no path of the tree: `/swagger/v1`, `/api/users`.
_ADDRESS = Pattern(r"^/(?:(?:[a-z][\w{}:-]*|\*{1,2})/?)+$")
_SERVED = Pattern(r"^`? (?:routes?|endpoints?|requests?|responses?|urls?|calls)\b", re.IGNORECASE)


def _is_address(plain: str, word: literals.Word) -> bool:
    return bool(_ADDRESS.match(word.text)) and bool(
        _SERVED.match(plain[word.end - 1 :])
        or re.search(r"\b(?:at|via|endpoint|route|GET|POST|url)\W*$", plain[: word.start])
    )


_AT_CALL_AND_AFTER = "a change to it is refused before it happens, and judged on the final change"
_KEPT = Pattern(
    r"\b(?:(?:edit|modif|touch|hand-?edit|regenerat|auto-?generated|read-only|immutable)\w*|hand\b)|自动生成|只读",
    re.IGNORECASE,
)


_EDIT_VERB = Pattern(
    r"\b(?:never|not|don'?t|avoid|no)\b[^.;`]{0,40}\b(?:hand-?)?(?:edit|modif|chang|touch|alter|overwrit|"
    r"delet|remov|rewrit|manual|updat|bump|append|format|writ(?:e|ing) (?:directly )?(?:to|into|in)\b)\w*|"
    r"\b(?:edit|modif|chang|touch|alter|overwrit|delet|remov|rewrit)\w*\b[^.;]{0,60}\b(?:never|not|"
    r"forbidden|prohibited)\b|^\W*(?:hand-?)?(?:edit|modif|chang|touch|alter|overwrit|delet|remov)\w*|"
    r"(?:禁止|不要|不得|严禁|请勿).{0,6}(?:修改|编辑|改动|删除)",
    re.IGNORECASE,
)


_BARE_PATH = Pattern(
    r"(?<![\w`/.])((?:[\w-]+/)*[\w*-]+(?:\.[\w-]+)*\.(?:lock|mod|sum|work|json|ya?ml|toml|md|pb\.go|txt|config|"
    r"props|targets|xml|ini|cfg|gradle))(?![\w`])|"
    r"\b(README|CHANGELOG|LICENSE)\b(?! file)"
)


def _unticked(statement: Statement) -> list[literals.Word]:
    """Paths without back-ticks; for "do not edit it", those of the sentences before in the same block."""
    plain = statement.plain
    found = [m[1] or m[2] for m in _BARE_PATH.finditer(plain)] if len(plain) < 120 and "(" not in plain else []
    if (
        not found
        and re.search(
            r"\b(?:edit|modify|touch|change|delete|format|overwrite|update)\w* (?:it|them|its|this file|these files|"
            r"that file|the file|directly|by hand|manually)\b|\b(?:this|the|that|these) (?:file|folder|"
            r"director(?:y|ies)|files|folders)"
            r"(?: \w+)? (?:must|should|is|are)(?: not|n't| never)(?: to)? be (?:hand-?)?(?:edit|modif|chang|touch)",
            plain,
            re.IGNORECASE,
        )
        and statement.block != plain
    ):
        before = statement.block.split(plain)[0]
        found = [
            w.text for w in literals.words(Statement(statement.line, before, before, "paragraph")) if w.sort == "path"
        ][-2:]
    return [literals.Word(path, "path", 0, 0, True) for path in found]


#: "Avoid editing `generated` subdirectories": folders of one name, wherever they lie.
_FOLDER = Pattern(r"^`? (?:sub-?)?(?:director(?:y|ies)|folders?)\b", re.IGNORECASE)


def _folders(statement: Statement) -> list[literals.Word]:
    return [
        msgspec.structs.replace(w, text=f"**/{w.text}/**", sort="path")
        for w in literals.words(statement)
        if w.sort == "name" and w.against and _FOLDER.match(statement.plain[w.end - 1 :])
    ]


_WRITTEN_TO = Pattern(r"\bwrit(?:e|ing) (?:directly )?(?:to|into)\b", re.IGNORECASE)


def _targeted(plain: str) -> bool:
    return bool(re.search(r"\b(?:to|in|into|from) `", plain))


#: Segments that stand for any name: `my-feature`, `ComponentName`, `feature-name`.
_EXAMPLE = Pattern(
    r"(?:(?<=/)|^)(?:[\w-]*(?:[nN]ame|NAME)|[Mm]y[-_]?[a-z][\w-]+|your[-_]\w[\w-]*|example(?!s?(?:/|$))[\w-]*|foo|bar|"
    r"some[-_]\w[\w-]*|xxx)(?=[/.]|$)"
)


def glob_of(path: str) -> str:
    """Return the glob that a path as written stands for: a directory stands for all below it."""
    path = path.strip().removeprefix("./").removeprefix("@/")
    path = path.lstrip("/") if re.match(r"/[\w.-]+(?:/|$)", path) else path
    path = re.sub(r"<[^<>]*>|\{[a-zA-Z_]+\}|\[[a-zA-Z_]+\]|\.\.\.|…", "*", path)
    path = _EXAMPLE.sub("*", path)
    path = "README*" if path == "README" else path
    return path + "**" if path.endswith("/") else path


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
    r" everywhere| with the (?:\w+ )?lock-?file)?\W*$",
    re.IGNORECASE,
)


#: "Only pnpm is supported".
_ONLY = Pattern(
    r"^\W*only `?(pnpm|npm|yarn|bun|uv|poetry|pdm)`? (?:is|are) (?:supported|allowed|used)\b", re.IGNORECASE
)


#: "Yarn package manager (do not use npm)", "always use yarn commands, never npm commands".
_MANAGER = "`?(npm|pnpm|yarn|bun|uv|poetry|pdm|pip|pipenv)`?"
_NOT_THE_OTHER = Pattern(
    rf"\b(?:use {_MANAGER}(?: commands?| only)?\b|{_MANAGER} package manager\b|{_MANAGER}[\s\d.>=^~v+]*\()[^;]{{0,30}}?"
    rf"\b(?:not|never|n't)\b(?: use| run)? {_MANAGER}\b",
    re.IGNORECASE,
)


_ANY_MANAGER = expression(
    r"(?<![\w-])(?:p?npm|yarn|bun|pip|uv|poetry|pdm|pipenv|conda)(?!\w)|package manager|包管理", re.IGNORECASE
)


#: "Use `bun` to run scripts": what something else is done with.
_RUNS_SCRIPTS = Pattern(r"\bto (?:run|execute|start|launch) ", re.IGNORECASE)


def package_manager(statement: Statement) -> Rule | None:
    """One package manager, the others refused."""
    plain = statement.plain
    if not _ANY_MANAGER.search(plain):
        return None
    if swap := _SWAPPED.match(plain):
        others = re.findall(r"\w+", swap[1].lower())
        params: dict[str, JsonValue] = {"name": swap[2].lower(), "forbid": [*others]}
        return Rule("package_manager", params, "enforced", "a call that runs another one is refused")
    if alone := _ALONE.match(plain) or _ONLY.match(plain):
        family = _JS if alone[1].lower() in _JS else _PY
        params = {"name": alone[1].lower(), "forbid": [*sorted(family - {alone[1].lower(), "conda"})]}
        return Rule("package_manager", params, "enforced", "a call that runs another one is refused")
    named = [w for w in literals.words(statement) if w.text in _MANAGERS]
    wanted = [w.text for w in named if not w.against]
    banned = [w.text for w in named if w.against]
    bare = set(re.findall(r"\b(npm|pnpm|yarn|bun|poetry|pipenv|pdm)\b", plain, re.IGNORECASE))
    if not named and not re.search(r"\bpackage manager\b", plain, re.IGNORECASE) and not _NOT_THE_OTHER.search(plain):
        return None
    if (both := _NOT_THE_OTHER.search(plain)) and (one := (both[1] or both[2] or both[3]).lower()) != both[4].lower():
        wanted, banned = [one], [both[4].lower()]
    if not wanted and (
        said := re.search(
            r"(?<!not )(?<!n't )(?<!never )\b(?:use|uses|using|with|is|:)\s+\W?(npm|pnpm|yarn|bun|uv|poetry|pip)\b",
            plain,
            re.IGNORECASE,
        )
    ):
        wanted = [said[1].lower()]
    if not banned and _RUNS_SCRIPTS.search(plain):
        return None
    if len(wanted) != 1 or not (
        banned or re.search(r"\b(?:package manager|only|always|exclusively|use)\b|包管理|使用", plain, re.IGNORECASE)
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
    r"\b(?:introduce|add) (?:new |external |third-party )*(?:librar(?:y|ies)|dependenc(?:y|ies)|packages?) sparingly\b|"
    r"\b(?:keep|minimi[sz]e) (?:the )?(?:external |third-party |runtime |number of )*dependencies"
    r"(?: (?:minimal|small|light|few|to a minimum)\b|\W*$)",
    re.IGNORECASE,
)


def new_dependency(statement: Statement) -> Rule | None:
    """New dependencies need consent."""
    if _SPARINGLY.search(statement.plain):
        why = "the manifests of the final change are compared"
        return Rule("new_dependency", {}, "enforced", why, level="warn")
    if (
        re.search(r"global|层|\blayer\b", statement.plain)
        or not _DEPENDENCY.search(statement.plain)
        or not (language.forbids(statement) or language.asks(statement))
    ):
        return None
    if re.search(r"\bwithout (?:running|updating|regenerating|adding|also)\b", statement.plain, re.IGNORECASE):
        return None
    if not re.search(r"\b(?:add|introduc|install|new)\w*\b|新增|添加|引入", statement.plain, re.IGNORECASE):
        return None
    named = next(_DEPENDENCY.finditer(statement.plain))
    if "`" in named[0]:  # one thing is not to be brought in
        return None
    if not language.asks(statement) and not language.negative_lead(statement) and named[0].isascii():
        head = statement.plain[: named.start()]
        if not language.NEGATION.search(head) and not re.search(r"\bno\b|\bwithout\b", f"{head}{named[0]}"):
            return None
    only = re.search(r"\bto (?:the )?(?:root|top-level) `(package\.json|pyproject\.toml|Cargo\.toml)`", statement.plain)
    return Rule(
        "new_dependency",
        {"manifests": [only[1]]} if only else {},
        "enforced",
        "a call that adds one is asked about, and the manifests of the final change are compared",
        level="ask",
    )
