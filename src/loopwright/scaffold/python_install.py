"""How what a Python project lists is installed: in its image, and where its checks run."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.scaffold.project import Project
from loopwright.scaffold.python import named, requirements
from loopwright.scaffold.tree import Tree, table, texts

_PIP = "python -m venv /opt/venv \\\n && /opt/venv/bin/python -m pip install --no-cache-dir"
_REQUIREMENTS = expression(r"requirements[\w.-]*\.txt")
_EXTRAS = ("dev", "test", "tests", "testing")
_POETRY = ("python -m pip install poetry", "poetry config virtualenvs.create false", "poetry install")
_FILE = '"$RUNNER_TEMP/requirements.txt"'


def for_image(project: Project) -> str:
    """Return the lines of a Dockerfile that install what production needs."""
    if project.build == "requirements":
        return f"COPY requirements.txt ./\nRUN {_PIP} -r requirements.txt"
    if project.build == "package":
        return f"COPY . .\nRUN {_PIP} ."
    if project.build == "listed":
        listed = f'python -c "{_listing(project, [])}" > requirements.txt'
        return f"COPY pyproject.toml ./\nRUN {listed} \\\n && {_PIP} -r requirements.txt"
    return "RUN python -m venv /opt/venv"


def for_checks(tree: Tree, project: Project) -> tuple[list[str], frozenset[str]]:
    """Return the commands that install what is listed, development's included, and the names of what they bring."""
    manifest = tree.toml("pyproject.toml")
    files = sorted(path for path in tree.paths if _REQUIREMENTS.fullmatch(path))
    found = [f"python -m pip install -r {path}" for path in files]
    brought = requirements(tree, files)
    if project.manager == "poetry":
        return [*found, *_POETRY], brought | project.dependencies
    optional = table(manifest, "project", "optional-dependencies")
    extras = [extra for extra in optional if extra in _EXTRAS]
    listed = texts(table(manifest, "project").get("dependencies"))
    listed += [name for extra in extras for name in texts(optional[extra])]
    if project.build == "package" or (found and table(manifest, "build-system")):
        found.append(f'python -m pip install -e ".[{",".join(extras)}]"' if extras else "python -m pip install -e .")
        brought |= named(listed)
    elif listed and not found:  # no package, so pip cannot be told to install it
        found += [f'python -c "{_listing(project, extras)}" > {_FILE}', f"python -m pip install -r {_FILE}"]
        brought |= named(listed)
    groups = {name: group for name, group in table(manifest, "dependency-groups").items() if name in _EXTRAS}
    if groups:
        found.append("python -m pip install --upgrade pip")
        found.append(f"python -m pip install {' '.join(f'--group {name}' for name in groups)}")
        brought |= named([name for group in groups.values() for name in texts(group)])
    return found, brought


def _listing(project: Project, extras: list[str]) -> str:
    """A program that prints the dependencies of pyproject.toml, and of its extras, one a line."""
    # Python has a reader of TOML since 3.11; pip has always brought one along for those before.
    old = project.version and tuple(int(part) for part in project.version.split(".")) < (3, 11)
    reader = "from pip._vendor import tomli as tomllib" if old else "import tomllib"
    more = "".join(f", *p['optional-dependencies']['{extra}']" for extra in extras)
    opened = "p = tomllib.load(open('pyproject.toml', 'rb'))['project']"
    return f"{reader}; {opened}; print(*p.get('dependencies', []){more}, sep=chr(10))"
