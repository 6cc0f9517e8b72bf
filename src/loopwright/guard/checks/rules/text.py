"""Names, text and comments that a change must not bring in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding, fresh
from loopwright.guard.checks.rules.mask import comments, mask, test_lines
from loopwright.guard.policy_directives import strings

_EMOJI = expression("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2705\u274c\ufe0f]")
_CODE_COMMENT = expression(
    r"^\s*(?:#|//)\s*(?:(?:if|for|while|return|import|from|def|class|const|let|var|function|elif|else:|"
    r"print|await|export)\b.*[:;({})=].*|[\w.]+\s*=\s*\S.*|[\w.]+\(.*\);?)\s*$"
)
_PROSE = frozenset({".md", ".mdx", ".rst", ".txt", ".json", ".lock"})


def forbidden_names(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Uses of names in changed code: calls, attributes, imports of them."""
    names = strings(rule, "names") or strings(rule, "old")
    for file in delta.written(rule):
        if not file.language:
            continue
        for line, reason in fresh(
            _uses(rule, names, file.before, file), _uses(rule, names, file.after, file), file.before, file.after
        ):
            yield finding(rule, file.path, line, reason)


def _uses(rule: Directive, names: tuple[str, ...], text: str, file: File) -> list[tuple[int, str]]:
    near = rule.params.get("near")
    masked = mask(text, file.language)
    lines = masked.split("\n")
    raw = text.split("\n") if near else []
    spared = test_lines(masked) if file.language == "rust" and rule.params.get("except") == "tests" else frozenset()
    found = []
    for name in names:
        pattern = _word_of_name(name) if rule.params.get("part") else _pattern(name)
        for number, line in enumerate(lines, 1):
            if number in spared:
                continue
            if pattern.search(line) and not (near and "hmac" in line):  # a keyed digest keeps no password
                around = "\n".join(raw[max(0, number - 4) : number + 3]).lower() if near else ""
                if not near or str(near) in around:
                    found.append((number, f"`{name}` is used"))
    found.extend(_imported(names, text, file))
    found.extend(_as_keys(names, text, masked, near is None))
    if file.language == "hcl":
        found.extend(_labels(names, text))
    return found


def _labels(names: tuple[str, ...], text: str) -> Iterator[tuple[int, str]]:
    """Blocks of Terraform by their labels: `resource "null_resource" "a"`."""
    for number, line in enumerate(text.split("\n"), 1):
        label = re.match(r"\s*(?:resource|data|module|provisioner|provider)\s+\"([\w-]+)\"", line)
        if label and label[1] in names:
            yield number, f"`{label[1]}` is used"


#: A name that only code has, so that it is meant where it stands alone in quotes: an option, a key of an object.
_KEY = expression(r"^[a-z]+[A-Z]\w{2,}$")


def _as_keys(names: tuple[str, ...], text: str, masked: str, looked_for: bool) -> Iterator[tuple[int, str]]:
    """`option("inferSchema")`, `a["innerHTML"]`: names as the whole of a string that is handed over."""
    for name in names if looked_for else ():
        if not _KEY.match(name) or not (f'"{name}"' in text or f"'{name}'" in text):
            continue
        handed = re.compile(rf"[(\[]\s*([\"']){name}\1\s*[,)\]]")
        for number, (line, code) in enumerate(zip(text.split("\n"), masked.split("\n"), strict=False), 1):
            found = handed.search(line)
            if found and code[found.start(1) : found.start(1) + 1] == found[1]:  # not in a comment
                yield number, f"`{name}` is used"


#: Names so common as members of other things that only the bare one counts.
_PLAIN = frozenset(
    {"print", "panic", "open", "eval", "exec", "input", "any", "fetch", "log", "mock", "patch", "id", "type"}
)


def _word_of_name(name: str) -> re.Pattern[str]:
    """Matches a word of a name in camel case: `Url` in `baseUrl`."""
    return re.compile(rf"(?<![A-Z]){re.escape(name)}(?![a-z])")


def _pattern(name: str) -> re.Pattern[str]:
    called = name.endswith(")")
    bare = re.sub(r"\(.*\)$", "", name).strip()
    parts = [re.escape(p) for p in bare.lstrip(".@").split(".")]
    body = r"\s*\??\.\s*".join(parts)
    if bare == "delete":  # a function that is deleted frees nothing: `A(const A&) = delete`
        return re.compile(r"(?<![\w$.])(?<!= )(?<!=)delete(?![\w$])")
    exact = "." in bare or bare in _PLAIN
    head = r"(?<![\w$.])" if exact else r"(?<![\w$])"
    if bare.startswith((".", "@")):
        head = r"\.\s*" if bare.startswith(".") else "@"
    if called and not bare.startswith((".", "@")) and "." not in bare:
        head = r"(?<![\w$])(?<!def )(?<!function )(?<!func )"
    if bare.endswith("*"):  # all members that begin so: `console.*`, `fmt.Print*`
        body, bare = body.removesuffix(r"\*") + r"\w+", bare.rstrip("*")
    tail = r"(?![\w$])(?!\\\w)" if re.search(r"[\w$)]$", bare) else ""
    return re.compile(head + body + tail + (r"\s*(?:<[^()]*>)?\(" if called else ""))


def _imported(names: tuple[str, ...], text: str, file: File) -> Iterator[tuple[int, str]]:
    """`from typing import cast` brings in `typing.cast`."""
    for name in names:
        bare = re.sub(r"\(.*\)$", "", name)
        module, _, last = bare.rpartition(".")
        if not module or file.language not in ("python", "javascript", "typescript"):
            continue
        if file.language == "python":
            pattern = rf"^\s*from\s+{re.escape(module)}\s+import\s+[^#\n]*\b{re.escape(last)}\b"
        else:
            pattern = (
                rf"import\s*\{{[^}}]*\b{re.escape(last)}\b[^}}]*\}}\s*from\s*['\"](?:node:)?{re.escape(module)}['\"]"
            )
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield text.count("\n", 0, match.start()) + 1, f"`{bare}` is imported"


_LETTERS = {
    "emoji": _EMOJI,
    "non_ascii": expression(r"[^\x00-\x7F]"),
    "typographic": expression("[\u2013\u2014\u2018\u2019\u201c\u201d]"),
}


def forbidden_text(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Text in added lines, comments and strings included."""
    texts = strings(rule, "texts")
    if rule.params.get("what"):
        pattern = _LETTERS[str(rule.params["what"])]
    else:
        pattern = re.compile("|".join(_literal(t) for t in texts) or r"(?!)")
    unless = re.compile(str(rule.params["unless"])) if rule.params.get("unless") else None
    for file in delta.written(rule):
        prose = any(file.path.endswith(s) for s in _PROSE)
        if prose and not (rule.params.get("within") or rule.params.get("what")):
            continue
        if rule.params.get("what") == "non_ascii" and not file.language:
            continue  # translations and data hold what they hold
        for number, line in file.added_lines:
            if (
                (found := pattern.search(line))
                and not (prose and not rule.params.get("within"))
                and not (unless and unless.search(line))
            ):
                yield finding(rule, file.path, number, f"`{found[0][:60]}` is written")


def _literal(text: str) -> str:
    """A fragment of code as written: white space is free, `...` stands for anything on the line."""
    if tag := re.fullmatch(r"<(\w[\w-]*)\s*/?>", text):
        return rf"<{re.escape(tag[1])}\b"
    if re.fullmatch(r"#[0-9a-fA-F]{3,8}", text):  # one colour stands for all that are written so
        return r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b"
    text = re.sub(r"^(?://|#)\s+(?=@|[A-Za-z-]+:)", "", text)
    parts = [re.escape(p) for p in re.split(r"\s+", text)]
    body = r"\s*".join(parts).replace(r"\.\.\.", ".*?").replace("…", ".*?")
    head = r"(?<!\w)" if text[:1].isalnum() else ""
    tail = r"(?!\w)" if text[-1:].isalnum() else ""
    return head + body + tail


def forbidden_comment(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Comments of a shape in added lines."""
    pattern = _CODE_COMMENT if rule.params.get("what") == "code" else re.compile(str(rule.params.get("regex", r"(?!)")))
    for file in delta.written(rule):
        if not file.language:
            continue
        for number, line in comments(file.after, file.language):
            if number in file.added and pattern.search(line):
                yield finding(rule, file.path, number, f"the comment `{line.strip()[:60]}` is written")


def required_beside(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Text that must stand beside a word: a `SAFETY` comment above `unsafe`."""
    near, wanted = str(rule.params.get("near", "")), str(rule.params.get("text", ""))
    if not near or not wanted:
        return
    if rule.params.get("any"):
        yield from _unexplained(rule, near, delta)
        return
    pattern = re.compile(rf"\b{re.escape(near)}\b")
    for file in delta.written(rule):
        if not file.language:
            continue
        lines, masked = file.after.split("\n"), mask(file.after, file.language).split("\n")
        for number in sorted(file.added):
            if (
                number <= len(masked)
                and pattern.search(masked[number - 1])
                and wanted not in "\n".join(lines[max(0, number - 6) : number])
            ):
                yield finding(rule, file.path, number, f"`{near}` stands without `{wanted}`")


def _unexplained(rule: Directive, near: str, delta: Delta) -> Iterator[Finding]:
    """Added lines with the words, in code or in a comment, above which no other comment stands."""
    for file in delta.written(rule):
        said = {number for number, text in comments(file.after, file.language) if near not in text}
        for number, line in file.added_lines:
            if near in line and not {number, number - 1} & said:
                yield finding(rule, file.path, number, f"`{near}` stands without a comment")


#: Lines that count as the top of a file.
_TOP = 10


def required_text(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New files without the text they must hold, and changes that take it out."""
    wanted = str(rule.params.get("text", ""))

    def holds(text: str) -> bool:
        return wanted in ("\n".join(text.split("\n")[:_TOP]) if rule.params.get("top") else text)

    for file in delta.written(rule):
        if wanted and not holds(file.after) and (file.new or holds(file.before)):
            yield finding(rule, file.path, 1, f"`{wanted}` is missing")
