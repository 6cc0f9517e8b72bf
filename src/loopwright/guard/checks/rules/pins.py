"""Dependencies that a change declares without one exact version."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.policy_directives import strings

_EXACT = expression(r"^[=v]?\d+(?:\.[\w+-]+)*$")
#: What names no version of a registry: a place, a member of the workspace, an alias.
_PLACED = expression(r"^(?:file|link|workspace|portal|git|git\+\w+|https?|github|npm|patch|catalog):|/")
_REQUIREMENT = expression(r"^\s*([A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)\s*([^;#@]*)(@?)")


def judge(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Added or changed dependencies whose version is a range, or is not said."""
    manifests = strings(rule, "manifests")
    for file in delta.written(rule):
        name = posixpath.basename(file.path)
        if manifests and name not in manifests:
            continue
        before = dict(_declared(name, file.before))
        for package, version in _declared(name, file.after):
            if before.get(package) == version or _exact(name, version):
                continue
            lines = [n for n, line in file.added_lines if re.search(rf"(?<![\w-]){re.escape(package)}(?![\w-])", line)]
            yield finding(
                rule, file.path, lines[0] if lines else 0, f"`{package}` has no exact version: `{version or 'any'}`"
            )


def _exact(name: str, version: str) -> bool:
    if name == "package.json":
        return bool(_PLACED.search(version) or _EXACT.match(version))
    return version.startswith("==") and "*" not in version and "," not in version


def _declared(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the packages and versions that a manifest asks for; of one that cannot be read none."""
    if re.fullmatch(r"requirements[\w.-]*\.(?:txt|in)", name):
        for line in text.split("\n"):
            yield from _requirement(line)
        return
    try:
        if name == "package.json":
            data = json.loads(text or "{}")
            for group in ("dependencies", "devDependencies", "optionalDependencies"):
                yield from ((str(k), str(v)) for k, v in (data.get(group) or {}).items())
        elif name == "pyproject.toml":
            data = tomllib.loads(text)
            groups = (data.get("dependency-groups") or {}).values()
            project = data.get("project") or {}
            for listed in (
                project.get("dependencies") or [],
                *groups,
                *(project.get("optional-dependencies") or {}).values(),
            ):
                for one in listed:
                    yield from _requirement(one) if isinstance(one, str) else ()
        elif name == "Pipfile":
            data = tomllib.loads(text)
            for group in ("packages", "dev-packages"):
                yield from ((str(k), v) for k, v in (data.get(group) or {}).items() if isinstance(v, str))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return


def _requirement(line: str) -> Iterator[tuple[str, str]]:
    found = _REQUIREMENT.match(line)
    if found and not found[3]:  # `name @ address` is a place
        yield found[1].partition("[")[0], found[2].strip()


_WORKFLOW = expression(r"(?:^|/)\.github/(?:workflows/[^/]+|actions/.+/action)\.ya?ml$")
_USES = expression(r"^\s*(?:-\s*)?uses:\s*[\"']?(?!\./|docker://)([\w.-]+)/[\w./-]+@([^\s\"'#]+)")
_COMMIT = expression(r"^[0-9a-f]{40}$")


def actions(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Actions that an added line of a workflow takes by a name that can move."""
    for file in delta.written(rule):
        if not _WORKFLOW.search(file.path):
            continue
        for number, line in file.added_lines:
            used = _USES.match(line)
            if (
                not used
                or _COMMIT.match(used[2])
                or (rule.params.get("third_party") and used[1] in ("actions", "github"))
            ):
                continue
            yield finding(rule, file.path, number, f"the action is not pinned to a commit: `{used[2]}`")
