"""Dangers in the text itself, whatever it parses to: hidden characters, code out of sight, bombs of entities."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Found

#: Controls of writing direction. Source: Boucher, Anderson, "Trojan Source", 2021 (CVE-2021-42574).
_BIDI = expression("[\u202a-\u202e\u2066-\u2069]")
_ENTITY = expression(r"<!ENTITY\s+(?:%\s+)?\w+\s+[\"'](?:[^\"'&%]*[&%][\w.]+;){3,}")
_ALIASES = expression(r"&\w+\s*\[\s*(?:\*\w+\s*,\s*){4,}")
_FAR = " " * 120
_RUNS = expression(
    r"\b(?:exec|eval|__import__|require|Function|import|system|spawn|atob|global\[|globalThis)\b|child_process"
)
_JSFUCK = expression(r"[\[\]()!+]{120,}")
_INVISIBLE = expression("(?:[\u200b\u2060\ufe00-\ufe0f\u3164\uffa0]|[\U000e0100-\U000e01ef]){8,}")
#: Names as obfuscators make them, and how many of them are no accident.
_DISGUISED = (
    (expression(r"\b_0x[0-9a-f]{4,8}\b"), 12),
    (expression(r"\b(?=\w*O0|\w*0O)O[O0]{7,}\b"), 6),
    (expression(r"\b(?=\w*[Il]{4})[Il1]{10,}\b"), 6),
    (expression(r"\b(?:lll|III|_){0,1}__(?:[Il]{6,}|[O0]{6,})\b"), 6),
)
_ESCAPED = expression(r"[\"']((?:\\x[0-9a-fA-F]{2}){4,40})[\"']")
_ENTITY_LOOP = expression(r"<!ENTITY\s+\w+(?:%[sd]|\$?\{\w*\}|[\"']\s*\+).{0,80}&\w*(?:%[sd]|\$?\{|[\"']\s*\+)")


def judge_text(text: str, script: bool) -> Iterator[Found]:
    """Yield what the text itself hides."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isascii():
            if len(_BIDI.findall(line)) >= 2 and re.search("[\u202e\u2066\u2067\u202b\u202d]", line):
                yield Found(
                    "syntax",
                    "block",
                    number,
                    "characters turn the direction of writing, so that the code is not what it looks like; remove them",
                )
            if _INVISIBLE.search(line):
                yield Found("syntax", "block", number, "a run of invisible characters holds hidden data; remove it")
        if len(line) > 130:
            seen, gap, far = line.strip().partition(_FAR)
            if gap and _RUNS.search(far[:5000]) and not seen.startswith(("#", "//", "*")):
                yield Found(
                    "syntax",
                    "block",
                    number,
                    "code stands far to the right of the line, out of sight; put it on a line of its own",
                )
            if script and _JSFUCK.search(line):
                yield Found(
                    "syntax",
                    "block",
                    number,
                    "code is written in brackets alone, so that it cannot be read; write it plainly",
                )
    yield from _disguises(text, script)
    yield from _bombs(text)


def _disguises(text: str, script: bool) -> Iterator[Found]:
    """Names that a tool made unreadable, and names written in escape codes."""
    for pattern, least in _DISGUISED:
        found = [m for m, _ in zip(pattern.finditer(text), range(least), strict=False)]
        if len(found) >= least:
            yield Found(
                "syntax",
                "block",
                _line_of(text, found[0].start()),
                "a tool has made these names unreadable; keep the source as it was written",
            )
            return
    for each in _ESCAPED.finditer(text) if script and "\\x" in text else ():
        spelled = bytes.fromhex(each[1].replace("\\x", "")).decode("latin-1")
        if spelled in (
            "eval",
            "exec",
            "execSync",
            "child_process",
            "Function",
            "constructor",
            "require",
            "spawn",
            "fromCharCode",
        ):
            yield Found(
                "syntax",
                "block",
                _line_of(text, each.start()),
                f"the name `{spelled}` is written in escape codes, so that it cannot be read",
            )
            return


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _bombs(text: str) -> Iterator[Found]:
    entities = list(_ENTITY.finditer(text)) if "<!ENTITY" in text else []
    if len(entities) >= 2:
        line = text.count("\n", 0, entities[0].start()) + 1
        yield Found(
            "resources",
            "block",
            line,
            (
                "nested XML entities grow to gigabytes when they are read (billion laughs); plain text "
                "or defusedxml is fine"
            ),
        )
    elif "<!ENTITY" in text and (looped := _ENTITY_LOOP.search(text)) and re.search(r"\bfor\b|\brange\b", text):
        line = text.count("\n", 0, looped.start()) + 1
        yield Found(
            "resources",
            "block",
            line,
            (
                "XML entities are nested in a loop and grow to gigabytes when they are read; plain text "
                "or defusedxml is fine"
            ),
        )
    aliases = _ALIASES.findall(text) if "&" in text and "*" in text else []
    if len(aliases) >= 3:
        line = text.count("\n", 0, text.find(aliases[0])) + 1
        yield Found(
            "resources", "block", line, "nested YAML aliases grow to gigabytes when they are read; write the values out"
        )


#: What blocks in a text that no parser reads.
_PLAIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        expression(
            (
                r"\b(?:exec|eval)\s*\(?\s*(?:compile\s*\()?[\w.]*(?:b64decode|decompress|fromhex|"
                r"decode\(.{0,40}(?:base64|hex|rot)|urlopen|marshal\.loads|atob|Buffer\.from)"
            )
        ),
        "encoded or downloaded text is run as code",
    ),
    (
        expression(r"/dev/tcp/[\w.$]+/\d+|\bnc\s+-\w*e\s+\S*sh\b|socket\..{0,200}dup2"),
        "a shell is joined to a network connection",
    ),
    (expression(r"\brm\s+-\w*[rR]\w*\s+(?:-\w+\s+)*(?:/|~|\$HOME)(?:\s|$|[\"'*;])"), "the root or a home is removed"),
    (expression(r"(?:curl|wget)\s[^|;\n]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b"), "a download is run as it comes"),
    (expression(r":\(\)\s*\{\s*:\|:"), "a fork bomb"),
)


#: Characters of a text that are searched.
_SEARCHED = 16 << 20


def judge_unread(text: str) -> Iterator[Found]:
    """Yield what is plain to see in a text that cannot be parsed."""
    for pattern, what in _PLAIN:
        found = pattern.search(text[:_SEARCHED])
        if found:
            yield Found(
                "syntax", "block", text.count("\n", 0, found.start()) + 1, f"{what}, in a file that cannot be parsed"
            )
    for found in re.finditer(r"stratum\+tcp|coinhive", text[:_SEARCHED]):
        if places.is_miner(found[0]):
            yield Found("resources", "block", text.count("\n", 0, found.start()) + 1, "a coin miner's pool is named")
            return
