"""All operators, and how often each is the cure: seeded from the operators of mutation tools and from
templates described in the literature (PyTER, TBar), then adjusted on a development set of seeded faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwright.engines.repair.operators import (
    calls,
    composed,
    conditions,
    constants,
    missing,
    moving,
    naming,
    statements,
    symbols,
)
from loopwright.engines.repair.site import Edit, Site

Operator = Callable[[Site], Iterator[Edit]]

#: Operators and the weights of the kinds of edit they make; a kind's weight is shared among its edits at one node.
OPERATORS: dict[Operator, dict[str, float]] = {
    symbols.compare: {"comparison": 20},
    symbols.compare_sides: {"swap-compared": 2},
    symbols.arithmetic: {"arithmetic": 12, "augmented": 4, "idle": 1},
    symbols.operands: {"swap-operands": 2, "one-operand": 2, "drop-shift": 5},
    symbols.boolean: {"and-or": 9, "drop-condition": 2, "flip": 1},
    symbols.negation: {
        "drop-not": 7,
        "drop-unary": 7,
        "add-not": 7,
        "unary": 3,
        "add-not-value": 1,
        "negate-value": 0.4,
    },
    constants.number: {"number": 14, "fitted": 5, "idle": 1},
    constants.boolean: {"boolean": 9},
    constants.none: {"none-to-literal": 3, "none-to-name": 4, "none-to-string": 1, "to-none": 0.5},
    constants.empty: {"literal": 5, "swap-elements": 2, "drop-element": 0.5},
    constants.string: {"string-unwrap": 12, "string-case": 5, "string-like": 4, "string-trim": 1, "string-other": 1},
    naming.variable: {"similar-name": 6, "global-name": 1.5, "target": 1, "variable": 6, "variable-to-attribute": 1},
    naming.attribute: {"similar-method": 8, "attribute": 3, "drop-attribute": 1},
    naming.add_attribute: {"add-attribute": 1},
    naming.handled: {"exception": 8},
    naming.decorator: {"add-decorator": 3, "drop-decorator": 0.3},
    calls.arguments: {"swap-arguments": 4, "drop-argument": 1, "add-argument": 4, "add-string-argument": 4},
    calls.unwrap: {"unwrap": 2},
    calls.off_by: {"scaled": 0.7, "off-by-one": 6.5, "off-by-name": 3},
    calls.wrap: {"in-list": 0.7, "bound": 2, "wrap-method": 0.7, "wrap": 2.5, "wrap-own": 1},
    calls.slices: {"slice": 3, "drop-subscript": 1, "add-subscript": 3, "swap-elements": 2},
    calls.subscript_base: {"get": 0.7},
    conditions.parts: {"add-check": 10, "add-condition": 2},
    conditions.compared: {"add-membership": 3, "add-comparison": 2},
    conditions.sibling: {"add-sibling": 2},
    conditions.replaced: {"other-condition": 1, "condition-to-name": 2, "constant-condition": 0.5},
    conditions.comparison_shift: {"comparison-shift": 1.5},
    conditions.expression: {"other-iterable": 3, "made-iterable": 4, "fill": 3, "expression": 1.5, "made": 2},
    conditions.branches: {"swap-branches": 3, "one-branch": 0.5, "drop-clause": 1, "add-argument": 4},
    statements.jump: {"jump": 8},
    statements.returned: {
        "return-value": 2,
        "return-sum": 0.7,
        "return-test": 1,
        "return-constant": 0.7,
        "return-to-yield": 0.2,
        "yield": 4,
        "add-return": 2,
        "await": 3,
        "raise-to-return": 0.5,
    },
    statements.delete: {"delete": 1},
    moving.move: {"swap-statements": 1, "dedent": 1.5, "indent": 1, "move": 0.7},
    moving.copied: {"copy": 0.7},
    statements.defaults: {"mutable-default": 8},
    statements.insert: {"guard": 3, "settled": 2, "add-call": 5, "add-assignment": 3},
    statements.assigned: {"drop-target": 0.5, "swap-elements": 2, "add-target": 1},
    missing.step: {"add-step": 6},
    missing.condition: {"only-if": 2.5},
    missing.entry: {"add-entry": 2},
    missing.element: {"add-element": 2},
    missing.elsewhere: {"copy-elsewhere": 0.7},
    missing.counterpart: {"copy-renamed": 1},
    composed.same_target: {"same-target": 10},
    composed.like_sibling: {"like-sibling": 6},
    composed.exchanged: {"exchange-names": 2.5},
    composed.value: {"composed": 4, "table-entry": 5},
    statements.otherwise: {"elif": 1, "if-while": 1.5},
}
PRIORS: dict[str, float] = {name: weight for kinds in OPERATORS.values() for name, weight in kinds.items()}
