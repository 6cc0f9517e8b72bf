"""Which function judges which kind of rule, and what it needs to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules import (
    amounts,
    blocks,
    change,
    concepts,
    containers,
    dependencies,
    documented,
    formatted,
    imports,
    layers,
    layout,
    locations,
    names,
    paths,
    pins,
    prose,
    settings,
    shape,
    syntax,
    text,
    tooling,
    tools,
)
from loopwright.guard.checks.rules.delta import Delta

Judge = Callable[[Directive, Delta], Iterable[Finding]]


def _calls(rule: Directive, delta: Delta) -> Iterator[Finding]:
    yield from text.forbidden_names(rule, delta)
    if rule.params.get("texts"):
        yield from text.forbidden_text(rule, delta)
    if rule.params.get("require_dependency"):
        yield from concepts.hashed_passwords(rule, delta)


def _required_syntax(rule: Directive, delta: Delta) -> Iterator[Finding]:
    if rule.params.get("what") == "validated_input":
        yield from concepts.validated_input(rule, delta)
    elif rule.params.get("what") == "pinned_actions":
        yield from pins.actions(rule, delta)
    elif rule.params.get("call"):
        yield from blocks.arguments(rule, delta)
    elif rule.params.get("block"):
        yield from blocks.attributes(rule, delta)
    else:
        yield from text.required_beside(rule, delta)


#: What judges a kind on the change.
JUDGES: dict[str, Judge] = {
    "path_protected": paths.path_protected,
    "forbid_path": change.forbidden_path,
    "companion_change": change.companion,
    "test_required": change.tests_required,
    "file_location": locations.location,
    "test_location": locations.test_location,
    "file_required": change.required_files,
    "license_header": change.license_header,
    "no_secrets": change.secrets,
    "sorted_list": change.sorted_lines,
    "forbid_call": _calls,
    "replace_api": text.forbidden_names,
    "forbid_text": text.forbidden_text,
    "forbid_comment": text.forbidden_comment,
    "require_text": text.required_text,
    "require_syntax": _required_syntax,
    "forbid_syntax": syntax.forbidden_syntax,
    "forbid_import": imports.forbidden_import,
    "import_form": imports.import_form,
    "layer": layers.layer,
    "naming": names.naming,
    "class_base": shape.class_base,
    "require_decorator": shape.decorated,
    "api_parity": shape.twins,
    "diff_rule": shape.noise,
    "max_line_length": layout.line_length,
    "max_file_lines": layout.file_lines,
    "diff_size": layout.diff_size,
    "indentation": layout.indentation,
    "quotes": layout.quotes,
    "lint_rule": tools.lint,
    "formatter": formatted.formatted,
    "require_docstring": documented.docstrings,
    "docstring_style": documented.docstring_style,
    "type_annotations": documented.type_annotations,
    "require_dependency": dependencies.required_dependency,
    "framework_required": dependencies.framework,
    "forbid_dependency": dependencies.forbidden_dependency,
    "new_dependency": dependencies.new_dependency,
    "language_version": settings.language_version,
    "config_value": settings.setting,
    "coverage_min": settings.coverage,
    "runtime_probe": concepts.probe,
    "i18n_no_hardcoded": concepts.hardcoded_strings,
    "text_language": prose.text_language,
    "require_tool": tooling.required_tool,
    "dockerfile_rule": containers.judge,
    "pinned_versions": pins.judge,
    "max_parameters": amounts.parameters,
    "max_nesting": amounts.nesting,
    "judge": concepts.encrypted,  # of what only a reader can judge: the part that the sources show
}
#: Kinds that look at the whole tree: what the base tree already lacked is old and does not block.
WHOLE_TREE = frozenset(
    {
        "file_required",
        "require_dependency",
        "framework_required",
        "language_version",
        "config_value",
        "coverage_min",
        "runtime_probe",
        "require_tool",
        "forbid_call",
        "test_location",
        "license_header",
        "companion_change",
        "i18n_no_hardcoded",
        "judge",
    }
)
#: Kinds that say what a change must or must not do: on a whole tree, where nothing changed, they say nothing.
ABOUT_CHANGES = frozenset(
    {"path_protected", "companion_change", "test_required", "new_dependency", "diff_size", "diff_rule"}
)
#: Kinds that are held when a call is dispatched: on the final change nothing of them can be seen.
AT_THE_CALL = frozenset(
    {
        "forbid_command",
        "package_manager",
        "commit_format",
        "commit_forbid",
        "pr_title_format",
        "branch_rule",
        "pr_template",
    }
)
#: Kinds that other checks run and report.
ELSEWHERE = frozenset({"command"})
