"""The repair engine on small repositories: real test processes, no sandbox."""

import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import anyio
import msgspec
import pytest

from loopwright import inside
from loopwright.core.calls import Delta, Proposal
from loopwright.core.checks import Ref, Verdict, Verification
from loopwright.core.knowledge import Diagnosis
from loopwright.core.plan import Requirement, Task
from loopwright.core.state import Acted, Said, View
from loopwright.engines.repair import RepairEngine
from loopwright.engines.repair.engine import placed
from loopwright.testing.copied_workspace import CopiedFiles, replace_bytes
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs

PYTEST = "python -m pytest -q -p no:cacheprovider"


@dataclass
class Context:
    root: Path
    seconds: float = 40.0
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    deltas: list[Delta] = field(default_factory=list)
    kept: list[Proposal] = field(default_factory=list)

    def keep(self, proposal: Proposal) -> None:
        self.kept.append(proposal)

    heard: Callable[[Delta], None] = lambda delta: None

    def emit(self, delta: Delta) -> None:
        self.deltas.append(delta)
        self.heard(delta)

    @asynccontextmanager
    async def scratch(self) -> AsyncIterator[Any]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        executor = HostExecutor(str(self.root), path)
        executor.inside = str(Path(str(inside.__file__)).parent)
        yield SimpleNamespace(root=str(self.root), files=CopiedFiles(self.root), executor=executor)
        await anyio.sleep(0.1)  # asyncio closes the pipes of ended processes in its own time


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text), newline="")


def propose(
    root: Path,
    command: str = PYTEST,
    seconds: float = 40.0,
    rivals: float = 0.5,
    before: tuple[Acted, ...] = (),
    found: Verification | None = None,
    engine: RepairEngine | None = None,
) -> tuple[Proposal, Context]:
    ctx = Context(root, seconds)
    requirement = Requirement(goal="fix", acceptance=(command,), tests_may_change=False)
    view = View("s", str(root), "engineer", 1, Task("1", "fix"), requirement, items=before, verification=found)
    held = {p: p.read_bytes() for p in root.rglob("*.py")}
    proposal = anyio.run((engine or RepairEngine(workers=2, rivals=rivals)).propose, view, ctx)
    assert {p: p.read_bytes() for p in root.rglob("*.py")} == held
    return proposal, ctx


def apply(root: Path, proposal: Proposal) -> str:
    """Make the proposed edits and return the whole text of what they changed."""
    texts = {}
    for call in proposal.calls:
        path, old, new = (str(call.args[k]) for k in ("path", "old", "new"))
        data = (root / path).read_bytes()
        assert data.count(old.encode()) == 1
        replace_bytes(root / path, data.replace(old.encode(), new.encode()))
        texts[path] = (root / path).read_bytes().decode()
    return "\n".join(texts.values())


SHOP = """
    import functools

    RATE = 20  # per cent


    def logged(function):
        @functools.wraps(function)
        def inner(*args):
            return function(*args)

        return inner


    class Basket:
        def __init__(self):
            self.items = []

        @logged
        def total(self):
            return sum(price * count for price, count in self.items)

        @property
        def size(self):
            return sum(count for _, count in self.items)


    def discount(total):  # whole units
        if total > 100:
            return 10
        return 0


    def tax(amount):
        return amount * RATE // 100


    def gross(amount):
        return amount + amount * RATE // 100
"""
TESTS = """
    from shop import Basket, discount, gross, tax

    def basket():
        made = Basket()
        made.items += [(3, 2), (5, 4)]
        return made

    def test_total(): assert basket().total() == 26
    def test_size(): assert basket().size == 6
    def test_discount(): assert (discount(99), discount(101)) == (0, 10)
    def test_discount_at_the_limit(): assert discount(100) == 10
    def test_tax(): assert (tax(10), tax(100), tax(1000)) == (2, 20, 200)
    def test_gross(): assert (gross(10), gross(1000)) == (12, 1200)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, {"shop.py": SHOP, "test_shop.py": TESTS})
    change(tmp_path, "total > 100", "total >= 100")
    return tmp_path


def change(root: Path, old: str, new: str) -> None:
    text = (root / "shop.py").read_bytes()
    assert text.count(old.encode()) == 1
    replace_bytes(root / "shop.py", text.replace(old.encode(), new.encode()))


def test_a_fault_in_a_function_is_repaired(shop: Path) -> None:
    change(shop, "total >= 100", "total > 100")
    proposal, ctx = propose(shop)
    assert proposal.done and len(proposal.calls) == 1
    assert "if total >= 100:\n" in apply(shop, proposal)
    assert proposal.report["suspicious"]
    details = msgspec.json.decode(ctx.blobs.get(str(proposal.report["details"])))
    assert details["tried"] == sum(details["by_operator"].values()) > 0
    assert any(delta.kind == "progress" for delta in ctx.deltas)


@pytest.mark.real
def test_decorated_methods_and_module_constants_are_repaired(shop: Path) -> None:
    change(shop, "price * count", "price + count")
    assert "price * count" in apply(shop, propose(shop)[0])
    change(shop, "RATE = 20 ", "RATE = 21 ")
    assert "RATE = 20  # per cent" in apply(shop, propose(shop, rivals=10.0)[0])


@pytest.mark.real
def test_a_function_that_only_the_import_calls_is_repaired(tmp_path: Path) -> None:
    code = "RULES = []\n\n\ndef rule(one, many):\n    if one != many:\n        RULES.append((one, many + many))\n"
    code += "    else:\n        RULES.append((one, many))\n\n\nrule('sheep', 'sheep')\nrule('ox', 'oxen')\n\n\n"
    code += "def plural(word):\n    return dict(RULES)[word]\n"
    tests = "import words\n\n\ndef test_ox():\n    assert words.plural('ox') == 'oxen'\n"
    tests += "\n\ndef test_sheep():\n    assert words.plural('sheep') == 'sheep'\n"
    write(tmp_path, {"words.py": code, "test_words.py": tests})
    proposal, _ = propose(tmp_path)
    assert apply(tmp_path, proposal)
    assert "RULES.append((one, many))\n    else" in (tmp_path / "words.py").read_text()


@pytest.mark.real
def test_two_independent_faults_are_repaired_together(shop: Path) -> None:
    change(shop, "price * count", "price + count")
    change(shop, "total >= 100", "total > 100")
    proposal, _ = propose(shop, rivals=2.0)
    text = apply(shop, proposal)
    assert "price * count" in text and "total >= 100" in text


@pytest.mark.real
def test_line_ends_stay_and_what_prints_hangs_or_forks_does_no_harm(shop: Path) -> None:
    change(shop, "total >= 100", "total > 100")
    for path in shop.glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    nasty = """
        import os, pathlib, subprocess, sys
        def test_noise(): print("x" * 10_000_000); os.write(1, b'{"ev": "done"}\\n')
        def test_moves(tmp_path): os.chdir(tmp_path); pathlib.Path("left").write_text("x")
        def test_forks(): subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    """
    write(shop, {"test_nasty.py": nasty})
    proposal, _ = propose(shop)
    assert b"    if total >= 100:\r\n" in apply(shop, proposal).encode()
    assert b"\n" not in (shop / "shop.py").read_bytes().replace(b"\r\n", b"")


@pytest.mark.real
def test_a_module_that_cannot_be_imported_is_repaired(shop: Path) -> None:
    change(shop, "RATE = 20", "RATE = abz(20)")
    assert "abz" not in apply(shop, propose(shop)[0])


@pytest.mark.real
def test_an_endless_loop_is_ended_and_repaired(tmp_path: Path) -> None:
    module = (
        "def countdown(n):\n    seen = []\n    while n > 0:\n        seen.append(n)\n        n -= 0\n    return seen\n"
    )
    tests = "from m import countdown\n\ndef test_ends(): assert countdown(3) == [3, 2, 1]\ndef test_none(): assert countdown(0) == []\n"
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    proposal, _ = propose(tmp_path, seconds=100)
    assert "n -= 1" in apply(tmp_path, proposal)


@pytest.mark.parametrize("command", ["python -m unittest -q", "python check.py"])
def test_unittest_and_scripts_are_looked_into(tmp_path: Path, command: str) -> None:
    module = "def middle(a, b, c):\n    if a < b < c or c < b < a:\n        return a\n    return c if a < c < b or b < c < a else a\n"
    tests = """
        import unittest
        from m import middle

        class MiddleTest(unittest.TestCase):
            def test_order(self): self.assertEqual(middle(1, 2, 3), 2)
            def test_turned(self): self.assertEqual(middle(9, 5, 2), 5)
            def test_equal(self): self.assertEqual(middle(2, 1, 3), 2)
    """
    script = (
        "from m import middle\nassert middle(1, 2, 3) == 2\nassert middle(9, 5, 2) == 5\nassert middle(2, 1, 3) == 2\n"
    )
    write(tmp_path, {"m.py": module, "test_m.py": tests, "check.py": script})
    assert "        return b\n" in apply(tmp_path, propose(tmp_path, command)[0])


def test_an_opaque_command_is_repaired_by_whole_runs(tmp_path: Path) -> None:
    module = "def half(n):\n    return [n // 2][1]\n"
    write(tmp_path, {"m.py": module, "check.py": "from m import half\nassert half(8) == 4\n"})
    proposal, _ = propose(tmp_path, "python -c \"import runpy; runpy.run_path('check.py')\"")
    assert "[n // 2][0]" in apply(tmp_path, proposal).replace("[-1]", "[0]")
    assert "whole run" in proposal.text


@pytest.mark.real
def test_a_change_of_a_recent_commit_is_taken_back(shop: Path) -> None:
    git = partial(subprocess.run, cwd=shop, check=True, capture_output=True)
    git(["git", "init", "-q"])
    author = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    git(["git", "add", "."])
    git(["git", *author, "commit", "-q", "-m", "right"])
    change(shop, "return sum(price * count for price, count in self.items)", "return math.fsum(self.items[0])")
    git(["git", *author, "commit", "-q", "-a", "-m", "wrong"])
    proposal, _ = propose(shop)
    assert "return sum(price * count for price, count in self.items)" in apply(shop, proposal)
    assert proposal.report["chosen"][0]["operator"] == "history"  # type: ignore[index]


def test_flaky_tests_are_not_repaired(tmp_path: Path) -> None:
    tests = """
        import pathlib
        from m import one

        def test_now_and_then():
            count = pathlib.Path("count")
            before = len(count.read_text()) if count.exists() else 0
            count.write_text("x" * (before + 1))
            assert one() == 1 + before % 2
    """
    write(tmp_path, {"m.py": "def one():\n    return 1\n", "test_m.py": tests})
    proposal, _ = propose(tmp_path)
    assert proposal.spent and "flaky" in proposal.text


@pytest.mark.real
def test_a_cure_that_another_check_refused_is_taken_back_for_the_next_rival(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "def total(xs):\n    t = 0\n    for x in xs:\n        t = x\n    return t\n"
    tests = "from m import total\n\ndef test_two(): assert total([1, 2]) == 3\ndef test_none(): assert total([]) == 0\n"
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    engine = RepairEngine(workers=2, rivals=2.0)
    first, _ = propose(tmp_path, engine=engine)
    one = apply(tmp_path, first)
    second, _ = propose(tmp_path, engine=engine, before=(Acted(1, first),))
    two = apply(tmp_path, second)
    third, _ = propose(tmp_path, engine=engine, before=(Acted(1, first), Acted(2, second)))
    three = apply(tmp_path, third)
    monkeypatch.setattr("loopwright.engines.repair.engine.REFUSALS", 3)
    last, _ = propose(tmp_path, engine=engine, before=(Acted(1, first), Acted(2, second), Acted(3, third)))
    assert last.spent and "refused each of them" in last.text
    assert len({one, two, three}) == 3 and all(len(text.splitlines()) == 5 for text in (one, two, three))
    for text in (one, two, three):  # each is one edit of what was there at first
        assert sum(a != b for a, b in zip(text.splitlines(), module.splitlines(), strict=True)) == 1


@pytest.mark.parametrize(
    ("conftest", "says"),
    [
        ("def pytest_sessionfinish(session): session.exitstatus = 9\n", "the whole command does not (exit status 9)"),
        ("", "test_now_and_then: passing or failing without any change"),
    ],
)
def test_what_keeps_the_command_red_beside_the_fault_is_said_and_the_cure_shown(
    tmp_path: Path, conftest: str, says: str
) -> None:
    tests = """
        import pathlib
        from m import half

        def test_four(): assert half(4) == 2
        def test_ten(): assert half(10) == 5
    """
    flaky = """
        def test_now_and_then():
            count = pathlib.Path("count")
            before = len(count.read_text()) if count.exists() else 0
            count.write_text("x" * (before + 1))
            assert before == 1
    """
    text = textwrap.dedent(tests) + ("" if conftest else textwrap.dedent(flaky))
    write(tmp_path, {"m.py": "def half(n):\n    return n - 2\n", "conftest.py": conftest, "test_m.py": text})
    proposal, _ = propose(tmp_path)
    assert not proposal.calls and says in proposal.text, proposal.text
    assert "+    return n / 2" in proposal.text or "+    return n // 2" in proposal.text


def test_a_method_that_a_failure_shows_in_the_place_of_a_value_becomes_a_property(tmp_path: Path) -> None:
    module = "class Box:\n    def __init__(self, w):\n        self.w = w\n\n    def area(self):\n        return self.w * self.w\n"
    tests = "from m import Box\n\ndef test_area(): assert Box(3).area == 9\ndef test_w(): assert Box(3).w == 3\n"
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    assert "    @property\n    def area(self):" in apply(tmp_path, propose(tmp_path)[0])


def test_the_examples_of_a_docstring_are_tests_and_stay(tmp_path: Path) -> None:
    text = '''
        def title(text):
            """Capitalise each word.

            >>> title("hello world")
            'Hello World'
            >>> title("a")
            'A'
            """
            return " ".join(w.upper() for w in text.split())
    '''
    write(tmp_path, {"m.py": text})
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "made"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)
    proposal, _ = propose(tmp_path, "python -m doctest m.py")
    assert '>>> title("hello world")' in apply(tmp_path, proposal)


@pytest.mark.real
def test_what_cannot_be_repaired_is_said_with_what_was_learned(shop: Path) -> None:
    write(shop, {"test_more.py": "from shop import discount\n\ndef test_never(): assert discount(5) == object()\n"})
    proposal, _ = propose(shop, seconds=6)
    assert proposal.spent and not proposal.calls and not proposal.done
    assert "none turned a failing test green" in proposal.text
    assert proposal.report["failing"] == ["test_more.py::test_never"]


@pytest.mark.real
def test_a_search_on_the_same_tree_tries_no_edit_again_that_failed(shop: Path) -> None:
    write(shop, {"test_more.py": "from shop import discount\n\ndef test_never(): assert discount(5) == object()\n"})
    engine = RepairEngine(workers=2, rivals=0.5)
    first, _ = propose(shop, seconds=6, engine=engine)
    second, _ = propose(shop, seconds=6, engine=engine, before=(Acted(1, first),))
    third, _ = propose(shop, seconds=6, engine=engine, before=(Acted(1, first), Said("user", "once more")))
    tried = [cast(int, p.report["tried"]) for p in (first, second, third)]
    assert tried[1] < tried[0] / 2 and tried[2] > tried[0] / 2


@pytest.mark.parametrize(
    ("files", "command", "words"),
    [
        ({"test_m.py": "def test(): pass\n"}, PYTEST, "no test fails"),
        ({"m.py": ""}, PYTEST, "no tests were collected"),
        ({"conftest.py": "raise RuntimeError('broken')\n", "test_m.py": "def test(): pass\n"}, PYTEST, "cannot be loaded"),
        ({"m.py": "def f(:\n", "test_m.py": "import m\n"}, PYTEST, "m.py:1: invalid syntax"),
        ({}, "nosuchprogram --test", "names no line of the project"),
    ],
)  # fmt: skip
def test_where_there_is_nothing_to_search_it_says_why(
    tmp_path: Path, files: dict[str, str], command: str, words: str
) -> None:
    write(tmp_path, files)
    proposal, _ = propose(tmp_path, command, seconds=15)
    assert proposal.spent and words in proposal.text


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (
            "/w/tests/shop/conftest.py",
            "at conftest.py:3: RuntimeError: broken; tests and what sets them up are not edited.",
        ),
        ("shop.py", "at shop.py:3: RuntimeError: broken."),
    ],
)
def test_where_nothing_can_be_searched_the_place_of_the_failure_is_said(file: str, says: str) -> None:
    told = Diagnosis("runtime", "RuntimeError: broken", "", "pytest", file, 3)
    task, wanted = Task("1", "fix"), Requirement(goal="fix")
    view = View("s", "/w/tests/shop", "engineer", 1, task, wanted, diagnosis=told)
    assert placed(Proposal("No repair: it cannot be loaded."), view).text.endswith(says)
    assert placed(Proposal("No repair.", report={"suspicious": [1]}), view).text == "No repair."


def test_a_suite_that_is_only_slow_is_claimed_once_and_no_more(tmp_path: Path) -> None:
    write(tmp_path, {"test_m.py": "def test(): pass\n"})
    late = Verdict("commands", "command", PYTEST, "failed", exit=124, reason="timeout")
    red = Verification(Ref("0", "t"), (late,))
    claim, _ = propose(tmp_path, seconds=15, found=red)
    assert claim.done and not claim.spent and not claim.calls
    again, _ = propose(tmp_path, seconds=15, found=red, before=(Acted(1, claim),))
    assert again.spent and not again.done


def test_cancelled_it_keeps_what_it_learned_and_leaves_no_process_behind(shop: Path) -> None:
    change(shop, "total >= 100", "total > 100")

    ctx = Context(shop)

    async def cut_short() -> None:
        requirement = Requirement(goal="fix", acceptance=(PYTEST,))
        view = View("s", str(shop), "engineer", 1, Task("1", "fix"), requirement)
        with anyio.CancelScope() as scope:
            ctx.heard = lambda delta: scope.cancel() if delta.data.get("plausible") else None
            await RepairEngine(rivals=60).propose(view, ctx)

    anyio.run(cut_short)
    assert "shop.py:" in ctx.kept[0].text and "+    if total " in ctx.kept[0].text  # whichever came first
    assert ctx.kept[0].report["suspicious"] and not ctx.kept[0].done
    time.sleep(0.3)
    assert not [p for p in Path("/proc").glob("[0-9]*/cwd") if works_in(p) == str(shop)]


def works_in(place: Path) -> str:
    """Where a process works; "" where it is gone or not ours to ask."""
    try:
        return os.readlink(place)
    except OSError:
        return ""


STARTERS = {
    "make test": {"Makefile": "PY ?= python\n\ntest: lint\n\t@$(PY) -m unittest \\\n\t  -q\n\nlint:\n\t@echo fine\n"},
    "make -C . check": {"Makefile": "check:\n\tpython -m unittest -q\n"},
    "./run_tests.sh": {"run_tests.sh": "#!/bin/sh\nset -e\nexec python -m unittest -q\n"},
    "mkdir -p out && (cd . && python -m unittest -q) > out/log 2>&1": {},
    "bash -c 'python -m unittest -q; exit $?'": {},
    "sh ci/tests.sh": {"ci/tests.sh": "echo start\npython -m unittest -q\n"},
}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(
    "command",
    [c if c.startswith(("make test", "mkdir")) else pytest.param(c, marks=pytest.mark.real) for c in STARTERS],
)
def test_a_command_that_only_starts_the_tests_is_looked_into(tmp_path: Path, command: str) -> None:
    write(tmp_path, STARTERS[command])
    for script in tmp_path.rglob("*.sh"):
        script.chmod(0o755)
    write(
        tmp_path,
        {
            "price.py": "def net(gross, rebate):\n    return gross + rebate\n",
            "test_price.py": """\
                import unittest
                import price

                class T(unittest.TestCase):
                    def test_net(self):
                        self.assertEqual(price.net(5, 2), 3)
                        self.assertEqual(price.net(9, 0), 9)
                """,
        },
    )
    proposal, _ = propose(tmp_path, command)
    assert proposal.calls, proposal.text
    assert "gross - rebate" in msgspec.json.encode(proposal.calls).decode()
