"""From the text of an instruction file to directives: every prescribing sentence is accounted for."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive
from loopwright.guard.directives import (
    change_rules,
    code_rules,
    command_bans,
    commands,
    concepts,
    content_rules,
    documented_rules,
    git_rules,
    guards,
    import_rules,
    language,
    literals,
    naming_rules,
    place_rules,
    shape_rules,
    stack,
    style_rules,
)
from loopwright.guard.directives.markdown import Statement, statements
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.rule import Rule, advice, judged

Recogniser = Callable[[Statement], Rule | None]

#: Tried in this order on a sentence; the first that knows the rule takes it.
SENTENCE: tuple[Recogniser, ...] = (
    guards.package_manager,
    stack.forbidden_dependency,
    guards.path_protected,
    command_bans.forbid_command,
    command_bans.forbid_raw,
    content_rules.secrets,
    command_bans.forbid_git,
    git_rules.messages,
    git_rules.pull_requests,
    guards.new_dependency,
    change_rules.companion,
    change_rules.tests_required,
    style_rules.limits,
    shape_rules.shapes,
    naming_rules.naming,
    stack.framework,
    import_rules.import_form,
    code_rules.beside,
    import_rules.layers,
    code_rules.linted,
    code_rules.constructs,
    code_rules.text_rules,
    place_rules.forbidden_paths,
    code_rules.calls,
    stack.version,
    stack.setting,
    stack.manager_stated,
    commands.from_sentence,
    place_rules.colocated,
    place_rules.locations,
    place_rules.files_required,
    content_rules.headers,
    content_rules.sorted_lists,
    style_rules.formatter,
    documented_rules.documentation,
    documented_rules.type_annotations,
    style_rules.layout,
    concepts.concept,
    stack.dependency,
)
CELL: tuple[Recogniser, ...] = (
    style_rules.limits_row,
    command_bans.forbid_command,
    guards.path_protected,
    commands.from_cells,
)
CODE: tuple[Recogniser, ...] = (commands.from_code,)
TREE: tuple[Recogniser, ...] = (guards.path_protected,)
_BY_FORM = {"bullet": SENTENCE, "paragraph": SENTENCE, "cell": CELL, "code": CODE, "tree": TREE}

_IMPERATIVE = Pattern(
    r"^(?:\W|\[[ x]\])*(?:please |then |first,? |also |and |finally,? |when \w+[^,]{0,60}, |"
    r"if \w+[^,]{0,60}, |for \w+[^,]{0,60}, |in \w+[^,]{0,40}, )?"
    r"(?:use|add|keep|run|write|put|place|follow|ensure|check|make|create|update|include|prefer|avoid|"
    r"never|always|do|don't|read|see|refer|set|name|import|export|"
    r"define|document|test|verify|treat|return|raise|handle|store|start|install|match|format|move|remove|"
    r"delete|implement|extend|wrap|pass|call|declare|limit|"
    r"mark|preserve|respect|review|reuse|group|order|sort|split|extract|separate|apply|consult|validate|"
    r"provide|leave|look|stop|ask|explain|mention|"
    r"build|commit|push|open|target|cover|mock|isolate|enforce|encrypt|monitor|support|deploy|favou?r|"
    r"stick|opt|rely|assume|think|be|get|configure|enable|"
    r"disable|log|render|regenerate|rebuild|render|structure|organi[sz]e|co-?locate|only|no|must|should|"
    r"rate|maintain|generate|adhere|state|push|surface|"
    r"fix|focus|work|choose|consider|try|introduce|rename|register|expose|bump|tag|label|link|describe|"
    r"summari[sz]e|report|propose|present|distinguish|"
    r"minimi[sz]e|avoid|inspect|identify|prioriti[sz]e|assist|touch|clean|loop|transform|colocate|send|"
    r"launch|configure|guard|confirm|convert|inject|load)\b",
    re.IGNORECASE,
)
#: How a sentence begins that only tells what there is.
_TELLS = Pattern(
    r"^\W*(?:this|the|it|an?|these|there|its|our|here) (?:\w+ )*?(?:is|are|was|contains?|provides?|has|have|holds?)\b",
    re.IGNORECASE,
)


#: Characters of one file that are compiled. What lies beyond is accounted for as one directive that is not understood.
LARGEST = 1 << 20

#: Characters of a sentence beyond which no one rule is looked for in it.
LONGEST_RULE = 1200


def compile_text(text: str, file: str = "AGENTS.md", scope: str = "") -> tuple[Directive, ...]:
    """Return the directives of one file in the order of their lines.

    Reads nothing and runs nothing. `scope` is the directory the rules hold for. Linear in the length of text.
    """
    seen: Counter[str] = Counter()
    found = list(_rules(text[:LARGEST]))
    if len(text) > LARGEST:
        found.append(_beyond(text))
    listed = {
        str(rule.params.get("purpose")) for _, rule in found if rule.kind == "command" and rule.params.get("commands")
    }
    places = _places(rule for _, rule in found)
    return tuple(
        _directive(statement, _beside(_resolved(rule, listed), places), file, scope, seen) for statement, rule in found
    )


def _places(rules: Iterable[Rule]) -> dict[str, list[JsonValue]]:
    """Every place the file names for tests, or for one kind of file: each is as good as the others."""
    found: dict[str, list[JsonValue]] = {}
    for rule in rules:
        if rule.kind in ("test_location", "file_location"):
            key = f"{rule.kind}:{rule.params.get('what', '') if rule.kind == 'file_location' else ''}"
            found.setdefault(key, []).append(rule.params.get("pattern") or rule.params.get("dir") or "")
    return found


def _beside(rule: Rule, places: dict[str, list[JsonValue]]) -> Rule:
    key = f"{rule.kind}:{rule.params.get('what', '') if rule.kind == 'file_location' else ''}"
    known = rule.params.get("also")
    also = [p for p in places.get(key, []) if p not in (rule.params.get("pattern"), rule.params.get("dir"))]
    also += known if isinstance(known, list) else []
    return msgspec.structs.replace(rule, params={**rule.params, "also": also}) if also else rule


def _beyond(text: str) -> tuple[Statement, Rule]:
    """Account for what lies beyond the largest text that is compiled."""
    line = text.count("\n", 0, LARGEST) + 1
    words = f"{len(text) - LARGEST} characters from line {line} on were not read: no rules are compiled from them"
    return Statement(line, words, words, "paragraph"), Rule("unknown", {}, "not_understood", words, level="warn")


def _resolved(rule: Rule, listed: set[str]) -> Rule:
    """A gate that names no command is enforced by those the file lists for its purpose; without one it is only told."""
    if rule.kind != "command" or rule.params.get("commands") or listed & {str(rule.params.get("purpose")), "multi"}:
        return rule
    why = "it names no command, and the file lists none for this purpose: told to the model"
    return msgspec.structs.replace(rule, status="partly", why=why)


_POINTS = Pattern(
    r"^\W*(?:see|refer|read|consult|look (?:at|for|in)|check out|understanding|learning|example|"
    r"for (?:more|details|full|further|complete|additional)\b[^,]*,? (?:see|refer|read)|"
    r"\[[^\]]*\]\([^)]*\)\W*$)",
    re.IGNORECASE,
)
_MAP_LINE = Pattern(r"^\W*`[^`]+`\s*(?:[-–—:=]|\()")


def _rules(text: str) -> Iterator[tuple[Statement, Rule]]:
    for statement in _with_children(list(statements(text))):
        found = False
        if _describes(statement):
            yield statement, advice()
            continue
        if len(statement.plain) > LONGEST_RULE:
            yield statement, judged("too long a sentence to be compiled: told to the model")
            continue
        for recogniser in _BY_FORM[statement.form]:
            if rule := recogniser(statement):
                yield statement, rule
                found = True
                break
        if not found and (soft := _soft(statement)):
            yield statement, soft


def _with_children(found: list[Statement]) -> Iterator[Statement]:
    """Give each line that ends in a colon the text of the bullets under it."""
    for index, statement in enumerate(found):
        if not statement.plain.endswith(":"):
            yield statement
            continue
        below = []
        for child in found[index + 1 : index + 40]:
            if child.lead != statement.block or child.form != "bullet":
                break
            below.append(child.plain)
        yield msgspec.structs.replace(statement, below="\n".join(below)) if below else statement


def _describes(statement: Statement) -> bool:
    """True for a line that points elsewhere or maps the repository: no rule, whatever words it holds."""
    if statement.form not in ("bullet", "paragraph"):
        return False
    if _POINTS.match(statement.text):
        return True
    if not (statement.first and _MAP_LINE.match(statement.plain)):
        return False
    words = literals.words(statement)
    return (
        bool(words)
        and words[0].sort == "path"
        and not language.direction(statement)
        and "generated" not in statement.plain
    )


def _soft(statement: Statement) -> Rule | None:
    """Account for a sentence that prescribes but compiles to no check; None where it prescribes nothing."""
    if statement.form == "tree":
        return None
    if statement.form == "code":
        return (
            advice()
            if literals.runs(statement.plain) or statement.lang in ("bash", "sh", "shell", "zsh", "console")
            else None
        )
    if statement.form == "cell":
        return advice()
    strong = bool(language.direction(statement)) or bool(_IMPERATIVE.match(statement.plain))
    if strong:
        return judged()
    return None if statement.form == "paragraph" and _TELLS.match(statement.plain) else advice()


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
