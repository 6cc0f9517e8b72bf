"""Programs that never come to an end: what shows it, and the near cases that do end."""

from __future__ import annotations

import tracemalloc

import pytest

from loopwright.guard.checks.safety import judge_source


def blocked(text: str, path: str = "a.py") -> set[str]:
    return {f.name for f in judge_source(path, text) if f.level == "block"}


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("def f(xs):\n    i = 0\n    while i < len(xs):\n        if xs[i]:\n            continue\n        i += 1\nf([0, 1])\n", False),
        ("def f(xs):\n    i = 0\n    while i < len(xs):\n        i += 1\n        if xs[i - 1]:\n            continue\nf([0, 1])\n", True),
        ("x = 0.0\nwhile x != 1.0:\n    x += 0.1\n", False),
        ("x = 0\nwhile x != 10:\n    x += 1\n", True),
        ("n = 0\nwhile True:\n    n += 1\n    if n < 0:\n        break\n", False),
        ("xs = [1]\nfor x in xs:\n    xs.append(x + 1)\n", False),
        ("xs = [1]\nfor x in xs:\n    if x < 9:\n        xs.append(x + 1)\n", True),
        ("def f(n):\n    if n == 0:\n        return 1\n    return n * f(n + 1)\nprint(f(5))\n", False),
        ("def f(n):\n    if n == 0:\n        return 1\n    return n * f(n - 1)\nprint(f(5))\n", True),
        ("from queue import Queue\nq = Queue()\nq.put(1)\nq.get()\nq.get()\n", False),
        ("from queue import Queue\nq = Queue()\nq.put(1)\nq.get()\n", True),
        ("import sys\nwhile True:\n    if sys.argv:\n        break\n", True),
    ],
)  # fmt: skip
def test_what_is_known_of_a_program_is_worked_out_to_see_whether_it_ends(text, ends):
    assert bool({"time"} & blocked(text)) is not ends


def test_lists_that_are_linked_in_a_circle_are_walked_for_ever():
    linked = "const a = {next: null}; const b = {next: a}; %s let c = b; while (c !== null) { c = c.next; }"
    assert blocked(linked % "a.next = b;", "a.js") == {"time"}
    assert blocked(linked % "", "a.js") == set()


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("def f(q):\n    while len(q) > 0:\n        x = q[0]\n        print(x)\n", False),
        ("def f(q):\n    while len(q) > 0:\n        q.pop()\n", True),
        ("def f(n, m):\n    while n < m:\n        if n % 2:\n            n += 1\n", False),
        (
            "def f(n, m):\n    while n < m:\n        if n % 2:\n            n += 1\n        else:\n            n += 2\n",
            True,
        ),
        ("def f(s):\n    while s:\n        s = s[1:]\n", True),
        ("def f(n):\n    while n >= 0:\n        n += 1\n", False),
        ("import os\nwhile not os.path.exists('x'):\n    pass\n", False),
        ("import os, time\nwhile not os.path.exists('x'):\n    time.sleep(1)\n", True),
    ],
)
def test_a_way_around_a_loop_that_changes_nothing_is_taken_for_ever(text, ends):
    assert bool({"time"} & blocked(text)) is not ends


@pytest.mark.parametrize(
    ("method", "ends"),
    [
        ("def __getattr__(self, name):\n        return getattr(self, name)", False),
        ("def __setattr__(self, name, value):\n        self.name = value", False),
        ("def __setattr__(self, name, value):\n        super().__setattr__(name, value)", True),
        ("def __repr__(self):\n        return f'<{self}>'", False),
        ("def __str__(self):\n        return f'<{self!r}>'", True),
        ("@x.setter\n    def x(self, v):\n        self.x = v", False),
        ("@x.setter\n    def x(self, v):\n        self._x = v", True),
        ("def __eq__(self, other):\n        return self == other", False),
        ("def __eq__(self, other):\n        return self.a == other.a", True),
    ],
)
def test_a_method_that_asks_for_what_calls_it_never_ends(method, ends):
    assert (blocked(f"class A:\n    {method}\n") == set()) is ends


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tail -f a.log\necho x", {"time"}), ("tail -f a.log", set()), ("tail -f a.log &\necho x", set()),
        ("timeout 9 tail -f a.log\necho x", set()), ("tail -f a.log | grep -m1 up\necho x", set()),
        ("x=$(ping host)", {"time"}), ("ping -c 3 host\necho x", set()), ("yes '' | make oldconfig\nls", set()),
        ("while true; do sleep 5; done\necho x", {"time"}), ("while true; do date; sleep 5; done", set()),
        ("n=0\nuntil [ $n -eq 5 ]; do n=$((n + 2)); done", {"time"}), ("n=0\nuntil [ $n -eq 4 ]; do n=$((n + 2)); done", set()),
        ("f() { local n=$1; n=$((n-1)); }\nn=3\nwhile [ $n -gt 0 ]; do f; sleep 1; done", {"time"}),
        ("f() { n=$((n-1)); }\nn=3\nwhile [ $n -gt 0 ]; do f; sleep 1; done", set()),
        ("while [ -s q ]; do j=$(head -n 1 q); echo $j > q; done", {"time"}),
        ("while [ -e x ]; do :; done", {"time"}), ("while [ $i -lt 9 ]; do i=$((i+1)); done", set()),
    ],
)  # fmt: skip
def test_what_follows_a_command_that_lasts_is_never_run(text, wanted):
    assert blocked(text, "a.sh") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("import subprocess\nsubprocess.run(['tail', '-f', 'x'])\n", {"time"}),
        ("import subprocess\nsubprocess.run(['tail', '-f', 'x'], timeout=9)\n", set()),
        ("import subprocess\nsubprocess.Popen(['tail', '-f', 'x'])\n", set()),
        ("import threading\ne = threading.Event()\ne.wait()\n", {"time"}),
        ("import threading\ne = threading.Event()\nstart(e.set)\ne.wait()\n", set()),
        ("import threading\nlock = threading.Lock()\nwith lock:\n    with lock:\n        pass\n", {"time"}),
        ("import threading\nlock = threading.RLock()\nwith lock:\n    with lock:\n        pass\n", set()),
        ("import time\ntime.sleep(86400 * 3)\n", {"time"}),
        ("import time\nwhile True:\n    job()\n    time.sleep(86400)\n", set()),
    ],
)
def test_a_wait_for_what_never_comes_blocks(text, wanted):
    assert blocked(text) == wanted


@pytest.mark.parametrize(
    ("call", "wanted"), [("f(75)", {"time"}), ("f(20)", set()), ("[f(n) for n in (5, 75)]", {"time"})]
)
def test_branching_recursion_is_estimated_by_what_it_is_given(call, wanted):
    assert blocked(f"def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nprint({call})\n") == wanted


def test_what_a_loop_goes_over_is_worked_out_once():
    once = "def f(xs, k):\n    for p in f(xs, k - 1):\n        yield p\n"
    twice = "def f(xs, k):\n    for x in xs:\n        f(x, k - 1)\n        f(xs, k - 1)\n"
    assert judge_source("a.py", once) == ()
    assert [f.level for f in judge_source("a.py", twice)] == ["ask"]


def test_a_value_that_doubles_is_estimated_by_the_turns_to_come():
    grows = "xs = ['x']\nfor _ in range(%d):\n    xs = xs + xs\n"
    assert blocked(grows % 60) == {"resources"}
    assert blocked(grows % 10) == set()


@pytest.mark.parametrize(
    ("text", "exponential"),
    [(r"(x+x+)+y", True), (r"^(a|aa)+$", True), (r"^(a|b|ab)*c$", True), (r"(?:[^ \t=]+=[^ \t=]+\s)*x", False),
     (r"(\w+,)*x", False), (r"(?:a|b)*c", False)],
)  # fmt: skip
def test_an_expression_that_reads_a_text_in_two_ways_is_exponential(text, exponential):
    assert blocked(f"import re\nre.compile(r'''{text}''')\n") == ({"time"} if exponential else set())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.js", "let a = new Array(1e9).fill(0); while (a.length) { a.pop() }"),
        ("a.js", "let a = Array.from({length: 1e9}, (_, i) => i)"),
        ("a.js", "let a = [1]; for (let i = 0; i < 60; i++) a.push(...a)"),
        ("a.js", "let s = 'a'.repeat(40000).repeat(40000)"),
        ("a.py", "a = [1]\nfor i in range(60):\n    a.extend(a)\n"),
        ("a.py", "s = 'a' * 40000\nfor i in range(9):\n    s = s.replace('a', s)\n"),
        ("a.py", "s = 'a' * 40000\nt = s.join([s] * 40000)\n"),
    ],
)
def test_what_a_program_would_fill_memory_with_is_not_made_to_judge_it(path, text):
    tracemalloc.start()
    judge_source(path, text)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20_000_000
