"""CPU of `loopwright rules --json` on a long file of instructions."""

from __future__ import annotations

import sys
from itertools import cycle
from pathlib import Path

from benchmarks.processes import run
from benchmarks.turns import environment

#: Directives of many kinds, which the tests keep.
CORPUS = Path(__file__).parents[1] / "tests" / "corpus" / "directives.txt"
#: Bytes of the file that is compiled: the longest of three dozen files of well-known projects has nine thousand.
SIZE = 10_000
#: With this after each section there are 134 directives in it, as in the densest of the long files of those projects
#: (81 to 139 in 10,000 bytes of those that have 8 KB and more); without it there are 199.
SAMPLE = """
```ts
export async function total(order: Order, prices: Prices): Promise<Money> {
  const lines = await Promise.all(order.lines.map((line) => prices.of(line.article)));
  return lines.reduce((sum, price, index) => sum.plus(price.times(order.lines[index].count)), Money.zero);
}

const shipped = orders.filter((order) => order.state === "shipped").map((order) => order.number);
console.info(`${shipped.length} of ${orders.length} orders are on their way`, { shipped });
```
"""


def measure(home: Path, times: int, sample: str = "") -> float:
    """Return the least CPU seconds of `times` starts. Raises RuntimeError where a start fails."""
    path = home / "rules" / "AGENTS.md"  # in the home itself it would be the user's own, for all that is measured after
    path.parent.mkdir(exist_ok=True)
    path.write_text(instructions(SIZE, sample), encoding="utf-8")
    return min(_cpu(path, home) for _ in range(times))


def instructions(size: int, sample: str) -> str:
    """Return a Markdown text of about this many bytes: sections of rules and, for each rule, what merely describes.

    Each section ends with the sample.
    """
    pairs = [line.partition(" :: ") for line in CORPUS.read_text(encoding="utf-8").splitlines() if line.isascii()]
    rules = [text for kind, found, text in pairs if found and kind != "told"]
    told = cycle(text for kind, found, text in pairs if found and kind == "told")
    lines = ["# Instructions"]
    for number, rule in enumerate(rules):
        if number % 8 == 0:
            lines += [sample] if number else []
            lines += ["", f"## Part {number // 8 + 1}", "", f"{next(told)} {next(told)}", ""]
        lines += [f"- {rule}", f"- {next(told)}"]
        if sum(map(len, lines)) > size:
            break
    return "\n".join(lines) + "\n"


def _cpu(path: Path, home: Path) -> float:
    output = home / "rules.txt"
    argv = [sys.executable, "-m", "loopwright", "rules", "--json", str(path)]
    child = run(argv, environment(home), str(home), output)
    if child.status:
        raise RuntimeError(f"rules failed: {output.read_text()[-1000:]}")
    return child.cpu
