"""Which nodes of a shell script run something."""

from __future__ import annotations

#: Kinds of tree-sitter's nodes that are followed as statements.
STATEMENTS = frozenset(
    {
        "command", "pipeline", "list", "redirected_statement", "subshell", "compound_statement", "if_statement",
        "while_statement", "for_statement", "c_style_for_statement",
        "function_definition", "case_statement", "variable_assignment", "variable_assignments",
        "declaration_command", "negated_command", "do_group", "unset_command", "elif_clause", "else_clause",
        "case_item", "ERROR",
    }
)  # fmt: skip
