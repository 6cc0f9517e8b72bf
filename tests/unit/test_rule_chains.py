"""Chains of imports: a rule about layers is broken through a third module as well, and its new import is named."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.guard.checks.rules import tools
from loopwright.guard.checks.rules.boundaries import Boundary, Edge, boundaries
from loopwright.guard.checks.rules.check import RuleCheck
from loopwright.guard.checks.rules.import_linter import read_chains
from loopwright.guard.directives import compile_text
from loopwright.testing.judging import judge_change, write_tree

ORDER = "- Imports flow one way: `controllers` -> `services` -> `models`\n"
APART = "- `shop/core` must not depend on `shop/web`.\n"
IMPORTS = "- `shop/core` must not import from `shop/web`.\n"

Tree = dict[str, str]
PYTHON: Tree = {
    "shop/__init__.py": "",
    "shop/controllers/__init__.py": "",
    "shop/controllers/orders.py": "from shop.services import prices\n",
    "shop/services/prices.py": "import shop.models.order\n",
    "shop/models/order.py": "PRICE = 1\n",
    "shop/tools/text.py": "def plain(x: str) -> str:\n    return x\n",
    "shop/core/a.py": "A = 1\n",
    "shop/web/b.py": "B = 1\n",
}


def judge(root: Path, rules: str, before: Tree, change: dict[str, str | bytes | None]) -> Verdict:
    write_tree(root, before)

    async def run() -> tuple[Verdict, ...]:
        return await judge_change(root, change, [RuleCheck()], Requirement(goal="x"), compile_text(rules))

    (verdict,) = anyio.run(run)
    return verdict


def places(verdict: Verdict) -> list[tuple[str, int]]:
    return sorted((f.file, f.line) for f in verdict.findings)


def test_a_chain_through_a_module_of_no_layer_is_stopped_at_the_import_that_closes_it(tmp_path: Path) -> None:
    up = "import os\n\nfrom shop.controllers import orders\n"
    before = PYTHON | {"shop/models/order.py": "from shop.tools import text\n"}
    bad = judge(tmp_path / "bad", ORDER, before, {"shop/tools/text.py": up})
    assert bad.red and places(bad) == [("shop/tools/text.py", 3)]
    assert "shop/models/order.py -> shop/tools/text.py -> shop/controllers/orders.py" in bad.findings[0].reason
    good = judge(tmp_path / "good", ORDER, before, {"shop/tools/text.py": "import shop.models.order\n"})
    assert good.verdict == "passed" and "import-linter looked" in good.evidence


def test_what_lies_in_no_package_file_is_a_package_all_the_same(tmp_path: Path) -> None:
    before = {f"src/{path}": text for path, text in PYTHON.items() if not path.endswith("__init__.py")}
    change: dict[str, str | bytes | None] = {
        "src/shop/models/order.py": "from shop.tools import text\n",
        "src/shop/tools/text.py": "from shop.controllers import orders\n",
    }
    bad = judge(tmp_path, ORDER, before, change)
    assert places(bad) == [("src/shop/models/order.py", 1), ("src/shop/tools/text.py", 1)]


def test_a_rule_of_dependence_is_broken_by_a_chain_and_one_of_imports_is_not(tmp_path: Path) -> None:
    change: dict[str, str | bytes | None] = {
        "shop/core/a.py": "from shop.tools import text\n",
        "shop/tools/text.py": "from shop.web import b\n",
    }
    assert places(judge(tmp_path / "a", APART, PYTHON, change)) == [("shop/core/a.py", 1), ("shop/tools/text.py", 1)]
    assert judge(tmp_path / "b", IMPORTS, PYTHON, change).verdict == "passed"


def test_where_such_chains_were_there_before_the_rule_speaks_of_imports(tmp_path: Path) -> None:
    before = PYTHON | {"shop/core/a.py": "from shop.tools import text\n", "shop/tools/text.py": "import shop.web.b\n"}
    change: dict[str, str | bytes | None] = {"shop/core/c.py": "from shop.tools import text\n"}
    verdict = judge(tmp_path / "a", APART, before, change)
    assert verdict.verdict == "passed" and "were there before" in verdict.evidence
    assert places(judge(tmp_path / "b", APART, before, {"shop/core/c.py": "import shop.web.b\n"})) == [
        ("shop/core/c.py", 1)
    ]


def test_a_package_of_the_project_is_never_imported_in_the_place_of_a_tool_s_own(tmp_path: Path) -> None:
    evil = {f"{name}/__init__.py": f"open({str(tmp_path / 'ran')!r}, 'w')\n" for name in ("json", "click", "grimp")}
    judge(tmp_path / "p", ORDER, PYTHON | evil, {"shop/models/order.py": "from shop.tools import text\n"})
    assert not (tmp_path / "ran").exists()


def test_without_import_linter_imports_are_judged_and_chains_are_said_not_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(tools.shutil, "which", lambda name, path=None: None)
    verdict = judge(tmp_path / "a", ORDER, PYTHON, {"shop/models/order.py": "from shop.tools import text\n"})
    assert (
        verdict.verdict == "passed"
        and "chains of imports are not judged: lint-imports is not installed" in verdict.evidence
    )
    bad = judge(tmp_path / "b", ORDER, PYTHON, {"shop/models/order.py": "from shop.services import prices\n"})
    assert places(bad) == [("shop/models/order.py", 1)]


def test_a_text_that_is_no_python_leaves_the_imports_judged(tmp_path: Path) -> None:
    before = PYTHON | {"shop/tools/broken.py": "def (:\n"}
    verdict = judge(
        tmp_path, ORDER, before, {"shop/models/order.py": "import shop.tools.text\nimport shop.controllers.orders\n"}
    )
    assert places(verdict) == [("shop/models/order.py", 2)] and "not judged" in verdict.evidence


def test_each_module_that_begins_a_chain_is_read_with_its_own_line() -> None:
    said = """Broken contracts
----------------

0
-

app.low is not allowed to import app.high:

- app.low.a (l.1)
  & app.low.b (l.2, l.5)
  & app.low.c -> app.mid (l.3)
  app.mid -> app.high.x (l.4)
             & app.high.y (l.6)

-   app.low.d -> app.high (l.7)
"""
    modules = {"app.mid": "app/mid.py"}
    end = Edge("app/mid.py", 4, "app.high.x")
    assert list(read_chains(said, modules)) == [
        (Edge("app.low.a", 1, "app/mid.py"), end),
        (Edge("app.low.b", 2, "app/mid.py"), end),
        (Edge("app.low.c", 3, "app/mid.py"), end),
        (Edge("app.low.d", 7, "app.high"),),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ORDER, {Boundary(("a/services",), ("a/controllers",)), Boundary(("a/models", "b/model"), ("a/controllers",)), Boundary(("a/models", "b/model"), ("a/services",))}),
        ("- `a/services` must not depend on `b`.\n", {Boundary(("a/services",), ("b",))}),
        ("- Features must not depend on each other.\n", {Boundary(("features/x",), ("features/y",)), Boundary(("features/y",), ("features/x",))}),
        ("- `a` must not depend on `a/models`.\n", set()),
        ("- `a/models` must not depend on `nothing`.\n", set()),
    ],
)  # fmt: skip
def test_a_rule_comes_to_boundaries_between_the_folders_that_are_there(rule: str, expected: set[Boundary]) -> None:
    paths = [
        "a/controllers/x.py",
        "a/services/y.py",
        "a/models/z.py",
        "b/model.py",
        "features/x/i.py",
        "features/y/i.py",
    ]
    (compiled,) = compile_text(rule)
    assert set(boundaries(compiled, [*paths, "tests/models/t.py", "node_modules/models/m.js"])) == expected


def cruiser(root: Path, *violations: dict[str, object]) -> None:
    """A dependency-cruiser that was told boundaries and answers with these violations."""
    program = root / "node_modules/.bin/depcruise"
    program.parent.mkdir(parents=True)
    answer = json.dumps({"summary": {"violations": list(violations)}})
    program.write_text(f"#!/bin/sh\ngrep -q '\"reachable\":true' \"$2\" || exit 3\necho '{answer}'\n")
    program.chmod(0o755)


SCRIPT: Tree = {"src/controllers/c.js": "", "src/services/s.js": "", "src/models/m.js": "", "src/lib/h.js": ""}
REACHED = {
    "from": "src/models/m.js", "to": "src/controllers/c.js", "rule": {"severity": "error", "name": "1"},
    "via": [{"name": "src/lib/h.js", "dependencyTypes": ["local"]}, {"name": "src/controllers/c.js", "dependencyTypes": []}],
}  # fmt: skip


def test_what_dependency_cruiser_reaches_is_named_at_the_import_the_change_brings(tmp_path: Path) -> None:
    cruiser(tmp_path, REACHED)
    before = SCRIPT | {"src/models/m.js": "const h = require('../lib/h');\n"}
    bad = judge(tmp_path, ORDER, before, {"src/lib/h.js": "'use strict';\nconst c = require('../controllers/c');\n"})
    assert bad.red and places(bad) == [("src/lib/h.js", 2)]
    assert "src/models/m.js -> src/lib/h.js -> src/controllers/c.js" in bad.findings[0].reason


def test_a_chain_that_the_change_does_not_close_is_old(tmp_path: Path) -> None:
    cruiser(tmp_path, REACHED)
    old = {"src/models/m.js": "require('../lib/h');\n", "src/lib/h.js": "require('../controllers/c');\n"}
    verdict = judge(tmp_path, ORDER, SCRIPT | old, {"src/services/s.js": "require('../models/m');\n"})
    assert verdict.verdict == "passed" and "dependency-cruiser looked" in verdict.evidence


def test_without_dependency_cruiser_chains_are_said_not_to_be_judged(tmp_path: Path) -> None:
    verdict = judge(tmp_path, ORDER, SCRIPT, {"src/services/s.js": "require('../models/m');\n"})
    assert verdict.verdict == "passed" and "dependency-cruiser is not installed" in verdict.evidence


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("shop/core/c.py", "import shop.web.b\n"),
        ("shop/core/c.py", "from shop.web import b\n"),
        ("shop/core/c.py", "from shop import web\n"),
        ("shop/core/c.py", "from ..web import b\n"),
        ("shop/core/c.py", "from .. import web\n"),
        ("shop/core/c.ts", "import b from '../web/b'\n"),
        ("shop/core/C.java", "import com.shop.web.B;\n"),
    ],
)
def test_a_part_that_is_named_by_its_path_is_known_in_every_spelling_of_an_import(
    tmp_path: Path, path: str, line: str
) -> None:
    assert places(judge(tmp_path / "a", IMPORTS, PYTHON, {path: line})) == [(path, 1)]
    assert judge(tmp_path / "b", IMPORTS, PYTHON, {path: line.replace("web", "webs")}).verdict == "passed"
