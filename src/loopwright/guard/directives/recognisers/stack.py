"""Rules about what a project is made of: dependencies, test frameworks, language versions, settings."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import technologies
from loopwright.guard.directives.rule import Rule

_STACK = Pattern(
    r"\b(?:tech(?:nology)? stack|stack|technologies|frameworks?|tooling|built with)\b|技术栈", re.IGNORECASE
)
_TESTS = Pattern(
    r"\b(?:tests?|testing|specs?|mock\w*|assert\w*|e2e|unit|integration|coverage|runner)\b|测试", re.IGNORECASE
)
_EXPLAINS = Pattern(
    r"\b(?:see|refer|if|when|because|e\.g\.?|unless|runs?|which|that|located|directory|folder|files?|"
    r"under|command|hook|generated|before|after|instead|wrapper?|how)\b",
    re.IGNORECASE,
)
_WHY = "the manifest must name it"


_GOVERNED = Pattern(
    r"\b(?:use|uses|using|prefer|with|in|framework|runner|stacks?|via|testing|tests?|unit|e2e|"
    r"integration)\b\W+(?:the |a |only )?(?:`?[\w.+@/ -]{2,30}`?(?: \([^)]*\))?(?:,| and| \+| &|/) ?)*\W*$",
    re.IGNORECASE,
)


_ASKED = Pattern(
    r"\b(?:use|uses|using|prefer|main test stacks?|test(?:ing)? (?:framework|runner|stack|librar\w+)|"
    r"writ(?:e|ing|ten)\b[^.;]{0,15}\b(?:with|in|using)|must use|only|are the default|for (?:e2e|unit|"
    r"integration|end-to-end|"
    r"api mocking|mocking|component)\b)",
    re.IGNORECASE,
)
_ABOUT_TESTS = Pattern(
    r"^(?:see|if|when|run|execute|most|some|update|add|the|this|these|to run|prefer a)\b|"
    r"\b(?:fixtures?|snapshots?|mark(?:er)?s?|config\w*|plugin|parametri[sz]e|discover|matchers?|quer(?:y|ies)|"
    r"selectors?)\b",
    re.IGNORECASE,
)


#: Where it is worth it: "Use Hypothesis when it finds more".
_WHERE_IT_HELPS = Pattern(r"\b(?:when|where|if) (?:it|they|that) (?!is\b)\w+", re.IGNORECASE)


def framework(statement: Statement) -> Rule | None:
    """A test framework that is to be used."""
    plain = _without_commands(statement)
    found = [(at, name) for at, name in technologies.named(plain) if name in technologies.TESTING]
    if (
        not found
        or len(plain) > 200
        or (_ABOUT_TESTS.search(plain) and not _STATED.match(plain) and not _USE_IT.match(plain))
        or _ONLY_IF.search(plain)
        or _WHERE_IT_HELPS.search(plain)
    ):
        return None
    if _BARE_LABEL.match(plain) and any(_STACK.search(title) for title in (*statement.headings[-1:], statement.lead)):
        return None  # one line of a list of what there is
    if (said := _LABEL_OF_TESTS.match(plain)) and technologies.named(said[0]):
        return None
    if statement.form == "bullet" and literals.runs_first(statement):
        return None
    starts, asked = _leads(statement), any((_ASKED.search(plain), _IS_IT.search(plain), _OVER.match(plain)))
    after = plain[found[0][0] + len(found[0][1]) :]
    if found[0][0] < 4 and _NAMED_ALONE.match(after) and statement.headings and _TESTS.search(statement.headings[-1]):
        starts = asked = True
    wanted = [
        name
        for at, name in found
        if not language.against(statement, at)
        and not _GONE.match(plain[at:])
        and (starts or _GOVERNED.search(plain[:at]) or _IS_IT.search(plain) or _OVER.match(plain))
        and plain[:at].count("(") == plain[:at].count(")")
        and not _PART_OF_IT.match(plain[at + len(name) :])
    ]
    if not wanted or not (asked or (starts and _TESTS.search(plain))):
        return None
    banned = {name for at, name in found if language.against(statement, at) or _GONE.match(plain[at:])}
    rivals = {r for group in technologies.RIVALS for w in wanted if w in group for r in group} - set(wanted)
    params: dict[str, JsonValue] = {
        "names": [*dict.fromkeys(wanted)],
        "packages": [list(technologies.PACKAGES[w]) for w in dict.fromkeys(wanted)],
        "forbid": [*sorted(rivals | banned)],
    }
    why = "the manifest must name it, and new tests must not import a rival"
    if _WITH_THE_LANGUAGE.issuperset(wanted) and not params["forbid"]:
        return Rule("framework_required", params, "partly", "it comes with the language: no manifest names it")
    return Rule("framework_required", params, "enforced", why)


#: Nothing but that: "Use Minitest and fixtures".
_USE_IT = Pattern(
    r"^\W*(?:always |only )?uses? `?[\w.]+`?(?: (?:and|with|\+) [\w ]{3,24})?(?: for [\w ]{3,24})?\W*$", re.IGNORECASE
)
#: Frameworks that no manifest names.
_WITH_THE_LANGUAGE = frozenset({"swift testing", "xctest", "exunit", "flutter_test", "django test", "bun test"})


#: "RSpec, no minitest", "AssertJ for assertions".
_OVER = Pattern(
    r"^\W*[A-Z][\w. ]{2,25}(?:,| -| –|;| and)? (?:no|not|never) [\w. ]{3,25}\W*$|"
    r"^\W*[A-Z][\w. ]{2,25} for (?:all |new |unit |our )*(?:assertions?|mocks?|stubs?|mocking|tests?|specs?|"
    r"http stubs?)\b[^.]{0,20}\W*$"
)
#: Under a heading of tests: "Vitest.", "pytest-django with `factory_boy`; no fixtures in JSON".
_NAMED_ALONE = Pattern(r"^`?(?:/\w+)?(?: (?:with|and|\+) `?[\w.-]+`?)?(?:\W*$|[;,] | \()")
#: What belongs to a framework, not the framework: "Use RSpec metadata tags", "Playwright locators".
_PART_OF_IT = Pattern(
    r"^`?(?: (?!(?:for|in|with|as|and|or|to|via)\b)\w+)? (?:tags?|metadata|locators?|mocks?|mocking|spies|"
    r"matchers?|assertions?|hooks?|helpers?|features?|globals?|"
    r"utilities|apis?|commands?|options?|flags?)\b",
    re.IGNORECASE,
)
#: "Cypress has been removed".
_GONE = Pattern(
    r"^[\w.]+(?: \w+)? (?:has been|have been|was|were|is|are) (?:\w+ )?(?:removed|deprecated|dropped|replaced|gone|"
    r"retired)\b",
    re.IGNORECASE,
)
_BARE_LABEL = Pattern(r"^\W*testing\W{1,4}`?(?-i:[A-Z])", re.IGNORECASE)
#: "Jest tests: prefer one describe block": a label, then something else that is asked for.
_LABEL_OF_TESTS = Pattern(r"^\W*[\w. -]{2,25} tests?: (?!.*\buse\b.*\bfor\b)\w", re.IGNORECASE)
#: "Framework: Jest (configured per package)", "Testing: Minitest with fixtures".
_STATED = Pattern(
    r"^\W*(?:the|this|our) (?:codebase|code|project|repo\w*|tests?|suite) uses? (?:`?(?-i:[A-Z])\w+`?)|"
    r"^\W*tests?: (?-i:[A-Z])[\w.]+(?:,|;| with)|"
    r"^\W*(?:(?:unit |e2e |integration )?tests? )?(?:frameworks?|runner|testing)\W{1,4}`?(?-i:[A-Z])"
    r"[\w.]+[`\]]?(?: \(|\(|（|"
    r" with| in|,|、|$)",
    re.IGNORECASE,
)
_ONLY_IF = Pattern(r"\bonly (?:if|when|where)\b|\bif (?:already|present|available)\b|\bunless\b", re.IGNORECASE)
#: "Pest is the test framework", "Test framework: XCTest", "Tests use RSpec".
_IS_IT = Pattern(
    r"\b(?:is|are) (?:the|our|used as the) (?:\w+ )?(?:tests?|testing|spec) (?:framework|runner|library|tool)\b|"
    r"^\W*(?:(?:unit |test |testing |e2e |integration )*(?:frameworks?|runners?|librar(?:y|ies)|"
    r"tests?|testing|assertions?|mocking|mocks))\W{1,4}`?[A-Z][\w.+# ]{2,25}`?(?:$|[ .,;(\]（])|"
    r"\b(?:tests?|specs?|suite) (?:are (?:written|run) (?:in|with|using)|uses?|runs? on)\b",
    re.IGNORECASE,
)


def _without_commands(statement: Statement) -> str:
    """The plain text with command lines blanked: `npx vitest run` asks for no framework."""
    plain = statement.plain
    for word in literals.words(statement):
        if word.sort == "command" and " " in word.text:
            plain = plain[: word.start] + " " * (word.end - word.start) + plain[word.end :]
    return plain


def _leads(statement: Statement) -> bool:
    """True where the sentence begins with a technology: "**Zustand** for client state"."""
    names = technologies.named(statement.plain[:60])
    return bool(names) and len(statement.plain[: names[0][0]].strip("`*_( ")) == 0 and statement.form == "bullet"


_NOT_STACK = Pattern(
    r" or |^\W*[\w.]+(?: \w+)? over |\b(?:is|are) (?:written|implemented) in\b|\bbuilds?\b|\bbuilt\b|\bsee\b|"
    r"\bonly when\b|\(if\b|"
    r"^\W*(?:vite|turborepo|nx|eslint|prettier)\b",
    re.IGNORECASE,
)
_STACK_LINE = Pattern(r"\b(?:tech(?:nology)? stack|stack)\s*:|^(?:tech(?:nology)? )?stack\b", re.IGNORECASE)
_FOR_WHAT = Pattern(
    r"^\W*[\w`@./ +()-]{2,60}?\W*\b(?:for|is (?:the|our|used)|integration|using|handles|as (?:the|our))\b",
    re.IGNORECASE,
)
#: What a library does, told of rather than asked for: "React Query caches responses".
_TELLS_OF = Pattern(
    r"^`?\*{0,2} (?:\w+ly )?(?!is\b|handles\b|was\b|has\b|uses\b|components\b|hooks\b|tests\b|forms\b|routes\b|"
    r"icons\b|stores\b|schemas\b|models\b|"
    r"services\b|actions\b|queries\b|migrations\b|primitives\b|utilities\b|classes\b|styles\b|types\b|"
    r"sessions\b)[a-z]{3,}s (?:the|a|an|its|our|every|each|all|\w+)\b"
)
_TO_USE = Pattern(
    r"^\W*(?:always |only |please |we |must )?(?:use|using|prefer)\s+(?:the )?`?[\w@./ -]{2,30}`?\s+"
    r"(?:for|to|as|when|library)\b",
    re.IGNORECASE,
)


#: "Use the included `:req` library for requests".
_LIBRARY = Pattern(
    r"^\W*(?:always )?use (?:the )?(?:\w+ )?`:?(@?[\w./-]+)` (?:library|package|gem|crate)\b", re.IGNORECASE
)


def dependency(statement: Statement) -> Rule | None:
    """A library that is to be used, or that must not be brought in."""
    plain = statement.plain
    found = technologies.named(plain)
    if found and _TELLS_OF.match(plain[found[0][0] + len(found[0][1]) :]):
        return None
    banned = [name for at, name in found if language.against(statement, at)]
    if banned and (rule := _banned(statement, banned)):
        return rule
    wanted = [name for at, name in found if name not in banned and name not in technologies.TESTING]
    if (own := _LIBRARY.match(plain)) and not wanted and not language.forbids(statement):
        name = own[1].lower()
        return Rule(
            "require_dependency",
            {"names": [name], "packages": [[name]]},
            "enforced",
            f"{_WHY}; a change that takes it out is stopped",
        )
    if not wanted or len(plain) > 160 or language.forbids(statement) or _NOT_STACK.search(plain):
        return None
    if not _asks_for(statement, found[0][0]):
        return None
    params: dict[str, JsonValue] = {
        "names": [*dict.fromkeys(wanted)],
        "packages": [list(technologies.PACKAGES[w]) for w in dict.fromkeys(wanted)],
    }
    return Rule("require_dependency", params, "enforced", f"{_WHY}; a change that takes it out is stopped")


#: "Data fetching goes through TanStack Query", "Forms are built with React Hook Form".
_DONE_WITH = Pattern(
    r"^\W*(?:(?:input |form |client |server |api )?(?:validation|forms?|styling|styles?|state|routing|icons|charts|"
    r"caching|auth\w*|logging|"
    r"serialisation|serialization|date handling|data fetching|animations?|background jobs|queues?)) (?:with|via|"
    r"using|through) "
    r"(?-i:[A-Z`])[\w@./` -]{2,30}\W*$|"
    r"^\W*(?:all )?[\w -]{3,40} (?:goes|go|is handled|are handled|is built|are built|is managed|are managed|"
    r"runs?)(?: only| always)? (?:through|via|with|by|on|using) (?-i:[A-Z`])[\w@./` ]{2,30}\W*$",
    re.IGNORECASE,
)
#: A part of the stack: "Backend: Node.js + TypeScript + Express".
_LISTED = Pattern(r"^\W*[\w /&()-]{2,30}: (?:[\w.#@/ -]{2,40}(?: \([^)]*\))?(?: \+ |, | and |/|$)){2,8}\W*$")


def _asks_for(statement: Statement, first: int) -> bool:
    """True where the sentence asks for the library it names first, or lists the project's stack."""
    plain = statement.plain
    if _STACK_LINE.search(plain):
        return True
    title = " ".join((statement.headings[-1] if statement.headings else "", statement.label))
    if statement.label and statement.form == "bullet" and _STACK.search(title) and _LISTED.match(plain):
        return True
    leads = _leads(statement) and bool(_FOR_WHAT.search(plain) or _STACK.search(title))
    begins = plain.find(": ") + 2 if statement.label and ": " in plain[:60] else 0
    if _DONE_WITH.match(plain) and statement.form in ("bullet", "paragraph"):
        return True
    used = first - begins < 20 and bool(_TO_USE.match(plain[begins:]))
    return (leads or used) and not _EXPLAINS.search(plain.split(" for ")[0])


def _packages(name: str, plain: str) -> tuple[str, ...]:
    """The packages of a technology; of one old version of it only those that no other version has."""
    if not re.search(rf"\b{re.escape(name)} \d", plain, re.IGNORECASE):
        return technologies.PACKAGES[name]
    return tuple(p for p in technologies.PACKAGES[name] if p == "junit")


_NOT_USED = Pattern(
    r"\b(?:project|repo\w*|we|codebase) (?:does|do)(?: not|n't) use (?:the )?[\w.]+\W*$|"
    r"^\W*no [A-Z][\w.]+\W{1,3}[-–—]",
    re.IGNORECASE,
)
#: A bullet about one part of the project: "`Domain` has no references. No ORM."
_ONE_PART = Pattern(
    r"^\W*(?:the )?`([\w./-]+)`(?: (?:package|crate|module|layer))? (?:is|are|has|have|stays?|must|remains?|"
    r"contains?)\b[^.;]*?\bno\b",
    re.IGNORECASE,
)
_OF_A_PART = Pattern(r"^\W*(?:the )?`[^`]+` ")


def _banned(statement: Statement, banned: list[str]) -> Rule | None:
    plain = statement.plain
    if (
        (
            regex.search(r"\b(?:install|dependenc\w+|add|librar(?:y|ies)|package)\b", plain, re.IGNORECASE)
            and len(plain) < 160
            and not regex.search(r"\b(?:that|which|is not|are not)\b", plain)
        )
        or regex.match(
            r"^\W*(?:do not|don't|never|avoid) (?:use|using) (?:the )?[\w.@/ -]{2,25}\.?\W*$", plain, re.IGNORECASE
        )
        or _NOT_USED.search(plain)
        or regex.search(r"\bno \w+[^.;]{0,20}(?:,|and|or|—|-) ?no\b", plain, re.IGNORECASE)
    ):
        names: list[JsonValue] = list(dict.fromkeys(p for b in banned for p in _packages(b, plain)))
        if not names:
            return None
        if part := _ONE_PART.match(plain):
            why = "imports of the changed files are compared with the names of the packages"
            return Rule(
                "layer",
                {"from": part[1].rstrip("/"), "forbid": [*dict.fromkeys([*banned, *map(str, names)])]},
                "enforced",
                why,
            )
        if not statement.first and _OF_A_PART.match(statement.block):
            why = (
                "manifests and imports of the change are searched for it; the part it is kept out of is not told apart"
            )
            return Rule("forbid_dependency", {"names": names}, "partly", why, level="warn")
        return Rule(
            "forbid_dependency", {"names": names}, "enforced", "manifests and imports of the change are searched for it"
        )
    return None
