"""Edits that cannot fit are told by the types that the failing tests have where they first reach a place."""

import ast
import importlib
import json
import sys
import textwrap
import types
from pathlib import Path
from typing import Any

import pytest

from loopwright import inside
from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.kinds import sample
from loopwright.engines.repair.seen import Seen, read
from loopwright.engines.repair.site import Edit
from loopwright.engines.repair.source import Source, Splice
from loopwright.engines.repair.typed import Typed, refused

INSIDE = str(Path(str(inside.__file__)).parent)
KINDS: dict[str, Any] = {
    "n": ["int"],
    "x": ["float"],
    "s": ["str"],
    "nothing": ["NoneType"],
    "ns": ["list", ["int"]],
    "names": ["list", ["str"]],
    "rows": ["list", ["list", ["int"]]],
    "mixed": ["list", []],
    "seen": ["set", ["int"]],
    "table": ["dict", ["str"], ["int"]],
    "pair": ["tuple", ["int"]],
    "f": ["function", 1, 2],
    "thing": ["object", 0],
    "any": [],
}
OBJECTS = [frozenset({"size", "grow"})]
HELD = {name: sample(kind, OBJECTS) for name, kind in KINDS.items()}


def refuses(text: str) -> bool:
    made = ast.parse(textwrap.dedent(text)).body[0]
    return refused(made, HELD, {"LIMIT": 7}, frozenset({*HELD, "unset"}))


@pytest.mark.parametrize(
    "text",
    [
        "return n + s",
        "return ns - 1",
        "ns += n",
        "return s[0] + ns[0]",
        "return rows[0][0] + names[0]",
        "return len(n)",
        "return seen[0]",
        "return table[ns]",
        "return ns[s]",
        "return ns['a':]",
        "return n.append(1)",
        "return thing.shape",
        "return n()",
        "return f()",
        "return f(1, 2, 3)",
        "return n in n",
        "return n in s",
        "return ns in seen",
        "if nothing < n: pass",
        "for i in n: pass",
        "return [i for i in n]",
        "pair[0] = 1",
        "n.size = 1",
        "return unset + 1",
        "unset += 1",
        "fresh = fresh + 1",
        "return nowhere",
        "return -s",
        "return ns.pop(s)",
        "return {ns: 1}",
        "return f'{n + s}'",
        "return max(n, s)",
        "return range(s)",
    ],
)
def test_what_python_refuses_for_its_types_is_refused(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "return n + x",
        "return n * s",
        "return n // (n - 7)",
        "return '%d' % n",
        "return ns + mixed",
        "return mixed[0] + s",
        "return any + s",
        "return any.whatever(1)[2]",
        "return thing + 1",
        "return thing.size + s",
        "return thing.__class__",
        "return ns[100]",
        "return table[n]",
        "return s.index('z')",
        "return int(s)",
        "return n and n + s",
        "return n + s if n else s",
        "return [n + s for i in ns]",
        "return lambda: n + s",
        "return n < n + 1 < s",
        "return f(1) + f(1, b=2)",
        "return f(*ns)",
        "return sum(names)",
        "return max(mixed)",
        "return LIMIT + n",
        "return __private + n",
        "return seen in seen",
        "return (m := n) + m",
        "for i in table: pass",
        "ns[0] = s",
        "fresh = 1",
        "LIMIT += 1",
        "return [i for i in ns] + ns",
        "return ns < ns",
    ],
)
def test_what_depends_on_values_or_may_not_be_evaluated_is_not(text: str) -> None:
    assert not refuses(text)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a module as the project's interpreter does."""
    monkeypatch.syspath_prepend(INSIDE)
    return importlib.import_module


SOURCE = """\
LIMIT = 3

class Basket:
    def __init__(self):
        self.size = 0

def total(basket, words):
    best = None
    for word in words:
        best = len(word)
        size = best + basket.size
        if size > LIMIT:
            return size
    try:
        return best
    finally:
        size = 1

def outer(items):
    factor = 2
    def inner(item):
        return item
    return inner(items)
"""


def watched(hand: Any, *, call: str) -> Seen:
    module = types.ModuleType("m")
    exec(compile(SOURCE, "/p/m.py", "exec"), module.__dict__)
    seen = hand("repair_types").Types(lambda file: file == "/p/m.py")
    before = sys.gettrace()
    seen.start()
    try:
        eval(call, module.__dict__)
    finally:
        seen.stop()
        sys.settrace(before)
    return read(json.loads(json.dumps([seen.lines, seen.names, seen.modules, seen.objects])))


def test_the_first_visit_of_a_line_says_what_is_set_and_of_what_kind(hand: Any) -> None:
    seen = watched(hand, call="total(Basket(), ['ab', 'abcd'])")
    names, held = seen.lines["/p/m.py"][10]
    assert {"basket", "words", "best", "word", "size"} <= seen.names[names]
    assert held["best"] is None and held["words"] == ["a"] and "size" not in held
    assert "size" in held["basket"].names and "weight" not in held["basket"].names
    assert seen.modules["/p/m.py"]["LIMIT"] == sample(["int"])


def edit(old: str, new: str) -> Candidate:
    source = Source("m.py", SOURCE.encode())
    start, ahead = SOURCE.index(old), new.endswith("\n")  # a statement of its own goes ahead
    while not ahead and old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    line = source.line_at(start)
    made = Edit("m.py", line, "any", (Splice(start, start if ahead else start + len(old), new),))
    return Candidate(made, source.unit_at(line), 1.0, 1.0, 0.0, frozenset({0}))


@pytest.mark.parametrize(
    ("old", "new", "never"),
    [
        ("best + basket.size", "best + word", True),
        ("best + basket.size", "size + basket.size", True),
        ("basket.size", "basket.weight", True),
        ("len(word)", "len(best)", True),
        ("len(word)", "len(words)", False),
        ("size > LIMIT", "word > LIMIT", True),
        ("words:", "LIMIT:", True),
        ("        if size", "        size += word\n", True),
        ("        if size", "        size += best\n", False),
        ("best\n    finally:", "best + words\n    finally:", False),
        ("item\n    return inner", "item * factor\n    return inner", False),
        ("item\n    return inner", "item * fact\n    return inner", True),
        ("return inner(items)", "return inner(items) + item", False),
    ],
)
def test_an_edit_never_fits_where_the_statement_it_makes_is_refused_at_its_place(
    hand: Any, old: str, new: str, never: bool
) -> None:
    """In a `try` an exception may be wanted; inner functions may use what the outer one binds."""
    seen = watched(hand, call="total(Basket(), ['ab', 'abcd']) and outer(1)")
    source = Source("m.py", SOURCE.encode())
    assert Typed({0: seen}, {"m.py": source}, "/p").never(edit(old, new)) is never


def test_an_edit_fits_where_one_of_the_tests_has_types_for_it(hand: Any) -> None:
    source = Source("m.py", SOURCE.encode())
    number, text = watched(hand, call="outer(1)"), watched(hand, call="outer('a')")
    candidate = edit("return item", "return item - 1")
    assert not Typed({0: number}, {"m.py": source}, "/p").never(candidate)
    assert Typed({0: text}, {"m.py": source}, "/p").never(candidate)
    both = Candidate(candidate.edit, candidate.unit, 1.0, 1.0, 0.0, frozenset({0, 1}))
    assert not Typed({0: number, 1: text}, {"m.py": source}, "/p").never(both)
