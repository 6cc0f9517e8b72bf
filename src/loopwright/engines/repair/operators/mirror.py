"""Blocks that do the same about other names: what one of them does beside a statement, the other does as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from typing import TypeGuard

from loopwright.core.expression import expression
from loopwright.engines.repair.site import Edit, Site, insertable, is_text

#: Words whose counterpart is likely to be there too.
OPPOSITES = {"left": "right", "first": "second", "start": "end", "low": "high", "lower": "upper", "head": "tail"}
OPPOSITES |= {two: one for one, two in OPPOSITES.items()}
_WORD = expression(r"[A-Za-z_]\w*")
_SHORT = ast.Assign | ast.AugAssign | ast.Expr
_MOST = 24  # statements of a function that are compared with each other
Renaming = dict[str, str]
Words = list[tuple[object, object]]


def mirrored(site: Site) -> Iterator[Edit]:
    """A statement that stands beside this one's counterpart in another block, put beside this one."""
    node, function = site.node, site.function
    if not isinstance(node, _SHORT) or is_text(node) or function is None or not insertable(site):
        return
    mine = site.body_of(node) or []
    here = {site.of(s) for s in mine}
    for body in _blocks(function):
        if body is mine:
            continue
        for index, other in enumerate(body):
            renaming = alike(other, node)
            if renaming is None or all(a == b for a, b in renaming.items()):
                continue
            for place, beside in ((index - 1, "before"), (index + 1, "behind")):
                if not 0 <= place < len(body) or not isinstance(body[place], _SHORT):
                    continue
                for names in _completed(site, renaming, body[place]):
                    made = renamed(site.of(body[place]), names)
                    if made in here or "\n" in made or is_text(body[place]):
                        continue
                    put = site.insert_before if beside == "before" else site.insert_after
                    yield put("mirror", node, made)


def renamed(text: str, names: Renaming) -> str:
    return _WORD.sub(lambda word: names.get(word[0], word[0]), text)


def _completed(site: Site, renaming: Renaming, statement: ast.stmt) -> Iterator[Renaming]:
    """The renaming, and with counterparts for what the statement sets and the renaming does not know."""
    yield renaming
    known = set(site.scope.locals)
    for name in sorted({n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}):
        if name not in renaming:
            words = [name.replace(one, two) for one, two in OPPOSITES.items() if one in name]
            for other in dict.fromkeys([*words, *sorted(site.scope.unread)]):
                if other in known and other != name:
                    yield {**renaming, name: other}


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for part in ("body", "orelse", "finalbody"):
            body = getattr(node, part, None)
            if isinstance(body, list) and body:
                yield body


def alike(one: ast.AST, two: ast.AST) -> Renaming | None:
    """The names of the one by those of the other where both have the same form; operators may differ."""
    found: Renaming = {}
    return found if _matched(one, two, found) and len(set(found.values())) == len(found) else None


def _matched(one: ast.AST, two: ast.AST, found: Renaming) -> bool:
    if isinstance(one, ast.operator | ast.cmpop | ast.expr_context):
        return True
    if type(one) is not type(two):
        return False
    if isinstance(one, ast.Name) and isinstance(two, ast.Name):
        return found.setdefault(one.id, two.id) == two.id
    if isinstance(one, ast.Attribute) and isinstance(two, ast.Attribute):
        same = found.setdefault(one.attr, two.attr) == two.attr
        return same and _matched(one.value, two.value, found)
    if isinstance(one, ast.Constant) and isinstance(two, ast.Constant):
        return type(one.value) is type(two.value)
    ones, twos = list(ast.iter_child_nodes(one)), list(ast.iter_child_nodes(two))
    return len(ones) == len(twos) and all(_matched(a, b, found) for a, b in zip(ones, twos, strict=True))


def paired(site: Site) -> Iterator[Edit]:
    """A statement once more under the names by which two other statements of the function differ."""
    node, function = site.node, site.function
    if not isinstance(node, _SHORT) or is_text(node) or function is None or not insertable(site):
        return
    whole = site.of(function)
    mine = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    for names, words in _pairs(function):
        if not mine & set(names) or mine & (set(names.values()) - set(names)):
            continue
        made = renamed(site.of(node), names)
        for one in ast.walk(node):
            if _string(one) and one.value in dict(words):
                made = made.replace(site.of(one), repr(dict(words)[one.value]))
        if made not in whole and "\n" not in made:
            yield site.insert_after("pair", node, made)


@lru_cache(maxsize=32)
def _pairs(function: ast.AST) -> list[tuple[Renaming, Words]]:
    """Renamings, of names and of strings, by which a short statement of the function is made of another one."""
    short = [s for s in ast.walk(function) if isinstance(s, _SHORT) and not is_text(s)][:_MOST]
    found: list[tuple[Renaming, Words]] = []
    for one, two in permutations(short, 2):
        renaming = alike(one, two)
        changed = {a: b for a, b in (renaming or {}).items() if a != b}
        texts = [[n.value for n in ast.walk(s) if _string(n)] for s in (one, two)] if len(changed) > 1 else []
        words = [(a, b) for a, b in zip(*texts, strict=False) if a != b] if texts else []
        if len(changed) > 1 and (changed, words) not in found:
            found.append((changed, words))
    return found


def _string(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
