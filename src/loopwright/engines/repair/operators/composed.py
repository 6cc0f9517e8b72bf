"""Values made of two parts that stand ready: what another assignment gives, names exchanged, sums and differences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher

from loopwright.core.expression import expression
from loopwright.engines.repair.operators.naming import family
from loopwright.engines.repair.pool import called, names_of
from loopwright.engines.repair.site import Edit, Site, nearest

_OTHER_ARM = 0.3  # share of a value from the other arm of the same `if`: with it, both would do the same
_ALIKE = 0.6  # share of equal characters from which on two statements are siblings
_EXCHANGED = (ast.BinOp, ast.Compare, ast.BoolOp, ast.Subscript, ast.Call, ast.ListComp, ast.SetComp, ast.DictComp,
              ast.GeneratorExp)  # fmt: skip
_WORD = expression(r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*")
_NAMES, _PARTS = 5, 14  # names and parts that a new value is made of


def same_target(site: Site) -> Iterator[Edit]:
    """The value that the function assigns to the same target at another place."""
    node = site.node
    if not isinstance(node, ast.Assign) or site.function is None:
        return
    wanted, written = site.of(node.targets[0]), site.of(node.value)
    for other in ast.walk(site.function):
        if isinstance(other, ast.Assign) and other is not node and site.of(other.targets[0]) == wanted:
            text = site.of(other.value)
            if text != written and "\n" not in text:
                share = 1.0 if not isinstance(other.value, ast.Constant) else 0.3
                share *= _OTHER_ARM if in_other_arm(site, node, other) else 1.0
                yield site.put("same-target", text, share, node=node.value)


def in_other_arm(site: Site, one: ast.stmt, two: ast.stmt) -> bool:
    """True where only one of the two statements can be reached: they stand in the two arms of one `if`."""
    for parent in site.parents:
        if isinstance(parent, ast.If):
            arms = [{id(n) for s in arm for n in ast.walk(s)} for arm in (parent.body, parent.orelse)]
            if any(id(one) in mine and id(two) in other for mine, other in (arms, arms[::-1])):
                return True
    return False


def like_sibling(site: Site) -> Iterator[Edit]:
    """The statement made like a similar one of the function, with its own names and strings in the other's places."""
    node = site.node
    if not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return) or site.function is None:
        return
    written = site.of(node)
    mine = _words(written)
    for other in ast.walk(site.function):
        if type(other) is not type(node) or other is node or other.lineno != other.end_lineno:
            continue
        text = site.of(other)
        theirs = _words(text)
        away = [word for word in theirs if word not in mine]
        here = [word for word in mine if word not in theirs]
        alike = SequenceMatcher(None, written, text, autojunk=False).ratio()
        if len(away) == len(here) and alike >= _ALIKE:
            renaming = dict(zip(away, here, strict=True))
            made = _renamed(text, renaming)
            if made not in (written, text) or not here:
                yield site.put("like-sibling", made, alike)


def _words(text: str) -> list[str]:
    """The names and strings of a statement, in the order in which they are first written."""
    return list(dict.fromkeys(_WORD.findall(text)))


def arguments_alike(site: Site) -> Iterator[Edit]:
    """All arguments of another call of the function in the place of this one's."""
    node = site.node
    if not isinstance(node, ast.Call) or not node.args or node.keywords or site.function is None:
        return
    mine = _given(site, node)
    start, end = site.source.span(node.args[0])[0], site.source.span(node.args[-1])[1]
    for other in ast.walk(site.function):
        if not isinstance(other, ast.Call) or not other.args or other.keywords or other is node:
            continue
        text = _given(site, other)
        same = called(other) == called(node) or called(other) in family(called(node))
        if text != mine and same and "\n" not in text and mine not in text:
            yield site.splice("arguments-alike", start, end, text)


def _given(site: Site, call: ast.Call) -> str:
    return ", ".join(site.of(argument) for argument in call.args)


def exchanged(site: Site) -> Iterator[Edit]:
    """Two names of one expression exchanged for each other, wherever they stand in it."""
    node, parent = site.node, site.parent
    whole = isinstance(parent, ast.Assign | ast.Return | ast.AugAssign | ast.Expr | ast.If | ast.While | ast.Tuple)
    if not isinstance(node, _EXCHANGED) or not whole:
        return
    start, text = site.source.span(node)[0], site.of(node)
    found: dict[str, list[tuple[int, int]]] = {}
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and child.id in site.scope.locals and child.id not in ("self", "cls"):
            a, b = site.source.span(child)
            found.setdefault(child.id, []).append((a - start, b - start))
    names = list(found)[:_NAMES]
    for index, one in enumerate(names):
        for two in names[index + 1 :]:
            places = [(*p, two) for p in found[one]] + [(*p, one) for p in found[two]]
            made = text
            for a, b, name in sorted(places, reverse=True):
                made = made[:a] + name + made[b:]
            yield site.put("exchange-names", made)


def value(site: Site) -> Iterator[Edit]:
    """Another value assigned: an entry of a table, a length, or a sum or difference of two such."""
    node, parent = site.node, site.parent
    if not isinstance(parent, ast.Assign | ast.AugAssign) or parent.value is not node:
        return
    if not isinstance(node, ast.Constant | ast.Name | ast.Call | ast.Subscript | ast.Attribute):
        return
    written = site.of(node)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        yield from _entries(site, target.value.id, site.of(target.slice), written)
    parts = _parts(site)
    near = site.scope.near(site.line)
    places = [n for n in near[_NAMES:] if n in site.pool.places]
    names = [*near[:_NAMES], *places[:_NAMES]]
    for rank, part in enumerate(parts):
        share = 1 / (1 + rank / 6)
        made = [part, f"{part} + 1", f"1 - {part}", f"{part} - 1"]
        made += [f"{part} - {name}" for name in names if name != part] + [
            f"{part} + {name}" for name in names if name != part
        ]
        for place, text in enumerate(made):
            if text != written:
                yield site.put_loose("composed", text, share / (1 + place / 6))


def gathered(site: Site) -> Iterator[Edit]:
    """What a loop assigns gathered place by place: `n = digit` becomes `n = n * 10 + digit`."""
    node, parent = site.node, site.parent
    loop = any(isinstance(p, ast.For | ast.While) for p in site.parents)
    if not loop or not isinstance(parent, ast.Assign) or parent.value is not node:
        return
    target = parent.targets[0]
    if not isinstance(target, ast.Name) or isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Dict):
        return
    if target.id in names_of(node):
        return
    text = site.of(node)
    yield site.put_loose("gather", f"{text} + {target.id}", 0.7)
    bases = ["10", "2", *site.scope.near(site.line)[:3]]
    for rank, base in enumerate(b for b in bases if b != target.id):
        yield site.put_loose("gather", f"{target.id} * {base} + {site.of(node)}", 1 / (1 + rank / 2))


def _entries(site: Site, table: str, index: str, written: str) -> Iterator[Edit]:
    """What another entry of the same table gives."""
    near = [n for n in site.scope.near(site.line)[:_NAMES] if n not in (table, index)]
    for rank, part in enumerate(f"{table}[{name}]" for name in near):
        made = [f"{part} + 1", f"1 - {part}", f"not {part}", part, f"{part} - 1", f"-{part}"]
        made += [f"{part} + {name}" for name in near] + [f"{part} + {written}"]
        for place, text in enumerate(made):
            yield site.put_loose("table-entry", text, 1 / ((1 + rank / 4) * (1 + place / 6)))


def _parts(site: Site) -> list[str]:
    """Entries of the tables the function uses, under the names at hand, and lengths of what it measures."""
    near = site.scope.near(site.line)
    tables = [name for name in near if name in site.pool.subscripted]
    found = [f"{table}[{name}]" for table in tables[:3] for name in near[:_NAMES] if name != table]
    lengths = [i.text for i in nearest(site, site.pool.expressions) if i.text.startswith("len(")]
    lengths += [f"len({name})" for name in near if name in site.scope.collections]
    return list(dict.fromkeys([*lengths[:4], *found]))[:_PARTS]


def _renamed(text: str, names: dict[str, str]) -> str:
    return _WORD.sub(lambda m: names.get(m[0], m[0]), text)
