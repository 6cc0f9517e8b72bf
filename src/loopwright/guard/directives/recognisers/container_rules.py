"""Rules about images of containers: who they run as, what they are built from, how they are built."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_ABOUT = Pattern(
    r"\b(?:dockerfiles?|docker images?|container images?|base images?|images?|containers?)\b", re.IGNORECASE
)
_OF_IMAGES = Pattern(
    r"\b(?:docker\w*|containers?|base images?|images are tagged|registry)\b|^images?\W*$",
    re.IGNORECASE,
)
_CONDITION = Pattern(r"\b(?:if|when|unless|in case|during|locally|run `|see)\b", re.IGNORECASE)
#: What is asked of a Dockerfile -> how it is said. `latest` is said against.
_QUALITIES = (
    ("non_root", Pattern(r"\bnon-?root\b|\bunprivileged user\b|"
                         r"\b(?:not|never|no)\b[^.;]{0,20}\broot\b", re.IGNORECASE)),
    ("digest", Pattern(r"\b(?:pin\w*|by|with|to|use|a)\b[^.;]{0,25}\bdigests?\b", re.IGNORECASE)),
    ("version", Pattern(r"\b(?:pin\w*|fix\w*)\b[^.;]{0,30}\b(?:base |docker |container )*images?\b|"
                        r"\bimages?\b[^.;]{0,20}\bpinned\b|"
                        r"\b(?:not|never|no|avoid|don'?t)\b[^.;]{0,25}[`:'\"]?\blatest\b|"
                         r"\blatest\b`? (?:is|are)(?:n't| not| never) used\b", re.IGNORECASE)),
    ("multi_stage", Pattern(r"\bmulti-?stage\b", re.IGNORECASE)),
    ("health_check", Pattern(r"\bhealth-?checks?\b|`?\bHEALTHCHECK\b", re.IGNORECASE)),
    ("copy", Pattern(r"`?COPY`? (?:instead of|rather than|over|not) `?ADD\b|"
                     r"\b(?:not|never|avoid|don'?t)\b[^.;]{0,12}`ADD`")),
    ("hadolint", Pattern(r"\bhadolint\b", re.IGNORECASE)),
)  # fmt: skip


def images(statement: Statement) -> Rule | None:
    """What every Dockerfile must be like."""
    plain = statement.plain
    title = " ".join((statement.label, *statement.headings[-1:], statement.lead)).strip()
    if len(plain) > 160 or not (_ABOUT.search(plain) or _OF_IMAGES.search(title)):
        return None
    if _CONDITION.search(plain) or not (_OF_IMAGES.search(plain) or _OF_IMAGES.search(title)):
        return None
    found: list[JsonValue] = [name for name, said in _QUALITIES if said.search(plain)]
    negative = {"non_root", "version", "copy"}  # what is also said by what must not be
    if not found or (language.forbids(statement) and not negative & set(map(str, found))):
        return None
    return Rule("dockerfile_rule", {"what": found}, "enforced", "changed Dockerfiles are read")
