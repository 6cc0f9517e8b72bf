"""Rules that a change of source comes with tests."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import brought_in
from loopwright.guard.directives.rule import Rule

_TESTED = Pattern(
    r"\b(?:add|write|include|includes|need|needs|gets?(?! no)|require[sd]?|must have|should have|have|provide|create|"
    r"covered by|accompanied by|brings?|come with|comes with|ships? with|update|adjust|extend|"
    r"ensure)\b[^.;]{0,50}?\b(?:unit |"
    r"integration |e2e |regression |end-to-end |relevant |new |comprehensive |corresponding |automated |"
    r"appropriate |matching |both |or |and |update |tests? )*\b(?:tests?|specs?|test coverage|rspec "
    r"coverage)\b(?! (?:snapshots?|file|script|command|suite|"
    r"runner|data|case name|expectations?|vector|function|parameter|method|name|class|id|plan|env|account|user|"
    r"infrastructure|"
    r"helpers?|utilit|harness|variables?|librar|dependenc|double))"
    r"|\bwithout (?:\w+ ){0,3}tests?\b|\btests?\b(?: for [\w /-]{1,40}?)? (?:are |is )?(?:required|mandatory)\b|"
    r"(?:编写|添加|补充).{0,8}测试|"
    r"^\W*(?:unit )?tests? (?:for|with) (?:every|each|all|any|new)\b|\bmust be (?:unit[- ])?tested\b|\bshould "
    r"be unit[- ]tested\b|"
    r"\bbacked by tests\b",
    re.IGNORECASE,
)


_NEW_CODE = Pattern(
    r"\b(?:new|chang\w+|behaviou?r\w*|feature\w*|bug ?fix\w*|fix(?:es)?|modif\w+|every|all|any|each|"
    r"functionality|code|public|logic|endpoints?|components?|flows?|always|must|relevant|patterns?|"
    r"workflow|mandatory|required)\b|新|修改|功能",
    re.IGNORECASE,
)


_TEST_HOW = Pattern(
    r"→|->|^\"|\b(?:style|name|naming|mock|fixture|snapshot|parametri|assert\w*|located|placed|in `|use `|"
    r"using `|existing tests?|tests? (?:still |all )?pass|trivial|same|run(?:ning)? (?:the )?tests?|before|needed|"
    r"for the tests?|"
    r"failing test first|"
    r"then implement|first|cases?|redundant|duplicate|only when|only for|isolated|pr|description|plan|"
    r"annotat\w*|type hints?)\b",
    re.IGNORECASE,
)


#: A change that must bring tests, whatever else the sentence says of them.
_MUST_TEST = Pattern(
    r"^\W*(?:always )?(?:write|add|include|provide) (?:\w+ ){0,2}tests? (?:for|with) (?:all |any |every |"
    r"each )?(?:new|changed|added) "
    r"(?:functionality|features?|code|behaviou?r|functions?|endpoints?)\b|"
    r"^(?:\W|\[[ x]\])*(?:each|every|new) (?:new )?[\w -]{3,30}? (?:has|gets|needs|must have) (?:an? |its (?:own )?"
    r")(?:\w+ )?(?:tests?|specs?)"
    r"(?: files?)?\b(?! suites?)|\bTDD\b[^.;]{0,12}\b(?:is|are) (?:mandatory|required)\b|"
    r"\b(?:fixing (?:a )?bugs?|fix(?:ing)? an? bug|"
    r"bug ?fix(?:es)?)\b[^.;]{0,12}\bwrite a (?:failing )?test (?:first|that (?:reproduces|fails|shows))\b|"
    r"^\W*bug ?fix(?:es)?: (?:add |write |include )?(?:an? )?(?:regression )?tests? that\b|"
    r"^\W*(?:all |every |each |any |new )*(?:bug ?fix(?:es)?|features?|code|changes?|behaviou?r|functionality|"
    r"(?:bug|code|feature|behaviou?r) (?:fixes|fix|changes?)|endpoints?|pull requests?|prs?)(?: (?:or|and|"
    r"/) [\w ]{3,25})?"
    r"(?:\W{1,3}|\W.{0,3}\| )(?:must|requires?|needs?|should)(?: (?:always|include|add|have|come with|"
    r"be covered by))*"
    r" (?:an? |both |unit |integration |regression |new |corresponding |automated |or |and |e2e )*tests?\b"
    r"(?! (?:plan|run|suite|file|name|data))|"
    r"^\W*(?:\w+ )?(?:unit |integration |new |regression )*tests? (?:are |were |is )?(?:added|written|included|"
    r"updated)"
    r"(?: ?(?:/|or|and) ?(?:added|updated|written))?(?: (?:for|when|alongside)\b[^.;`]{0,60})?\W*$|"
    r"\bfor (?:any |all |every )?new (?:behaviou?r|features?|code|functionality),? (?:add|write|include|"
    r"adjust)\b[^.;]{0,20}"
    r"\btests?\b|\b(?:fixing a bug|bug ?fix(?:es)?)\b[^.;]{0,20}\b(?:add|write|with|include)\b[^.;]{0,20}"
    r"\b(?:regression|failing) (?:regression )?tests?\b|"
    r"^\W*(?:an? |each |every )?bugs?(?: fix(?:es)?| reports?)? (?:gets?|needs?|has|must have) (?:an? )?(?:failing |"
    r"regression )+tests?\b|"
    r"\bif (?:your|the|a) (?:prs?|changes?|pull requests?) (?:adds?|changes?|introduces?|modif\w+)"
    r"\b[^.;]{3,80}, (?:please |you must |"
    r"must )?(?:add|write|include|update)\b[^.;]{0,40}\btests?\b|"
    r"\bno\b[^.;`]{0,40}\b(?:changes?|code|features?|fix(?:es)?|behaviou?r|merges?) without (?:an? )?(?:\w+ ){0,2}"
    r"tests?\b|"
    r"^\W*for (?:any |all |every )?(?:[\w-]+ ){0,2}(?:fix(?:es)?|bugs?|changes?|regressions?), (?:always )?(?:add|"
    r"write|include)"
    r" (?:an? )?(?:new )?(?:regression |unit |failing )?tests?\b|"
    r"\btests? exists? for (?:every|each|all|any) (?:new\w*|added|modified|changed|code)\b|"
    r"^\W*when (?:fixing|adding|implementing|changing)\b[^.;`]{3,60}, (?:[\w-]+ ){0,5}tests?(?: cases?)? (?:must|"
    r"should) "
    r"(?:always )?be (?:added|written|included)\b|"
    r"^\W*(?:\[[ x]\] )?tests? (?:cover|accompany|cover all) (?:all |any |the )*(?:new|changed) (?:or changed |"
    r"and changed )?"
    r"(?:behaviou?rs?|code|functionality|features?|logic)\b|"
    r"^\W*(?:new|changed|public) [\w/ ]{3,30}(?:→|->|=>|:) (?:an? )?(?:new )?(?:unit |integration |"
    r"regression )*tests?\b|"
    r"^\W*bug ?fix(?:es)?\W{1,4}(?:→|->|=>|—|–|-)?\W*(?:an? )?(?:new )?regression tests?\b",
    re.IGNORECASE,
)


#: What some tests need, told rather than asked for: "Docker is required for some tests".
_NEEDED_BY_TESTS = Pattern(
    r"\b(?:is|are) (?:only )?(?:required|needed|necessary) (?:for|by|to run) (?:\S+ ){0,3}\S*tests?\b|"
    r"^\W*(?:required|needed|necessary) (?:[\w-]+ ){1,4}(?:for|by|to run) (?:\S+ ){0,3}\S*tests?\b",
    re.IGNORECASE,
)


#: "When changing CI job names, update the helpers, behaviour tests and docs": one kind of change, named by more words.
_NARROW = Pattern(
    r"^\W*(?:[\w -]{3,40}: )?(?:when(?:ever)?|if|after) (?:you )?(?:chang|modify|edit|touch|renam|mov|updat)\w* "
    r"(?!(?:any |the |existing |some |a )*(?:code|behaviou?r|functionality|logic|features?|sources?|functions?)\b)"
    r"[^,]+, (?:[\w -]+, )*(?:update|adjust|keep)\b",
    re.IGNORECASE,
)


#: Tests that are run, not written: "Update golden files: `go test -update`", "Run `x` to ensure that tests pass".
_RUNS = Pattern(
    r"^\W*(?:[\w /-]{2,40}: |then |always )?(?:(?:run|execute|use) )?`[^`]*(?:test|spec|check|lint)[^`]*`|"
    r"^\W*(?:run|execute) ",
    re.IGNORECASE,
)
#: A step of bringing something in: "Add tests in the same module" under "Adding a lint rule".
_STEP = Pattern(
    r"^\W*(?:then |also |always )?(?:add|write|include) (?:the |new |unit |integration |e2e |at least (?:one|\d+)"
    r" |comprehensive |"
    r"appropriate |relevant |corresponding |matching |snapshot |regression |both |and )*(?:tests?|specs?)"
    r"\b(?! (?:cases?|data|id|plan|names?|"
    r"files?|helpers?|fixtures?))",
    re.IGNORECASE,
)
_CHANGES = Pattern(
    r"^\W*(?:(?:how to|when|to|before|steps to|making) )?(?:add|chang|creat|implement|introduc|contribut|fix|"
    r"submit|modify|new|"
    r"pull requests?|prs?|code changes)",
    re.IGNORECASE,
)


def _is_step(statement: Statement) -> bool:
    """True where the heading or the line above tells of a change that is made."""
    titles = (statement.lead, *statement.headings[-2:])
    return (
        statement.form == "bullet"
        and not statement.plain.rstrip("*").endswith(":")
        and any(len(t) < 80 and _CHANGES.match(t) for t in titles)
    )


#: "Any change to ownership semantics", "every new owned resource": changes that no path shows.
_OF_SOME = Pattern(
    r"^\W*(?:any|every|all|each) (?:changes? (?:to|of|in) (?!(?:the )?(?:code|behaviou?r|public|api|source|logic|"
    r"functionality)\b)|"
    r"(?:new )?(?!changed|added|modified|fixed|bug)[a-z]+ed [a-z]+\b)",
    re.IGNORECASE,
)


#: The one thing that must come with tests: "New endpoints need", "tests for new commands", "Each new page has a test".
_ONE_THING = Pattern(
    r"^\W*(?:(?:each|every|all|any|an?) )?(new [\w -]{3,40}?) (?:must|should|needs?|requires?|ha(?:s|ve)|gets?|"
    r"comes?|ships?|"
    r"goes|go|(?:is|are) (?:covered|accompanied|tested))\b|"
    r"\btests? (?:for|with) (?:(?:each|every|all|any|an?) )?(new [\w -]{3,40}?)\W*$|"
    r"^\W*(?:when(?:ever)?|if) (?:you )?(add\w* [\w -]{3,40}?), ",
    re.IGNORECASE,
)


def _of_what(plain: str) -> tuple[str, bool]:
    """Return the kind of thing that must come new for tests to be asked for, and whether nothing narrows it."""
    found = _ONE_THING.search(plain)
    if not found:
        return "", False
    said = next(group for group in found.groups() if group)
    if re.search(r"\b(?:and|or)\b|,", said):
        return "", False
    return brought_in.brought_in(said) or ("", False)


_NAMED = expression(r"test|spec|tdd|测试", re.IGNORECASE)


def tests_required_row(statement: Statement) -> Rule | None:
    """A row of a table that says what a kind of change must bring: "Bug fix | MUST add a regression test"."""
    return tests_required(statement) if _MUST_TEST.search(statement.plain) else None


def tests_required(statement: Statement) -> Rule | None:
    """A change of source asks for a change of tests."""
    plain = statement.plain
    if not _NAMED.search(plain):
        return None
    if _RUNS.match(plain):
        return None
    strong = _MUST_TEST.search(plain) or (_STEP.match(plain) and _is_step(statement))
    if not strong and (
        not _TESTED.search(language.without_code(plain))
        or not _NEW_CODE.search(plain)
        or _TEST_HOW.search(plain)
        or len(plain) > 200
    ):
        return None
    if language.forbids(statement) and not regex.search(r"\bwithout (?:\w+ ){0,3}tests?\b", plain, re.IGNORECASE):
        return None
    if _NEEDED_BY_TESTS.search(plain):
        return None
    narrow = (not strong and _NARROW.match(plain)) or _OF_SOME.match(plain)
    kinds: list[JsonValue] = [k for k in ("unit", "integration", "e2e") if re.search(rf"\b{k}\b", plain, re.IGNORECASE)]
    params: dict[str, JsonValue] = {"kinds": kinds} if kinds else {}
    thing, sure = _of_what(plain)
    if thing:
        params["brings"] = thing
        why = f"a change that brings a new {thing} without touching a test is stopped"
        return Rule("test_required", params, "enforced" if sure else "partly", why)
    return Rule(
        "test_required",
        params,
        "partly" if narrow else "enforced",
        "which changes it speaks of is not known here: told to the model"
        if narrow
        else "a change of source files that adds code without touching a test is stopped",
    )
