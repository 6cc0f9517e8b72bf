"""Whether a sentence tells to run the commands it names, or only talks of them."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, literals
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement

_RUNNERS = Pattern(r"^(?:run|use|execute|invoke)\s", re.IGNORECASE)


_INFORMATIVE = Pattern(
    r"\b(?:if (?:you|it|a|the|uv|npm)|unless|see|refer|which|uses|used (?:by|for)|triggers?|invoked|"
    r"runs? automatically|automatically|handled by|is run by|called by|because|expected|"
    r"e\.g|instead of|equivalent|the same as|wraps|wrapper|internally|under the hood)\b",
    re.IGNORECASE,
)


#: What is told of a command's cost: "`cargo bench` takes forty minutes".
_TAKES = Pattern(
    r"^\W*`[^`]+` (?:takes|can take|will take) (?:about |around |some |~|up to |a |an |\d)",
    re.IGNORECASE,
)
_RUNS_WHAT = Pattern(
    r"^\W*that is (?:all|what)\b|^\W*(?:also |this |it )?(?:runs|executes|invokes|calls)\b", re.IGNORECASE
)


_TOLD_OF = Pattern(r"^`[^`]+` (?:runs|uses|calls|invokes|wraps|triggers)\b")


_DOES = Pattern(
    r"^`[^`]+` (?:(?:re)?(?:runs?|builds?|checks?|lints?|formats?|tests?|generates?|compiles?)|finds|fixes|verifies|"
    r"(?:needs|requires) (?-i:[A-Z])\w+|"
    r"validates|finishes|writes|(?:is|are) (?:the|our|what) (?:only |main |one |final |last |whole )*(?:gates?|"
    r"checks?|ci (?:runs|"
    r"checks))|covers|(?:is|are) (?:all|everything) (?:that )?ci)\b"
)


_SOMETIMES = Pattern(
    r"\b[Ii]f (?:you see|needed|necessary|missing|it fails|(?:the )?\w+ fails)\b|\bmissing\b|\b(?:allowed|"
    r"encouraged)\b"
)


#: What to do where something goes wrong: "If the snapshots differ, look with `x`".
_TROUBLE = Pattern(
    r"^\W*(?:if|when|in case|should) (?:(?!\bneeds?\b)[^,]){0,80}?\b(?:fails?|failed|differs?|breaks?|broken|"
    r"hangs?|errors?|complains?|"
    r"crash(?:es)?|times? out|time-?outs?|stale|stuck|missing|not found|(?:cannot|can't|could not|couldn't) \w+)"
    r"\b[^,]{0,60},",
    re.IGNORECASE,
)


#: Orders that prepare a machine: what they run is run once.
_SETS_UP = Pattern(
    r"^\W*(?:install|set ?up|configure|clone|bootstrap|initiali[sz]e|enable|start|"
    r"launch)\b",
    re.IGNORECASE,
)


#: "Configure with `x`, build with `y`".
_THEN_RUN = Pattern(
    r"(?:,|;| and| then) (?:then )?(?:build|test|run|lint|check|format) (?:it )?(?:with|by|via|using)? ?`",
    re.IGNORECASE,
)
#: Nothing but a command, with a remark in brackets.
_ALONE = Pattern(r"^`[^`]+`(?: \([^)]*\))?(?: before (?:you|each|every|any)\b[^.;`]{0,30})?\W*$")
_TELLS_TO = Pattern(
    r"^\W*(?:`[^`]+` (?:(?:re)?(?:runs?|builds?|checks?|formats?|lints?|tests?|compiles?)|finds|fixes|verifies|"
    r"validates|(?:needs|requires) (?-i:[A-Z])\w+)\b|"
    r"(?:then |next,? |always |please |also |"
    r"most importantly,? |finally,? |first,? |you (?:can|must|should) )*(?:run|use|using|execute|verify|check|"
    r"test|build|format|lint|regenerate|"
    r"invoke|to|for|when|after|before|with)\b|"
    r"(?:the )?[\w -]{3,30} (?:is|are|can be|may be) (?:(?:run|done|generated|produced|checked|built|formatted|"
    r"verified|"
    r"executed|linted|regenerated) (?:with|via|by|using|through) )?(?=`)|[\w /-]{2,40}(?:: |s? (?:must|"
    r"should|can) be (?:run|built|checked|formatted|linted|tested))|"
    r"[^`a-z]{1,24}(?:运行|执行|使用|prefer |use |run ))",
    re.IGNORECASE,
)


_VERB_BEFORE = Pattern(
    r"\b(?:run|use|using|execute|via|with|command|invoke|verify|check|build|test|format|lint|pass|regenerate|"
    r"generate|update|require|try)\w*\b|运行|执行|使用",
    re.IGNORECASE,
)


#: What is changed, and what is run then: "Any `.go` file → `make lint`".
_THEN = Pattern(r"(?:→|->|=>)\s*$")


_NAME_BEFORE = Pattern(r"^[\w /&()+.'\"-]{1,60}[:：]\s*$|^[\w /&()+-]{1,60}[-–—:]\s*$|^[\w /&-]{2,40} \($")


#: What holds something, told: "Caught by `make lint` and before each commit".
_PASSIVE = Pattern(
    r"^\W*(?:caught|enforced|checked|validated|generated|produced|handled|covered) (?:by|via|in|through)\b",
    re.IGNORECASE,
)


#: What comes of running it, told: "Running `make gen` writes the clients".
_BRINGS = Pattern(
    r"^\W*running `[^`]+` (?:(?:also|then|only) )?(?:generates|creates|produces|takes|writes|will|requires|prints|"
    r"outputs|"
    r"starts|does|updates|installs)\b",
    re.IGNORECASE,
)


#: A sentence that goes on about what the one before it named: "They often miss the flags that `build.sh` sets".
_GOES_ON = Pattern(r"^\W*(?:they|these|those|this|it)\b (?!must|should|has to|have to|needs? to)", re.IGNORECASE)


#: A script is looked into or changed, not run: "inspect `build.sh` before changing code".
_READ_IT = Pattern(
    r"\b(?:inspect|see|read|consult|edit|update|modify|change|review|open|refer to|look (?:at|in)|defined in)"
    r"\W+(?:the )?$",
    re.IGNORECASE,
)


def prescribes(
    statement: Statement, found: tuple[literals.Word, ...], commands: tuple[str, ...], explicit: bool
) -> bool:
    """True where the sentence tells to run what it names, or lists it; False where it only talks of it."""
    plain, bullet = statement.plain, statement.form == "bullet"
    if (
        (_SETS_UP.match(plain) and not _THEN_RUN.search(plain))
        or _TROUBLE.match(plain)
        or _PASSIVE.match(plain)
        or _BRINGS.match(plain)
    ):
        return False
    first = found[0]
    named = next((w for w in found if w.text in commands), first)
    before = language.without_code(statement.plain[: named.start])
    if " " not in named.text and (_READ_IT.search(before) or (not statement.first and _GOES_ON.match(plain))):
        return False
    refused = all(w.against for w in found if w.sort == "command")
    if refused and not explicit and language.direction(statement) == "forbid":
        return False
    if (
        _TAKES.match(plain)
        or _SOMETIMES.search(plain)
        or (first.sort != "command" and _TOLD_OF.match(plain))
        or _RUNS_WHAT.match(plain)
    ):
        return False
    if bullet and plain.count("→") + plain.count("->") + plain.count("=>") == 1 and _THEN.search(before):
        return True
    if (explicit and (" " in named.text or _VERB_BEFORE.search(before))) or (
        first.start <= 3 and (bullet or _DOES.match(plain) or _ALONE.match(plain))
    ):
        return True
    if not bullet and not _TELLS_TO.match(plain) and not (statement.label and _NAME_BEFORE.match(before)):
        return False
    if _VERB_BEFORE.search(before):
        return bullet or not _INFORMATIVE.search(before) or bool(_RUNNERS.match(plain))
    return (bullet or bool(statement.label)) and bool(_NAME_BEFORE.match(before))
