"""The five safety checks: dangerous syntax, imports, resources, running time and privilege, on parsed code.

They come on top of the sandbox and are never the boundary: code that means to hide can. What they find is what a person
would want to know before code or a command runs, with the reason and what would be fine instead.

Where to look: `check` is the gate, `source` takes a text to its language. `python`, `script`, `shell` read one each and
name what its calls do; `flow` follows values to those calls, `calls` judges them. `places` lists paths and hosts,
`packages` names of dependencies, `indexes` and `variables` where packages come from;
`patterns` judges regular expressions.
"""

from loopwright.guard.checks.safety.check import (
    SafetyCheck,
    judge_files,
    judge_source,
    judges,
    language_of,
    verdicts,
)

__all__ = ["SafetyCheck", "judge_files", "judge_source", "judges", "language_of", "verdicts"]
