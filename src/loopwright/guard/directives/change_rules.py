"""Rules about a change as a whole: what goes with what, where files lie, which files there must be."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.guards import glob_of
from loopwright.guard.directives.literals import Word
from loopwright.guard.directives.markdown import Statement
from loopwright.guard.directives.rule import Rule

_UPDATE = re.compile(
    r"\b(?:update|regenerate|bump|adjust|add (?:an? )?(?:entry|row|line|note|translations?|stor(?:y|ies)|"
    r"changeset)|commit both|in sync|recompile|reflect\w*|document|register|also (?:add|update|change|"
    r"edit|run)|is updated|are updated|must be updated|be added to|added to|mirror|rebuild|"
    r"means? (?:writing|adding|updating))\b|更新|同步",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:when(?:ever)?|if|after|on|for|any time|each time|every time|once)\b\s+(?:you(?:'re| are)?\s+|"
    r"we\s+)?((?:\w+[ ,/]+){0,3}?(?:add(?:ing|ed|s)?|chang(?:e|ing|es|ed)|modif(?:y|ying|ied)|updat(?:e|"
    r"ing)|edit(?:ing)?|introduc(?:e|ing)|creat(?:e|ing)|remov(?:e|ing)|renam(?:e|ing)|touch(?:ing)?|"
    r"upgrad(?:e|ing)|notable|new|altering|releas\w+|dependency changes)\b(?:[^,.;:]|[.:](?=\w))*)"
    r"|\bfor ([\w ]{3,30}? changes)\b|\bfor (?:new|complex|all|every|any|each) (\w+)|^((?:adding|changing|"
    r"modifying|updating|editing|creating|removing|renaming)\b[^,.;:→]*?)(?:→|->|means?|requires?|:|,|"
    r"must)"
    r"|\b(?:changes? to|new|every|each|any|all)\s+([^,.;:]{3,50}?)\s+(?:must|should|needs?|requires?|"
    r"has to|have to|are? added|added)\b|(?:修改|新增|更改|添加)(.{1,30}?)(?:时|后)",
    re.IGNORECASE,
)
_CHANGELOG_ASKED = re.compile(
    r"\b(?:update|add|include|write|create|needs?|require[sd]?|record|"
    r"document)\w*\b[^.;]{0,40}\b(?:changelog|changesets?|release notes?|news ?fragments?)|"
    r"\bchangelog\b[^.;]{0,30}\b(?:updated|must|required|is updated)",
    re.IGNORECASE,
)
_CHANGELOG = re.compile(
    r"\b(?:CHANGELOG(?:\.md)?|changelog(?: entry| entries)?|changesets?|release notes?|news ?fragments?)\b",
    re.IGNORECASE,
)
_DOCS = re.compile(
    r"\b(?:update|keep|add|write)\b[^.;]{0,40}\b(?:docs?|documentation|readme(?:\.md)?)\b|\b(?:docs|"
    r"documentation)\b[^.;]{0,40}\b(?:updated|in sync|up[- ]to[- ]date|kept)\b",
    re.IGNORECASE,
)
_SYNC = re.compile(r"\bin sync\b", re.IGNORECASE)
#: What a change is about, in words -> globs of the files that show it.
TOPICS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), tuple(globs.split()))
    for words, globs in (
        (
            r"\bdependenc|\bdeps\b|\bpackages?\b(?! changes)",
            "package.json pyproject.toml requirements*.txt requirements*.in Cargo.toml go.mod "
            "Gemfile composer.json pom.xml build.gradle build.gradle.kts",
        ),
        (
            r"\bapi\b|\bendpoints?\b|\broutes?\b|\bhandlers?\b",
            "**/api/** **/routes/** **/routers/** **/handlers/** **/controllers/** **/httpapi/** **/endpoints/**",
        ),
        (r"\bcomponents?\b", "**/components/** *.tsx *.vue *.svelte"),
        (
            r"\bschema|\bmodels?\b|\bmigrations?\b|\bdatabase\b",
            "**/schema.prisma **/models/** **/models.py **/schema/** *.sql",
        ),
        (r"\bcli\b|\bcommands?\b", "**/cli/** **/cli.* **/commands/**"),
        (r"\bconfig\w*\b|\bsettings?\b|\boptions?\b", "**/config/** **/config.* **/settings/** **/settings.*"),
        (r"\benv(?:ironment)? var", "**/config/** **/config.* **/settings.* .env*"),
        (r"\bproto(?:buf|s)?\b", "*.proto"),
        (r"\bdirectory\b|\bfolder\b", "+dir"),
    )
)
_LOCKS = (
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "uv.lock",
    "poetry.lock",
    "Cargo.lock",
    "go.sum",
    "Gemfile.lock",
    "composer.lock",
    "pdm.lock",
)


def companion(statement: Statement) -> Rule | None:
    """A change of one thing asks for a change of another."""
    plain = statement.plain
    if not (
        _UPDATE.search(plain) or ("without" in plain and re.search(r"\bupdat", plain))
    ) and not _CHANGELOG_ASKED.search(plain):
        return None
    if re.search(r"^(?:see|refer|run|read)\b", plain, re.IGNORECASE) and not _SYNC.search(plain):
        return None
    when = _WHEN.search(plain) or (_WHEN.search(statement.lead) if statement.lead.endswith(":") else None)
    trigger = next((g for g in when.groups() if g), "") if when else ""
    paths = [w for w in literals.words(statement) if w.sort == "path"]
    need = _needed(plain, trigger, paths)
    if not need:
        return None
    causes = _causes(statement, trigger, paths, need)
    forbidden = language.forbids(statement) and not re.search(r"\bwithout\b", plain)
    if forbidden or not (causes or _CHANGELOG_ASKED.search(plain) or (when and trigger)):
        return None
    params: dict[str, JsonValue] = {
        "when": list(causes) or [trigger.strip() or "any change of source"],
        "need": list(need),
    }
    if not causes:
        params["any_source"] = True
    exact = bool(causes)
    return Rule(
        "companion_change",
        params,
        "enforced" if exact else "partly",
        "the change must touch both"
        if exact
        else "a change of source without it is pointed out; what counts as such a change is not judged",
        level=None if exact else "warn",
    )


def _needed(plain: str, trigger: str, paths: list[Word]) -> tuple[str, ...]:
    """Globs of what must change as well."""
    outside = [w for w in paths if not trigger or f"`{w.text}`" not in trigger]
    if re.search(r"\bcommit both\b", plain) and re.search(
        r"`(?:uv|poetry|pdm|cargo|npm|pnpm|yarn|bundle|go) (?:lock|install|mod tidy|update|generate-lockfile)\b", plain
    ):
        return _LOCKS
    if re.search(r"\block ?files?\b", plain, re.IGNORECASE):
        named = tuple(w.text for w in outside if w.text in _LOCKS)
        return named or _LOCKS
    if _SYNC.search(plain) and paths:
        return (glob_of(paths[-1].text),)
    chosen = [w for w in outside if _governed(plain, w)]
    if chosen:
        return tuple(glob_of(w.text) for w in (chosen[-1:] if re.search(r"\bcommit both\b", plain) else chosen))
    if _CHANGELOG_ASKED.search(plain) and not re.search(r"\b(?:don'?t|do not|never|not)\b", plain, re.IGNORECASE):
        return (
            "CHANGELOG*",
            "CHANGES*",
            ".changeset/*.md",
            "news/**",
            "changelog.d/**",
            "**/CHANGELOG*",
            "docs/**/release*",
        )
    if re.search(r"\bstor(?:y|ies)\b", plain, re.IGNORECASE) and "torybook" in plain:
        return ("*.stories.*",)
    if _DOCS.search(plain) and re.search(r"\b(?:when|if|for|after|any|changes?)\b", plain, re.IGNORECASE):
        return ("docs/**", "doc/**", "README*", "*.md", "*.rst")
    return ()


def _governed(plain: str, word: Word) -> bool:
    """True where the sentence asks to change this path."""
    head = plain[: word.start]
    cut = max(head.rfind(". "), head.rfind("; "))
    clause = head[cut + 1 :] + plain[word.end : word.end + 30]
    return bool(_UPDATE.search(clause)) and not re.search(
        r"\b(?:see|read|in accordance|per|using|via|described in)\W*$", head, re.IGNORECASE
    )


def _causes(statement: Statement, trigger: str, paths: list[Word], need: tuple[str, ...]) -> tuple[str, ...]:
    """Globs of what sets the rule off."""
    named = [
        glob_of(w.text)
        for w in paths
        if glob_of(w.text) not in need
        and (
            f"`{w.text}`" in trigger
            or re.search(
                r"\b(?:changes? to|when|if|after|edit|modify\w*|in sync with)\b[^.;]*$",
                statement.plain[: w.start],
                re.IGNORECASE,
            )
        )
    ]
    if named:
        return tuple(named)
    if not trigger:
        return ()
    return next((globs for pattern, globs in TOPICS if pattern.search(trigger)), ())


_TESTED = re.compile(
    r"\b(?:add|write|include|includes|need|needs|require[sd]?|must have|should have|have|provide|create|"
    r"covered by|accompanied by|come with|update|adjust|extend|ensure)\b[^.;]{0,50}?\b(?:unit |"
    r"integration |e2e |regression |end-to-end |relevant |new |comprehensive |corresponding |automated |"
    r"appropriate |matching |both |or |and |update |tests? )*\btests?\b(?! (?:file|script|command|suite|"
    r"runner|data|case name))"
    r"|\bwithout (?:\w+ ){0,3}tests?\b|\btests? (?:are |is )?(?:required|mandatory)\b|(?:编写|添加|补充).{0,8}测试",
    re.IGNORECASE,
)
_NEW_CODE = re.compile(
    r"\b(?:new|chang\w+|behaviou?r\w*|feature\w*|bug ?fix\w*|fix(?:es)?|modif\w+|every|all|any|each|"
    r"functionality|code|public|logic|endpoints?|components?|flows?|always|must|relevant|patterns?|"
    r"workflow)\b|新|修改|功能",
    re.IGNORECASE,
)
_TEST_HOW = re.compile(
    r"→|->|^\"|\b(?:style|name|naming|mock|fixture|snapshot|parametri|assert\w*|located|placed|in `|use `|"
    r"using `|existing tests?|trivial|same|run(?:ning)? (?:the )?tests?|before|failing test first|"
    r"then implement|first|cases?|redundant|duplicate|only when|only for|isolated|pr|description|plan)\b",
    re.IGNORECASE,
)


def tests_required(statement: Statement) -> Rule | None:
    """A change of source asks for a change of tests."""
    plain = statement.plain
    if not _TESTED.search(plain) or not _NEW_CODE.search(plain) or _TEST_HOW.search(plain) or len(plain) > 200:
        return None
    if language.forbids(statement) and not re.search(r"\bwithout\b", plain, re.IGNORECASE):
        return None
    kinds: list[JsonValue] = [k for k in ("unit", "integration", "e2e") if re.search(rf"\b{k}\b", plain, re.IGNORECASE)]
    return Rule(
        "test_required",
        {"kinds": kinds} if kinds else {},
        "enforced",
        "a change of source files that adds code without touching a test is stopped",
    )


_LOCATE = re.compile(
    r"\b(?:place[ds]?|put|lives?|belongs?|goes?|go|located|kept|keep|stored?|create[ds]?|add(?:ed)?|"
    r"co-?locate[ds]?|resides?|organi[sz]ed|defined|implement(?:ed)?|written|write|"
    r"structure)\b(?:[^.;`]{0,60})\b(?:in|under|inside|into|at|within|to|next to|alongside|as|"
    r"beside)\b(?: the)?(?: \w+)? `([^`]+)`|\b(?:files?|docs|tests?)\b[^.;`]{0,30} in `([\w./-]+/)`$|"
    r"(?:放在|位于|存放)\s*`([^`]+)`",
    re.IGNORECASE,
)
_WHAT = re.compile(
    r"\b(?:(new|all|unit|integration|e2e|shared|reusable|global|common|feature|page|api|"
    r"custom)\s+)?(tests?|components?|pages?|hooks?|routes?|utils?|utilities|helpers?|services?|models?|"
    r"types?|migrations?|docs?|documentation|scripts?|fixtures?|styles?|assets?|controllers?|views?|"
    r"schemas?|middlewares?|plugins?|modules?|features?|handlers?|stories|translations?|examples?|"
    r"templates?|constants?|stores?|repositories|commands?|implementation|code|mdx files|stor(?:y|ies))\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:see|refer|check|look|read|found in|available in|documented|entry|changelog|output|logs?|if you|"
    r"such as|e\.g|comment|screenshot|temporary|scratch|notes?)\b",
    re.IGNORECASE,
)


def locations(statement: Statement) -> Rule | None:
    """Where files of a kind belong."""
    plain = statement.plain
    found = _LOCATE.search(plain)
    if not found or _ADVICE.search(plain[: found.end()]) or language.forbids(statement):
        return None
    path = next(g for g in found.groups() if g)
    if path.endswith(".md") or re.search(r"\blocal\b", plain):
        return None
    if not ("/" in path or "*" in path or "<" in path) or path.startswith(("http", "@")) or " " in path.strip():
        return None
    subject = _WHAT.search(f"{statement.label}: {plain[: found.start(1) if found[1] else found.end()]}")
    if not subject:
        return None
    what = subject[2].lower()
    testing = what.startswith("test") or (
        bool(re.search(r"\btests?\b", f"{plain[: found.end()]} {statement.label}", re.IGNORECASE))
        and re.search(r"\btest|spec", path) is not None
    )
    glob = glob_of(path)
    if testing:
        return Rule(
            "test_location", {"pattern": glob, "what": "tests"}, "enforced", "new test files elsewhere are named"
        )
    checkable = (
        what.rstrip("s")
        in (
            "component",
            "page",
            "hook",
            "migration",
            "test",
            "story",
            "model",
            "script",
            "style",
            "doc",
            "mdx file",
            "fixture",
            "route",
            "service",
            "controller",
        )
        and "/" in glob
    )
    return Rule(
        "file_location",
        {"what": what, "dir": glob},
        "enforced" if checkable else "partly",
        "new files of this kind elsewhere are named",
    )


_COLOCATED = re.compile(r"\b(?:co-?locate[ds]?|next to|alongside|beside|same (?:directory|folder) as)\b", re.IGNORECASE)


def colocated(statement: Statement) -> Rule | None:
    """Tests beside their source, or mirroring its tree."""
    plain = statement.plain
    if language.forbids(statement) or not re.search(
        r"\btests?\b|\bspecs?\b|\.test\.|\.spec\.|_test\b", f"{plain} {statement.label}", re.IGNORECASE
    ):
        return None
    word = next(
        (
            w
            for w in literals.words(statement)
            if re.search(r"test|spec", w.text) and (w.sort == "path" or re.search(r"[<*{]", w.text))
        ),
        None,
    )
    if _COLOCATED.search(plain) and not re.search(r"\bstyles?\b", plain):
        pattern = glob_of(word.text) if word else "*test*"
        return Rule(
            "test_location",
            {"pattern": pattern, "colocated": True},
            "enforced",
            "a new test file away from its source is named",
        )
    if word and re.search(
        r"\b(?:mirror\w*|located at|live[sd]? (?:in|under)|go(?:es)? (?:in|under)|placed? (?:in|under)|reside|"
        r"belong\w*)\b",
        plain,
        re.IGNORECASE,
    ):
        return Rule("test_location", {"pattern": glob_of(word.text)}, "enforced", "new test files elsewhere are named")
    return None


_EACH = re.compile(
    r"\b(?:each|every|all)\s+(?:new\s+)?(?:`?([\w./-]+)`?\s+)?(director(?:y|ies)|folders?|packages?|"
    r"modules?|components?|pages?|cookbooks?|projects?|plugins?|skills?|apps?|libraries|crates?|"
    r"integrations?|features?|workspaces?|(?:page |component )?dirs?)\b",
    re.IGNORECASE,
)
_HAS = re.compile(
    r"\b(?:ha(?:s|ve)|contains?|includes?|needs?|requires?|with|must|should|its own|provide)\b|:", re.IGNORECASE
)


def files_required(statement: Statement) -> Rule | None:
    """Files that each directory of a kind must have."""
    plain = statement.plain
    below = (
        Statement(statement.line, statement.below, f"{plain} {statement.below}", "paragraph")
        if statement.below
        else statement
    )
    paths = [w for w in literals.words(below) if w.sort == "path" and not w.against and "/" not in w.text.strip("/")]
    if not paths or language.forbids(statement):
        return None
    found = _EACH.search(plain)
    inside = re.search(
        r"\b(?:create|add)\b[^.;]{0,20}`([\w.-]+)`[^.;]{0,20}\b(?:inside|in|at the root of|to) the (?:new|"
        r"module|package|each|root of the new)\b",
        plain,
        re.IGNORECASE,
    )
    each = re.search(r"\bin (?:each|every) (\w+)(?:'s)?\b|\beach (\w+)'s `", plain, re.IGNORECASE)
    if not ((found and _HAS.search(plain[found.end() :][:60])) or inside or each):
        return None
    optional = plain.find("optional")
    names: list[JsonValue] = [w.text for w in paths if optional < 0 or w.start < optional]
    if not names:
        return None
    folder = found[1] if found and found[1] else ""
    return Rule(
        "file_required",
        {"each": (found[2] if found else "module").rstrip("s"), "under": folder, "path": names},
        "enforced",
        "a new directory of this kind without them is named",
    )


_HEADER = re.compile(
    r"\b(?:licen[cs]e|copyright|spdx)[- ]?(?:identifier )?(?:headers?|notices?|comments?|blocks?)?\b", re.IGNORECASE
)


def headers(statement: Statement) -> Rule | None:
    """A licence header that new files begin with."""
    plain = statement.plain
    if not _HEADER.search(plain) or not re.search(
        r"\b(?:header|spdx|copyright notice|boilerplate)\b", plain, re.IGNORECASE
    ):
        return None
    if language.forbids(statement) or not re.search(
        r"\b(?:every|all|each|new|must|include|add|need|require)\w*\b", plain, re.IGNORECASE
    ):
        return None
    words = literals.words(statement)
    globs: list[JsonValue] = [
        ("*" + w.text if w.text.startswith(".") and w.text.count(".") == 1 else w.text)
        for w in words
        if re.match(r"^\*?\.[a-z]{1,5}$", w.text)
    ]
    template = next((w.text for w in words if w.sort == "path" and "/" in w.text), "")
    literal = next((w.text for w in words if "SPDX" in w.text or "opyright" in w.text), "")
    params: dict[str, JsonValue] = {"globs": globs, "template": template, "text": literal}
    return Rule(
        "license_header", {k: v for k, v in params.items() if v}, "enforced", "the first lines of new files are read"
    )


_ORDER = re.compile(r"\b(?:alphabetical(?:ly)?|sorted|in alphabetical order|lexicographic\w*)\b", re.IGNORECASE)


def sorted_lists(statement: Statement) -> Rule | None:
    """A list that is kept in order."""
    plain = statement.plain
    if (
        not _ORDER.search(plain)
        or re.search(r"\bimports?\b", plain, re.IGNORECASE)
        or not re.search(
            r"\b(?:must|mandatory|keep|sort|always|maintain|insert|required|should)\b", plain, re.IGNORECASE
        )
    ):
        return None
    path = next((w.text for w in literals.words(statement) if w.sort == "path"), "")
    if not (path or re.search(r"\b(?:entries|lists?|items?|categor\w+|keys|dependencies)\b", plain, re.IGNORECASE)):
        return None
    return Rule(
        "sorted_list", {"file": path} if path else {}, "partly", "added list lines are compared with their neighbours"
    )


_SECRET = re.compile(
    r"\b(?:secrets?|api[- ]?keys?|credentials?|tokens?|passwords?|private keys?|env files?)\b|\.env\b", re.IGNORECASE
)
_SECRET_ACT = re.compile(
    r"\b(?:commit\w*|hard-?cod\w*|check(?:ed)? in|in (?:the )?(?:repo\w*|code|source|git|version control)|"
    r"push|include|store|put|expose|leak|embed|add)\b",
    re.IGNORECASE,
)


def secrets(statement: Statement) -> Rule | None:
    """No secrets in the repository."""
    plain = statement.plain
    if not _SECRET.search(plain) or not _SECRET_ACT.search(plain) or not language.forbids(statement):
        return None
    if re.search(
        r"\blog(?:s|ged|ging)?\b|\bprint\b|\bresponse\b|\bquer(?:y|ies)\b|\bclient-?side\b", plain, re.IGNORECASE
    ) and not re.search(r"\bcommit|hard-?cod|repo", plain, re.IGNORECASE):
        return None
    return Rule(
        "no_secrets",
        {"also": [".env"]} if ".env" in plain else {},
        "enforced",
        "added lines are searched for keys, tokens and passwords",
    )


_CREATED = re.compile(
    r"\b(?:never|not|don'?t|avoid|no)\b[^.;`]{0,15}\b(?:create|creating|add|adding|write|introduce|commit|"
    r"committing)\b[^.;]{0,40}$|"
    r"^\W*(?:create|add|commit)\b[^.;]{0,40}$|\bno (?:`[^`]*`[, ]*(?:or |and |no )?)*$",
    re.IGNORECASE,
)


def forbidden_paths(statement: Statement) -> Rule | None:
    """Files that must not come into being."""
    plain = statement.plain
    if re.match(
        r"^\W*(?:prefer|use|always|only|write|all)\b[^.;]{0,40}\btypescript\b", plain, re.IGNORECASE
    ) and re.search(
        r"\b(?:new|\.tsx?|over javascript|not javascript|instead of javascript)\b|`\.tsx?`", plain, re.IGNORECASE
    ):
        return Rule(
            "forbid_path",
            {"globs": ["*.js", "*.jsx"], "new": True},
            "enforced",
            "new files of the other kind are named",
        )
    if kind := re.search(
        r"\bno new (java|javascript|js|python|coffeescript|objective-c|css|jsx|php|ruby|"
        r"class component)\b[^.;]{0,8}\bfiles?\b",
        plain,
        re.IGNORECASE,
    ):
        suffix = {"javascript": "js", "python": "py", "coffeescript": "coffee", "objective-c": "m", "ruby": "rb"}.get(
            kind[1].lower(), kind[1].lower()
        )
        return Rule(
            "forbid_path", {"globs": [f"*.{suffix}"], "new": True}, "enforced", "new files of this kind are named"
        )
    if not language.forbids(statement):
        return None
    paths: list[JsonValue] = [
        glob_of(w.text)
        for w in literals.words(statement)
        if w.sort == "path" and w.against and _CREATED.search(plain[: w.start])
    ]
    if paths:
        return Rule("forbid_path", {"globs": paths, "new": True}, "enforced", "a change that adds it is stopped")
    if re.search(
        r"\bcreate\b[^.;]{0,30}\b(?:markdown|documentation|\.md|summary|readme)\b[^.;]{0,10}\bfiles?\b",
        plain,
        re.IGNORECASE,
    ):
        return Rule("forbid_path", {"globs": ["*.md"], "new": True}, "enforced", "a change that adds one is stopped")
    return None
