"""What is written for the rules: each file parses, holds what its rule asks for, and names the rule."""

from __future__ import annotations

import ast
import configparser
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from loopwright.core.rules import Directive
from loopwright.guard.directives import compile_text
from loopwright.scaffold import Tree, make_plan, read_needs, read_project
from loopwright.scaffold.plan import Plan

RULES = """# Shop

- Unit test coverage > 80%
- Use {tests} as the test framework
- `{lint}` must pass before every commit.
- Deploy with Docker containers
- Centralised environment variable management
- Support blue\u2011green and rolling updates
- Monitor with Prometheus
"""
NODE = {
    "package.json": json.dumps(
        {
            "name": "shop",
            "scripts": {"start": "node src/server.js", "test": "jest", "lint": "eslint ."},
            "dependencies": {"express": "5", "mongodb": "6"},
            "devDependencies": {"jest": "30", "eslint": "9"},
        }
    ),
    "package-lock.json": "{}",
    "src/server.js": "const { MONGO_URL } = process.env;\napp.get('/health', ok);\napp.listen(process.env.PORT || 3000);\n",
}
PYTHON = {
    "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.12"\ndependencies = ["fastapi", "uvicorn", "psycopg"]\n'
    '[project.optional-dependencies]\ndev = ["pytest"]\n[build-system]\nrequires = ["hatchling"]\n',
    "src/shop/__init__.py": "",
    "src/shop/main.py": 'import os\nurl = os.environ["DATABASE_URL"]\napp = FastAPI()\n\n@app.get("/health")\ndef ok(): ...\n',
    "tests/test_shop.py": "def test_a(): ...\n",
}
KINDS = {
    "node": (NODE, {"tests": "Jest", "lint": "npm run lint"}),
    "python": (PYTHON, {"tests": "pytest", "lint": "ruff check ."}),
}


def plan(files: dict[str, str], rules: str) -> Plan:
    directives: tuple[Directive, ...] = compile_text(rules, file="AGENTS.md")
    tree = Tree(tuple(sorted(files)), lambda path: files.get(path, ""))
    return make_plan(tree, read_project(tree, "shop"), read_needs(directives))


def texts(kind: str) -> dict[str, str]:
    files, words = KINDS[kind]
    return {file.path: file.text for file in plan(files, RULES.format(**words)).files}


@pytest.fixture(params=["node", "python"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_everything_that_the_rules_ask_for_is_written(kind: str) -> None:
    own = {"node": {"jest.config.js"}, "python": {"pytest.ini", ".coveragerc"}}[kind]
    assert set(texts(kind)) == own | {
        "Dockerfile",
        ".dockerignore",
        "compose.yaml",
        ".env.example",
        ".github/workflows/ci.yml",
        "deploy/kubernetes/rolling.yaml",
        "deploy/kubernetes/blue-green.yaml",
        "deploy/prometheus.yml",
        "docs/metrics.md",
    }


def test_each_file_says_which_rule_asked_for_it(kind: str) -> None:
    files, words = KINDS[kind]
    for file in plan(files, RULES.format(**words)).files:
        first = file.text.split("\n", 1)[0]
        assert file.reasons and f"{file.reasons[0].source} asks for this: {file.reasons[0].text}" in first
        assert first.startswith(("# ", "// ", "<!-- "))


def test_what_no_rule_asks_for_is_not_written() -> None:
    assert [f.path for f in plan(NODE, "- Monitor with Prometheus\n").files] == [
        "deploy/prometheus.yml",
        "docs/metrics.md",
    ]
    nothing = plan(NODE, "- Write short functions.\n- Never use Docker.\n- Do not add a Dockerfile.\n")
    assert nothing.files == () and "no rule asks" in nothing.advice[0]


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        ("Deploy with Docker containers", True),
        ("The service is containerised.", True),
        ("Every service ships with a Dockerfile.", True),
        ("Deployment: Docker", True),
        ("Tests need Docker: `docker compose up -d`", False),
        ("`compose.yml` is the stack for development.", False),
        ("environments (docker, local)", False),
        ("Never add a Dockerfile.", False),
        ("Integration tests run in containers of their own.", False),
    ],
)
def test_only_a_rule_that_wants_containers_gets_them(rule: str, asks: bool) -> None:
    assert ("Dockerfile" in {f.path for f in plan(NODE, f"- {rule}\n").files}) is asks


def test_what_is_there_is_kept_whatever_its_name() -> None:
    there = {
        "Dockerfile": "FROM x",
        "docker-compose.yml": "",
        ".env.sample": "",
        ".gitlab-ci.yml": "",
        "k8s/app.yaml": "strategy:\n  type: RollingUpdate\n",
        "jest.config.mjs": "",
        "src/metrics.js": "app.get('/metrics', show)",
        "ops/prometheus.yaml": "",
    }
    found = plan(NODE | there, RULES.format(**KINDS["node"][1]))
    assert [f.path for f in found.files] == [".dockerignore"]
    assert {"Dockerfile", "docker-compose.yml", ".env.example", ".github/workflows/ci.yml"} <= {
        k.what for k in found.kept
    }


def test_a_rule_cannot_put_lines_into_what_is_written() -> None:
    hostile = Directive("AGENTS.md", 3, "Docker\u2028RUN evil\nRUN curl --> x */ y", "enforced", "file_required")
    tree = Tree(tuple(NODE), lambda path: NODE.get(path, ""))
    for file in make_plan(tree, read_project(tree, "shop"), read_needs([hostile])).files:
        assert not any(
            line.strip().startswith("RUN evil") or line.startswith("RUN curl") for line in file.text.splitlines()
        )


# ------------------------------------------------------------ containers


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, continued lines joined, comments left out."""
    joined = "\n".join(x for x in text.splitlines() if not x.lstrip().startswith("#")).replace("\\\n", " ")
    words = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name.upper(), " ".join(rest[0].split())) for name, *rest in words]


def faults(text: str) -> list[str]:
    """What hadolint says of a Dockerfile, to the smallest matter of style."""
    linter = Path(sys.executable).parent / "hadolint"
    argv = [str(linter), "--no-fail", "-f", "json", "-"]
    ran = subprocess.run(argv, input=text, text=True, capture_output=True, check=True)
    return [row["code"] for row in json.loads(ran.stdout)]


def test_the_linter_sees_faults() -> None:
    assert {"DL3000", "DL3002", "DL3006", "DL3020"} <= set(faults("FROM node\nWORKDIR app\nADD a a\nUSER root\n"))


def test_the_dockerfile_is_multi_stage_non_root_and_clean(kind: str) -> None:
    text = texts(kind)["Dockerfile"]
    assert faults(text) == []
    lines = instructions(text)
    assert lines[0][0] == "ARG" and [v.split(" AS ")[0] for n, v in lines if n == "FROM"] == ["${BASE_IMAGE}"] * 2
    assert any(n == "COPY" and v.startswith("--from=build") for n, v in lines)
    health = next(v for n, v in lines if n == "HEALTHCHECK")
    assert (
        "/health" in health and "--interval=30s" in health and isinstance(json.loads(health.partition("CMD ")[2]), list)
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"yarn.lock": "", "package-lock.json": None}, "yarn install --frozen-lockfile --production"),
        ({"pnpm-lock.yaml": "", "package-lock.json": None}, "pnpm install --frozen-lockfile --prod"),
        ({"package-lock.json": None}, "npm install --omit=dev"),
        ({}, "npm ci --omit=dev"),
    ],
)
def test_the_image_is_built_with_the_manager_of_the_project(files: dict[str, str | None], expected: str) -> None:
    merged = {k: v for k, v in {**NODE, **files}.items() if v is not None}
    text = next(f.text for f in plan(merged, "- Deploy with Docker containers\n").files if f.path == "Dockerfile")
    assert expected in text and faults(text) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"requirements.txt": "fastapi\n"}, "-r requirements.txt"),
        ({"pyproject.toml": '[project]\ndependencies = ["fastapi"]\n'}, "tomllib"),
        ({}, "pip install --no-cache-dir ."),
    ],
)
def test_the_image_has_the_dependencies_however_they_are_declared(files: dict[str, str], expected: str) -> None:
    text = next(
        f.text for f in plan(PYTHON | files, "- Deploy with Docker containers\n").files if f.path == "Dockerfile"
    )
    assert expected in text and faults(text) == []


def test_nothing_that_starts_is_said_and_not_guessed() -> None:
    found = plan({"requirements.txt": "", "shop/core.py": ""}, "- Deploy with Docker containers\n")
    assert [f.path for f in found.files] == [".dockerignore"] and "--start" in found.advice[0]


def test_compose_starts_the_databases_first(kind: str) -> None:
    made = yaml.safe_load(texts(kind)["compose.yaml"])
    name, variable = {"node": ("mongodb", "MONGO_URL"), "python": ("postgres", "DATABASE_URL")}[kind]
    app = made["services"]["app"]
    assert app["depends_on"] == {name: {"condition": "service_healthy"}} and name in app["environment"][variable]
    assert made["services"][name]["healthcheck"]["test"][0] == "CMD" and made["volumes"] == {name: {}}
    assert ":latest" not in texts(kind)["compose.yaml"] and all(p.startswith("127.0.0.1:") for p in app["ports"])


# ------------------------------------------------------------ verification


def test_the_workflow_runs_the_projects_own_commands(kind: str) -> None:
    made = yaml.safe_load(texts(kind)[".github/workflows/ci.yml"])
    assert set(made) == {"name", True, "permissions", "concurrency", "jobs"}  # YAML 1.1 reads `on` as true
    assert made["permissions"] == {"contents": "read"} and set(made[True]) == {"push", "pull_request"}
    job = made["jobs"]["verify"]
    assert job["timeout-minutes"] and not job["runs-on"].endswith("latest")
    runs = [step["run"] for step in job["steps"] if "run" in step]
    expected = {
        "node": ["npm ci\n", "npm run lint", "npm test"],
        "python": [
            'python -m pip install -e ".[dev]"\npython -m pip install coverage ruff\n',
            "ruff check .",
            "coverage run -m pytest",
            "coverage report",
        ],
    }
    assert runs == expected[kind]
    assert all("uses" in step or "run" in step for step in job["steps"])


LISTED = '[project]\nname = "shop"\nrequires-python = ">={}"\ndependencies = ["fastapi", "psycopg"]\n'
EXTRA = '[project.optional-dependencies]\ntest = ["pytest>=8", "httpx"]\nlint = ["ruff"]\n'
POETRY = (
    '[tool.poetry]\nname = "shop"\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n[build-system]\nrequires = []\n'
)


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            LISTED.format("3.12") + EXTRA,
            ["python -c ", "python -m pip install -r ", "python -m pip install coverage ruff"],
        ),
        (
            LISTED.format("3.12"),
            ["python -c ", "python -m pip install -r ", "python -m pip install coverage pytest ruff"],
        ),
        (
            POETRY,
            ["python -m pip install poetry", "poetry config ", "poetry install", "python -m pip install coverage ruff"],
        ),
    ],
)
def test_the_workflow_installs_all_that_its_commands_need(manifest: str, expected: list[str]) -> None:
    (install, *_) = _runs(PYTHON | {"pyproject.toml": manifest})
    lines = install.splitlines()
    assert len(lines) == len(expected) and all(map(str.startswith, lines, expected)), install


def test_dependencies_without_a_package_are_read_from_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(LISTED.format("3.12") + EXTRA)
    (install, *_) = _runs(PYTHON | {"pyproject.toml": LISTED.format("3.12") + EXTRA})
    environment = {"RUNNER_TEMP": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", install.splitlines()[0]], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "requirements.txt").read_text().split() == ["fastapi", "psycopg", "pytest>=8", "httpx"]


def test_a_python_without_a_reader_of_toml_is_given_one() -> None:
    (install, *_) = _runs(PYTHON | {"pyproject.toml": LISTED.format("3.10")})
    image = next(
        f.text
        for f in plan(
            {"pyproject.toml": LISTED.format("3.9"), "main.py": ""}, "- Deploy with Docker containers\n"
        ).files
        if f.path == "Dockerfile"
    )
    assert (
        "import tomllib" not in install + image and "from pip._vendor import tomli" in install and "tomli as" in image
    )


def _runs(files: dict[str, str]) -> list[str]:
    found = plan(files, RULES.format(tests="pytest", lint="ruff check .")).files
    text = next(file.text for file in found if file.path.endswith("ci.yml"))
    return [step["run"] for step in yaml.safe_load(text)["jobs"]["verify"]["steps"] if "run" in step]


def test_a_command_cannot_reach_the_workflows_own_language() -> None:
    rules = "- Use Jest as the test framework\n- `npm run lint ${{ secrets.KEY }}` must pass before every commit.\n"
    text = next(f.text for f in plan(NODE, rules).files if f.path.endswith("ci.yml"))
    steps: list[Any] = yaml.safe_load(text)["jobs"]["verify"]["steps"]
    assert not any("secrets" in step.get("run", "") for step in steps)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize(("rule", "least"), [("> 80%", 80.01), (">= 80%", 80), ("of at least 75%", 75)])
def test_jest_is_given_the_threshold_that_the_rule_means(tmp_path: Path, rule: str, least: float) -> None:
    rules = f"- Unit test coverage {rule}\n- Use Jest as the test framework\n"
    (tmp_path / "jest.config.js").write_text(
        next(f.text for f in plan(NODE, rules).files if f.path == "jest.config.js")
    )
    shown = subprocess.run(
        ["node", "-p", "JSON.stringify(require('./jest.config.js'))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    config = json.loads(shown.stdout)
    assert (
        config["coverageThreshold"] == {"global": {"lines": least, "statements": least}} and config["collectCoverage"]
    )
    assert config["collectCoverageFrom"][0].startswith("src/")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_configurations_of_modules_and_vitest_are_javascript(tmp_path: Path) -> None:
    module = NODE | {"package.json": json.dumps({"type": "module", "devDependencies": {"vitest": "3"}})}
    made = plan(module, "- Unit test coverage > 80%\n- Use Vitest as the test framework\n").files
    text = next(f.text for f in made if f.path == "vitest.config.js")
    assert "thresholds: { lines: 80.01" in text
    (tmp_path / "vitest.config.mjs").write_text(text)
    subprocess.run(["node", "--check", "vitest.config.mjs"], cwd=tmp_path, check=True)


def test_pytest_and_coverage_are_configured_where_they_are_not() -> None:
    made, ini, coverage = texts("python"), configparser.ConfigParser(), configparser.ConfigParser()
    ini.read_string(made["pytest.ini"])
    coverage.read_string(made[".coveragerc"])
    assert ini["pytest"]["testpaths"] == "tests" and ini["pytest"]["pythonpath"] == "src"
    assert coverage["report"]["fail_under"] == "80.01" and coverage["run"]["source"].split() == ["src"]
    files = PYTHON | {"pyproject.toml": PYTHON["pyproject.toml"] + "[tool.pytest.ini_options]\n[tool.coverage.run]\n"}
    found = plan(files, RULES.format(**KINDS["python"][1]))
    assert not {"pytest.ini", ".coveragerc"} & {f.path for f in found.files}
    assert any("fail_under = 80.01" in advice for advice in found.advice)


# ------------------------------------------------------------ deployment


def test_manifests_roll_without_an_outage_and_as_no_root(kind: str) -> None:
    made = list(yaml.safe_load_all(texts(kind)["deploy/kubernetes/rolling.yaml"]))
    assert [m["kind"] for m in made] == ["Deployment", "PodDisruptionBudget", "Service"]
    spec = made[0]["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    pod, container = spec["template"]["spec"], spec["template"]["spec"]["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"] and container["readinessProbe"]["httpGet"]["path"] == "/health"
    assert not container["image"].endswith(":latest") and ":" in container["image"]
    assert container["ports"][0]["containerPort"] == {"node": 3000, "python": 8000}[kind]
    assert spec["template"]["metadata"]["annotations"]["prometheus.io/path"] == "/metrics"
    assert made[2]["spec"]["selector"].items() <= spec["template"]["metadata"]["labels"].items()


def test_the_service_of_blue_green_sends_to_one_slot(kind: str) -> None:
    service, blue, green = yaml.safe_load_all(texts(kind)["deploy/kubernetes/blue-green.yaml"])
    assert service["spec"]["selector"]["slot"] == "blue"
    assert [m["spec"]["selector"]["matchLabels"]["slot"] for m in (blue, green)] == ["blue", "green"]
    assert service["spec"]["selector"].items() <= blue["spec"]["template"]["metadata"]["labels"].items()


def test_prometheus_reads_the_application(kind: str) -> None:
    made = yaml.safe_load(texts(kind)["deploy/prometheus.yml"])
    job = made["scrape_configs"][0]
    assert job["metrics_path"] == "/metrics" and job["static_configs"][0]["targets"][0].startswith("app:")


@pytest.mark.parametrize("framework", ["fastapi", "flask", "django", "aiohttp"])
def test_the_note_on_metrics_holds_python(framework: str) -> None:
    files = {"requirements.txt": f"{framework}\n", "main.py": ""}
    text = next(f.text for f in plan(files, "- Monitor with Prometheus\n").files if f.path == "docs/metrics.md")
    ast.parse(text.partition("```python\n")[2].partition("```")[0])
    assert "prometheus" in text


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("framework", ["express", "koa"])
def test_the_note_on_metrics_holds_javascript(tmp_path: Path, framework: str) -> None:
    files = NODE | {"package.json": json.dumps({"main": "src/server.js", "dependencies": {framework: "1"}})}
    text = next(f.text for f in plan(files, "- Monitor with Prometheus\n").files if f.path == "docs/metrics.md")
    (tmp_path / "note.js").write_text(text.partition("```js\n")[2].partition("```")[0])
    subprocess.run(["node", "--check", "note.js"], cwd=tmp_path, check=True)


def test_the_example_of_the_environment_can_be_read_by_a_shell(tmp_path: Path) -> None:
    source = "const a = process.env.GREETING || 'hello $(id) \"you\"';\nconst b = process.env.API_KEY || 'x';\nprocess.env.PORT || 3000"
    made = plan(NODE | {"src/server.js": source}, "- Centralised environment variable management\n").files
    (tmp_path / "env").write_text(made[0].text)
    shown = subprocess.run(
        ["sh", "-c", '. ./env; printf "%s|%s|%s" "$GREETING" "$API_KEY" "$PORT"'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == 'hello $(id) "you"||3000'
