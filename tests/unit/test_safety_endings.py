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


@pytest.mark.parametrize(
    ("path", "text", "ends"),
    [
        ("a.py", "import requests\ndef f(u):\n    while True:\n        try:\n            return requests.get(u)\n        except Exception:\n            continue\n", False),
        ("a.py", "import requests, time\ndef f(u):\n    while True:\n        try:\n            return requests.get(u)\n        except Exception:\n            time.sleep(1)\n", True),
        ("a.py", "import requests\ndef f(u):\n    s = ''\n    while s != 'done':\n        s = requests.get(u).text\n", False),
        ("a.py", "import requests\ndef f(u):\n    while u:\n        u = requests.get(u).json()['next']\n", True),
        ("a.py", "import os\ndef f(fd):\n    while True:\n        try:\n            return os.read(fd, 9)\n        except InterruptedError:\n            continue\n", True),
        ("a.js", "async function f(u) { const r = await fetch(u); if (r.ok) return r; return f(u); }", False),
        ("a.js", "async function f(u) { const r = await fetch(u); if (r.ok) return r; await sleep(1000); return f(u); }", True),
        ("a.sh", "until pg_isready; do echo waiting; done", False), ("a.sh", "until pg_isready; do sleep 1; done", True),
        ("a.sh", "retry() { \"$@\" || retry \"$@\"; }", False),
        ("a.sh", "n=0\nwhile [ $n -lt 5 ]; do make && break; done", False), ("a.sh", "n=0\nwhile [ $n -lt 5 ]; do make && break; n=$((n+1)); done", True),
        ("a.py", "def call():\n    raise OSError\nwhile True:\n    try:\n        call()\n        break\n    except OSError:\n        pass\n", False),
        ("a.py", "tries = 3\nwhile tries > 0:\n    if ready():\n        break\n", False), ("a.py", "tries = 3\nwhile tries > 0:\n    tries -= 1\n    if ready():\n        break\n", True),
    ],
)  # fmt: skip
def test_what_is_tried_again_at_once_needs_a_pause_or_a_count(path, text, ends):
    assert ("time" in blocked(text, path)) is not ends


@pytest.mark.parametrize(
    ("path", "text", "ends"),
    [
        ("a.py", "import time\nclass P:\n    def __init__(self):\n        self.on = True\n    def run(self):\n        while self.on:\n            time.sleep(1)\nP().run()\n", False),
        ("a.py", "import time\nclass P:\n    def __init__(self):\n        self.on = True\n    def stop(self):\n        self.on = False\n    def run(self):\n        while self.on:\n            time.sleep(1)\nP().run()\n", True),
        ("a.py", "def f(q):\n    while q:\n        t = q.pop()\n        try:\n            t()\n        except Exception:\n            q.append(t)\n", False),
        ("a.py", "i = 0\nwhile i != -1:\n    i = text.find('a', i)\n", False), ("a.py", "i = 0\nwhile i != -1:\n    i = text.find('a', i + 1)\n", True),
        ("a.js", "let m; const r = /a/; while ((m = r.exec(s)) !== null) console.log(m);", False),
        ("a.js", "let m; const r = /a/g; while ((m = r.exec(s)) !== null) console.log(m);", True),
        ("a.js", "let a; ask((x) => { a = x; }); while (a === undefined) {}", False),
        ("a.js", "async function f(q) { while (q.length) { const x = q[0]; await work(x); } }", False),
        ("a.js", "async function f(q) { while (q.length) { const x = q.shift(); await work(x); } }", True),
        ("a.js", "for (const x of new Set([1])) {} const s = new Set([1]); for (const x of s) s.add(x + 1);", False),
        ("a.js", "let i = 0; while (i < s.length) { const c = s[i]; if (/ /.test(c)) continue; i++; }", False),
        ("a.js", "let i = -1; while (-1 !== (i = a.indexOf('x', i + 1))) { if (a[i + 1]) a.splice(i, 1); }", True),
        ("a.py", "import random\ng = ''\nwhile g != 'to be or not':\n    g = ''.join(random.choice('abc') for _ in range(12))\n", False),
        ("a.py", "import asyncio\nasync def f(q):\n    while True:\n        print(q.qsize(), q.peek())\n", False),
        ("a.py", "import asyncio\nasync def f(q):\n    while True:\n        print(await q.get())\n", True),
        ("a.py", "import itertools\nlist(zip(itertools.count(), itertools.cycle('ab')))\n", False), ("a.py", "import itertools\nlist(zip(itertools.count(), 'ab'))\n", True),
        ("a.py", "import datetime\nend = later()\nwhile datetime.datetime.now() < end:\n    pass\n", False),
    ],
)  # fmt: skip
def test_nothing_in_the_loop_brings_its_end_nearer(path, text, ends):
    assert ("time" in blocked(text, path)) is not ends


@pytest.mark.parametrize(
    ("path", "text", "many", "few"),
    [
        ("a.js", "const p = (xs) => xs.length < 2 ? [xs] : xs.flatMap((x, i) => p([...xs.slice(0, i), ...xs.slice(i + 1)])); p('{x}'.split(''));", "abcdefghijklmnop", "abc"),
        ("a.js", "const f = (d) => ({{ kids: d === 0 ? [] : Array.from({{ length: 10 }}, () => f(d - 1)) }}); f({x});", 15, 3),
        ("a.py", "def f(n, m):\n    if n == 0:\n        return 1\n    if n < 0 or m == 0:\n        return 0\n    return f(n - m, m) + f(n, m - 1)\nf({x}, {x})\n", 900, 9),
        ("a.py", "def f(n, ks):\n    return 0 if n == 0 else min(f(n - k, ks) for k in ks if k <= n)\nf({x}, [1, 2, 5])\n", 100, 9),
    ],
)  # fmt: skip
def test_recursion_through_callbacks_and_by_any_step_is_estimated(path, text, many, few):
    assert blocked(text.format(x=many), path) == {"time"}
    assert blocked(text.format(x=few), path) == set()


def test_a_recursion_over_what_refers_to_itself_never_ends():
    walk = "def walk(g, n):\n    for m in g[n]:\n        walk(g, m)\nwalk({'a': ['b'], 'b': %s}, 'a')\n"
    assert blocked(walk % "['a']") == {"time"}
    assert blocked(walk % "[]") == set()


def test_a_static_method_is_not_the_method_of_the_same_name():
    text = "class P { static load(x) { return new P().load(x); } %s } P.load(1);"
    assert blocked(text % "load(x) { return x; }", "a.js") == set()


def test_a_queue_that_another_file_may_fill_is_no_wait_for_ever():
    worker = "import queue\njobs = queue.Queue()\ndef work():\n    while True:\n        jobs.get()()\n"
    assert blocked(worker) == set()


@pytest.mark.parametrize(
    ("method", "ends"),
    [
        ("def __setitem__(self, k, v):\n        del self[k]\n        self.xs.append(v)", True),
        ("def __setitem__(self, k, v):\n        self[k] = v", False),
        ("def __getattr__(self, name):\n        return getattr(getattr(self, '_held'), name)", True),
    ],
)
def test_what_only_looks_like_a_method_that_calls_itself_is_fine(method, ends):
    assert (blocked(f"class A:\n    {method}\n") == set()) is ends
