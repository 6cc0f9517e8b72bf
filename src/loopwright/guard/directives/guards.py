"""Rules that a call is refused for before it runs: commands, protected paths, package managers, new dependencies."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.markdown import Statement
from loopwright.guard.directives.rule import Rule

_EDIT = re.compile(
    r"\b(?:edit|modif(?:y|ied|ying)|chang(?:e|ing)|touch|alter|hand-?(?:edit|write|modify)|overwrite|delete|remove|rewrite|append|manually|update|bump|write|add)\w*\b|修改|编辑|改动|删除",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"\b(?:auto-?generated|generated (?:by|from|code|file|automatically)|machine-generated|is generated|are generated|do not (?:hand-?)?(?:edit|modify|touch)|don'?t (?:hand-?)?(?:edit|modify|touch)|read-only|vendored)\b|自动生成",
    re.IGNORECASE,
)
_MANAGERS = ("npm", "pnpm", "yarn", "bun", "pip", "uv", "poetry", "pdm", "pipenv", "conda")
_JS, _PY = frozenset(("npm", "pnpm", "yarn", "bun")), frozenset(("pip", "uv", "poetry", "pdm", "pipenv", "conda"))
_COMMIT = re.compile(
    r"\b(?:do not|don'?t|never|no|must not|should not|avoid|without)\b[^.;:]{0,60}?\b(commit|push|stage|amend|rebase|force[- ]push|merge|tag|create (?:a |new )?branch(?:es)?)\w*\b(?!\s*-?\s*(?:messages?|secrets?|keys?|credentials?|tokens?|\.env|generated|any|files?|large|binar|to (?!main|master|origin|remote|the)|code without|without|changes without|broken|lint))",
    re.IGNORECASE,
)
_GIT_VERBS = {
    "commit": "git commit",
    "push": "git push",
    "stage": "git add",
    "amend": "git commit --amend",
    "rebase": "git rebase",
    "force": "git push --force",
    "merge": "git merge",
    "tag": "git tag",
}
_DEPENDENCY = re.compile(
    r"\b(?:new|add(?:ing)?|introduc\w+|install(?:ing)?|extra|additional|third[- ]party|external|unnecessary|any)\b[^.;]{0,40}\b(?:dependenc(?:y|ies)|packages?|librar(?:y|ies)|modules?|npm packages|crates?)\b|依赖",
    re.IGNORECASE,
)
_GITHUB = (
    (
        re.compile(
            r"\b(?:create|open|submit|file|post)\w* (?:an? |new |any )*(?:prs?|pull[- ]requests?)\b", re.IGNORECASE
        ),
        "gh pr create",
    ),
    (re.compile(r"\b(?:create|open|file|submit)\w* (?:an? |new |any )*issues?\b", re.IGNORECASE), "gh issue create"),
    (re.compile(r"\bmerge (?:an? |any |the )*(?:prs?|pull[- ]requests?)\b", re.IGNORECASE), "gh pr merge"),
)
_ONLY_WITH = re.compile(
    r"\b(?:always|only|must)\b[^.;`]{0,30}\b(?:use|run|prefix|via|through)\b[^.;`]{0,20}$|\b(?:use|run)\b[^.;`]{0,12}$|(?:只|统一|必须)使用\s*$",
    re.IGNORECASE,
)


def forbid_command(statement: Statement) -> Rule | None:
    """Commands the sentence speaks against: refused in dispatch, with everything that runs them in a shell line."""
    found = literals.words(statement)
    banned: list[JsonValue] = [w.text for w in found if w.sort == "command" and w.against]
    if banned and not _reason_only(statement, found):
        return Rule("forbid_command", {"commands": banned}, "enforced", "a call that runs it is refused before it runs")
    return None


def _reason_only(statement: Statement, found: tuple[literals.Word, ...]) -> bool:
    """True for "do not push without running `x`": the command named is wanted, not banned."""
    first = next(w for w in found if w.sort == "command" and w.against)
    head = statement.plain[: first.start]
    return bool(
        re.search(
            r"\bwithout (?:first )?(?:running|passing|using|doing)\b|\bforget to\b|\bskip\b|\bbypass\b|\bunless\b|\bif\b[^,]*$|\bwhen\b[^,]*$|\buntil\b",
            head,
            re.IGNORECASE,
        )
    ) and not re.search(r"\b(?:never|do not|don'?t|must not) (?:run|use|execute|invoke|call)\s+$", head, re.IGNORECASE)


def forbid_git(statement: Statement) -> Rule | None:
    """No commits, no pushes, no pull requests."""
    plain = statement.plain
    if not language.forbids(statement):
        return None
    commands: list[JsonValue] = []
    source = plain if not language.negative_lead(statement) else f"never {plain}"
    for found in _COMMIT.finditer(source):
        verb = found[1].lower()
        commands.append(_GIT_VERBS.get(verb.split()[0].split("-")[0], "git switch -c"))
        commands.extend(
            _GIT_VERBS[also]
            for also in re.findall(
                r"(?:\bor|/|,) (commit|push|amend|rebase|merge)\b", source[found.end() : found.end() + 30]
            )
        )
    commands.extend(command for pattern, command in _GITHUB if pattern.search(plain))
    if not commands or re.search(
        r"\b(?:secrets?|credentials?|api keys?|passwords?|\.env|tokens?)\b", plain, re.IGNORECASE
    ):
        return None
    return Rule(
        "forbid_command",
        {"commands": list(dict.fromkeys(commands))},
        "enforced",
        "a call that runs it is refused before it runs",
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
    forbidden = language.forbids(statement) and bool(_EDIT.search(plain))
    if not (forbidden or generated):
        return None
    found = [w for w in literals.words(statement) if w.sort == "path"]
    chosen = [w for w in found if w.against] or (found[:1] if generated or not _targeted(plain) else [])
    if (
        not chosen
        or (not forbidden
        and not re.search(r"\b(?:edit|modif|touch|hand|regenerat|auto-?generated)\w*|自动生成", plain, re.IGNORECASE))
    ):
        return None
    return Rule(
        "path_protected",
        {"globs": [glob_of(w.text) for w in chosen]},
        "enforced",
        "a change to it is refused before it happens, and judged on the final change",
    )


def _targeted(plain: str) -> bool:
    return bool(re.search(r"\b(?:to|in|into|from) `", plain))


def glob_of(path: str) -> str:
    """Return the glob that a path as written stands for: a directory stands for all below it."""
    path = path.strip().removeprefix("./").removeprefix("@/")
    path = re.sub(r"<[^<>]*>|\{[a-zA-Z_]+\}|\[[a-zA-Z_]+\]|\.\.\.|…", "*", path)
    return path + "**" if path.endswith("/") else path


def package_manager(statement: Statement) -> Rule | None:
    """One package manager, the others refused."""
    plain = statement.plain
    named = [w for w in literals.words(statement) if w.text in _MANAGERS]
    wanted = [w.text for w in named if not w.against]
    banned = [w.text for w in named if w.against]
    bare = set(re.findall(r"\b(npm|pnpm|yarn|bun|poetry|pipenv|pdm)\b", plain, re.IGNORECASE))
    if not named and not re.search(r"\bpackage manager\b", plain, re.IGNORECASE):
        return None
    if not wanted and (
        said := re.search(r"\b(?:use|using|with|is|:)\s+\W?(npm|pnpm|yarn|bun|uv|poetry|pip)\b", plain, re.IGNORECASE)
    ):
        wanted = [said[1].lower()]
    if len(wanted) != 1 or not (
        banned or re.search(r"\b(?:package manager|only|always|exclusively|use)\b|包管理|使用", plain, re.IGNORECASE)
    ):
        return None
    if len(plain) > 160 and not banned:
        return None
    family = _JS if wanted[0] in _JS else _PY
    others: list[JsonValue] = sorted((set(banned) | {b.lower() for b in bare} | family) - set(wanted) - {"conda"})
    return Rule(
        "package_manager", {"name": wanted[0], "forbid": others}, "enforced", "a call that runs another one is refused"
    )


def new_dependency(statement: Statement) -> Rule | None:
    """New dependencies need consent."""
    if not _DEPENDENCY.search(statement.plain) or not (language.forbids(statement) or language.asks(statement)):
        return None
    if not re.search(r"\b(?:add|introduc|install|new)\w*\b|新增|添加|引入", statement.plain, re.IGNORECASE):
        return None
    return Rule(
        "new_dependency",
        {},
        "enforced",
        "a call that adds one is asked about, and the manifests of the final change are compared",
        level="ask",
    )
