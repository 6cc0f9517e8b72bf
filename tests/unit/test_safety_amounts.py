"""How much a program makes, holds and looks through: what is too much, and the near cases that are not."""

from __future__ import annotations

import pytest

from loopwright.guard.checks.safety import judge_source


def blocked(text: str, path: str = "a.py") -> set[str]:
    return {f.name for f in judge_source(path, text) if f.level == "block"}


@pytest.mark.parametrize(
    ("path", "text", "many", "few"),
    [
        ("a.py", "xs = list(range({n}))\nfor a in xs:\n    for b in xs:\n        print(a, b)\n", 10**6, 100),
        ("a.py", "def f(xs):\n    for i in range(len(xs)):\n        for j in range(i, len(xs)):\n            print(i, j)\nf([0] * {n})\n", 10**6, 100),
        ("a.py", "def f(xs):\n    for a in range(len(xs)):\n        for b in range(len(xs)):\n            if a - b == -1:\n                return a\nf(list(range({n})))\n", 10**6, 100),
        ("a.py", "xs = [i for i in range({n})]\nys = [x for x in xs if xs.count(x) > 1]\n", 10**6, 100),
        ("a.py", "xs = list(range({n}))\nwhile xs:\n    xs.remove(max(xs))\n", 10**6, 100),
        ("a.py", "def g(n):\n    for m in range(2 ** n):\n        yield m\nfor x in g({n}):\n    print(x)\n", 50, 10),
        ("a.py", "for n in range(2, {n}):\n    for d in range(2, n):\n        if n % d == 0:\n            break\n", 10**8, 10**4),
        ("a.js", "const xs = Array.from({{ length: {n} }}, (_, i) => i); xs.filter((x, i) => xs.indexOf(x) !== i);", 10**6, 100),
        ("a.js", "for (let i = 0; i < {n}; i++) {{ for (let j = 0; j < i; j++) {{ console.log(i, j); }} }}", 10**6, 100),
        ("a.py", "import time\nfor _ in range({n}):\n    time.sleep(60)\n", 10**5, 100),
        ("a.sh", "for i in $(seq {n}); do sleep 60; done", 10**5, 100),
        ("a.sh", "n={n}\nwhile [ $n -gt 0 ]; do n=$((n - 1)); done", 10**12, 100),
    ],
)  # fmt: skip
def test_loops_over_lengths_that_are_known_are_counted(path, text, many, few):
    assert blocked(text.format(n=many), path) == {"time"}
    assert blocked(text.format(n=few), path) == set()


def test_what_is_looked_up_in_a_set_takes_no_search():
    looks = "known = {}(range(10**6))\nfor i in range(10**6):\n    print(i in known)\n"
    assert blocked(looks.format("list")) == {"time"}
    assert blocked(looks.format("set")) == set()


@pytest.mark.parametrize(
    ("path", "text", "many", "few"),
    [
        ("a.py", "import threading\nfor _ in range({n}):\n    threading.Thread(target=print).start()\n", 5_000, 50),
        ("a.py", "fs = [open('x') for _ in range({n})]\n", 5_000, 50),
        ("a.py", "import asyncio\nasync def f():\n    await asyncio.gather(*[asyncio.sleep(1) for _ in range({n})])\n", 10**7, 50),
        ("a.py", "for i in range({n}):\n    open(f'{{i}}.txt', 'w').close()\n", 10**7, 50),
        ("a.py", "import os\nfor _ in range({n}):\n    os.fork()\n", 30, 2),
        ("a.js", "const all = Array.from({{ length: {n} }}, (_, i) => fetch('http://localhost/' + i));", 10**6, 50),
        ("a.js", "const cp = require('child_process'); for (let i = 0; i < {n}; i++) cp.exec('sleep 9');", 5_000, 50),
        ("a.sh", "seq {n} | xargs -P 0 -n 1 ./job", 10**6, 50),
        ("a.sh", "i=0; while [ $i -lt {n} ]; do sleep 9 & i=$((i+1)); done", 10**5, 50),
        ("a.sh", "touch f{{1..{n}}}", 2_000_000, 50),
    ],
)  # fmt: skip
def test_what_a_loop_starts_opens_and_makes_is_counted(path, text, many, few):
    assert "resources" in blocked(text.format(n=many), path)
    assert blocked(text.format(n=few), path) == set()


@pytest.mark.parametrize(
    "text",
    [
        "import threading\nfor _ in range(5_000):\n    t = threading.Thread(target=print)\n    t.start()\n    t.join()\n",
        "for i in range(10_000):\n    with open(f'{i}') as f:\n        print(f.read())\n",
    ],
)
def test_what_is_waited_for_or_closed_before_the_next_does_not_pile_up(text):
    assert blocked(text) == set()


@pytest.mark.parametrize(
    ("call", "many", "few"),
    [
        ("np.random.rand({n}, {n})", 10**5, 100), ("np.zeros(shape=({n}, {n}), dtype='float32')", 10**5, 100),
        ("np.outer(np.arange({n}), np.arange({n}))", 10**5, 100), ("np.tile(np.arange({n}), ({n}, 1))", 10**5, 100),
        ("(lambda x: 0)(np.arange({n})[:, None] - np.arange({n})[None, :])", 10**5, 100), ("np.eye({n})", 10**5, 100),
        ("' ' * int({n})", 1e12, 1e3), ("'x'.ljust({n})", 10**11, 10), ("list(map(str, range({n})))", 10**10, 10),
        ("list(itertools.product(*[range({n})] * 8))", 50, 2), ("[[0] * {n} for _ in range({n})]", 10**6, 100),
        ("{{i: [0] * 1000 for i in range({n})}}", 10**8, 10),
    ],
)  # fmt: skip
def test_values_are_sized_by_their_shape(call, many, few):
    text = f"import itertools\nimport numpy as np\nx = {call}\n"
    assert "resources" in blocked(text.format(n=many))
    assert blocked(text.format(n=few)) == set()


@pytest.mark.parametrize(
    ("path", "text", "whole"),
    [
        ("a.py", "open('/dev/zero', 'rb').read()\n", True), ("a.py", "open('/dev/urandom', 'rb').read(16)\n", False),
        ("a.js", "require('fs').readFileSync('/dev/zero')", True), ("a.js", "require('fs').readFileSync('a')", False),
        ("a.sh", "cp /dev/zero out", True), ("a.sh", "base64 /dev/urandom > x", True), ("a.sh", "cp /dev/null out", False),
    ],
)  # fmt: skip
def test_a_device_without_an_end_is_not_read_whole(path, text, whole):
    assert ("resources" in blocked(text, path)) is whole


@pytest.mark.parametrize(
    ("path", "text", "grows"),
    [
        ("a.py", "import queue\nq = queue.Queue()\nwhile True:\n    q.put(bytes(9))\n", True),
        ("a.py", "import queue\nq = queue.Queue(maxsize=9)\nwhile True:\n    q.put(bytes(9))\n", False),
        ("a.py", "xs = []\nwith open('a') as f:\n    while True:\n        xs.append(f.readline())\n", True),
        ("a.js", "const xs = []; function f() { xs.push(new Array(1e6)); setTimeout(f, 0); } f();", True),
        ("a.js", "const xs = []; function f() { xs.push(1); setTimeout(f, 1000); } f();", False),
        ("a.js", "const xs = []; app = require('express')(); app.get('/', () => { xs.push(Buffer.alloc(1e7)); });", True),
        ("a.js", "const xs = []; app = require('express')(); app.get('/', (q) => { xs.push(q.id); });", False),
        ("a.py", "a = [1]\nfor _ in range(60):\n    a += a\n", True), ("a.py", "a = [1]\nfor _ in range(9):\n    a += a\n", False),
        ("a.sh", "x=a\nfor i in $(seq 60); do x=$x$x; done", True), ("a.sh", "x=a\nfor i in $(seq 6); do x=$x$x; done", False),
        ("a.py", "import os\nos.system(':(){ :|:& };:')\n", True),
        ("a.js", "require('cluster').fork();", True), ("a.js", "const c = require('cluster'); if (c.isPrimary) c.fork();", False),
        ("a.py", "from multiprocessing import Pool\ndef f(n):\n    with Pool(4) as p:\n        p.map(f, range(4))\n", True),
        ("a.py", "from multiprocessing import Process\ndef f():\n    for _ in range(2):\n        Process(target=f).start()\n", True),
    ],
)  # fmt: skip
def test_what_is_kept_or_started_without_end_blocks(path, text, grows):
    assert ("resources" in blocked(text, path)) is grows


@pytest.mark.parametrize(
    ("path", "text", "slow", "quick"),
    [
        ("a.py", "import hashlib\nhashlib.pbkdf2_hmac('sha256', p, s, {n})\n", 10**11, 10**6),
        ("a.js", "require('bcrypt').hashSync(p, {n});", 31, 12),
        ("a.py", "from Crypto.PublicKey import RSA\nRSA.generate({n})\n", 131_072, 4_096),
        ("a.py", "x = 3\nfor _ in range({n}):\n    x = x * x\n", 1_000, 9),
    ],
)
def test_what_a_call_is_told_to_cost_is_judged(path, text, slow, quick):
    assert blocked(text.format(n=slow), path) == {"time"}
    assert blocked(text.format(n=quick), path) == set()


@pytest.mark.parametrize(
    "line",
    ["ping -f 192.0.2.1", "kubectl scale deployment web --replicas=100000", "wget -r -l inf http://example.com/",
     "parallel -j 5000 curl ::: a b", "perl -e '$x = \"a\" x 1e11'", "dd if=/dev/zero of=/dev/null bs=50G count=1"],
)  # fmt: skip
def test_commands_that_flood_or_fill_block(line):
    assert "resources" in blocked(line, "a.sh")
