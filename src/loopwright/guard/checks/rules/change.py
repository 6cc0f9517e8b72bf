"""What goes with what in one change, where new files lie, and which files there must be."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules import novelty
from loopwright.guard.checks.rules.delta import Delta, File, finding, is_test
from loopwright.guard.checks.rules.manifest import MANIFESTS, dependencies
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, strings

_CODE_LINE = expression(r"^\s*(?!//|#|\*|/\*|import\b|from\b|use\b|package\b|[\])}\s;,]*$)\S")


def is_source(file: File) -> bool:
    return (
        bool(file.language)
        and not is_test(file.path)
        and not re.search(
            r"(?:^|/)(?:docs?|examples?|scripts?|migrations)/|\.config\.\w+$|\.d\.ts$|\.stories\.", file.path
        )
    )


def companion(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """A change of `when` without a change of `need`."""
    when, need = strings(rule, "when"), strings(rule, "need")
    files = delta.of(rule)
    if when == ("+dir",):
        yield from _new_directories(rule, delta, need)
        return
    changed = [g for g in need if any(path_matches(below(rule, f.path), g) for f in files)]
    if rule.params.get("mutual"):  # each goes with the other: what changed of them asks for the rest
        when, need = (need, when) if changed else (when, need)
        changed = [g for g in need if any(path_matches(below(rule, f.path), g) for f in files)]
    if rule.params.get("all"):
        need = tuple(g for g in need if g not in changed)
    if not need or (changed and not rule.params.get("all")):
        return
    told = "\n".join(delta.read(g) or "" for g in need if "*" not in g) if rule.params.get("brings") else ""
    for file in files:
        if line := _set_off(rule, file, when, told):
            done = "brings something new" if rule.params.get("brings") else "was changed"
            yield finding(
                rule, file.path, 0 if line < 0 else line, f"{file.path} {done} without {' or '.join(need[:3])}"
            )
            return


def _set_off(rule: Directive, file: File, when: tuple[str, ...], told: str) -> int:
    """Return the line of a file that asks for a further change, -1 for the file without a line, 0 where none does."""
    within = any(path_matches(below(rule, file.path), g) for g in when)
    if what := str(rule.params.get("brings", "")):
        return novelty.brings(what, file, told) if within or rule.params.get("anywhere") else 0
    if what := str(rule.params.get("changes", "")):
        return novelty.changes(what, file)
    if rule.params.get("any_source"):
        hit = is_source(file) and (file.new if rule.params.get("new") else bool(file.added))
    else:
        hit = within and _substantial(file)
    return (min(file.added, default=0) or -1) if hit and not is_test(file.path) else 0


def _substantial(file: File) -> bool:
    """False for a manifest whose dependencies stayed as they were."""
    if posixpath.basename(file.path) in MANIFESTS:
        return dependencies(file.path, file.before) != dependencies(file.path, file.after)
    return True


def _new_directories(rule: Directive, delta: Delta, need: tuple[str, ...]) -> Iterator[Finding]:
    names = [posixpath.basename(n) for n in need]
    for directory in delta.new_directories():
        for name in names:
            if not delta.exists(posixpath.join(directory, name)):
                yield finding(rule, f"{directory}/{name}", 0, f"the new directory {directory} has no {name}")


def tests_required(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Source that gained code while no test was touched."""
    kinds = strings(rule, "kinds")
    files = [f for f in delta.of(rule) if f.kind != "delete"]
    tests = [f for f in files if is_test(f.path)]
    if kinds == ("integration",):
        tests = [f for f in tests if re.search(r"integration|e2e|api|supertest|TestClient", f.path + f.after)]
    elif kinds == ("e2e",):
        tests = [f for f in tests if re.search(r"e2e|playwright|cypress|spec", f.path)]
    if tests:
        return
    wanted = f"{' or '.join(kinds)} " if kinds else ""
    if what := str(rule.params.get("brings", "")):
        lines = ((file, novelty.brings(what, file)) for file in files)
        if (hit := next(((file, line) for file, line in lines if line), None)) is not None:
            yield finding(rule, hit[0].path, hit[1], f"{hit[0].path} brings a new {what}, and no {wanted}test came")
        return
    for file in files:
        if is_source(file) and (
            kinds != ("integration",) or re.search(r"route|controller|service|handler|api", file.path)
        ):
            line = next((n for n, text in file.added_lines if _CODE_LINE.match(text)), 0)
            if line:
                yield finding(
                    rule,
                    file.path,
                    line,
                    f"{file.path} gained code, and no {wanted}test was added or changed",
                )
                return


def forbidden_path(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Files that come into being though they must not."""
    for file in delta.of(rule):
        if (
            file.new
            and any(path_matches(below(rule, file.path), g) for g in strings(rule, "globs"))
            and not re.search(r"(?:^|/)[\w.-]*config\.(?:js|cjs|mjs)$", file.path)
        ):
            yield finding(rule, file.path, 1, f"{file.path} must not be added")


def required_files(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Files that must be there: in the root, somewhere, or in every new directory of a kind."""
    names = strings(rule, "path")
    if any_of := strings(rule, "any_of"):
        if not any(path_matches(p, g) for p in delta.tree() for g in any_of):
            yield finding(rule, "", 0, f"none of {', '.join(any_of[:4])} … is there")
        return
    if rule.params.get("root"):
        for name in names:
            if not delta.exists(posixpath.join(rule.scope, name)):
                yield finding(rule, name, 0, f"{name} is missing")
        if rule.params.get("also") == "dockerfile":
            yield from _dockerfile(rule, delta)
        return
    under = str(rule.params.get("under", "")).strip("/")
    for directory in delta.new_directories():
        if not _is_unit(directory, under, str(rule.params.get("each", ""))):
            continue
        for name in names:
            if not delta.exists(posixpath.join(directory, name)):
                yield finding(
                    rule, f"{directory}/{name}", 0, f"the new {rule.params.get('each')} {directory} has no {name}"
                )


def _is_unit(directory: str, under: str, each: str) -> bool:
    """True where a new directory is one of the things the rule speaks of."""
    parent = posixpath.dirname(directory)
    if posixpath.basename(directory) == each.rstrip("s") + "s":  # what holds them is none of them
        return False
    if re.search(r"(?:^|/)(?:\.git|\.venv|__pycache__|node_modules|migrations|dist|build)(?:/|$)", directory):
        return False
    if under:
        return parent == under or posixpath.basename(parent).rstrip("s") == under.rstrip("s")
    if each in ("director", "directory", "folder", "directorie"):
        return True
    return posixpath.basename(parent).rstrip("s") == each.rstrip("s") or (not parent and each == "module")


def _dockerfile(rule: Directive, delta: Delta) -> Iterator[Finding]:
    text = delta.read("Dockerfile")
    if not text:
        return
    lines = text.split("\n")
    users = [x for x in lines if re.match(r"(?i)^\s*USER\s+\S", x)]
    if not users or re.match(r"(?i)^\s*USER\s+(?:root|0)\b", users[-1]):
        yield finding(rule, "Dockerfile", len(lines), "the container runs as root: name a USER")
    for number, line in enumerate(lines, 1):
        if re.match(r"(?i)^\s*FROM\s+\S+:latest\b|^\s*FROM\s+[\w./-]+\s*(?:AS\s+\w+)?\s*$", line) and not re.search(
            r"(?i)FROM\s+(?:scratch|\$|[a-z]+\s*$)", line
        ):
            yield finding(rule, "Dockerfile", number, "the base image has no fixed version")


def license_header(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New files without the header."""
    globs, text, template = (
        strings(rule, "globs"),
        str(rule.params.get("text", "")),
        str(rule.params.get("template", "")),
    )
    wanted = [w for w in (delta.read(template) or "").split("\n") if len(w.strip(" /*#")) > 12 and "YEAR" not in w][:1]
    for file in delta.of(rule):
        if not file.new or not file.language or (globs and not any(path_matches(file.path, g) for g in globs)):
            continue
        head = "\n".join(file.after.split("\n")[:25])
        want = text or (wanted[0].strip(" /*#") if wanted else "")
        if (want and want not in head) or not re.search(r"(?i)copyright|licen[cs]e|spdx", head):
            yield finding(rule, file.path, 1, "the new file has no licence header")


_TOKENS = expression(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}|\bsk-(?:ant-|"
    r"proj-)?[A-Za-z0-9_-]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|-----BEGIN (?:RSA |EC |OPENSSH |DSA |"
    r")PRIVATE KEY-----|"
    r"\bAIza[0-9A-Za-z_-]{35}\b|\bsk_live_[0-9a-zA-Z]{16,}|"
    r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|\bglpat-[\w-]{20}|\bnpm_[A-Za-z0-9]{36}"
)
_ASSIGNED = expression(
    r"(?i)\b[\w.-]*(?:api[_-]?key|secret(?:[_-]?key)?|passw(?:or)?d|access[_-]?token|auth[_-]?token|"
    r"private[_-]?key|client[_-]?secret)[\w-]*[\"']?\s*(?::\s*\w+\s*)?[:=]\s*[\"']([^\"'\s$<{]{8,})[\"']"
)
_HARMLESS = expression(
    r"(?i)example|dummy|changeme|change_me|placeholder|your[_-]|xxx|test|fake|redacted|\*\*\*|"
    r"process\.env|os\.environ|^[a-z_. -]+$"
)


def secrets(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Keys, tokens and passwords in added lines, and files that hold them."""
    for file in delta.written(rule):
        if file.new and re.search(r"(?:^|/)\.env(?:\.(?!example|sample|template|test)\w+)?$", file.path):
            yield finding(rule, file.path, 1, f"{file.path} holds secrets and must not be added")
        for number, line in file.added_lines:
            assigned = _ASSIGNED.search(line)
            if _TOKENS.search(line) or (assigned and not _HARMLESS.search(assigned[1])):
                yield finding(rule, file.path, number, "a secret is written")


def sorted_lines(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """An added list line that stands before its predecessor in the alphabet."""
    wanted = str(rule.params.get("file", ""))
    for file in delta.written(rule):
        if (wanted and not path_matches(file.path, wanted)) or (not wanted and not file.path.endswith((".md", ".txt"))):
            continue
        lines = file.after.split("\n")
        for number in sorted(file.added):
            line, above = lines[number - 1], lines[number - 2] if number > 1 else ""
            if (
                _item(line)
                and _item(above)
                and _item(line) < _item(above)
                and len(line) - len(line.lstrip()) == len(above) - len(above.lstrip())
            ):
                yield finding(rule, file.path, number, "the line is out of alphabetical order")


def _item(line: str) -> str:
    found = re.match(r"^\s*[-*]\s+\W*(.+)", line)
    return found[1].casefold() if found else ""
