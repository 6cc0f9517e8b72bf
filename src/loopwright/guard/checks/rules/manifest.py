"""The dependencies that manifests declare."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib

from loopwright.core.expression import expression

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
        "Package.swift",
        "pubspec.yaml",
        "mix.exs",
        "Podfile",
        "conanfile.txt",
        "vcpkg.json",
        "libs.versions.toml",
        "Directory.Packages.props",
    }
)


_PINNED = expression(r"^\s*([A-Za-z0-9][\w.-]*)")


_XML = expression(r"<artifactId>([^<]+)</artifactId>")


_GRADLE = expression(r"[\"'][\w.-]+:([\w.-]+)(?::[\w.$-]+)?[\"']")


_GO = expression(r"^\s*(?:require\s+)?([\w.-]+\.[a-z]+/[\w./-]+)\s+v", re.MULTILINE)


_GEM = expression(r"^\s*gem\s+[\"']([\w-]+)[\"']", re.MULTILINE)


#: Manifests of which each entry is found by one expression: its name is the last part of what the group holds.
_ENTRIES = {
    "go.mod": _GO,
    "pom.xml": _XML,
    "build.gradle": _GRADLE,
    "build.gradle.kts": _GRADLE,
    "Gemfile": _GEM,
    "Package.swift": expression(r"\.package\([^)]*?url:\s*\"[^\"]*?([^/\"]+?)(?:\.git)?\""),
    "pubspec.yaml": expression(r"^  ([a-z]\w*):(?=\s*(?:[\^>=<\d\"']|any\b|$))", re.MULTILINE),
    "mix.exs": expression(r"\{:(\w+),\s*(?:\"|git:|github:|path:)"),
    "Podfile": expression(r"^\s*pod\s+[\"']([\w/-]+)[\"']", re.MULTILINE),
    "conanfile.txt": expression(r"^([a-z][\w.+-]*)/[\d\[]", re.MULTILINE),
    "vcpkg.json": expression(r"(?:\"name\":\s*|^\s*)\"([a-z][\w-]*)\"\s*[,\]}\n]", re.MULTILINE),
    "libs.versions.toml": expression(
        r"(?:module\s*=\s*\"[\w.-]+:|name\s*=\s*\"|^[\w-]+\s*=\s*\"[\w.-]+:)([\w.-]+)[\":]", re.MULTILINE
    ),
    "Directory.Packages.props": expression(r"<PackageVersion\s+Include=\"([^\"]+)\""),
}


def is_manifest(path: str) -> bool:
    name = posixpath.basename(path)
    return name in MANIFESTS or bool(re.match(r"^requirements[\w.-]*\.(?:txt|in)$", name)) or name.endswith(".csproj")


def dependencies(path: str, text: str) -> frozenset[str]:
    """Return the names a manifest declares, lower case; of broken ones what can be read."""
    name = posixpath.basename(path)
    if entries := _ENTRIES.get(name):
        return frozenset(m.lower() for m in entries.findall(text))
    try:
        if name in ("package.json", "composer.json"):
            return _json(text)
        if name.endswith(".toml") or name == "Pipfile":
            return _toml(text)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return frozenset()
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
