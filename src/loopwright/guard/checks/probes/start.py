"""How the application of a tree is started: what the rules file, a Procfile, package.json or the sources say."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, is_test
from loopwright.guard.policy_directives import strings

#: Commands that start a server and watch nothing.
_SERVES = expression(
    r"^(?:(?:uv|poetry|pdm) run )?(?:uvicorn|gunicorn|hypercorn|daphne|flask\b.*\brun\b|fastapi run|"
    r"python3? manage\.py runserver|(?:npm|pnpm|yarn|bun)(?: run)? (?:start|serve)$|node \S+\.[cm]?js$)"
)
_WATCHES = expression(r"\s--reload\b")
_APPLICATION = expression(r"^(\w+)\s*(?::[^=\n]+)?=\s*(FastAPI|Starlette|Flask)\(", re.MULTILINE)
_FACTORY = expression(r"^def (create_app|make_app|build_app|get_app)\(\)[^:]*(?:->[^:]+)?:", re.MULTILINE)
_ROUTES = (
    expression(r"\b(?:app|router|\w*[rR]outer|\w*_bp|bp|api)\.(get|post|put|patch|delete)\(\s*[\"'`](/[^\"'`]*)[\"'`]"),
)
_MOUNT = expression(r"\.use\(\s*[\"'`](/[\w/-]*)[\"'`]")
_ENV_FILES = (".env.example", ".env.sample", ".env.template", "env.example")
_ENV_LINE = expression(r"^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$", re.MULTILINE)


class Start(Fact, frozen=True):
    """A command that starts the application, and which file says so."""

    command: str
    source: str


def find_start(delta: Delta, rules: Sequence[Directive]) -> Start | None:
    """Return how the application is started, None where nothing tells."""
    return _stated(delta, rules) or _procfile(delta) or _package(delta) or _python(delta)


def _stated(delta: Delta, rules: Sequence[Directive]) -> Start | None:
    for rule in rules:
        if rule.kind != "command" or rule.scope or rule.params.get("placeholder"):
            continue
        for command in strings(rule, "commands"):
            if _SERVES.match(command):
                script = _package(delta) if re.match(r"^(?:npm|pnpm|yarn|bun)\b", command) else None
                return script or Start(_WATCHES.sub("", command), rule.source)
    return None


def _procfile(delta: Delta) -> Start | None:
    found = re.search(r"^web:\s*(.+?)\s*$", delta.read("Procfile") or "", re.MULTILINE)
    return Start(found[1], "Procfile") if found else None


def _package(delta: Delta) -> Start | None:
    """The script itself and not `npm start`, whose banner is no line of the application's log."""
    try:
        script = json.loads(delta.read("package.json") or "{}").get("scripts", {}).get("start")
    except (ValueError, AttributeError):
        return None
    return Start(script, "package.json") if isinstance(script, str) and script else None


def _python(delta: Delta) -> Start | None:
    if delta.exists("manage.py"):
        return Start("python manage.py runserver 127.0.0.1:$PORT --noreload", "manage.py")
    for path in delta.tree():
        if not path.endswith(".py") or is_test(path) or path.count("/") > 4:
            continue
        text = delta.read(path) or ""
        made, factory = _APPLICATION.search(text), _FACTORY.search(text)
        if not made and not (factory and re.search(r"\b(?:FastAPI|Starlette|Flask)\(", text)):
            continue
        folder, module = _module(path)
        where = f" --app-dir {folder}" if folder else ""
        if (made and made[2] == "Flask") or (not made and "Flask(" in text):
            prefix = f"cd {folder} && " if folder else ""
            return Start(f"{prefix}python -m flask --app {module} run --port $PORT", path)
        target = f"{module}:{made[1]}" if made else f"{module}:{factory[1]} --factory" if factory else ""
        return Start(f"python -m uvicorn {target} --host 127.0.0.1 --port $PORT{where}", path)
    return None


def _module(path: str) -> tuple[str, str]:
    """Return the folder that a module is imported from, and its name."""
    folder = "src" if path.startswith("src/") else ""
    inner = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    return folder, inner.replace("/", ".")


def find_routes(delta: Delta) -> list[tuple[str, str]]:
    """Return (method, path) of routes as the sources name them, each also below each path something is mounted at."""
    found: dict[tuple[str, str], None] = {}
    mounts: dict[str, None] = {}
    for path in delta.tree():
        if path.endswith((".js", ".ts", ".mjs", ".cjs", ".py")) and not is_test(path):
            text = delta.read(path) or ""
            mounts.update(dict.fromkeys(_MOUNT.findall(text)))
            for pattern in _ROUTES:
                found.update(dict.fromkeys((m.upper(), p) for m, p in pattern.findall(text)))
    mounted = [(m, posixpath.join(at, p.lstrip("/")).rstrip("/")) for m, p in found for at in mounts]
    return (mounted + list(found))[:200]


def example_environment(delta: Delta) -> dict[str, str]:
    """Return the variables that an example environment file gives values to."""
    for name in _ENV_FILES:
        if text := delta.read(name):
            pairs = ((m[1], m[2].strip("\"'")) for m in _ENV_LINE.finditer(text))
            return {key: value for key, value in pairs if value and not value.startswith("#") and key != "PORT"}
    return {}


def variables(delta: Delta) -> tuple[str, ...]:
    """Return every variable that an example environment file names."""
    return tuple(m[1] for name in _ENV_FILES for m in _ENV_LINE.finditer(delta.read(name) or ""))
