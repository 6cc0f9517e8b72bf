"""Rules about a change as a whole: what goes with what, and tests with code."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Status
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.literals import Word
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import brought_in
from loopwright.guard.directives.recognisers.change_topics import LOCKS, MANIFESTS, TOPICS
from loopwright.guard.directives.recognisers.change_words import CHANGELOG_ASKED, UPDATE, WHEN
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.rule import Rule

#: What is allowed in one case rather than asked for.
_ONLY_THEN = Pattern(r"\bupdat\w+\b[^.;]{0,40}\bonly (?:when|if)\b", re.IGNORECASE)
_NOT_NEEDED = Pattern(
    r"\b(?:doesn'?t|does not|don'?t|do not|not|no) (?:need|require)\w* (?:an? )?(?:changesets?|changelog|update|"
    r"entry)",
    re.IGNORECASE,
)


_DOCS = Pattern(
    r"\b(?:updat(?:e|ing)|regenerate|keep|add|write|requires?)\b[^.;]{0,50}\b(?:docs?|documentation|"
    r"readme(?:\.md)?)\b|\b(?:docs|"
    r"documentation)\b[^.;]{0,40}\b(?:updated|in sync|up[- ]to[- ]date|kept)\b",
    re.IGNORECASE,
)


_SYNC = Pattern(r"\bin sync\b", re.IGNORECASE)
_SYNC_WITH = Pattern(r"in sync with (?:the )?`", re.IGNORECASE)
#: In sync with something that no path names.
_WITH_OTHER = Pattern(r"\bin sync with (?!(?:the )?`)", re.IGNORECASE)


#: "Do not change the schema without a decision in `docs/decisions/`": what must come with it.
_WITHOUT_IT = Pattern(
    r"\bchang(?:e|ing)\b[^.;`]{3,40}\bwithout (?:an?|the|also|adding|updating|writing)\b[^.;`]{0,30}`[^`]*[/.][^`]*`",
    re.IGNORECASE,
)


#: "Do not touch `a` without bumping the version in `b`".
_UNLESS = Pattern(
    r"\bupdat|\bwithout (?:also )?(?:bumping|changing|regenerating|adjusting|adding|extending)\b", re.IGNORECASE
)
#: Where migrations lie, for "comes with a migration".
_MIGRATIONS = (
    "**/migrations/**",
    "**/migration/**",
    "**/Migrations/**",
    "**/migrate/**",
    "**/alembic/versions/**",
    "**/drizzle/**",
)
_MIGRATION = Pattern(r"\b(?:comes?|ships?|goes|go) with (?:an? |its |the |new |matching )*migration\b", re.IGNORECASE)


def companion(statement: Statement) -> Rule | None:
    """A change of one thing asks for a change of another."""
    plain = statement.plain
    if not _asks_for_more(plain):
        return None
    if rule := _two_named(plain):
        return rule
    when = WHEN.search(plain) or (WHEN.search(statement.lead) if statement.lead.endswith(":") else None)
    trigger = next((g for g in when.groups() if g), "") if when else ""
    paths = [w for w in literals.words(statement) if w.sort == "path"]
    need = _needed(plain, trigger, paths)
    if not need:
        return None
    causes = _causes(statement, trigger, paths, need)
    forbidden = language.forbids(statement) and not regex.search(r"\bwithout\b", plain) and _negated(statement)
    same = regex.search(r"\bin the same \W?(?:commit|pr|change|pull request)\b", plain, re.IGNORECASE)
    if forbidden or not (causes or same or CHANGELOG_ASKED.search(plain) or (when and trigger)):
        return None
    params: dict[str, JsonValue] = {
        "when": list(causes) or [trigger.strip() or "any change of source"],
        "need": list(need),
    }
    named = any(f"`{w.text}`" in plain and glob_of(w.text) in causes for w in paths)
    said = when[0] if when and causes != ("+dir",) else ""
    exact, more = _exact(brought_in.brought_in(said), causes, named)
    if not named and brought_in.of_public_names(said):
        exact, more = True, {"changes": "public"}
    params |= more | _of_several(plain, paths, need, causes)
    return Rule(
        "companion_change",
        params,
        "enforced" if exact else "partly",
        "the change must touch both"
        if exact
        else "a change of source without it is pointed out; what counts as such a change is not judged",
        level=None if exact else "warn",
    )


def _exact(new: tuple[str, bool] | None, causes: tuple[str, ...], named: bool) -> tuple[bool, dict[str, JsonValue]]:
    """Return whether the check sees just what sets the rule off, and how it looks for it."""
    if new is None or causes[:1] == MANIFESTS[:1]:
        return bool(causes), {} if causes else {"any_source": True}
    thing, sure = new
    if not thing and named:  # "a new provider in `providers/`": a new file there, or an entry that no line tells
        folders = all(g.endswith("**") for g in causes)
        return folders, {"brings": "file"} if folders else {}
    if not thing:
        return False, {"any_source": True, "new": True}
    return sure, {"brings": thing} | ({} if named else {"anywhere": True})


def _asks_for_more(plain: str) -> bool:
    """True where a sentence may ask for a further change at all."""
    if not (
        UPDATE.search(plain)
        or (plain.count("`") > 3 and _PARALLEL.search(plain))
        or _LABEL_PATH.match(plain)
        or _BOTH.match(plain)
        or _THEN_ADD.match(plain)
        or ("without" in plain and (_UNLESS.search(plain) or _WITHOUT_IT.search(plain)))
    ) and not CHANGELOG_ASKED.search(plain):
        return False
    if _ONLY_THEN.search(plain) or regex.search(r"\bas follows\b", plain) or plain.count("->") + plain.count("→") > 1:
        return False
    if _NOT_NEEDED.search(plain) or regex.fullmatch(r"\W*\w+(?: \w+){0,3}:\W*", plain):
        return False
    return not regex.search(r"^(?:see|refer|run|read)\b", plain, re.IGNORECASE) or bool(_SYNC.search(plain))


def _two_named(plain: str) -> Rule | None:
    """Two paths that a sentence names as going with each other."""
    if pair := _BOTH.match(plain):
        one, other = (group for group in pair.groups() if group)
        mutual: dict[str, JsonValue] = {"when": [glob_of(one)], "need": [glob_of(other)], "mutual": True}
        return Rule("companion_change", mutual, "enforced", "the change must touch both")
    if plain.count("`") > 3 and (both := _PARALLEL.search(plain)):
        whole = "" if both[1] else "which changes of the file it speaks of is not known here"
        named: dict[str, JsonValue] = {"when": [glob_of(both[1] or both[2])], "need": [glob_of(both[3])]}
        status: Status = "partly" if whole else "enforced"
        return Rule("companion_change", named, status, whole or "the change must touch both")
    return None


#: "Updates to dependencies in `a` require parallel changes in `b`".
_PARALLEL = Pattern(
    r"\b(?:updates?|changes?) (?:to|in|of) (?:`([\w.*/-]*[./][\w.*/-]*)`|"
    r"(?:[\w-]+ ){1,4}in `([\w.*/-]*[./][\w.*/-]*)`)"
    r" (?:always )?(?:must|requires?|needs?) (?:[\w-]+ ){0,3}(?:updates?|changes?) (?:in|to|of)"
    r" `([\w.*/-]*[./][\w.*/-]*)`",
    re.IGNORECASE,
)


#: "docs/: update for any user-facing changes", "UPDATING.md: add breaking changes here".
_LABEL_PATH = Pattern(
    r"^\W*(`?(?:[\w.-]+/)+[\w.-]*`?|`?[\w-]+\.(?:md|rst|txt|ya?ml|json)`?):\s+(?:update|add|document|record|keep|"
    r"note)\b",
    re.IGNORECASE,
)


#: "`a` and `b` must stay in sync": each asks for the other.
_EACH_OTHER = Pattern(
    r"`(?:,? and|,? &) `[^`]+`[^.;`]{0,30}\bin sync\b(?! with)|\bkeep `[^`]+` and `[^`]+` in sync\b|"
    r"\b(?:stays?|remains?|be(?: kept)?|are) in sync with (?:the )?`",
    re.IGNORECASE,
)


def _of_several(plain: str, paths: list[Word], need: tuple[str, ...], causes: tuple[str, ...]) -> dict[str, JsonValue]:
    """Whether all that is named must change, and whether each of two asks for the other."""
    if causes and len(need) == 1 and _EACH_OTHER.search(plain):
        return {"mutual": True}
    named = [w for w in paths if glob_of(w.text) in need]
    if len(need) < 2 or len(named) != len(need):
        return {}
    between = plain[named[0].end : named[-1].start]
    return {"all": True} if regex.search(r"\band\b", between) and not regex.search(r"\bor\b|`/`", between) else {}


def _negated(statement: Statement) -> bool:
    """False where the change is asked for, and only what follows is spoken against: "update the docs, not later"."""
    asked = UPDATE.search(statement.plain)
    return (
        not asked
        or language.negative_lead(statement)
        or any(found.start() < asked.end() for found in language.NEGATION.finditer(statement.plain))
    )


#: "`a` and `b` carry the same version; change both or none".
_BOTH = Pattern(
    r"^\W*(?:keep )?`([\w*/-]*[./][\w./*-]*)` and `([\w*/-]*[./][\w./*-]*)`[^.`]{0,60}"
    r"\b(?:change|update|bump|edit) both\b|"
    r"^\W*(?:always )?(?:change|update|bump|"
    r"edit)\b[^.;`]{0,30}`([\w*/-]*[./][\w./*-]*)` and `([\w*/-]*[./][\w./*-]*)`"
    r" together\b",
    re.IGNORECASE,
)
#: An order at the end of a case: "When you delete a page, add a redirect in `redirects.json`".
_THEN_ADD = Pattern(
    r"^\W*(?:when(?:ever)?|if|after|each time|every time) [^,;]{4,90}, (?:also |then |please |you must |"
    r"make sure to |remember to |[^.;`,]{3,40} and )*"
    r"(?:add|put|register|list|record|write|extend|adjust|mention|document)\b[^.;`]{0,40}\b(?:to|in|into|under|on)"
    r" (?:the )?`[^`]*[./][^`]*`",
    re.IGNORECASE,
)


def _needed(plain: str, trigger: str, paths: list[Word]) -> tuple[str, ...]:
    """Globs of what must change as well."""
    outside = [w for w in paths if not trigger or f"`{w.text}`" not in trigger]
    if regex.search(r"\bcommit both\b", plain) and regex.search(
        r"`(?:uv|poetry|pdm|cargo|npm|pnpm|yarn|bundle|go) (?:lock|install|mod tidy|update|"
        r"generate-lockfile)\b",
        plain,
    ):
        return LOCKS
    unless = plain.find("without ") if _UNLESS.search(plain) else -1
    comma = plain.find(",") if _THEN_ADD.match(plain) else -1
    chosen = [w for w in outside if _governed(plain, w) or 0 < unless < w.start or 0 < comma < w.start] or (
        outside if _WITHOUT_IT.search(plain) else []
    )
    if chosen and regex.search(r"\block\b|\block$|-lock\.", chosen[-1].text.rsplit("/", 1)[-1]):
        return (glob_of(chosen[-1].text),)
    if regex.search(r"\block ?files?\b", plain, re.IGNORECASE):
        named = tuple(w.text for w in outside if w.text in LOCKS)
        return named or LOCKS
    if (sync := _SYNC.search(plain)) and paths:
        first = len(paths) > 1 and sync.start() > paths[0].end and _SYNC_WITH.match(plain[sync.start() :])
        return (glob_of(paths[0 if first else -1].text),)
    if labelled := _LABEL_PATH.match(plain):
        return (glob_of(labelled[1].strip("`")),)
    if chosen:
        return tuple(glob_of(w.text) for w in (chosen[-1:] if regex.search(r"\bcommit both\b", plain) else chosen))
    return _by_its_kind(plain, trigger)


def _by_its_kind(plain: str, trigger: str) -> tuple[str, ...]:
    """Globs of what must change and is named by its kind alone: a migration, a changelog, snapshots, documents."""
    if _MIGRATION.search(plain):
        return _MIGRATIONS
    asked = CHANGELOG_ASKED.search(plain)
    if asked and (
        "without" in asked[0]
        or not regex.search(r"\b(?:don'?t|do not|never|not)\b", plain[: asked.end()], re.IGNORECASE)
    ):
        return (
            "CHANGELOG*",
            "CHANGES*",
            ".changeset/*.md",
            "change/*.json",
            "news/**",
            "changelog.d/**",
            "**/CHANGELOG*",
            "docs/**/release*",
        )
    if regex.search(r"\bsnapshots?\b", plain, re.IGNORECASE) and trigger:
        return ("*.snap", "*.snapshot", "**/__snapshots__/**", "**/snapshots/**")
    if regex.search(r"\bstor(?:y|ies)\b", plain, re.IGNORECASE) and "torybook" in plain:
        return ("*.stories.*",)
    if _DOCS.search(plain) and regex.search(
        r"\b(?:when|if|for|after|any|new|changes?|same \W?(?:commit|pr))\b", plain, re.IGNORECASE
    ):
        return ("docs/**", "doc/**", "README*", "*.md", "*.rst")
    return ()


def _governed(plain: str, word: Word) -> bool:
    """True where the sentence asks to change this path."""
    head = plain[: word.start]
    cut = max(head.rfind(". "), head.rfind("; "))
    clause = head[cut + 1 :] + plain[word.start : word.end + 30]
    return bool(UPDATE.search(clause)) and not regex.search(
        r"\b(?:see|read|in accordance|per|using|via|(?<!be )(?<!is )(?<!are )described in)\W*$", head, re.IGNORECASE
    )


def _causes(statement: Statement, trigger: str, paths: list[Word], need: tuple[str, ...]) -> tuple[str, ...]:
    """Globs of what sets the rule off."""
    named = [
        glob_of(w.text)
        for w in paths
        if glob_of(w.text) not in need
        and (
            f"`{w.text}`" in trigger
            or regex.search(
                r"\b(?:changes? to|when|if|after|edit|modify\w*|in sync with)\b[^.;(]*$",
                statement.plain[: w.start],
                re.IGNORECASE,
            )
        )
    ]
    if named:
        return tuple(named)
    if len(paths) > 1 and _SYNC.search(statement.plain) and not _WITH_OTHER.search(statement.plain):
        return tuple(glob_of(w.text) for w in paths if glob_of(w.text) not in need)
    if not trigger or trigger.count(",") > 1:  # a list of topics, which no few globs stand for
        return ()
    return next((globs for pattern, globs in TOPICS if pattern.search(trigger)), ())
