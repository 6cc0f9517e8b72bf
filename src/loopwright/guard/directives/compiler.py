"""From the text of an instruction file to directives: every prescribing sentence is accounted for."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice, takewhile

import msgspec

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive
from loopwright.guard.directives.reading import glosses, language, omissions, restated, spoken_languages, unread
from loopwright.guard.directives.reading.markdown import statements
from loopwright.guard.directives.reading.sentences import clauses, listed
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import (
    block_rules,
    change_rules,
    code_rules,
    command_bans,
    commands,
    comment_rules,
    concepts,
    construct_rules,
    container_rules,
    content_rules,
    dependency_bans,
    dependency_guards,
    documented_rules,
    forbidden_files,
    format_rules,
    git_approval,
    git_bans,
    git_rules,
    guards,
    import_rules,
    layer_rules,
    limit_rules,
    markdown_rules,
    naming_rules,
    pin_rules,
    place_rules,
    prose_rules,
    pull_request_rules,
    raw_commands,
    required_tests,
    shape_rules,
    siblings,
    stack,
    step_rules,
    style_rules,
    table_rules,
    test_places,
    text_rules,
    told,
    tooling_rules,
    version_rules,
)
from loopwright.guard.directives.rule import Rule, advice, judged

Recogniser = Callable[[Statement], Rule | None]

#: Tried in this order on a sentence; the first that knows the rule takes it.
SENTENCE: tuple[Recogniser, ...] = (
    dependency_guards.package_manager,
    dependency_bans.forbidden_dependency,
    guards.path_protected,
    command_bans.forbid_command,
    raw_commands.forbid_raw,
    git_approval.needs_approval,
    content_rules.secrets,
    git_bans.forbid_git,
    prose_rules.prose,
    git_rules.messages,
    pull_request_rules.pull_requests,
    dependency_guards.new_dependency,
    pin_rules.pinned,
    block_rules.blocks,
    change_rules.companion,
    step_rules.step,
    style_rules.coverage_of_changes,
    required_tests.tests_required,
    style_rules.limits,
    limit_rules.amounts,
    shape_rules.shapes,
    naming_rules.naming,
    stack.framework,
    import_rules.import_form,
    comment_rules.beside,
    layer_rules.layers,
    container_rules.images,
    tooling_rules.linked_rule,
    construct_rules.linted,
    construct_rules.constructs,
    comment_rules.comments,
    text_rules.text_rules,
    forbidden_files.forbidden_paths,
    code_rules.calls,
    tooling_rules.base_images,
    version_rules.version,
    version_rules.setting,
    tooling_rules.required_tool,
    dependency_bans.manager_stated,
    commands.from_sentence,
    test_places.located,
    test_places.colocated,
    place_rules.locations,
    place_rules.files_required,
    content_rules.headers,
    content_rules.required_text,
    content_rules.sorted_lists,
    format_rules.formatter,
    documented_rules.documentation,
    documented_rules.type_annotations,
    style_rules.indentation,
    style_rules.quotes,
    concepts.concept,
    construct_rules.named_rule,
    markdown_rules.markdown,
    tooling_rules.described_rule,
    place_rules.belongs,
    stack.dependency,
)
#: Of these a sentence may hold several.
LAYOUT: tuple[Recogniser, ...] = (
    style_rules.limits,
    style_rules.indentation,
    style_rules.quotes,
    format_rules.formatter,
    version_rules.version,
)
#: And of these: "use type hints, mypy strict", "TypeScript only, explicit return types".
TYPES: tuple[Recogniser, ...] = (
    version_rules.setting,
    documented_rules.type_annotations,
    forbidden_files.forbidden_paths,
)
_TYPES = frozenset({"config_value", "type_annotations", "forbid_path"})
_LAYOUT = frozenset({"max_line_length", "indentation", "quotes", "language_version", "formatter"})
CELL: tuple[Recogniser, ...] = (
    style_rules.limits_row,
    table_rules.ruled_row,
    required_tests.tests_required_row,
    command_bans.forbid_command,
    guards.path_protected,
    commands.from_cells,
)
CODE: tuple[Recogniser, ...] = (guards.path_protected, commands.from_code)
TREE: tuple[Recogniser, ...] = (guards.path_protected,)
_BY_FORM = {"bullet": SENTENCE, "paragraph": SENTENCE, "cell": CELL, "code": CODE, "tree": TREE}

#: Characters of one file that are compiled, and rules that are made of it at most: a hundred times what people write.
#: What lies beyond is accounted for as one directive that is not understood.
LARGEST = 1 << 19
MOST = 5000
_LIMITS = f"{MOST:,} rules, {LARGEST >> 10} KiB"

#: Characters of a sentence beyond which no one rule is looked for in it.
LONGEST_RULE = 900


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 where its mark says so; what is neither shows as U+FFFD."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def compile_text(text: str, file: str = "AGENTS.md", scope: str = "") -> tuple[Directive, ...]:
    """Return the directives of one file in the order of their lines.

    Reads nothing and runs nothing. `scope` is the directory the rules hold for. Linear in the length of text.
    """
    seen: Counter[str] = Counter()
    found = list(islice(_rules(text[:LARGEST]), MOST + 1))
    if len(found) > MOST:
        found[MOST:] = [unread.beyond(text, found[MOST][0].line, _LIMITS)]
    elif len(text) > LARGEST:
        found.append(unread.beyond(text, text.count("\n", 0, LARGEST) + 1, _LIMITS))
    found += unread.cut(text[:LARGEST])
    found += unread.disguised(text)
    listed = {
        str(rule.params.get("purpose")) for _, rule in found if rule.kind == "command" and rule.params.get("commands")
    }
    found = [(s, pull_request_rules.among(r, [other for _, other in found])) for s, r in found]
    places = siblings.places(rule for _, rule in found)
    spoken = spoken_languages.languages_spoken_of(text[:LARGEST])
    wanted = siblings.frameworks(rule for _, rule in found)
    found = [(s, siblings.tolerant(r, wanted)) for s, r in found]
    final = (
        (s, spoken_languages.within_reach(siblings.beside(siblings.resolved(r, listed), places), spoken))
        for s, r in found
    )
    return tuple(_directive(statement, rule, file, scope, seen) for statement, rule in final)


def _rules(text: str) -> Iterator[tuple[Statement, Rule]]:
    languages = glosses.languages_of(text)
    for written in _with_children(list(islice(statements(text), 2 * MOST))):
        statement = restated.plainly(omissions.asked_for(glosses.glossed(written, languages)))
        yield from _compiled(statement)


def _compiled(statement: Statement) -> Iterator[tuple[Statement, Rule]]:
    """What a statement compiles to; a sentence of several rules, parted by semicolons, to each of them."""
    if told.describes(statement):
        yield statement, advice()
        return
    if len(statement.plain) > LONGEST_RULE:
        yield statement, judged("too long a sentence to be compiled: told to the model")
        return
    parts = list(_parts(statement))
    ruled = [part for part in parts if part[1]]
    if len(ruled) < 2 or all(rule == ruled[0][1] for _, rule in ruled):  # one rule, said twice
        rule = _recognised(statement) or (ruled[0][1] if ruled else told.told(statement))
        parts = [(statement, rule)]
    for part, rule in parts:
        if rule := rule or told.told(part):
            yield part, rule
            yield from ((part, more) for more in _besides(part, rule))


def _besides(statement: Statement, rule: Rule) -> Iterator[Rule]:
    """Yield the other rules of one sentence: "no enums, no `any`", "line length 100, double quotes, Python 3.9"."""
    if rule.kind == "forbid_syntax" and language.forbids(statement):
        yield from construct_rules.beside_first(statement, rule)
    if rule.kind == "forbid_comment" and "console.log" in statement.plain:
        yield Rule(
            "forbid_call", {"names": ["console.log"]}, "enforced", "uses of the name are found in the changed code"
        )
    if rule.kind in _TYPES and "," in statement.plain:
        others = (recogniser(statement) for recogniser in TYPES)
        yield from (other for other in others if other and other.kind != rule.kind)
    ends = rule.params.get("rule") in ("trailing-whitespace", "final-newline")
    if (rule.kind in _LAYOUT or rule.kind == "naming" or ends) and any(
        mark in statement.plain for mark in (",", " and ", "，")
    ):
        others = (recogniser(statement) for recogniser in LAYOUT)
        yield from (other for other in others if other and other.kind != rule.kind)


def _parts(statement: Statement) -> Iterator[tuple[Statement, Rule | None]]:
    """Yield the clauses of a sentence, each with the rule it is; none where it has but one."""
    if statement.form not in ("bullet", "paragraph"):
        return
    if tier := _TIER.match(statement.plain):
        yield from _tiered(statement, tier)
        return
    if ";" not in statement.plain:
        return
    plain = clauses(statement.plain)
    if any(_OF_THE_SAME.match(clause) for clause in plain[1:]):
        return
    text = clauses(statement.text)
    for index, clause in enumerate(plain):
        words = text[index] if len(text) == len(plain) else clause
        part = msgspec.structs.replace(statement, plain=clause, text=words, first=statement.first and not index)
        yield part, _recognised(part)


#: A list behind what it is of: "Never: commit secrets, edit `vendor/`", "Ask first: new dependencies, schema changes".
_TIER = expression(r"^\W*(never|don'?t|do not|must not|ask first|ask before)(?: do)?:\s+(?=[^;]*,)", re.IGNORECASE)


def _tiered(statement: Statement, tier: re.Match[str]) -> Iterator[tuple[Statement, Rule | None]]:
    """Yield the items of such a list as if each stood on a line of its own below it."""
    for item in listed(statement.plain[tier.end() :]):
        part = msgspec.structs.replace(
            statement, plain=item, text=item, form="bullet", lead=f"{tier[1]}:", label="", first=True, block=item
        )
        yield part, _recognised(part)


#: A clause that goes on about what the one before it named: "run `x`; it must pass".
_OF_THE_SAME = expression(r"\W*(?:it|they|this|these|that|those|both|each|all|which|otherwise)\b", re.IGNORECASE)


def _recognised(statement: Statement) -> Rule | None:
    """Return the rule of the first recogniser that knows the statement."""
    return next((rule for recogniser in _BY_FORM[statement.form] if (rule := recogniser(statement))), None)


def _with_children(found: list[Statement]) -> Iterator[Statement]:
    """Give each line that ends in a colon the text of the bullets under it."""
    for index, statement in enumerate(found):
        if not statement.plain.endswith(":"):
            yield statement
            continue
        if index + 1 < len(found) and found[index + 1].form == "code":
            shown = takewhile(lambda s: s.form == "code", found[index + 1 : index + 10])
            yield msgspec.structs.replace(statement, shows=tuple(s.plain for s in shown))
            continue
        below = []
        for child in found[index + 1 : index + 40]:
            if child.lead != statement.block or child.form != "bullet":
                break
            below.append(child.plain)
        yield msgspec.structs.replace(statement, below="\n".join(below)) if below else statement


def _directive(statement: Statement, rule: Rule, file: str, scope: str, seen: Counter[str]) -> Directive:
    text = rule.text or statement.text
    digest = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
    identity = "\0".join((file, rule.kind, digest)).encode()
    name = f"{rule.kind}-{hashlib.sha256(identity).hexdigest()[:8]}"
    seen[name] += 1
    hard = rule.status in ("enforced", "partly")
    return Directive(
        file=file,
        line=statement.line,
        text=text,
        status=rule.status,
        kind=rule.kind,
        params=rule.params,
        check=(name if seen[name] == 1 else f"{name}-{seen[name]}") if hard else "",
        level=rule.level or language.level(statement),
        scope=scope,
        why=rule.why,
        digest=digest,
    )


def rule_record(directive: Directive) -> dict[str, JsonValue]:
    """Return the object that `loopwright rules --json` prints for a directive."""
    return {
        "line": directive.line,
        "text": directive.text,
        "status": directive.status,
        "kind": directive.kind,
        "params": directive.params,
        "check": directive.check,
        "enforced": directive.status == "enforced",
        "file": directive.file,
        "level": directive.level,
        "scope": directive.scope,
        "why": directive.why,
        "digest": directive.digest,
    }
