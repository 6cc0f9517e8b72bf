"""Files that must not come into being."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.guards import MEMBERS, glob_of
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_CREATED = Pattern(
    r"\b(?:never|not|don'?t|avoid|no)\b[^.;`]{0,15}\b(?:create|creating|add|adding|write|introduce|"
    r"(?:re-?)(?:introduce|create|add)|commit|"
    r"committing)\b[^.;]{0,40}$|"
    r"^\W*(?:create|add|commit)\b[^.;]{0,40}$|\bno (?:new |more )?(?:`[^`]*`[, ]*(?:or |and |no )?)*$",
    re.IGNORECASE,
)


_TYPESCRIPT = Pattern(
    r"^\W*(?:prefer|use|always|only|write|all)\b[^.;]{0,40}\btypescript\b(?=.*(?:\bnew\b|\.tsx?\b|javascript|"
    r"throughout|everywhere|\bonly\b|for all))|^\W*typescript only\b",
    re.IGNORECASE,
)


_NO_NEW = Pattern(
    r"\bno (?:new |more )?(java|javascript|js|python|coffeescript|objective-c|css|jsx|php|"
    r"ruby)\b[^.;]{0,8}\bfiles?\b",
    re.IGNORECASE,
)


_SUFFIX = {"javascript": "js", "python": "py", "coffeescript": "coffee", "objective-c": "m", "ruby": "rb"}


#: "`foo.rs` rather than `foo/mod.rs`", "no `mod.rs` files".
_NO_MOD_RS = Pattern(
    r"(?:\bno|\bnever|\bnot|\bavoid|\brather than|\binstead of|\bover) (?:use )?`(?:\w+/)?mod\.rs`", re.IGNORECASE
)


#: "Never commit anything from `DerivedData`".
_COMMITTED_FROM = Pattern(
    r"\b(?:commit|check in|add) (?:anything|any files?|files?|something|stuff) (?:from|in|under|below|"
    r"inside) `([\w./-]+)`",
    re.IGNORECASE,
)


#: "No module called `utils` or `helpers`".
_CALLED = Pattern(
    r"\b(?:no|never (?:create|add)|don't (?:create|add)|avoid) (?:an? |any )?(?:new )?(?:modules?|files?|packages?|"
    r"folders?|directories|directory)"
    r"(?: (?:that (?:is|are) )?(?:called|named)) ((?:`[\w-]+`(?:,? or |, | and )?)+)",
    re.IGNORECASE,
)


#: "JSX files end in `.js`, not `.jsx`".
_ENDING = Pattern(
    r"\bfiles?\b[^.;`]{0,25}`(\.[a-z]\w*)`,? (?:not|never|instead of|rather than) `(\.[a-z]\w*)`", re.IGNORECASE
)


def forbidden_paths(statement: Statement) -> Rule | None:
    """Files that must not come into being."""
    plain = statement.plain
    globs: list[JsonValue] = []
    if _TYPESCRIPT.match(plain):
        globs = ["*.js", "*.jsx"]
    elif found := _NO_NEW.search(plain):
        globs = [f"*.{_SUFFIX.get(found[1].lower(), found[1].lower())}"]
    elif (other := _ENDING.search(plain)) and not language.forbids(statement):
        globs = [f"*{other[2]}"]
    elif _NO_MOD_RS.search(plain):
        globs = ["**/mod.rs"]
    elif language.forbids(statement) and (taken := _COMMITTED_FROM.search(plain)):
        globs = [glob_of(taken[1].rstrip("/") + "/")]
    elif called := _CALLED.search(plain):
        globs = [g for name in regex.findall(r"`([\w-]+)`", called[1]) for g in (f"**/{name}.*", f"**/{name}/**")]
    elif kept := _kept_out(statement):
        globs = kept
    elif language.forbids(statement):
        globs = _forbidden(statement)
    return Rule("forbid_path", {"globs": globs, "new": True}, "enforced", "new ones are named") if globs else None


#: "Do not add requirements.txt", without back-ticks.
_BARE_FILE = Pattern(
    r"^\W*(?:never|do not|don'?t) (?:add|create|introduce|commit) (?:an? |any )?((?:[\w-]+\.)+(?:txt|json|ya?ml|"
    r"toml|lock|cfg|ini|md))"
    r"(?: files?)?\W*$",
    re.IGNORECASE,
)


#: "`dist/` stays out of git", "(`*.pkl`, `*.onnx`) must not be committed", "`out/` is built; never commit it".
_KEPT_OUT = Pattern(
    r"\b(?:stays?|kept?|belongs?|remains?) (?:\w+ )?out of (?:git|version control|source control|the repo\w*)\b|"
    r"\bkeep\b[^.;]{0,60}\bout of (?:git|version control|source control|the repo\w*)\b|"
    r"\b(?:are|is) never (?:added|committed|checked in|created)\b|\b(?:must|should|may|are|is|do|does|can)(?: not|"
    r"n't| never)(?: to)?(?: (?:be|get))? (?:committed|checked in(?:to)?|"
    r"tracked)\b|"
    r"\b(?:never|do not|don't) (?:commit|check in|add|track) (?:it|them|these|those)\b",
    re.IGNORECASE,
)
#: A clause on what such files are made from or listed in.
_NOT_THE_FILES = Pattern(
    r"\b(?:listed in|via|see|from|with|using|by|in|gitignored?)\W+(?:the |your )?$|\b(?:without|unless)\b",
    re.IGNORECASE,
)


def _kept_out(statement: Statement) -> list[JsonValue]:
    plain = statement.plain
    if not (said := _KEPT_OUT.search(plain)) or "secret" in plain:
        return []
    return [
        f"*{w.text}" if regex.fullmatch(r"\.[a-z]\w*", w.text) else glob_of(w.text)
        for w in literals.words(statement)
        if (w.sort == "path" or regex.fullmatch(r"\.(?!env)[a-z]\w*", w.text))
        and (w.start < said.start() or said[0].lower().startswith("keep"))
        and not w.text.startswith(".env")
        and not _NOT_THE_FILES.search(plain[: w.start].replace("Anything in ", "").replace("anything in ", ""))
    ]


#: What is listed before: "do not commit `a` or `b`".
_OF_A_LIST = Pattern(r"`[^`]*`(?:, |,? or |,? and |/)$|`[^`]*`, (?=`[^`]*`(?:, |,? or |,? and )$)")


#: What is said to be missing is a part of the file: "no `app.css` rules".
_ONLY_NO = Pattern(r"\bno (?:new |more )?`?$", re.IGNORECASE)
_OF_IT = Pattern(
    r"^`? (?!(?:files?|or|and|in|under|here|at|anywhere|please|is|are|must|allowed)\b)[a-z]",
    re.IGNORECASE,
)


def _forbidden(statement: Statement) -> list[JsonValue]:
    plain = statement.plain
    found: list[JsonValue] = [
        glob_of(w.text)
        for w in literals.words(statement)
        if w.sort == "path"
        and w.against
        and not MEMBERS.match(w.text)
        and not (_ONLY_NO.search(plain[: w.start]) and _OF_IT.match(plain[w.end :]))
        and _CREATED.search(_OF_A_LIST.sub("", plain[: w.start]))
        and not regex.search(r"\bbranch(?:es)?\b", plain[: w.start])
        and not regex.search(r"\b(?:to|in|into|inside|from)\W*(?:the )?(?:\w+ )?$", plain[: w.start])
    ]
    within = place(statement).get("within")
    below = (
        [str(g).removesuffix("**") + "**/" for g in within if str(g).endswith("/**")]
        if isinstance(within, list)
        else []
    )
    found += [
        f"{folder}*{w.text}"
        for folder in below or [""]
        for w in literals.words(statement)
        if w.against
        and regex.fullmatch(r"\.[a-z]\w*", w.text)
        and w.text != ".env"
        and regex.match(r"`? files\b", plain[w.end :])
        and _CREATED.search(plain[: w.start])
    ]
    if not found and (bare := _BARE_FILE.match(plain)):
        return [bare[1]]
    if not found and regex.search(
        r"\b(?:create|add|write|generate)\b[^.;]{0,30}\b(?:markdown|documentation|\.md|summary|"
        r"readme)\b[^.;]{0,10}\bfiles?\b",
        plain,
        re.IGNORECASE,
    ):
        return ["*.md"]
    return found
