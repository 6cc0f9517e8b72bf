"""The two sample applications keep every rule of their AGENTS.md; each rule that can be broken is broken and caught.

The packages are installed from the registries once; the judging itself runs in the sandbox, without a network.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.runtime.checking import Order, check_tree
from loopwright.runtime.host import Host
from loopwright.runtime.rules import read_rules

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
EXAMPLES = Path(__file__).parents[2] / "examples"
#: Old words -> new words; None as old adds the file, None as new deletes it.
Edits = dict[str, tuple[str | None, str | None]]


class Planted:
    """A rule's words, the edits that break it, and the file that must be named ("" = none)."""

    def __init__(self, rule: str, edits: Edits, file: str = "", partly: bool = False) -> None:
        self.rule, self.edits, self.file, self.partly = rule, edits, file, partly


BROKEN_HTTPS = ("helmet(), onlyHttps, origins, limit", "origins, limit")
EXPRESS = [
    Planted("Stack:", {"package.json": ('    "express": "^4.21.2",\n', "")}, "package.json"),
    Planted("Follow the Airbnb", {"src/views/shop.js": ("const customer", "var customer")}, "src/views/shop.js"),
    Planted("Follow the MVC", {"src/models/order.js": ("const { z } = require('zod');", "const { z } = require('zod');\nconst service = require('../controllers/orders');")}, "src/models/order.js"),
    Planted("Follow the MVC", {"src/models/order.js": ("const { z } = require('zod');", "const { z } = require('zod');\nconst words = require('../lib/words');"), "src/lib/words.js": (None, "'use strict';\n\nmodule.exports = require('../controllers/orders');\n")}, "src/lib/words.js"),
    Planted("All database access", {"src/controllers/orders.js": ("'use strict';\n", "'use strict';\n\nconst { MongoClient } = require('mongodb');\n")}, "src/controllers/orders.js"),
    Planted("Every endpoint answers", {"src/middleware/errors.js": ("const notFound = (req, res, next) => next(new Problem(404, 'not_found'));", "const notFound = (req, res) => { res.status(404).type('html'); res.end('<h1>no</h1>'); };")}, "src/middleware/errors.js"),
    Planted("Passwords are hashed", {"src/services/customers.js": ("await bcrypt.hash(password, bcryptCost)", "Buffer.from(password).toString('base64')")}, "src/services/customers.js"),
    Planted("Rate-limit every", {"src/middleware/protect.js": ("origins, limit]", "origins]")}, "src/middleware/protect.js"),
    Planted("Require HTTPS", {"src/middleware/protect.js": BROKEN_HTTPS}, "src/middleware/protect.js"),
    Planted("Keep unit test coverage", {"jest.config.js": ("lines: 85", "lines: 80")}, "jest.config.js"),
    Planted("Keep unit test coverage", {"src/services/reports.js": (None, "'use strict';\n\n" + "\n".join(f"exports.report{n} = (x) => {{\n  const y = x + {n};\n  return y;\n}};" for n in range(20)) + "\n")}),
    Planted("Tests are written with", {"tests/unit/new.test.js": (None, "const { it } = require('mocha');\n\nit('works', () => {});\n")}, "tests/unit/new.test.js"),
    Planted("Keep test data isolated", {"tests/setup.js": ("process.env.MONGO_URI = '';\n", ""), "tests/unit/reach.test.js": (None, "'use strict';\n\nconst net = require('net');\n\ntest('reaches', (done) => {\n  const { hostname, port } = new URL(process.env.MONGO_URI || 'http://127.0.0.1:1');\n  net.connect(port, hostname).on('connect', () => done()).on('error', () => done());\n});\n")}),
    Planted("Keep test data isolated", {"tests/setup.js": ("process.env.MONGO_URI = '';", "process.env.MONGO_URI = 'mongodb://db.production.example/shop';")}, "tests/setup.js"),
    Planted("The service is deployed", {"Dockerfile": ("USER 1000:1000\n", "USER root\n")}, "Dockerfile"),
    Planted("Environment variables", {"src/app.js": ("app.set('trust proxy', 1);", "app.set('trust proxy', process.env.PROXIES);")}, "src/app.js"),
    Planted("Expose metrics", {"src/middleware/metrics.js": ("requests.inc(", "Object(")}, "src/middleware/metrics.js"),
    Planted("Logs must be", {"src/server.js": ("logger.info({ port }, 'listening')", "process.stdout.write(`listening on ${port}\\n`)")}, "src/server.js"),
    Planted("Logs must be", {"src/server.js": ("logger.info({ port }, 'listening')", "console.log('listening')")}, "src/server.js"),
    Planted("Endpoints are", {"src/routes/api.js": ("router.get('/products',", "router.get('/getProducts',")}, "src/routes/api.js", partly=True),
    Planted("User-facing strings", {"locales/en.json": ('  "internal"', '  "gone": "It is gone",\n  "internal"')}, "locales/de.json", partly=True),
    Planted("Validate and sanitise", {"src/routes/search.js": (None, "'use strict';\n\nmodule.exports = (req, res) => res.json({ found: req.query.words });\n")}, "src/routes/search.js", partly=True),
    Planted("Encrypt personal data", {"src/repositories/customers.js": ("createCipheriv('aes-256-gcm', dataKey, iv)", "createCipheriv('aes-256-gcm', 'a key of thirty-two characters!!', iv)")}, "src/repositories/customers.js", partly=True),
    Planted("Integration tests", {"src/services/orders.js": ("  const total =", "  if (!found.length) throw new Problem(400, 'invalid');\n  const total =")}, "src/services/orders.js", partly=True),
    Planted("Maintain load tests", {"tests/performance/load.js": ("", None)}, partly=True),
    Planted("Support blue-green", {"deploy/kubernetes.yaml": ("RollingUpdate", "Recreate")}, partly=True),
]  # fmt: skip
FASTAPI = [
    Planted("Stack:", {"pyproject.toml": ('    "fastapi>=0.115",\n', "")}, "pyproject.toml"),
    Planted("Follow PEP 8", {"shop/views/shop.py": ("def product", "import os\n\n\ndef product")}, "shop/views/shop.py"),
    Planted("Follow the MVC", {"shop/models/order.py": ("from uuid import UUID\n", "from uuid import UUID\n\nfrom shop.controllers import shop\n")}, "shop/models/order.py"),
    Planted("Follow the MVC", {"shop/models/order.py": ("from uuid import UUID\n", "from uuid import UUID\n\nfrom shop import words\n"), "shop/words.py": (None, "from shop.controllers import shop\n")}, "shop/words.py"),
    Planted("All database access", {"shop/controllers/shop.py": ("from typing import Any\n", "from typing import Any\n\nfrom pymongo import MongoClient\n")}, "shop/controllers/shop.py"),
    Planted("Every endpoint answers", {"shop/middleware/errors.py": ('answer(request, 400, "invalid")', 'JSONResponse({"detail": "invalid"}, 422)')}, "shop/middleware/errors.py"),
    Planted("Passwords are hashed", {"shop/services/customers.py": ("bcrypt.hashpw(password.encode(), salt).decode()", "password[::-1]")}, "shop/services/customers.py"),
    Planted("Rate-limit every", {"shop/middleware/protect.py": ("limiter.hit(allowed, client)", "limiter.test(allowed, client)")}, "shop/middleware/protect.py"),
    Planted("Require HTTPS", {"shop/middleware/protect.py": ('response.headers["Strict-Transport-Security"] = HSTS', "pass")}, "shop/middleware/protect.py"),
    Planted("Require HTTPS", {"shop/middleware/protect.py": ("allow_origins=settings.ALLOWED_ORIGINS", 'allow_origins=["*"]')}, "shop/middleware/protect.py"),
    Planted("Keep unit test coverage", {"pyproject.toml": ("fail_under = 85", "fail_under = 80")}, "pyproject.toml"),
    Planted("Keep unit test coverage", {"shop/services/reports.py": (None, "".join(f"def report{n}(x: int) -> int:\n    y = x + {n}\n    z = y * 2\n    return z\n\n\n" for n in range(30)))}),
    Planted("Tests are written with", {"tests/unit/test_new.py": (None, "import unittest\n\n\nclass TestNew(unittest.TestCase):\n    pass\n")}, "tests/unit/test_new.py"),
    Planted("Keep test data isolated", {"tests/conftest.py": ('MONGO_URI="", ', ""), "tests/unit/test_reach.py": (None, "import os\nimport socket\nfrom urllib.parse import urlsplit\n\n\ndef test_reach() -> None:\n    at = urlsplit(os.environ.get('MONGO_URI', ''))\n    if at.port:\n        socket.create_connection((at.hostname, at.port)).close()\n")}),
    Planted("The service is deployed", {"Dockerfile": ("USER 1000:1000\n", "")}, "Dockerfile"),
    Planted("Environment variables", {"shop/app.py": ('"""The application, put together."""\n', '"""The application, put together."""\n\nimport os\n\nDEBUG = os.environ.get("DEBUG")\n')}, "shop/app.py"),
    Planted("Expose metrics", {"shop/middleware/metrics.py": ("_requests.labels(request.method, str(status)).inc()", "_requests.labels(request.method, str(status))")}, "shop/middleware/metrics.py"),
    Planted("Logs must be", {"shop/config/logs.py": ("    handler.setFormatter(JsonFormatter(FIELDS, rename_fields={\"levelname\": \"level\"}))\n", "")}, "shop/config/logs.py"),
    Planted("Logs must be", {"shop/app.py": ("    catalogue.stock()\n", "    catalogue.stock()\n    print('stocked')\n")}, "shop/app.py"),
    Planted("Endpoints are", {"shop/routes/api.py": ('@router.post("/orders"', '@router.post("/createOrder"')}, "shop/routes/api.py", partly=True),
    Planted("User-facing strings", {"shop/locales/de.json": ('  "internal"', '  "gone": "Es ist fort",\n  "internal"')}, "shop/locales/en.json", partly=True),
    Planted("Validate and sanitise", {"shop/routes/search.py": (None, "from fastapi import Request\n\n\nasync def search(request: Request) -> object:\n    return await request.json()\n")}, "shop/routes/search.py", partly=True),
    Planted("Encrypt personal data", {"shop/repositories/customers.py": ("Fernet(settings.DATA_KEY)", 'Fernet("c2l4dGVlbiBieXRlcyBrZXlzaXh0ZWVuIGJ5dGVzIGs=")')}, "shop/repositories/customers.py", partly=True),
    Planted("Integration tests", {"shop/services/orders.py": ("    total = 0\n", "    if not lines:\n        raise Problem(400, 'invalid')\n    total = 0\n")}, "shop/services/orders.py", partly=True),
    Planted("Maintain load tests", {"performance/locustfile.py": ("", None)}, partly=True),
    Planted("Support blue-green", {"deploy/kubernetes.yaml": ("RollingUpdate", "Recreate")}, partly=True),
]  # fmt: skip


def run(root: Path, *argv: str) -> None:
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def commit(root: Path) -> None:
    run(root, "git", "init", "-q")
    run(root, "git", "add", "-A")
    run(root, "git", "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-qm", "feat: the shop")


@pytest.fixture(scope="module")
def express(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Express application with its packages, committed."""
    if not shutil.which("npm"):
        pytest.skip("NOT TESTED: npm is not installed")
    root = tmp_path_factory.mktemp("express") / "shop"
    shutil.copytree(EXAMPLES / "02_shop_api_express", root, ignore=shutil.ignore_patterns("node_modules"))
    run(root, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent")
    commit(root)
    return root


@pytest.fixture(scope="module")
def fastapi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The FastAPI application with its packages in a virtual environment, committed."""
    root = tmp_path_factory.mktemp("fastapi") / "shop"
    shutil.copytree(EXAMPLES / "03_shop_api_fastapi", root, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    run(root, sys.executable, "-m", "venv", ".venv")
    wanted = "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*p['dependencies'])"
    listed = subprocess.run([sys.executable, "-c", wanted], cwd=root, capture_output=True, text=True, check=True)
    run(root, ".venv/bin/pip", "install", "-q", *listed.stdout.split(), "pytest", "pytest-cov", "httpx")
    commit(root)
    return root


def judge(root: Path, only: str | None = None) -> tuple[Verdict, ...]:
    return anyio.run(check_tree, Host.here(), Order(root, base="HEAD", only=only)).verdicts


def plant(root: Path, edits: Edits) -> None:
    for path, (old, new) in edits.items():
        if new is None:
            (root / path).unlink()
        elif old is None:
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(new)
        else:
            text = (root / path).read_text()
            assert old in text, f"{path} has no {old!r}"
            (root / path).write_text(text.replace(old, new, 1))


@pytest.fixture
def restored(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    for name in ("express", "fastapi"):
        if name in request.fixturenames:
            root = request.getfixturevalue(name)
            run(root, "git", "checkout", "-q", "--", ".")
            run(root, "git", "clean", "-qfd")


def caught(root: Path, planted: Planted) -> None:
    host = Host.here()
    rules = [d for d in read_rules(root, host.config, host.home).directives if d.text.startswith(planted.rule)]
    assert len(rules) == 1, f"{planted.rule!r} names {len(rules)} rules"
    plant(root, planted.edits)
    found = [v for v in judge(root, rules[0].check) if v.source == rules[0].source]
    assert [v.verdict for v in found] == ["failed"], [v.evidence for v in found]
    assert all(f.source == rules[0].source for v in found for f in v.findings)
    if planted.file:
        assert planted.file in {f.file for v in found for f in v.findings}, found[0].findings


#: What one can see of a conforming application: 2 facts, 15 rules held outright and 7 in part.
LINES = {"advised": 2, "passed": 15, "partly": 7}


def conforms(root: Path, file: str, mark: str) -> None:
    (root / file).write_text((root / file).read_text() + f"{mark} a change\n")
    verdicts = [v for v in judge(root) if v.source.startswith("AGENTS.md:")]
    seen = {name: sum(v.verdict == name for v in verdicts) for name in LINES}
    assert seen == LINES, [(v.source, v.verdict, v.evidence) for v in verdicts]
    assert not any(v.red for v in verdicts)


def test_the_express_application_conforms(express: Path, restored: None) -> None:
    run(express, "npm", "test", "--silent", "--", "--coverage")
    run(express, "npm", "run", "lint", "--silent")
    conforms(express, "src/app.js", "//")


def test_the_fastapi_application_conforms(fastapi: Path, restored: None) -> None:
    run(fastapi, ".venv/bin/python", "-m", "pytest", "-q", "--cov")
    conforms(fastapi, "shop/app.py", "#")


@pytest.mark.parametrize("planted", EXPRESS, ids=[p.rule for p in EXPRESS])
def test_a_violation_in_the_express_application_is_caught(express: Path, planted: Planted, restored: None) -> None:
    caught(express, planted)


@pytest.mark.parametrize("planted", FASTAPI, ids=[p.rule for p in FASTAPI])
def test_a_violation_in_the_fastapi_application_is_caught(fastapi: Path, planted: Planted, restored: None) -> None:
    caught(fastapi, planted)


NEW_CODE = "- New code must have at least 90% test coverage\n"
UNREACHED = {
    "express": ("src/services/orders.js", "\nmodule.exports.never = (x) => {\n  const y = x + 1;\n  return y;\n};\n"),
    "fastapi": ("shop/services/orders.py", "\n\ndef never(x: int) -> int:\n    y = x + 1\n    return y\n"),
}
REACHED = {
    "express": ("tests/unit/never.test.js", "'use strict';\n\nconst { never } = require('../../src/services/orders');\n\ntest('adds', () => expect(never(1)).toBe(2));\n"),
    "fastapi": ("tests/unit/test_never.py", "from shop.services.orders import never\n\n\ndef test_adds() -> None:\n    assert never(1) == 2\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["express", "fastapi"])
def test_the_coverage_of_new_code_is_what_its_own_lines_have(
    name: str, restored: None, request: pytest.FixtureRequest
) -> None:
    root: Path = request.getfixturevalue(name)
    (root / "AGENTS.md").write_text((root / "AGENTS.md").read_text() + f"\n{NEW_CODE}")
    path, more = UNREACHED[name]
    (root / path).write_text((root / path).read_text() + more)
    host = Host.here()
    (rule,) = [d for d in read_rules(root, host.config, host.home).directives if d.text.startswith("New code")]
    (bad,) = judge(root, rule.check)
    assert bad.verdict == "failed" and {f.file for f in bad.findings} == {path}, bad.evidence
    test, text = REACHED[name]
    (root / test).write_text(text)
    (good,) = judge(root, rule.check)
    assert good.verdict == "passed" and "changed lines 100.00 %" in good.evidence, good.evidence
