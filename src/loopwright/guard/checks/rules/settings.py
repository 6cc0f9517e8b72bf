"""What settings say: language versions, options, thresholds."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.checks.rules.probed import of_change

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
    "csharp": (("Directory.Build.props", r"<LangVersion>([\d.]+)<"),),
    "dotnet": (
        ("global.json", r"\"version\"\s*:\s*\"([^\"]+)\""),
        ("Directory.Build.props", r"<TargetFramework>net([\d.]+)<"),
    ),
    "swift": (("Package.swift", r"swift-tools-version:\s*([\d.]+)"),),
    "kotlin": (("build.gradle.kts", r"kotlin\([^)]*\)\s+version\s+\"([\d.]+)\""),),
    "cpp": (("CMakeLists.txt", r"CMAKE_CXX_STANDARD\s+(\d+)"),),
    "dart": (("pubspec.yaml", r"^\s+sdk:\s*[\"'^>=\s]*([\d.]+)"),),
    "flutter": (("pubspec.yaml", r"^\s+flutter:\s*[\"'^>=\s]*([\d.]+)"),),
    "elixir": (("mix.exs", r"elixir:\s*\"[^\d\"]*([\d.]+)"),),
    "scala": (("build.sbt", r"scalaVersion\s*:=\s*\"([\d.]+)\""),),
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
    if str(rule.params.get("file", "")).startswith("*."):
        yield from _project_files(rule, delta)
        return
    path = posixpath.join(rule.scope, str(rule.params.get("file", "")))
    text = delta.read(path)
    if text is None:
        return
    found = re.search(rf"\"{re.escape(key)}\"\s*:\s*\"?(\w+)", text)
    touched = any(f.path == path for f in delta.files)
    if found and found[1] != _json_word(wanted):
        yield finding(rule, path, text.count("\n", 0, found.start()) + 1, f"{key} is {found[1]}")
    elif not found and not rule.params.get("unset") and (touched or not re.search(r"\"extends\"", text)):
        yield finding(rule, path, 1, f"{key} is not set")


def _project_files(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """An element of the project files that the change touches; one that a shared file sets may be left out."""
    key, wanted = str(rule.params.get("key", "")), str(rule.params.get("value", ""))
    shared = f"<{key}>{wanted}<" in (delta.read("Directory.Build.props") or "")
    for file in delta.written(rule):
        if not file.path.endswith(str(rule.params.get("file", ""))[1:]):
            continue
        found = re.search(rf"<{re.escape(key)}>\s*([^<\s]+)", file.after)
        if found and found[1] != wanted:
            yield finding(rule, file.path, file.after.count("\n", 0, found.start()) + 1, f"{key} is {found[1]}")
        elif not found and not shared:
            yield finding(rule, file.path, 1, f"{key} is not set")


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


_PRODUCTION = expression(
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
    if not isinstance(wanted, int) or of_change(rule):  # a threshold is one for all of the code
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
