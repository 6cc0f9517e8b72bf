"""Gates that a sentence asks for without naming a command: "run the linters before committing"."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.purposes import purpose
from loopwright.guard.directives.rule import Rule

#: What makes a gate of a command, wherever it stands.
EXPLICIT = Pattern(
    r"\b(?:(?:have|has) to (?:pass|succeed|finish|compile|be (?:green|clean))|must (?:be run|run|pass|finish|"
    r"(?:report|print|show|find|return) (?:nothing|no|zero)|"
    r"compile|exit|be (?:green|clean)|succeed|be clean|always)|has to pass|should pass|"
    r"needs? to pass|must all pass|(?:passes?|is green|succeeds?|clean) before|"
    r"before (?:[\w-]+ ){0,4}(?:commit|committing|push|pushing|prs?\b|finish|submit|merg|complet|finali[sz]|opening|"
    r"creating|declaring|considering|handing|hand-?off|hand-?over|marking|reporting|requesting|review|"
    r"suggesting|calling|"
    r"claiming|saying|deploy|releas|publish|returning|ending|sending|done|completion|you)\w*|"
    r"after (?:\w+ ){0,4}(?:chang|edit|modif|complet|finish|implement|mak)\w*|always run|ensure|make sure|"
    r"mandatory|required|(?:done|finished|complete|ready) (?:only )?when|when (?:you're|you are) done|at the end|"
    r"pre-?commit|pre-?push|prior to|until (?:\w+ ){0,2}pass|without running|verify (?:that|with)|"
    r"finally,? run)\b|提交前|必须(?:运行|通过|执行)|完成后|修改后",
    re.IGNORECASE,
)


#: What must be there before anything can be run: "before running tests, install everything with:".
PREPARES = Pattern(
    r"^\W*(?:before|to) (?:you )?(?:run|runn|start|us)(?:ing)?\b[^:]{0,60}\b(?:set ?up|install|build|start|"
    r"prepare)\b",
    re.IGNORECASE,
)


_GENERIC = Pattern(
    r"\b(?:run|running|rerun|execute)\b(?:,?\s+[\w-]+){0,6}?,?\s+(tests?|linters?|lints?|lint checks|linting|"
    r"type[- ]?check(?:er|ers|ing|s)?|formatters?|test suites?|checks|test suite|scripts)\b|"
    r"\b(tests?|lint|linters?|linting|checks|type[- ]?checks?|builds?|suite|code|project|app|everything|it)\b"
    r"(?:,? (?:and )?\w+){0,4}\s+(?:must |should |all |still |need to |needs to )*(?:pass(?:es)?(?! through)|"
    r"be green|is "
    r"green|succeeds?|builds?|compiles?)\b",
    re.IGNORECASE,
)
#: "Every PR must pass typecheck and lint".
_PASSES = Pattern(
    r"\b(?:must|should|has to|have to|needs? to) pass (?:the |all |our )*(type-? ?check\w*|lint\w*|tests?|ci|"
    r"checks?)\b",
    re.IGNORECASE,
)
#: "All four have to be green", below a list of commands.
_ALL_PASS = Pattern(
    r"^\W*(?:all|both)(?: (?:of (?:them|these|the above)|two|three|four|five|six))? (?:must|have to|need to|should) "
    r"(?:pass|succeed|be (?:green|clean))()\b",
    re.IGNORECASE,
)
_TOOL = Pattern(
    r"\b(?:run|execute)\s+(?:the )?(biome|eslint|prettier|ruff|black|mypy|pyright|pytest|jest|vitest|"
    r"clippy|rustfmt|gofmt|golangci-lint|rubocop|phpstan|pint|spotless|tsc|php-cs-fixer|pre-commit)\b[^.;]{0,80}"
    r"\b(?:before|after|prior)\b|"
    r"\b(?:always|must) run (?:the )?(ruff|black|php-cs-fixer|phpstan|rubocop|clippy|spotless|mypy|eslint|"
    r"pre-commit)\b",
    re.IGNORECASE,
)
#: A step of a list, and nothing else: "Run relevant lint and tests".
_STEP = Pattern(
    r"^\W*(?:then |finally,? )?(?:run|rerun) (?:the |all |relevant |affected |targeted |unit |full |existing |"
    r"(?:project|"
    r"repo\w*)(?:'?s?) )*"
    r"(tests?|lint\w*|type[- ]?check\w*|formatters?|test suite)(?:(?:,|/| and|, and)+ (?:the |all |"
    r"relevant )*(?:tests?|"
    r"lint\w*|type[- ]?check\w*|test suite|"
    r"build|format\w*))*(?: (?:on|for|over) (?:the |all |your )*(?:changed|modified|touched|edited) files)?"
    r"(?: and fix (?:all |any |the |every )*(?:lint |new |reported )*(?:errors?|issues?|warnings?|findings|problems|"
    r"what)\b[^.;`]{0,40})?"
    r"[.*\s]*$",
    re.IGNORECASE,
)
_CHECKBOX = Pattern(
    r"^(?:\W|\[[ x]\])*(?:all |relevant |applicable |existing |unit |the |full |whole |entire |complete |"
    r"formatting,? )*(tests?(?: suite)?|"
    r"lint(?:ing|er)?|type[- ]?checks?|builds?|(?:ci|automated) checks)\b[^.;`]{0,30}?\b(?:pass(?:es|ing)?|clean|green|"
    r"succeeds?)\b",
    re.IGNORECASE,
)


_NOT_ASKED = Pattern(
    r"\b(?:is|are) (?:not|n't) (?:required|needed|necessary|mandatory)\b|\boptional\b",
    re.IGNORECASE,
)


#: The checks meant are those of another text: "ensure the required checks listed there pass".
_ELSEWHERE = Pattern(r"\b(?:listed|described|documented|defined|given) (?:there|in|by)\b", re.IGNORECASE)


#: "You must never skip formatting and linting": what must not be left out is what has to be run.
_NEVER_SKIP = Pattern(
    r"\b(?:never|not|don't) (?:ever )?skip (?:running )?(?:the |all |any |your )*(tests?|test suite|lint\w*|"
    r"format\w*|"
    r"type[- ]?check\w*|checks)\b",
    re.IGNORECASE,
)
#: "Build and test locally before submitting".
_VERBS_FIRST = Pattern(
    r"^\W*(?:always |please )?(?:build|test|lint|format|type-?check)(?:(?:, and |, | and )(?:build|(test)|(lint)|"
    r"format|"
    r"type-?check))+\b[^.;`]{0,60}\bbefore (?:you )?(?:submit|commit|push|open|creat|merg|requesting|the pr)\w*",
    re.IGNORECASE,
)


#: "Make sure that code is formatted, linted and tested before you send it".
_DONE_FIRST = Pattern(
    r"\b(?:make sure|ensure|verify) (?:that )?(?:the |all |your |any )*(?:code|changes?|everything|it) (?:is|are|"
    r"has been|have been) "
    r"(?:formatted|(linted)|(tested)|built|type-?checked)(?:(?:, and |, | and )(?:formatted|(?:linted)|(?:tested)|"
    r"built|type-?checked))*"
    r"\b[^.;`]{0,20}\bbefore\b",
    re.IGNORECASE,
)


def unnamed(statement: Statement) -> Rule | None:
    """A gate that is not named ("run the linters before committing"): resolved against what the project lists."""
    plain = statement.plain
    if left_out := _NEVER_SKIP.search(plain):
        return _gate(left_out)
    if PREPARES.search(plain) or _NOT_ASKED.search(plain):
        return None
    named = _TOOL.search(plain) or (_GENERIC.search(plain) if EXPLICIT.search(plain) else None)
    named = named or _PASSES.search(plain) or _VERBS_FIRST.match(plain) or _DONE_FIRST.search(plain)
    named = named or _ALL_PASS.match(plain)
    named = named or (_STEP.match(plain) if statement.form == "bullet" else None)
    named = named or (_CHECKBOX.match(plain) if statement.form == "bullet" and len(plain) < 90 else None)
    if (
        named is None
        or language.forbids(statement)
        or regex.search(
            r"^\W*If\b|\bif\b(?! impact)|→|->|existing tests(?![^.;]{0,60}\bpass)|\bstatus "
            r"checks\b",
            plain,
        )
    ):
        return None
    return None if _ELSEWHERE.search(plain) else _gate(named)


def _gate(named: re.Match[str]) -> Rule:
    """The gate of what is meant by a word: "tests", "linters", "the build"."""
    word = next((g for g in named.groups() if g), "").lower().replace("php-cs-fixer", "format")
    word = {
        "linted": "lint",
        "tested": "test",
        "formatter": "format",
        "formatters": "format",
        "code": "build",
        "project": "build",
        "app": "build",
        "everything": "build",
        "it": "build",
    }.get(word, word)
    kind = purpose(word) or "test"
    return Rule(
        "command",
        {"commands": [], "purpose": kind, "gate": "explicit"},
        "enforced",
        "the commands listed for this purpose, in the instructions or in the manifest, become gates",
    )
