"""Which function judges which kind of rule, and what it needs to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks import (
    rules_amounts,
    rules_blocks,
    rules_change,
    rules_concepts,
    rules_containers,
    rules_dependencies,
    rules_documented,
    rules_formatted,
    rules_imports,
    rules_layers,
    rules_layout,
    rules_locations,
    rules_names,
    rules_paths,
    rules_pins,
    rules_prose,
    rules_settings,
    rules_shape,
    rules_syntax,
    rules_text,
    rules_tooling,
    rules_tools,
)
from loopwright.guard.checks.rules_delta import Delta

Judge = Callable[[Directive, Delta], Iterable[Finding]]


def _calls(rule: Directive, delta: Delta) -> Iterator[Finding]:
    yield from rules_text.forbidden_names(rule, delta)
    if rule.params.get("require_dependency"):
        yield from rules_concepts.hashed_passwords(rule, delta)


def _required_syntax(rule: Directive, delta: Delta) -> Iterator[Finding]:
    if rule.params.get("what") == "validated_input":
        yield from rules_concepts.validated_input(rule, delta)
    elif rule.params.get("what") == "pinned_actions":
        yield from rules_pins.actions(rule, delta)
    elif rule.params.get("call"):
        yield from rules_blocks.arguments(rule, delta)
    elif rule.params.get("block"):
        yield from rules_blocks.attributes(rule, delta)
    else:
        yield from rules_text.required_beside(rule, delta)


#: What judges a kind on the change.
JUDGES: dict[str, Judge] = {
    "path_protected": rules_paths.path_protected,
    "forbid_path": rules_change.forbidden_path,
    "companion_change": rules_change.companion,
    "test_required": rules_change.tests_required,
    "file_location": rules_locations.location,
    "test_location": rules_locations.test_location,
    "file_required": rules_change.required_files,
    "license_header": rules_change.license_header,
    "no_secrets": rules_change.secrets,
    "sorted_list": rules_change.sorted_lines,
    "forbid_call": _calls,
    "replace_api": rules_text.forbidden_names,
    "forbid_text": rules_text.forbidden_text,
    "forbid_comment": rules_text.forbidden_comment,
    "require_text": rules_text.required_text,
    "require_syntax": _required_syntax,
    "forbid_syntax": rules_syntax.forbidden_syntax,
    "forbid_import": rules_imports.forbidden_import,
    "import_form": rules_imports.import_form,
    "layer": rules_layers.layer,
    "naming": rules_names.naming,
    "class_base": rules_shape.class_base,
    "require_decorator": rules_shape.decorated,
    "api_parity": rules_shape.twins,
    "diff_rule": rules_shape.noise,
    "max_line_length": rules_layout.line_length,
    "max_file_lines": rules_layout.file_lines,
    "diff_size": rules_layout.diff_size,
    "indentation": rules_layout.indentation,
    "quotes": rules_layout.quotes,
    "lint_rule": rules_tools.lint,
    "formatter": rules_formatted.formatted,
    "require_docstring": rules_documented.docstrings,
    "docstring_style": rules_documented.docstring_style,
    "type_annotations": rules_documented.type_annotations,
    "require_dependency": rules_dependencies.required_dependency,
    "framework_required": rules_dependencies.framework,
    "forbid_dependency": rules_dependencies.forbidden_dependency,
    "new_dependency": rules_dependencies.new_dependency,
    "language_version": rules_settings.language_version,
    "config_value": rules_settings.setting,
    "coverage_min": rules_settings.coverage,
    "runtime_probe": rules_concepts.probe,
    "i18n_no_hardcoded": rules_concepts.hardcoded_strings,
    "text_language": rules_prose.text_language,
    "require_tool": rules_tooling.required_tool,
    "dockerfile_rule": rules_containers.judge,
    "pinned_versions": rules_pins.judge,
    "max_parameters": rules_amounts.parameters,
    "max_nesting": rules_amounts.nesting,
    "judge": rules_concepts.encrypted,  # of what only a reader can judge: the part that the sources show
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
