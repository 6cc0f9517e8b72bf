"""Says whether a request speaks of changing tests, and whether it explains a changed expectation."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.plan import Requirement

_VERBS = (
    r"(?:updat|chang|adapt|adjust|rewrit|modif|remov|delet|drop|skip|relax|loosen|renam|edit|replac|mov|disabl|split|merg"
    r"|refactor|reorgani[sz]|clean|simplif|convert|migrat|port|mark|xfail|parametri[sz])\w*"
)
_FILLER = (
    r"(?:(?!(?:so|to|until|that|and|code|implementation|while|for|with|but|in|make|source)\b)[\w'./:`\"-]+\s+){0,4}"
)
_TESTS = r"(?:\w*tests?\b|test_\w+|specs?\b|conftest|fixtures?\b|snapshots?\b|assertions?\b)"
_ASKS = expression(rf"\b{_VERBS}\s+{_FILLER}?[`\"']?{_TESTS}|\band\s+(?:its|their|the|all)\s+{_TESTS}", re.IGNORECASE)
_VERB = expression(rf"\b{_VERBS}", re.IGNORECASE)
_FORBIDS = expression(
    r"\b(?:not|never|without|don'?t|cannot|must ?n'?t|no)\b|n't\b|\bleav\w* |\bkeep\w* |\binstead of\b", re.IGNORECASE
)
_TOKENS = expression(r"[^\W\d_]+|\d+(?:\.\d+)?")


def may_change_tests(requirement: Requirement) -> bool:
    """True where a sentence of the request asks for a change of tests and none forbids it.

    "Fix the failing tests" asks for code that passes them, so it is no permission.
    """
    if not requirement.tests_may_change:
        return False
    asked = False
    for sentence in _sentences(requirement):
        if _ASKS.search(sentence) and _VERB.search(sentence):
            if _FORBIDS.search(sentence):
                return False
            asked = True
    return asked


def names_file(requirement: Requirement, path: str) -> bool:
    """True where the request names the file, or speaks of CI where the file is its workflow."""
    text = "\n".join(_sentences(requirement))
    name = path.rsplit("/", 1)[-1]
    if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text):
        return True
    return path.startswith(".github/workflows/") and bool(re.search(r"\b(?:CI|workflows?|GitHub Actions?)\b", text))


def explains(requirement: Requirement, old: str, new: str) -> bool:
    """True where every word and number that is new in `new` stands in the request itself."""
    said = set(_TOKENS.findall(" ".join(_sentences(requirement)).lower()))
    come = set(_TOKENS.findall(new.lower())) - set(_TOKENS.findall(old.lower()))
    return bool(come) and come <= said


def _sentences(requirement: Requirement) -> list[str]:
    text = "\n".join((requirement.goal, *requirement.constraints))
    return [s for s in re.split(r"(?<=[.;!?])\s+|\n", text) if s.strip()]
