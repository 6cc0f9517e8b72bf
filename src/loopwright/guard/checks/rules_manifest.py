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
    }
)


_PINNED = expression(r"^\s*([A-Za-z0-9][\w.-]*)")


_XML = expression(r"<artifactId>([^<]+)</artifactId>")


_GRADLE = expression(r"[\"'][\w.-]+:([\w.-]+)(?::[\w.$-]+)?[\"']")


_GO = expression(r"^\s*(?:require\s+)?([\w.-]+\.[a-z]+/[\w./-]+)\s+v", re.MULTILINE)


_GEM = expression(r"^\s*gem\s+[\"']([\w-]+)[\"']", re.MULTILINE)


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
