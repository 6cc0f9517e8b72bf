"""What manifests and settings say: dependencies, frameworks, versions, options."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules_delta import Delta, finding
from loopwright.guard.policy_directives import strings

MANIFESTS = frozenset(
    {
        "package.json",
        "pyproject.toml",
        "requirements.txt",
        "requirements.in",
        "requirements-dev.txt",
        "setup.cfg",
        "setup.py",
        "Cargo.toml",
        "go.mod",
        "Gemfile",
        "composer.json",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "Pipfile",
    }
)
_PINNED = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")
_XML = re.compile(r"<artifactId>([^<]+)</artifactId>")
_GRADLE = re.compile(r"[\"'][\w.-]+:([\w.-]+)(?::[\w.$-]+)?[\"']")
_GO = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[a-z]+/[\w./-]+)\s+v", re.MULTILINE)
_GEM = re.compile(r"^\s*gem\s+[\"']([\w-]+)[\"']", re.MULTILINE)


def is_manifest(path: str) -> bool:
    name = posixpath.basename(path)
    return name in MANIFESTS or bool(re.match(r"^requirements[\w.-]*\.(?:txt|in)$", name)) or name.endswith(".csproj")


def dependencies(path: str, text: str) -> frozenset[str]:
    """Return the names a manifest declares, lower case; of broken ones what can be read."""
    name = posixpath.basename(path)
    try:
        if name in ("package.json", "composer.json"):
            return _json(text)
        if name.endswith(".toml") or name == "Pipfile":
            return _toml(text)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return frozenset()
    if name == "go.mod":
        return frozenset(m.lower() for m in _GO.findall(text))
    if name == "pom.xml":
        return frozenset(m.lower() for m in _XML.findall(text))
    if name.startswith("build.gradle"):
        return frozenset(m.lower() for m in _GRADLE.findall(text))
    if name == "Gemfile":
        return frozenset(m.lower() for m in _GEM.findall(text))
    if name.endswith(".csproj"):
        return frozenset(m.lower() for m in re.findall(r"<PackageReference\s+Include=\"([^\"]+)\"", text))
    if name.startswith("requirements"):
        return frozenset(_name(line) for line in text.split("\n") if _PINNED.match(line))
    return (
        frozenset(_name(m) for m in re.findall(r"[\"']([A-Za-z][\w.\[\]-]*)\s*(?:[<>=~!][^\"']*)?[\"']", text))
        if name == "setup.py"
        else frozenset()
    )


def _name(requirement: str) -> str:
    found = _PINNED.match(requirement)
    return found[1].lower().replace("_", "-") if found else ""


def _json(text: str) -> frozenset[str]:
    data = json.loads(text or "{}")
    groups = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "require", "require-dev")
    return frozenset(name.lower() for g in groups for name in (data.get(g) or {}))


def _toml(text: str) -> frozenset[str]:
    data = tomllib.loads(text)
    project = data.get("project", {})
    listed = list(project.get("dependencies", []))
    for group in (project.get("optional-dependencies", {}), data.get("dependency-groups", {})):
        listed += [d for names in group.values() for d in names if isinstance(d, str)]
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [
        poetry.get("dependencies", {}),
        poetry.get("dev-dependencies", {}),
        data.get("packages", {}),
        data.get("dev-packages", {}),
    ]
    tables += [g.get("dependencies", {}) for g in poetry.get("group", {}).values()]
    tables += [data.get(k, {}) for k in ("dependencies", "dev-dependencies", "build-dependencies")]
    tables.append(data.get("workspace", {}).get("dependencies", {}))
    return frozenset(_name(d) for d in listed) | frozenset(
        str(k).lower() for t in tables if isinstance(t, dict) for k in t
    )


def _has(names: frozenset[str], wanted: str) -> bool:
    wanted = wanted.lower()
    return any(
        n == wanted or n.replace("_", "-") == wanted or (wanted.endswith("/") and n.startswith(wanted)) for n in names
    )


def _manifests(delta: Delta, rule: Directive) -> dict[str, frozenset[str]]:
    """Every manifest of the tree in the rule's scope, with what it declares."""
    found = {}
    for path in delta.tree():
        if is_manifest(path) and (not rule.scope or path.startswith(rule.scope + "/") or "/" not in path):
            found[path] = dependencies(path, delta.read(path) or "")
    return found


def required_dependency(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """A package that must be declared somewhere; one that the change takes out is named with its manifest."""
    manifests = _manifests(delta, rule)
    if not manifests:
        return
    declared = frozenset(n for names in manifests.values() for n in names)
    groups = rule.params.get("packages")
    for group in groups if isinstance(groups, list) else []:
        wanted = [str(p) for p in group] if isinstance(group, list) else [str(group)]
        if any(_has(declared, p) for p in wanted) or _builtin(wanted):
            continue
        removed = next(
            (
                f
                for f in delta.of(rule)
                if is_manifest(f.path) and any(_has(dependencies(f.path, f.before), p) for p in wanted)
            ),
            None,
        )
        place = removed.path if removed else sorted(manifests, key=len)[0]
        yield finding(rule, place, 1, f"{' or '.join(wanted[:4])} is not among the dependencies")


def _builtin(wanted: list[str]) -> bool:
    return any(p in ("unittest", "node", "bun", "xctest", "swift-testing", "sqlite3") for p in wanted)


def _importing(module: str) -> re.Pattern[str]:
    """Matches a line that imports a module, in Python or JavaScript."""
    name = re.escape(module)
    return re.compile(rf"^\s*(?:import|from)\s+{name}\b|(?:from|require\(|import)\s*\(?[\"']{name}(?:/[\w-]+)?[\"']")


def framework(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """The test framework must be declared, and tests of the change must not import a rival."""
    yield from required_dependency(rule, delta)
    rivals = strings(rule, "forbid")
    for file in delta.written(rule):
        for rival in rivals:
            module = {"playwright": "@playwright/test", "react testing library": "@testing-library/react"}.get(
                rival, rival
            )
            pattern = _importing(module)
            for number, line in file.added_lines:
                if pattern.search(line):
                    yield finding(rule, file.path, number, f"{rival} is imported")
        if is_manifest(file.path):
            for added in dependencies(file.path, file.after) - dependencies(file.path, file.before):
                if added in rivals:
                    yield finding(rule, file.path, _line_of(file.after, added), f"{added} is added to the dependencies")


def forbidden_dependency(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """A dependency that the change brings in though it must not."""
    names = strings(rule, "names")
    for file in delta.written(rule):
        if is_manifest(file.path):
            for added in sorted(dependencies(file.path, file.after) - dependencies(file.path, file.before)):
                if any(_has(frozenset({added}), n) for n in names):
                    yield finding(rule, file.path, _line_of(file.after, added), f"{added} must not be a dependency")
            continue
        for number, line in file.added_lines:
            for name in names:
                if re.search(
                    rf"^\s*(?:import|from)\s+{re.escape(name)}\b(?!['\"])|(?:from|require\(|import)\s*\(?[\"']{re.escape(name.rstrip('/'))}(?:/[^\"']*)?[\"']",
                    line,
                ):
                    yield finding(rule, file.path, number, f"{name} is imported")


def new_dependency(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Every dependency the change brings in."""
    for file in delta.written(rule):
        if is_manifest(file.path):
            for added in sorted(dependencies(file.path, file.after) - dependencies(file.path, file.before)):
                yield finding(rule, file.path, _line_of(file.after, added), f"{added} is a new dependency")


def _line_of(text: str, word: str) -> int:
    return next((n for n, line in enumerate(text.split("\n"), 1) if word in line.lower()), 1)


_STATED = {
    "python": (
        ("pyproject.toml", r"requires-python\s*=\s*\"([^\"]+)\""),
        ("pyproject.toml", r"^python\s*=\s*\"([^\"]+)\""),
        (".python-version", r"^\s*([\d.]+)"),
        ("setup.cfg", r"python_requires\s*=\s*(\S+)"),
        ("setup.py", r"python_requires\s*=\s*[\"']([^\"']+)"),
    ),
    "node": (
        ("package.json", r"\"node\"\s*:\s*\"([^\"]+)\""),
        (".nvmrc", r"^\s*v?([\d.]+)"),
        (".node-version", r"^\s*v?([\d.]+)"),
    ),
    "go": (("go.mod", r"^go\s+([\d.]+)"),),
    "rust": (
        ("Cargo.toml", r"rust-version\s*=\s*\"([^\"]+)\""),
        ("rust-toolchain.toml", r"channel\s*=\s*\"([^\"]+)\""),
    ),
    "java": (
        ("pom.xml", r"<(?:maven\.compiler\.(?:release|source|target)|java\.version|release)>([\d.]+)<"),
        ("build.gradle", r"(?:sourceCompatibility|languageVersion)[^\d]*([\d.]+)"),
        ("build.gradle.kts", r"(?:sourceCompatibility|languageVersion)[^\d]*([\d.]+)"),
    ),
    "ruby": ((".ruby-version", r"^\s*([\d.]+)"), ("Gemfile", r"^\s*ruby\s+[\"']([^\"']+)")),
    "php": (("composer.json", r"\"php\"\s*:\s*\"([^\"]+)\""),),
    "typescript": (("package.json", r"\"typescript\"\s*:\s*\"([^\"]+)\""),),
}


def language_version(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """The version a manifest states must not be lower than the rule's."""
    wanted = _version(str(rule.params.get("min", "")))
    for name, pattern in _STATED.get(str(rule.params.get("lang")), ()):
        path = posixpath.join(rule.scope, name)
        text = delta.read(path)
        found = re.search(pattern, text, re.MULTILINE) if text else None
        if found:
            stated = _version(found[1])
            if stated and stated[: len(wanted)] < wanted[: len(stated)]:
                yield finding(
                    rule,
                    path,
                    (text or "").count("\n", 0, found.start()) + 1,
                    f"the stated version {found[1]} is lower than {rule.params.get('min')}",
                )


def _version(text: str) -> tuple[int, ...]:
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(p) for p in found[0].split(".")) if found else ()


def setting(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """A compiler's or checker's option that must hold."""
    what = rule.params.get("what")
    if what == "rollout":
        yield from _rollout(rule, delta)
        return
    if what == "test_isolation":
        yield from _isolation(rule, delta)
        return
    key, wanted = str(rule.params.get("key", "")), rule.params.get("value")
    if rule.params.get("tool") == "mypy":
        yield from _mypy(rule, delta)
        return
    path = posixpath.join(rule.scope, str(rule.params.get("file", "")))
    text = delta.read(path)
    if text is None:
        return
    found = re.search(rf"\"{re.escape(key)}\"\s*:\s*(\w+)", text)
    touched = any(f.path == path for f in delta.files)
    if found and found[1] != _json_word(wanted):
        yield finding(rule, path, text.count("\n", 0, found.start()) + 1, f"{key} is {found[1]}")
    elif not found and (touched or not re.search(r"\"extends\"", text)):
        yield finding(rule, path, 1, f"{key} is not set")


def _json_word(value: JsonValue) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _mypy(rule: Directive, delta: Delta) -> Iterator[Finding]:
    text = delta.read("pyproject.toml") or ""
    ini = delta.read("mypy.ini") or delta.read("setup.cfg") or ""
    if (
        text
        and not re.search(r"^strict\s*=\s*true", text, re.MULTILINE)
        and not re.search(r"^strict\s*=\s*[Tt]rue", ini, re.MULTILINE)
    ):
        yield finding(rule, "pyproject.toml", 1, "mypy is not strict")


def _rollout(rule: Directive, delta: Delta) -> Iterator[Finding]:
    for path in delta.tree():
        if path.endswith((".yaml", ".yml")) and re.search(
            r"RollingUpdate|blue-?green|BlueGreen|update_config", delta.read(path) or ""
        ):
            return
    yield finding(rule, "", 0, "no manifest with a rolling or blue-green strategy is there")


_PRODUCTION = re.compile(
    r"(?i)(?:mongodb(?:\+srv)?|postgres(?:ql)?|mysql|redis|https?)://[^\s\"']*\bprod(?:uction)?\b|"
    r"\bprod(?:uction)?[\w-]*\.[\w-]+\.(?:com|net|io|internal)\b|NODE_ENV\s*=\s*[\"']?production|"
    r"(?:DATABASE|MONGO|DB)\w*\s*[:=]\s*[\"'][^\"']*\bprod"
)


def _isolation(rule: Directive, delta: Delta) -> Iterator[Finding]:
    for file in delta.written(rule):
        if re.search(
            r"(?:^|/)(?:tests?|__tests__|e2e)/|\.(?:test|spec)\.|test_|conftest|\.env\.test|jest\.(?:config|"
            r"setup)|vitest",
            file.path,
        ):
            for number, line in file.added_lines:
                if _PRODUCTION.search(line):
                    yield finding(rule, file.path, number, "a test names a production address")


def coverage(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """The threshold that the project's own configuration sets must not be below the rule's."""
    wanted = rule.params.get("n")
    if not isinstance(wanted, int):
        return
    stated: list[tuple[str, int, float]] = []
    for path in delta.tree():
        name = posixpath.basename(path)
        if name in (
            "package.json",
            "pyproject.toml",
            ".coveragerc",
            "setup.cfg",
            "tox.ini",
            "pytest.ini",
            ".nycrc",
            ".nycrc.json",
        ) or re.match(r"^(?:jest|vitest|vite)\.config\.\w+$", name):
            text = delta.read(path) or ""
            for found in re.finditer(
                r"(?:fail[_-]under\s*=?\s*|(?:coverageThreshold|thresholds?)[\s\S]{0,120}?(?:lines|statements|"
                r"global)\W+(?:\{[\s\S]{0,60}?(?:lines|statements)\W+)?)(\d+(?:\.\d+)?)",
                text,
            ):
                stated.append((path, text.count("\n", 0, found.start()) + 1, float(found[1])))
    for path, line, value in stated:
        if value < wanted or (value == wanted and rule.params.get("op") == ">"):
            yield finding(
                rule,
                path,
                line,
                f"the coverage threshold is {value:g}, the rule asks for {rule.params.get('op')} {wanted}",
            )
    if not stated and delta.tree():
        yield finding(
            rule, "", 0, f"no coverage threshold is set; the rule asks for {rule.params.get('op')} {wanted} %"
        )
