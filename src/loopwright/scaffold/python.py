"""Facts of a Python project."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from loopwright.core.expression import expression
from loopwright.scaffold import environment
from loopwright.scaffold.project import Command, Project, databases, health_path, slug
from loopwright.scaffold.tree import Tree, is_test, table, texts

_REQUIREMENTS = expression(r"requirements[\w.-]*\.(?:txt|in)")
_NAME = expression(r"\s*([A-Za-z0-9][\w.-]*)(\[[^\]]*\])?")
_WEB = ("fastapi", "flask", "django", "starlette", "litestar", "aiohttp")
_APPLICATION = expression(
    r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(FastAPI|Flask|Starlette|Litestar)\(|^(?:async )?def (create_app|make_app)\(",
    re.MULTILINE,
)
_PORT = expression(r"\bport\s*=\s*(?:int\([^)]*?,\s*[\"']?)?(\d{4,5})\b", re.IGNORECASE)


def manifests(tree: Tree) -> bool:
    """True where this is a Python project."""
    known = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "manage.py", "Pipfile")
    return tree.has(*known) or (not tree.has("package.json") and any("/" not in p for p in tree.sources(".py")))


def read(tree: Tree, name: str) -> Project:
    """Return the facts of a Python project in the directory `name`."""
    project = tree.toml("pyproject.toml")
    production, everything = _dependencies(tree, project)
    framework = next((w for w in _WEB if w in everything), "")
    layout = "src" if any(p.startswith("src/") for p in tree.sources(".py")) else ""
    start, doubts = _start(tree, project, framework, production)
    return Project(
        name=slug(str(table(project, "project").get("name") or name)),
        language="python",
        version=_version(tree, project),
        manager=_manager(tree, project),
        dependencies=everything,
        production=production,
        framework=framework,
        start=start,
        port=_port(tree, framework, start),
        health=health_path(tree, ".py"),
        tests=_tests(tree, everything),
        databases=databases(everything),
        environment=environment.of_python(tree),
        commands=_commands(tree, project, everything),
        layout=layout,
        build=_build(tree, project),
        doubts=doubts,
    )


def _dependencies(tree: Tree, project: dict[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Those of production, and all; an extra stands as `name[extra]` beside its name."""
    listed = texts(table(project, "project").get("dependencies"))
    poetry = table(project, "tool", "poetry")
    listed += [key for key in table(poetry, "dependencies") if key != "python"]
    listed += _lines(tree, [p for p in ("requirements.txt", "requirements.in") if tree.has(p)])
    more = [x for group in table(project, "project", "optional-dependencies").values() for x in texts(group)]
    more += [x for group in table(project, "dependency-groups").values() for x in texts(group)]
    more += [key for group in table(poetry, "group").values() for key in table(group, "dependencies")]
    more += _lines(tree, [p for p in tree.paths if "/" not in p and _REQUIREMENTS.fullmatch(p)])
    return named(listed), named(listed + more)


def _lines(tree: Tree, paths: list[str]) -> list[str]:
    return [line for path in paths for line in tree.read(path).splitlines() if not line.lstrip().startswith(("#", "-"))]


def requirements(tree: Tree, paths: list[str]) -> frozenset[str]:
    """Return the names that files of requirements list."""
    return named(_lines(tree, paths))


def named(listed: list[str]) -> frozenset[str]:
    """Return the names of requirements; an extra stands as `name[extra]` beside its name."""
    found = [m for m in map(_NAME.match, listed) if m]
    names = {m[1].lower().replace("_", "-") for m in found}
    return frozenset(names | {f"{m[1].lower()}{m[2]}" for m in found if m[2]})


def _version(tree: Tree, project: dict[str, Any]) -> str:
    stated = str(table(project, "project").get("requires-python") or "")
    stated = stated or str(table(project, "tool", "poetry", "dependencies").get("python") or "")
    found = re.search(r"(?:>=|\^|~=|==|~)\s*(\d+\.\d+)", stated) or re.match(
        r"\s*(\d+\.\d+)", tree.read(".python-version")
    )
    return found[1] if found else ""


def _manager(tree: Tree, project: dict[str, Any]) -> str:
    if tree.has("uv.lock"):
        return "uv"
    return "poetry" if tree.has("poetry.lock") or table(project, "tool", "poetry") else "pip"


def _build(tree: Tree, project: dict[str, Any]) -> str:
    """requirements, package, listed (dependencies without a package) or none."""
    if tree.has("requirements.txt"):
        return "requirements"
    if "build-system" in project or tree.has("setup.py"):
        return "package"
    return "listed" if table(project, "project").get("dependencies") else "none"


def _tests(tree: Tree, dependencies: frozenset[str]) -> str:
    paths = [p for p in tree.paths if p.endswith(".py") and is_test(p)]
    if "pytest" in dependencies or table(tree.toml("pyproject.toml"), "tool", "pytest") or tree.has("pytest.ini"):
        return "pytest"
    if paths and any("import unittest" in tree.read(p) for p in paths[:20]):
        return "unittest"
    return "pytest" if any(re.search(r"^def test_", tree.read(p), re.MULTILINE) for p in paths[:20]) else ""


def _commands(tree: Tree, project: dict[str, Any], dependencies: frozenset[str]) -> tuple[Command, ...]:
    tools, found = table(project, "tool"), []
    if "ruff" in tools or "ruff" in dependencies or tree.has("ruff.toml", ".ruff.toml"):
        found += [Command("ruff check .", "lint"), Command("ruff format --check .", "format")]
    if "black" in tools or "black" in dependencies:
        found.append(Command("black --check .", "format"))
    if "flake8" in dependencies or tree.has(".flake8"):
        found.append(Command("flake8", "lint"))
    if "mypy" in tools or tree.has("mypy.ini"):
        scoped = table(tools, "mypy").get("packages") or table(tools, "mypy").get("files")
        found.append(Command("python -m mypy" if scoped else "mypy .", "typecheck"))
    if "pyright" in tools or tree.has("pyrightconfig.json"):
        found.append(Command("pyright", "typecheck"))
    if tree.has("manage.py") and "django" in dependencies:
        found.append(Command("python manage.py test", "test"))
    framework = _tests(tree, dependencies)
    if framework == "unittest":
        place = "tests" if any(p.startswith("tests/") for p in tree.paths) else "."
        found.append(Command(f"python -m unittest discover -s {place}", "test"))
    elif framework:
        found.append(Command("python -m pytest -q", "test"))
    return tuple(found)


def _start(
    tree: Tree, project: dict[str, Any], framework: str, production: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the command that starts it, and what is doubtful about it."""
    if tree.has("manage.py"):
        return _django(tree, production)
    for path in sorted(tree.sources(".py"), key=lambda p: (p.count("/"), p)):
        if found := _APPLICATION.search(tree.read(path)):
            return _served(path, found, framework, production)
    scripts = table(project, "project", "scripts")
    if scripts:
        return (next(iter(scripts)),), ()
    inside = [p for p in tree.sources(".py") if p.endswith("__main__.py") and p.count("/") <= 2]
    if inside:
        return ("python", "-m", _module(posixpath.dirname(inside[0]))), ()
    named = next((p for p in ("main.py", "app.py", "server.py", "run.py") if tree.has(p)), "")
    return (("python", named), ()) if named else ((), ())


def _served(
    path: str, found: re.Match[str], framework: str, production: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    module, factory = _module(path), found[3]
    if found[2] == "Flask" or (factory and framework == "flask"):
        name = f"{module}:{factory}()" if factory else f"{module}:{found[1]}"
        if "gunicorn" in production:
            return ("gunicorn", "--bind", "0.0.0.0:8000", name), ()
        doubt = "gunicorn is no dependency: the container starts Flask's development server"
        return ("python", "-m", "flask", "--app", name, "run", "--host=0.0.0.0", "--port=8000"), (doubt,)
    words = ("python", "-m", "uvicorn", f"{module}:{factory or found[1]}")
    words += ("--host=0.0.0.0", "--port=8000", *(("--factory",) if factory else ()))
    installed = production & {"uvicorn", "uvicorn[standard]", "fastapi[standard]", "fastapi[all]"}
    return words, () if installed else ("uvicorn is no dependency: the container needs it to start",)


def _django(tree: Tree, production: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wsgi = next((p for p in tree.named(r"wsgi\.py")), "")
    if wsgi and "gunicorn" in production:
        return ("gunicorn", "--bind", "0.0.0.0:8000", f"{_module(wsgi)}:application"), ()
    doubt = "gunicorn is no dependency: the container starts Django's development server"
    return ("python", "manage.py", "runserver", "0.0.0.0:8000"), (doubt,)


def _module(path: str) -> str:
    plain = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    return plain.replace("/", ".")


def _port(tree: Tree, framework: str, start: tuple[str, ...]) -> int:
    if not framework:
        return 0
    if any("8000" in word for word in start):
        return 8000
    found = next((m for p in tree.sources(".py") if (m := _PORT.search(tree.read(p)))), None)
    return int(found[1]) if found else 8000


def image_version(project: Project) -> str:
    """The version of the language that the container runs: the lowest that the project says it works with."""
    return project.version or "3.13"
