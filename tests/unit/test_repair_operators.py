"""Faults of one edit, and that the edit which mends them is among the candidates."""

import ast
import textwrap

import pytest

from loopwright.engines.repair.candidates import generate
from loopwright.engines.repair.elsewhere import look_elsewhere
from loopwright.engines.repair.experience import by_experience
from loopwright.engines.repair.hints import Hint, Hints
from loopwright.engines.repair.localise import Suspicion
from loopwright.engines.repair.operators.catalogue import PRIORS
from loopwright.engines.repair.pool import gather
from loopwright.engines.repair.source import Source
from loopwright.engines.repair.turns import SHARE

TEST = ast.parse('assert greet("Ann") == "Dear Ann" and total([1, 40]) == 41')

FAULTS = {
    "import that is missing": ("def f(r):\n    return math.pi * r", "import math\n\n\ndef f(r):"),
    "import from the library": ('"""Words."""\nimport re\n\ndef f(xs):\n    return defaultdict(list)', "import re\nfrom collections import defaultdict"),
    "import of an annotation": ("class T:\n    x: Optional[int] = None", "from typing import Optional\n\n\nclass T:"),
    "module misspelt": ("import maths\n\ndef f(r):\n    return math.pi * r", "import math\n\ndef f(r):"),
    "module misspelt in from": ("from colections import deque\n\ndef f():\n    return deque()", "from collections import deque"),
    "imported name misspelt": ("from collections import OrderdDict\ndef f():\n    return OrderdDict()", "from collections import OrderedDict\ndef f():\n    return OrderedDict()"),
    "default for None alone": ("def f(now=None):\n    now = now or 100\n    return now", "now = 100 if now is None else now"),
    "method that is not called": ("def f(day):\n    return day.isoformat", "return day.isoformat()"),
    "property that is called": ("def f(day):\n    return day.year() + 1", "return day.year + 1"),
    "name that a lambda reads late": ("def f(ns):\n    return [lambda x: x + n for n in ns]", "return [lambda x, n=n: x + n for n in ns]"),
    "search that goes deeper": ("def f(root):\n    return sorted(root.glob('*'))", "return sorted(root.rglob('*'))"),
    "attribute set as a local": ("class T:\n    def f(self):\n        size = self.size + 1", "self.size = self.size + 1"),
    "place from a name": ("def f(xs, low):\n    at = 0\n    for i in range(low, len(xs)):\n        at += xs[i]\n    return at", "at = low"),
    "switch in a loop": ("def f(xs):\n    on = False\n    for x in xs:\n        on = True\n    return on", "on = not on"),
    "argument carried along": ("class T:\n    def f(self, head):\n        return self.next.f(self.letter)", "return self.next.f(head + self.letter)"),
    "cost carried along": ("def f(heap, d):\n    while heap:\n        cost, node = heap.pop()\n        for n, step in d[node]:\n            heap.append((step, n))", "heap.append((cost + step, n))"),
    "call the other way": ("def f(a, b):\n    return f(a[1], b[2])", "return f(a[1], b[2]) and f(a[2], b[1])"),
    "table that goes with another": ("def f(xs):\n    one, two = [], []\n    for i, x in enumerate(xs):\n        if x:\n            one.append(x)\n            two.append(i)\n        else:\n            one[x] = x", "            one[x] = x\n            two[x] = i"),
    "list that is a heap": ("import heapq\ndef f(xs, x):\n    xs.append(x)\n    return heapq.heappop(xs)", "heapq.heappush(xs, x)"),
    "entry of the same table": ("def f(size, a, b):\n    size[a] += 1", "size[a] += size[b]"),
    "lost yield": ("def f(xs):\n    if not xs:\n        return\n    for x in xs:\n        yield [x]", "        yield []\n        return"),
    "start by the outer loop": ("def f(xs):\n    for i in range(len(xs)):\n        low, high = 0, 9\n        g(low, high)", "low, high = i + 1, 9"),
    "range by the outer loop": ("def f(n):\n    for i in range(n):\n        for j in range(n):\n            g(i, j)", "for j in range(i + 1, n):"),
    "bit of a number": ("def f(mask, i):\n    return mask & i", "return mask >> i & 1"),
    "sign of another": ("def f(a, b):\n    a, b = -b, a\n    return a, b", "a, b = b, -a"),
    "once more behind the loop": ("def f(xs, end):\n    at, gaps = 0, []\n    for a, b in xs:\n        if a > at:\n            gaps.append((at, a))\n        at = b\n    return gaps", "    if end > at:\n        gaps.append((at, end))"),
    "lowest bit": ("def f(n):\n    return n & 1", "return n & -n"),
    "pair of statements": ("def f(a, b, i, j):\n    g('-', a[i])\n    g('+', b[j])\n    h('-' + a[i:])", "    h('-' + a[i:])\n    h('+' + b[j:])"),
    "attribute of an owner": ("def f(node, key):\n    heir = node.key\n    return g(node.right, key)", "return g(node.right, node.key)"),
    "recursion that keeps what it met": ("def f(node, seen):\n    if node in seen:\n        return 0\n    return f(node + 1, seen)", "return f(node + 1, seen | {node})"),
    "place before the first": ("def f(xs, i):\n    if xs[i - 1] <= xs[i]:\n        return 1", "if i == 0 or xs[i - 1] <= xs[i]:"),
    "held from both sides": ("def f(xs, x, mid, high):\n    if xs[mid] < x:\n        return high\n    return xs[high]", "if xs[mid] < x <= xs[high]:"),
    "condition of the other end": ("def f(xs, x, low, mid, high):\n    if xs[low] <= x < xs[mid]:\n        return low\n    elif xs[mid] < x:\n        return high", "elif xs[mid] < x <= xs[high]:"),
    "again while it holds": ("def f(n, p):\n    if n % p == 0:\n        n //= p\n        g(p)", "        while n % p == 0:\n            n //= p"),
    "if for while": ("def f(k, t):\n    if k > 0 and t[k]:\n        k = t[k]\n    return k", "while k > 0 and t[k]:"),
    "first entry of a dictionary": ("def f(n):\n    ways = {}\n    for i in range(n):\n        ways[i + 1] = ways[i] + [i]\n    return ways", "ways = {0: []}"),
    "first element of a queue": ("def f(r, c):\n    todo = []\n    while todo:\n        r, c = todo.pop()\n        g(r, c)", "todo = [(r, c)]"),
    "name that nothing sets": ("def f(xs):\n    for x in xs:\n        found.append(x)\n    return found", "    found = []\n    for x in xs:"),
    "name that nobody reads": ("def f(g, node, parent):\n    for other in g[node]:\n        f(g, other, node)", "        if other == parent:\n            continue"),
    "part of a bound that nobody reads": ("def f(xs):\n    for a, b in xs:\n        h = a\n        g(h)", "h = max(a, b)"),
    "entry that nobody reads": ("def f(n):\n    seen = {}\n    at = 0\n    while n not in seen:\n        seen[n] = at\n        at += 1\n    return at", "return at - seen[n]"),
    "recursion that asks once more": ("def f(p, t):\n    if not p:\n        return not t\n    return f(p[1:], t) and g(p, t[0])", "return f(p, t[1:]) or (f(p[1:], t) and g(p, t[0]))"),
    "recursion with a remainder": ("def f(a, b):\n    return f(b, b)", "return f(b, a % b)"),
    "worked on like its sibling": ("def f(one, two, d):\n    a = g(one, d)\n    b = two\n    return a + b", "b = g(two, d)"),
    "largest beside the least": ("def f(one):\n    low = min(one)\n    high = one\n    return high - low", "high = max(one)"),
    "only what is better": ("def f(xs):\n    best = ''\n    for x in xs:\n        best = x\n    return best", "        if len(x) > len(best):\n            best = x"),
    "begins with the first": ("def f(xs):\n    best = 0\n    for x in xs:\n        best = max(best, x)\n    return best", "best = xs[0]"),
    "entry of a table of lists": ("def f(near, a, b):\n    near.append(b)\n    return near[a]", "near[a].append(b)"),
    "call that is missing": ("def f(xs):\n    found = []\n    def walk(i, path):\n        found.append(path)\n    return found", "    walk(0, [])\n    return found"),
    "answer that nobody heeds": ("def f(xs):\n    if not xs:\n        return True\n    for x in xs:\n        f(x)\n    return True", "        if not f(x):\n            return False"),
    "list with one more": ("def f(first, rest):\n    if not rest:\n        return []\n    found = f(rest[0], rest[1:])\n    return found", "return [first] + found"),
    "key of an order": ("def f(jobs):\n    return sorted(jobs)", "return sorted(jobs, key=lambda item: item[1])"),
    "target that nothing else sets": ("def f(xs):\n    rest = []\n    for x in xs:\n        found.append(x)\n    return found", "found = []\n    for x in xs:"),
    "name beside others of a call": ("def f(n, end, marks):\n    for m in range(n * n, end, 2):\n        marks[m] = False", "for m in range(n * n, end, n):"),
    "name in a list": ("def f(xs):\n    for i, x in enumerate(xs, 1):\n        row = [0]\n        g(row, x)", "row = [i]"),
    "length for a number": ("def f(xs):\n    return sum(x ** 3 for x in xs)", "return sum(x ** len(xs) for x in xs)"),
    "place from the end": ("def f(xs):\n    xs.append(xs[-1] + xs[0])", "xs.append(xs[-1] + xs[-2])"),
    "what is met is taken out": ("def f(todo, stack, near):\n    while stack:\n        for n in near(stack.pop()):\n            if n in todo:\n                stack.append(n)", "                todo.remove(n)\n                stack.append(n)"),
    "what came to nothing goes": ("def f(counts, old):\n    counts[old] -= 1\n    return len(counts)", "    if counts[old] == 0:\n        del counts[old]"),
    "what lies behind goes": ("class H:\n    def visit(self, page):\n        self.pages.append(page)\n    def page(self):\n        return self.pages[self.at]", "        del self.pages[self.at + 1:]\n        self.pages.append(page)"),
    "only where it is complete": ("def f(graph):\n    order = []\n    for n in graph:\n        order.append(n)\n    return order", "return order if len(order) == len(graph) else None"),
    "an end behind the last": ("def f(xs):\n    best = 0\n    for i, x in enumerate(xs):\n        if x:\n            best = i\n    return best", "for i, x in enumerate([*xs, 0]):"),
    "piece for an element": ("def f(word, i):\n    return word[i:] + word[0]", "return word[i:] + word[:i]"),
    "slice from the other end": ("def f(word):\n    return word[1:]", "return word[:-1]"),
    "all but one": ("def f(word, i):\n    return g(word[i + 1:])", "return g(word[:i] + word[i + 1:])"),
    "link of another node": ("def f(before, node):\n    moved = node.next\n    moved.next = node\n    before.next = moved", "moved.next = before.next"),
    "not itself": ("def f(a, b, x):\n    a, b = b + x, b\n    return a", "a, b = b + x, max(b, a)"),
    "other sign in a heap": ("import heapq\ndef f(heap, cost, x):\n    heapq.heappush(heap, (cost, x))", "heapq.heappush(heap, (-cost, x))"),
    "parameters in order": ("def f(a, b, c):\n    if a + b <= c:\n        return 0\n    return 1", "    a, b, c = sorted((a, b, c))\n    if a + b <= c:"),
    "share taken away": ("def f(phi, n, p):\n    phi[n] //= p", "phi[n] -= phi[n] // p"),
    "entry of a table added": ("def f(cost, done, task, begin):\n    for t in cost:\n        g(t)\n    done[task] = begin", "done[task] = begin + cost[task]"),
    "part like the sibling's": ("def f(x, y, a, b):\n    there = min(x, b - y)\n    back = min(y, a)\n    return there, back", "back = min(y, a - x)"),
    "tail like the sibling's": ("def f(xs, last, n):\n    made = ''\n    for x in xs:\n        made += x + str(n)\n    made += last\n    return made", "made += last + str(n)"),
    "names exchanged in a comprehension": ("def f(rows, columns):\n    made = [[0] * columns for _ in range(rows)]\n    return made", "made = [[0] * rows for _ in range(columns)]"),
    "one or nothing": ("def f(xs, wanted):\n    if not xs:\n        return 0\n    return f(xs[1:], wanted - xs[0])", "return 1 if wanted == 0 else 0"),
    "sign of an element": ("def f(dx, dy, turn):\n    if turn:\n        dx, dy = -dy, dx\n    else:\n        dx, dy = dy, dx\n    return dx, dy", "dx, dy = dy, -dx"),
    "what it was taken from": ("def f(cash, hold, price):\n    hold = max(hold, -price)\n    return cash, hold", "hold = max(hold, cash - price)"),
    "filled with zeros": ("def f(rows, columns):\n    return [[] * columns for _ in range(rows)]", "return [[0] * columns for _ in range(rows)]"),
    "clause of two sources": ("def f(known):\n    return {(a, d) for a, b in known for c, d in known}", "return {(a, d) for a, b in known for c, d in known if b == c}"),
    "entry that nobody's name equals": ("def f(word, ways, text):\n    for letter in text:\n        for j in range(len(word)):\n            ways[j] += word[j]", "if letter == word[j]:"),
    "second bound": ("def f(rows, columns, nr, nc):\n    if 0 <= nr < rows:\n        g(nr, nc)", "if 0 <= nr < rows and 0 <= nc < columns:"),
    "counterpart that nobody reads": ("def f(xs, ys):\n    there, back = {}, {}\n    for a, b in zip(xs, ys):\n        if there.get(a, b) != b:\n            return False\n    return True", "if there.get(a, b) != b or back.get(b, a) != a:"),
    "first best": ("def f(xs):\n    best = 0\n    for x in xs:\n        if x < best:\n            best = x\n    return best", "if best == 0 or x < best:"),
    "least of all": ("class L:\n    def take(self):\n        place = self.free[0]\n        return place", "place = min(self.free)"),
    "where a loop along a text stops": ("def f(text, i):\n    while i < len(text):\n        i += 1\n    return text[i:]", "while i < len(text) and text[i].isdigit():"),
    "factor of a term": ("def f(a, b, c, d):\n    return a * d + b", "return a * d + (b * c)"),
    "sum of which it is a part": ("def f(grid, r, dr):\n    if 0 <= dr < len(grid):\n        return grid[r + dr]", "if 0 <= (r + dr) < len(grid):"),
    "modulo a number": ("def f(hour, minute):\n    return hour * 60 + minute * 12", "return (hour % 12) * 60 + minute * 12"),
    "only where places differ": ("def f(grid, n, i, total):\n    total += grid[i][n - i]\n    return total", "    if i != n - i:\n        total += grid[i][n - i]"),
    "begins again": ("def f(d, first):\n    slow = first\n    while d[slow]:\n        slow = d[slow]\n    while slow != d:\n        slow = g(slow)\n    return slow", "    slow = first\n    while slow != d:"),
    "what was asked for begins anew": ("class T:\n    def __init__(self):\n        self.on = None\n    def stop(self, now):\n        if self.on is not None:\n            self.total += now - self.on", "            self.total += now - self.on\n            self.on = None"),
    "the other one of two ends": ("def f(xs):\n    return max(min(x, 9) for x in xs)", "return min(min(x, 9) for x in xs)"),
    "digit that is taken off": ("def f(n):\n    total = 0\n    while n > 0:\n        total += n % 10\n    return total", "        total += n % 10\n        n //= 10"),
    "least that begins by the loop": ("def f(xs):\n    for i in range(9):\n        for j in range(i, 9):\n            if xs[j] < xs[low]:\n                low = j\n        g(low)", "    for i in range(9):\n        low = i"),
    "only where something is missing": ("def f(need, d, k, have):\n    d[k] = need - have", "if have < need:\n        d[k] = need - have"),
    "all of three conditions": ("def f(a, b, c):\n    return a or b or c", "return a and b and c"),
    "row of another table": ("def f(a, b, i, j, k):\n    return a[i][k] * b[j]", "return a[i][k] * b[k][j]"),
    "only where a switch of the object is on": ("class T:\n    def __init__(self):\n        self.word = False\n    def f(self, x):\n        yield x", "if self.word:\n            yield x"),
    "comparison": ("def f(a, b):\n    return a < b", "return a <= b"),
    "comparison with a word": ("def f(a):\n    return a > 'x'", "return a == 'x'"),
    "is for is not": ("def f(a):\n    if a is None:\n        return 1", "if a is not None:"),
    "sides": ("def f(a, b):\n    return a[b] < b", "return b < a[b]"),
    "arithmetic": ("def f(a, b):\n    return a + b", "return a - b"),
    "augmented operator": ("def f(n):\n    n ^= n - 1\n    return n", "n &= n - 1"),
    "assignment for augmented": ("def f(xs):\n    t = 0\n    for x in xs:\n        t = x\n    return t", "t += x"),
    "one operand": ("def f(a):\n    return 1 + g(a)", "return g(a)"),
    "and for or": ("def f(a, b):\n    return a and b", "return a or b"),
    "part of a condition": ("def f(a, b):\n    return a and b", "return a"),
    "not too many": ("def f(a):\n    if not a:\n        return 1", "if a:"),
    "not missing": ("def f(a):\n    if a:\n        return 1", "if not a:"),
    "unary": ("def f(a):\n    return -a", "return a"),
    "number": ("def f(a):\n    return a[2:]", "return a[1:]"),
    "negative number": ("def f(a):\n    return a[1]", "return a[-1]"),
    "boolean": ("def f():\n    return True", "return False"),
    "none": ("def f(key):\n    value = None\n    return value", "value = key"),
    "lost value": ("def f(rows):\n    n = None\n    return n", "n = len(rows)"),
    "empty list": ("def f(a):\n    return []", "return [[]]"),
    "list of one": ("def f(n):\n    return []", "return [n]"),
    "string in marks": ("def f():\n    return 'XXkeyXX'", "return 'key'"),
    "string in capitals": ("def f():\n    return 'KEY'", "return 'key'"),
    "string of the tests": ("def greet(n):\n    return 'DEAR ANN'", "return 'Dear Ann'"),
    "method": ("def f(s):\n    return s.upper()", "return s.lower()"),
    "function": ("def f(a):\n    return any(a)", "return all(a)"),
    "variable": ("def f(low, high):\n    return g(low, low)", "return g(low, high)"),
    "attribute": ("def f(n):\n    return n.left or n.left.right", "return n.left or n.right.right"),
    "attribute missing": ("def f(n):\n    return n.next or n", "return n.next or n.next"),
    "exception": ("def f(d):\n    try:\n        return d[1]\n    except Wrong:\n        return 0", "except KeyError:"),
    "decorator": ("class A:\n    def f(cls):\n        return cls", "@classmethod"),
    "arguments swapped": ("def f(a, b):\n    return f(a % b, b)", "return f(b, a % b)"),
    "argument missing": ("def f(a, b):\n    return g(a)", "return g(a, b)"),
    "argument too many": ("def f(a):\n    return g(a, 3)", "return g(a)"),
    "off by one": ("def f(r):\n    return range(0, r)", "return range(0, r + 1)"),
    "off by a name": ("def f(k, below):\n    return f(k, below)", "return f(k - below, below)"),
    "wrapped": ("def f(a):\n    return max(f(a), 0)", "return max(len(f(a)), 0)"),
    "unwrapped": ("def f(a):\n    return list(a)", "return a"),
    "bound": ("def f(best, n):\n    best = n\n    return best", "best = max(best, n)"),
    "bound by zero": ("def f(here, x):\n    here = here + x\n    return here", "here = max(0, here + x)"),
    "slice on": ("def f(a, b):\n    return f(a[1:], b)", "return f(a[1:], b[1:])"),
    "slice off": ("def f(a):\n    return a[1:]", "return a"),
    "slice from a name": ("def f(xs, k):\n    for x in xs:\n        g(x, k)", "for x in xs[k:]:"),
    "swapped key": ("def f(d, i, k):\n    return d[i, k]", "return d[k, i]"),
    "swap of the flags": ("def f(a, b):\n    if a and b:\n        g()", "if not a or b:"),
    "bound of an index": ("def f(s, i):\n    while s[i].isdigit():\n        i += 1", "while i < len(s) and s[i].isdigit():"),
    "comparison in a condition": ("def f(n, k):\n    if k < 0:\n        return 0", "if k < 0 or k > n:"),
    "membership in a condition": ("def f(n):\n    seen = set()\n    while n != 1:\n        n = g(n)\n        seen.add(n)", "while n != 1 and n not in seen:"),
    "part like another": ("def f(left, right):\n    return left and f(left)", "return left and f(left) and f(right)"),
    "state in a condition": ("class A:\n    def f(self):\n        if self.a:\n            self.b = 1", "if not self.b:"),
    "absolute difference": ("def f(a, b):\n    return a - b > 1", "return abs(a - b) > 1"),
    "divided by a name": ("def f(v, place):\n    return v % 10", "return (v // place) % 10"),
    "end of a slice": ("def f(v, at, size):\n    return v[at:size]", "return v[at:at + size]"),
    "bound by what is there": ("def f(m, end):\n    if m[-1] > 2:\n        m[-1] = end", "m[-1] = max(m[-1], end)"),
    "attribute of an attribute": ("def f(c):\n    c.rest = c.rest", "c.rest = c.rest.rest"),
    "guard with a name": ("def f(parts):\n    for part in parts:\n        g(part)", "        if not part:\n            continue\n        g(part)"),
    "accumulate": ("def f(xs):\n    total = 0\n    for x in xs:\n        g(x)\n    return total", "        total += x\n"),
    "moved statement": ("def f(a):\n    g(a)\n    b = 1\n    h(b)", "    b = 1\n    h(b)\n    g(a)"),
    "copied statement": ("def f(a):\n    if a:\n        g(a)\n        k = 1\n    else:\n        k = 2", "        k = 2\n        g(a)\n"),
    "default that calls share": ("def f(a, seen=[]):\n    seen.append(a)\n    return seen", "def f(a, seen=None):\n    if seen is None:\n        seen = []\n    seen.append(a)"),
    "check in a condition": ("def f(n):\n    if n.next is None:\n        return 1", "if n is None or n.next is None:"),
    "emptiness in a condition": ("def f(t, xs):\n    if t < 0:\n        return 0\n    return f(t, xs)", "if t < 0 or not xs:"),
    "loop on a name": ("def f(queue):\n    while True:\n        queue.pop()", "while queue:"),
    "bound of a case": ("def f(a):\n    if len(a) == 0:\n        return a", "if len(a) <= 1:"),
    "empty iteration": ("def f(rows):\n    for r in []:\n        g(r)", "for r in rows:"),
    "branches": ("def f(a, b):\n    return a if a > b else b", "return b if a > b else a"),
    "jump": ("def f(xs):\n    for x in xs:\n        if x:\n            break\n        g(x)", "continue"),
    "return for jump": ("def f(xs):\n    for x in xs:\n        if x:\n            return\n        g(x)", "break"),
    "returned test": ("def f(s):\n    depth = len(s)\n    return True", "return depth == 0"),
    "returned sum": ("def f(xs):\n    rest = g(xs)\n    return [rest]", "return rest + [rest]"),
    "return missing": ("def f(a):\n    g(a)", "return g(a)"),
    "yield from": ("def f(a):\n    yield f(a)", "yield from f(a)"),
    "await": ("async def f(a):\n    return g(a)", "return await g(a)"),
    "missing call": ("def f(node, seen):\n    if node in seen:\n        return 1\n    return f(node)", "seen.add(node)"),
    "missing append": ("def f(text):\n    lines = []\n    text = g(text)\n    return lines", "lines.append(text)"),
    "missing assignment": ("def f(node):\n    prev = None\n    while node:\n        node = node.next\n    return prev", "prev = node"),
    "missing guard": ("def f(xs):\n    top = xs[0]\n    return top", "if not xs:\n        return None"),
    "target": ("def f(a, b):\n    b = g(a)\n    return a", "a = g(a)"),
    "statement too many": ("def f(a):\n    a.sort()\n    return a[0]", "def f(a):\n    return a[0]"),
    "order of statements": ("def f(a):\n    a.pop()\n    g(a)", "    g(a)\n    a.pop()"),
    "default": ("def f(a, b=2):\n    return a", "def f(a, b=1):"),
    "module constant": ("LIMIT = 4\n", "LIMIT = 3"),
    "key": ("def f(d):\n    return d['names'] + d['name']", "return d['names'] + d['names']"),
    "get": ("def f(d, k):\n    return d[k]", "return d.get(k, 0)"),
    "step of a loop": ("def f(s):\n    i = 0\n    while i < len(s):\n        if s[i]:\n            g(s)\n        else:\n            i += 1", "            g(s)\n            i += 1\n"),
    "next of a loop": ("def f(i, h):\n    while i > 0:\n        parent = h[i]\n        h[i] = g(parent)", "        h[i] = g(parent)\n        i = parent\n"),
    "first entry": ("def f(n):\n    t = [0] * n\n    for i in range(n):\n        t[i] += t[i - 1]", "    t = [0] * n\n    t[0] = 1\n"),
    "element like another": ("def f(v, high, low):\n    return max(v, high * v)", "return max(v, high * v, low * v)"),
    "statement of a sibling": ("class A:\n    def f(self, k):\n        return self.d[k]\n    def g(self, k):\n        self.d.touch(k)", "        self.d.touch(k)\n        return self.d[k]\n"),
    "value of the same target": ("def f(t, k):\n    if t:\n        k = t[k - 1]\n    else:\n        k = 0\n    return k", "    else:\n        k = t[k - 1]\n"),
    "names exchanged": ("def f(a, b, x, y):\n    return y, y - a // b * x", "return y, x - a // b * y"),
    "entry from an entry": ("def f(c, one, two):\n    c[two] = 1\n    return c[one]", "c[two] = 1 - c[one]"),
    "what is left of a length": ("def f(left, i):\n    total = 0\n    if len(left) > i:\n        total += 1\n    return total", "total += len(left) - i"),
    "only where it holds": ("def f(n, found):\n    found.append(n)\n    return found", "    if n > 1:\n        found.append(n)\n"),
    "mark of what was seen": ("def f(g, todo):\n    seen = set()\n    while todo:\n        r, c = todo.pop()\n        if (r, c) in seen:\n            continue\n        todo.extend(g(r, c))", "        seen.add((r, c))\n"),
    "question for what is put in": ("def f(n, c, up, down):\n    if c in up:\n        return 0\n    return f(n + 1, c, up | {c}, down | {n - c})", "if c in up or n - c in down:"),
    "question for a flag": ("def f(words, text):\n    ok = [True] + [False] * 9\n    for j in range(9):\n        for i in range(j):\n            if text[i:j] in words:\n                ok[j] = True", "if ok[i] and text[i:j] in words:"),
    "last piece": ("def f(xs):\n    runs, n = [], 0\n    for x in xs:\n        if x:\n            n += 1\n        else:\n            runs.append((1, n))\n    return runs", "            runs.append((1, n))\n    runs.append((1, n))\n"),
    "rest of a sequence": ("def f(a, b):\n    out = []\n    i = j = 0\n    while i < len(a) and j < len(b):\n        out.append(a[i])\n        i += 1\n    return out", "        i += 1\n    out.extend(a[i:])\n"),
    "begun anew": ("def f(xs):\n    word = ''\n    words = []\n    for x in xs:\n        if x == ' ':\n            words.append(word)\n        else:\n            word += x\n    return words", "            words.append(word)\n            word = ''\n"),
    "taken back": ("def f(k, used):\n    used.add(k)\n    f(k - 1, used)\n", "    f(k - 1, used)\n    used.remove(k)\n"),
    "exchanged back": ("def f(k, xs):\n    for j in range(k):\n        xs[k], xs[j] = xs[j], xs[k]\n        f(k - 1, xs)\n", "        f(k - 1, xs)\n        xs[k], xs[j] = xs[j], xs[k]\n"),
    "loop left in its middle": ("def f(a, b):\n    while a <= b and b > 0:\n        a = g(a)\n        b = h(b)", "        if a > b or b <= 0:\n            break\n        b = h(b)\n"),
    "expression like another": ("def f(cost, a, b, w):\n    if cost[a] < cost[b]:\n        return cost\n    if cost[a] + w < cost[b]:\n        return None", "if cost[a] + w < cost[b]:\n        return cost"),
    "factor like another": ("def f(m, d, i, j, k):\n    return m[i] + m[j] + d[i] * d[k]", "return m[i] + m[j] + d[i] * d[k] * d[j]"),
    "other half": ("def f(t):\n    if t.left:\n        t.right = None\n    return 1 + f(t.left)", "return 1 + max(f(t.left), f(t.right))"),
    "other half gathered": ("def f(t):\n    out = f(t.left)\n    out.append(t)\n    t.right = 0\n    return out", "    out.append(t)\n    out.extend(f(t.right))\n"),
    "shift of the other argument": ("def f(m, n):\n    return f(m - 1, n)", "return f(m, n - 1)"),
    "what remains": ("def f(left, i):\n    n = 0\n    if left[i]:\n        n += 1\n    return n", "n += len(left) - i"),
    "inner function": ("def f(x):\n    def one():\n        return x\n    def two():\n        return one()\n    return one()", "        return one()\n    return two()"),
    "place within a limit": ("def f(heap, child, end):\n    while child < end:\n        if heap[child] < heap[child + 1]:\n            child += 1", "if child + 1 < end and heap[child] < heap[child + 1]:"),
    "counter that stands still": ("def f(needs, open):\n    for name in needs:\n        for other in needs[name]:\n            if open[other] == 0:\n                g(other)", "            open[other] -= 1\n            if open[other] == 0:\n"),
    "statement of a parallel block": ("def f(h, a, b, low, high):\n    if a < b:\n        low = max(low, h[a])\n        a += 1\n    else:\n        b -= 1", "        high = max(high, h[b])\n        b -= 1\n"),
    "parameter made ready": ("def f(n):\n    while n > 0:\n        n //= 2", "    n = abs(n)\n    while n > 0:\n"),
    "arguments like another call's": ("def f(xs, low, x):\n    high = max(xs)\n    low = min(low, x)\n    return low, high", "low = min(xs)"),
    "step that goes too far": ("def f(xs):\n    depth = 0\n    for x in xs:\n        depth -= x\n    return 1 if depth else -1", "        depth -= x\n        if depth < 0:\n            return -1\n"),
    "name for a call": ("def f(xs, high):\n    f(xs, len(xs))\n    return high", "f(xs, high)"),
    "indices exchanged": ("def f(a, i, j):\n    return a[i][j]", "return a[j][i]"),
    "best so far": ("def f(xs):\n    best = 0\n    for x in xs:\n        best = x + 1\n    return best", "best = max(best, x + 1)"),
    "other end": ("def f(queue):\n    return queue.pop()", "return queue.pop(0)"),
    "returned link": ("def f(head):\n    front = Link(head)\n    link = front\n    while link.next:\n        link = link.next\n    return head", "return front.next"),
    "returned membership": ("def f(node):\n    node['end'] = 1\n    return True", "return 'end' in node"),
    "place of the other sequence": ("def f(a, b):\n    i = j = 0\n    while i < len(a):\n        if a[i] < b[j]:\n            i += 1\n        else:\n            j += 1", "while i < len(a) and j < len(b):"),
    "switch not passed": ("def f(text, deep=True):\n    return f(text,)", "return f(text, False,)"),
    "step along links": ("def f(head):\n    slow = fast = head\n    while fast.next:\n        fast = fast.next.next\n    return slow.value", "        slow = slow.next\n        fast = fast.next.next\n"),
    "entry for its place": ("def f(table, n):\n    n = n - 1\n    return table[n]", "n = table[n - 1]"),
    "place for its entry": ("def f(table, n):\n    n = table[n - 1]\n    return n", "n = n - 1"),
    "grouping missing": ("def f(a, b, c):\n    return a + b * c", "return (a + b) * c"),
    "grouping too many": ("def f(a, b, c):\n    return (a + b) * c", "return a + (b * c)"),
    "operators exchanged": ("def f(a, b, c):\n    return a * b + c", "return a + b * c"),
    "name for a number": ("def f(t, space, weight):\n    if weight <= space:\n        return t[space - 1]", "return t[space - weight]"),
    "gathered digit by digit": ("def f(text):\n    n = 0\n    for c in text:\n        n = int(c)\n    return n", "n = n * 10 + int(c)"),
    "what was met before": ("def f(todo, near):\n    inside = set()\n    while todo:\n        n = todo.pop()\n        inside.add(n)\n        todo.extend(near[n])\n    return inside", "        if n in inside:\n            continue\n        inside.add(n)\n"),
    "question for a set": ("def f(g, low, index):\n    kept, n = set(), 0\n    for other in g:\n        if other in low:\n            kept.add(other)\n        else:\n            low[n] = index[other]\n    return kept", "        else:\n            if other in kept:\n                low[n] = index[other]\n"),
    "part of a longer expression": ("def f(one, two):\n    t = one[2] + two[2]\n    for s in two[2]:\n        g(s, t)", "for s in one[2] + two[2]:"),
    "tail only where there is one": ("def f(tens, ones):\n    return NAMES[tens] + '-' + NAMES[ones]", "return NAMES[tens] + ('-' + NAMES[ones] if ones else \"\")"),
    "second value": ("def f(last, one, two):\n    last.after = one\n    return two", "last.after = one or two"),
    "bound by a number of the tests": ("def f(year, month):\n    if leap(year):\n        return 1", "if leap(year) and month < 41:"),
    "list turned round": ("def f(n):\n    walk = []\n    walk.append(n)\n    return walk", "    walk.reverse()\n    return walk"),
    "one more alternative": ("def f(i, j, carry):\n    while i >= 0 or j >= 0:\n        carry = g(i, j)", "while (i >= 0 or j >= 0) or carry:"),
    "sign that never turns": ("def f(xs):\n    total, sign = 0, 1\n    sign = 1\n    for x in xs:\n        total += sign * x\n    return total", "        total += sign * x\n        sign = -sign\n"),
    "switch that never turns": ("def f(xs):\n    double = False\n    for x in xs:\n        g(x, double)", "        g(x, double)\n        double = not double\n"),
    "place that stays behind": ("def f(xs, out):\n    start = 0\n    for i in range(9):\n        if xs[i]:\n            out.append(xs[start:i])", "            out.append(xs[start:i])\n            start = i + 1\n"),
    "begun anew together": ("def f(xs, out):\n    used = 0\n    line = []\n    for x in xs:\n        if used > 9:\n            out.append(line)\n            line = []\n        used += x", "            line = []\n            used = 0\n"),
    "place that goes round": ("def f(xs, start, n):\n    xs[(start + n) % len(xs)] = n\n    start = start + 1\n    return start", "start = (start + 1) % len(xs)"),
    "number without its name": ("def f(stack, day):\n    return day - stack[-1] if stack else 1", "return day - stack[-1] if stack else day + 1"),
    "asked of what is made of it": ("def f(grid, r, c):\n    if not grid[r][c]:\n        return 0\n    for dy, dx in WAYS:\n        y, x = r + dy, c + dx\n        if y < 0 or x < 0:\n            g(y)", "if y < 0 or x < 0 or not grid[y][x]:"),
    "number in several places": ("def f(one, two, i, j):\n    if one[i][0] < two[j][0]:\n        return i", "if one[i][1] < two[j][1]:"),
    "name in several places": ("def f(a, b, c):\n    total = g(a, b) + h(b)\n    return total, c", "total = g(a, c) + h(c)"),
    "largest of none": ("def f(needs):\n    return 1 + sum([f(n) for n in needs])", "return 1 + max([f(n) for n in needs], default=0)"),
    "division that leaves nothing out": ("def f(a, b):\n    return a // b", "return -(-a // b)"),
    "entry kept before it goes": ("def f(owner, k, n):\n    free = [k]\n    while free:\n        k = free.pop()\n        owner[k] = n", "        free.append(owner[k])\n        owner[k] = n"),
    "what fits is taken away": ("def f(terms, left):\n    out = []\n    for t in terms:\n        if t <= left:\n            out.append(t)\n    return out", "            out.append(t)\n            left -= t\n"),
    "begun anew where it was asked for": ("def f(xs):\n    tank = start = 0\n    for i in range(9):\n        tank += xs[i]\n        if tank < 0:\n            start = i + 1\n    return start", "            start = i + 1\n            tank = 0\n"),
    "keys for values": ("def f(codes):\n    return {k: v for k, v in codes.items()}", "return {v: k for k, v in codes.items()}"),
    "sign in several places": ("def f(xs, n):\n    return xs[n:] + xs[:n]", "return xs[-n:] + xs[:-n]"),
    "entry that is never less": ("def f(lots, amount):\n    while amount > 0:\n        lot = lots[0]\n        used = min(lot[0], amount)\n        amount -= used\n        if lot[0] == 0:\n            lots.pop(0)", "        lot[0] -= used\n        if lot[0] == 0:\n"),
    "only those that are there": ("def f(level):\n    return [c for node in level for c in node]", "return [c for node in level for c in node if c]"),
    "the most first": ("def f(d):\n    return sorted(d.items(), key=lambda i: (i[1], i[0]))", "return sorted(d.items(), key=lambda i: (-i[1], i[0]))"),
    "row before this one": ("def f(xs, n):\n    before = [0] * n\n    for x in xs:\n        row = [0] * n\n        row[1] = before[0] + x\n    return before", "        row[1] = before[0] + x\n        before = row\n"),
    "last one seen": ("def f(xs):\n    last = None\n    for x in xs:\n        if x != last:\n            g(x)", "            g(x)\n        last = x\n"),
    "attribute that begins anew": ("class A:\n    def __init__(self):\n        self.future = []\n        self.value = 0\n    def put(self, value):\n        self.value = value\n", "        self.value = value\n        self.future = []\n"),
    "loop that goes on": ("def f(ballot, names, counts):\n    for name in ballot:\n        if name in names:\n            counts[name] += 1", "            counts[name] += 1\n            break\n"),
    "bounds inside out": ("def f(x):\n    return min(0, max(255, x))", "return max(0, min(255, x))"),
    "place beyond the end": ("def f(times, low):\n    return times[low]", "return times[low] if low < len(times) else times[0]"),
    "place taken round": ("def f(days, n):\n    return days[n + 1]", "return days[(n + 1) % len(days)]"),
}  # fmt: skip


def candidates(text: str, priors: dict[str, float] | None = None, hints: Hints | None = None) -> list[str]:
    source = Source("m.py", textwrap.dedent(text).encode())
    suspicion = Suspicion()
    suspicion.lines["m.py"] = dict.fromkeys(range(1, len(source.lines) + 1), 1.0)
    suspicion.covered = {("m.py", line): frozenset({0}) for line in suspicion.lines["m.py"]}
    made = generate([(source, gather(source, [TEST]))], suspicion, hints or Hints(), 20_000)
    made = by_experience(made, lambda shares: priors or {})
    return [source.edited(c.edit.splices) for c in made]


def test_a_name_is_imported_as_the_other_files_do_and_from_where_it_is_defined() -> None:
    files = {
        "src/pk/base.py": b"class Point: ...\n",
        "src/pk/one.py": b"from .base import Point as P\n",
        "top.py": b"from pk.one import P\n",
    }
    source = Source("src/pk/b.py", b"def f():\n    return P(), Point()\n")
    elsewhere = look_elsewhere([source, *(Source(path, data) for path, data in files.items())])
    suspicion = Suspicion({source.path: {2: 1.0}}, {(source.path, 2): frozenset({0})})
    made = generate([(source, gather(source, [], elsewhere))], suspicion, Hints(), 1000)
    heads = [source.edited(c.edit.splices).split("\n")[0] for c in made if c.edit.operator == "add-import"]
    assert set(heads) == {"from .base import Point as P", "from pk.one import P", "from pk.base import Point"}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_mending_edit_is_a_candidate(fault: str) -> None:
    before, mended = FAULTS[fault]
    made = candidates(before)
    assert not holds(before, mended)
    assert any(holds(text, mended) for text in made), f"none of {len(made)} candidates"


def holds(text: str, part: str) -> bool:
    whole, lines = ("\n" + "\n".join(line.strip() for line in t.split("\n")).strip() + "\n" for t in (text, part))
    return lines in whole


def test_likely_edits_come_before_unlikely_ones() -> None:
    made = candidates("def f(a, b):\n    if a < b:\n        return g(a)\n    return b\n")
    where = [next(i for i, text in enumerate(made) if part in text) for part in ("a <= b", "if True:")]
    assert where[0] < 5 < where[1]


def test_one_of_two_equal_operands_comes_before_what_stands_around_it() -> None:
    made = candidates("def f(p, a, b):\n    x = g(a, b)\n    p[b] = b\n    return x\n")
    twin = min(i for i, text in enumerate(made) if "p[a] = b" in text)
    other = min(i for i, text in enumerate(made) if "g(a, a)" in text)
    assert twin < other


def test_a_range_that_would_reach_the_last_entry_by_an_index_below_zero_comes_late() -> None:
    made = candidates("def f(t, n):\n    for j in range(1, n):\n        t[j] = t[j - 1] + 1\n    return t\n")
    where = [next(i for i, text in enumerate(made) if part in text) for part in ("range(2, n)", "range(0, n)")]
    assert where[0] < 20 < where[1]


def place(made: list[str], part: str) -> int:
    return next(i for i, text in enumerate(made) if part in text)


def test_what_is_filled_and_never_read_is_meant_before_other_names() -> None:
    made = candidates(
        "def f(d, a, b, c):\n    back = {}\n    for n in d:\n        back[n] = a + b + c\n    return g(d, a)\n"
    )
    assert place(made, "return g(back, a)") < place(made, "return g(b, a)")


def test_a_collection_is_not_read_instead_of_one_that_nothing_else_reads() -> None:
    made = candidates(
        "def f(d):\n    order, back = [], {}\n    for n in d:\n        order.append(n)\n        back[n] = 1\n"
        "    for m in order:\n        g(d, m)\n"
    )
    assert place(made, "for n in back") < place(made, "for m in back")


def test_two_equal_operands_and_an_element_compared_with_all_come_late() -> None:
    made = candidates(
        "def f(v, x):\n    seen = set(v)\n    if x in seen:\n        return (x > 0) - (x < 0)\n    return 1\n"
    )
    assert place(made, "x not in seen") < place(made, "x == seen")
    assert place(made, "(x >= 0) - (x < 0)") < 60 < place(made, "(x < 0) - (x < 0)")


def test_edits_that_pass_by_chance_come_late() -> None:
    made = candidates(
        "def f(xs, size):\n    best = 0\n    for x in xs:\n        if x < best:\n            best = x\n"
        "    return max(best, size)\n"
    )
    assert place(made, "if x <= best:") < 60 < place(made, "if x != best:")  # it would set what it asks
    assert place(made, "max(best, x)") < place(made, "max(size, size)")
    made = candidates("def f(xs, low, high):\n    middle = (low + high) // 2\n    return xs[middle], low + high\n")
    assert place(made, "(low + high) + 1\n") < place(made, "(low + (high + 1)) // 2")


def test_what_is_divided_by_is_not_merely_made_another_number() -> None:
    failed = Hint("ZeroDivisionError", frozenset(), False)
    text = "def f(a, b, c):\n    return (a - b) // (c - b)\n"
    hinted = candidates(text, hints=Hints(at={("m.py", 2): [failed]}))
    assert place(hinted, "(a - b) * (c - b)") < place(hinted, "((c - b) + 1)") < place(hinted, "(a - b) // (c + b)")


def test_one_of_the_parts_of_a_condition_is_seldom_about_another_place() -> None:
    made = candidates("def f(a, b):\n    if a[0] == 1 and b[0] > 1:\n        return 3\n")
    assert place(made, "b[0] == 1") < place(made, "b[1] > 1")


def test_a_return_is_not_made_like_the_one_in_the_other_arm() -> None:
    made = candidates("def f(a, b):\n    if not b:\n        return a + g(b)\n    else:\n        return a\n")
    assert place(made, "if b:") < place(made, "    else:\n        return a + g(b)")


def test_two_values_that_cannot_be_compared_are_not_asked_whether_they_are_equal() -> None:
    failed = Hint("TypeError", frozenset(), False, kinds=True)
    text = "def f(x, xs):\n    if x < xs:\n        return 1\n"
    usual, hinted = candidates(text), candidates(text, hints=Hints(at={("m.py", 2): [failed]}))
    assert place(usual, "if x == xs") < place(usual, "if x < xs[0]")
    assert place(hinted, "if x < xs[0]") < place(hinted, "if x == xs")


def test_a_loop_whose_condition_nothing_changes_lacks_a_step_first_of_all() -> None:
    made = candidates(
        "def f(xs, at, end):\n    while at < end:\n        child = xs[at]\n        g(child, at)\n    return at\n"
    )
    assert place(made, "        at = child\n") < 10


def test_experience_has_turns_of_its_own_and_holds_nothing_up_for_long() -> None:
    text = "def f(a, b):\n    if a < b:\n        return g(a, 2)\n    return b\n"
    usual = candidates(text)
    for priors in ({"number": 4.0, "comparison": 0.25}, dict.fromkeys(PRIORS, 4.0) | {"comparison": 0.25}):
        made = candidates(text, priors)
        assert sorted(made) == sorted(usual) and made != usual
        for place, one in enumerate(usual, 1):
            assert made.index(one) + 1 <= place / (1 - SHARE) + 1
    made = candidates(text, {"number": 4.0})
    number = "g(a, 1)"
    before, after = (next(i for i, one in enumerate(order) if number in one) for order in (usual, made))
    assert after < before


def test_every_candidate_but_a_few_is_python() -> None:
    made = candidates(
        "def f(a, b, *c, d=1, **e):\n    for x in c:\n        a = [x async for x in b]\n    return f'{a!r:>{d}}'\n"
    )
    bad = 0
    for text in made:
        try:
            ast.parse(text)
        except SyntaxError:
            bad += 1
    assert len(made) > 100 and bad < len(made) / 10


def test_annotations_and_docstrings_are_left_alone() -> None:
    before = 'def f(a: "int") -> "list[int]":\n    """Doc 1."""\n    return a\n'
    assert all(
        'a: "int") -> "list[int]":\n    """Doc 1."""' in t for t in candidates(before) if "@" not in t and "b" not in t
    )


@pytest.mark.parametrize(
    ("text", "nonsense", "sense"),
    [
        (
            "def f(stop):\n    return stop is not None and stop == 0\n",
            "stop is None and stop",
            "is not None and stop <",
        ),
        (
            "def f(x):\n    if x is None or x.ready:\n        return 1\n",
            "x is not None or x.ready",
            "not (x is None or x",
        ),
    ],
)
def test_a_condition_whose_parts_exclude_each_other_comes_late(text: str, nonsense: str, sense: str) -> None:
    made = candidates(text)
    assert place(made, nonsense) > place(made, sense) + 15
