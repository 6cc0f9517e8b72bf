"""What is read from manifests and sources."""

from __future__ import annotations

import json

from loopwright.scaffold import Project, Tree, read_project


def project(files: dict[str, str]) -> Project:
    return read_project(Tree(tuple(sorted(files)), lambda path: files.get(path, "")), "The Shop")


def test_a_fastapi_project_is_started_by_its_application() -> None:
    found = project(
        {
            "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.12"\ndependencies = ["fastapi", "uvicorn", "asyncpg"]\n[build-system]\n',
            "src/shop/main.py": 'app = FastAPI()\n\n@app.get("/healthz")\ndef health(): ...\n',
        }
    )
    assert found.start == ("python", "-m", "uvicorn", "shop.main:app", "--host=0.0.0.0", "--port=8000")
    assert (found.language, found.version, found.framework, found.port) == ("python", "3.12", "fastapi", 8000)
    assert (found.health, found.databases, found.layout, found.build) == ("/healthz", ("postgres",), "src", "package")
    assert found.doubts == ()


def test_a_factory_is_called_and_a_missing_server_is_said() -> None:
    files = {"requirements.txt": "flask==3\n", "shop/__init__.py": "def create_app():\n    ...\n"}
    found = project(files)
    assert "shop:create_app()" in found.start and "gunicorn is no dependency" in found.doubts[0]
    found = project(files | {"requirements.txt": "Flask>=3\ngunicorn  # server\n"})
    assert found.start == ("gunicorn", "--bind", "0.0.0.0:8000", "shop:create_app()") and not found.doubts


def test_a_node_project_is_started_as_its_script_says() -> None:
    manifest = {"name": "@acme/shop", "engines": {"node": ">=20.1"}, "dependencies": {"express": "5", "ioredis": "5"}}
    manifest |= {"scripts": {"start": "node src/server.js", "test": "jest", "lint": "eslint ."}}
    found = project({"package.json": json.dumps(manifest), "src/server.js": "app.listen(process.env.PORT ?? 4000)"})
    assert (found.name, found.version, found.framework, found.tests) == ("shop", "20", "express", "jest")
    assert (found.start, found.port, found.databases) == (("node", "src/server.js"), 4000, ("redis",))
    assert [(c.line, c.use) for c in found.commands] == [("npm run lint", "lint"), ("npm test", "test")]


def test_a_start_script_of_several_programs_is_left_to_the_manager() -> None:
    scripts = {"start": "node migrate.js && node server.js", "test": 'echo "Error: no test specified" && exit 1'}
    found = project({"package.json": json.dumps({"scripts": scripts}), "pnpm-lock.yaml": ""})
    assert found.start == ("pnpm", "start") and found.manager == "pnpm" and found.commands == ()


def test_of_two_manifests_the_one_that_serves_is_chosen() -> None:
    found = project(
        {
            "package.json": '{"devDependencies": {"prettier": "3"}, "scripts": {"lint": "prettier -c ."}}',
            "pyproject.toml": '[project]\ndependencies = ["flask"]\n[tool.ruff]\n',
            "app.py": "app = Flask(__name__)\n",
        }
    )
    assert found.language == "python" and "manifests of python and node" in found.doubts[-1]
    assert {"ruff check .", "npm run lint"} <= {c.line for c in found.commands}


def test_broken_manifests_are_no_failure() -> None:
    assert project({"package.json": "[1", "pyproject.toml": "= ="}).language == "python"
    odd = {"package.json": '{"scripts": [], "engines": 5, "dependencies": null, "name": 3}', "server.js": ""}
    assert project(odd).start == ("node", "server.js")
    assert project({"README": "hello"}).language == ""


def test_every_variable_of_javascript_is_found_and_no_secret_is_shown() -> None:
    source = """
const { MONGO_URL, LOG_LEVEL = 'info', CACHE: cache = 'off' } = process.env;
const port = Number(process.env.PORT) || 3000;
const key = process.env['API_KEY'] || 'sk-live-1';
const home = process.env.HOME;
"""
    found = {v.name: (v.line, v.default) for v in project({"package.json": "{}", "a.js": source}).environment}
    assert found == {
        "API_KEY": (4, ""),
        "CACHE": (2, "off"),
        "LOG_LEVEL": (2, "info"),
        "MONGO_URL": (2, ""),
        "PORT": (3, "3000"),
    }


def test_every_variable_of_python_is_found() -> None:
    source = """
import os
from os import environ, getenv
A = os.environ["ALPHA"]
B = os.environ.get("BETA", "two")
C = getenv("GAMMA", 3)
D = environ.setdefault("DB_PASSWORD", "hunter2")
E = os.environ[name]

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    debug: bool = False
    api_token: str
"""
    files = {
        "requirements.txt": "",
        "shop/settings.py": source,
        "tests/test_a.py": 'os.environ["ONLY_IN_TESTS"]',
        "bad.py": "environ (",
    }
    found = {v.name: v.default for v in project(files).environment}
    assert found == {
        "ALPHA": "",
        "BETA": "two",
        "GAMMA": "3",
        "DB_PASSWORD": "",
        "SHOP_DEBUG": "false",
        "SHOP_API_TOKEN": "",
    }


def test_a_makefile_says_how_a_project_is_tested_whose_manifest_does_not() -> None:
    makefile = "test:\n\tpython3 check.py\nlint:\n\truff check\n"
    silent = project({"Makefile": makefile, "check.py": "assert True\n"})
    assert [c.line for c in silent.commands] == ["make test", "make lint"]
    told = {"Makefile": makefile, "package.json": '{"scripts": {"test": "node --test"}}'}
    assert [c.line for c in project(told).commands] == ["npm test", "make lint"]
