"""Turns of phrase that say in a roundabout way what the recognisers know by plain words: put into those."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.directives.reading import language
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement

_NAMES = r"(`[^`]+`(?:(?:,? (?:and|or|nor) |, |/)`[^`]+`){0,6})"
_BAD = (
    r"(?:not ok(?:ay)?|not fine|not allowed|not accepted|forbidden|banned|taboo|rejected|refused|an error|a bug|"
    r"wrong|"
    r"a mistake|a no-go|a smell|an anti-?pattern|off the table|frowned upon)"
)
#: What is said, and how it is said plainly.
_TURNS: tuple[tuple[Pattern, str], ...] = tuple(
    (Pattern(said, re.IGNORECASE), plainly)
    for said, plainly in (
        (
            rf"^(\W*(?:[\w -]{{3,40}}[;:] )?|.*\()(?:the )?{_NAMES}(?: (?:style|syntax|calls?|macros?))? (?:is|"
            rf"are) (?:all |both |considered )?"
            r"(?:legacy|not ok(?:ay)?|not fine|not accepted|a no-go|taboo|off the table|frowned upon|forbidden|"
            r"banned)"
            r"(?:,(?= )|(?= *(?:$|[;.()]|-|–|—| here| in this)))",
            r"\1never use \2;",
        ),
        (rf"{_NAMES} ha(?:s|ve) no (?:place|business) in\b", r"never use \1 in"),
        (
            rf"{_NAMES} in (?:an? |the )?tests? (?:fails?|breaks?|will fail|(?:is|are|will be)) (?:the )?(?:review|"
            rf"{_BAD})\b",
            r"never use \1 in tests",
        ),
        (
            rf"\b(?:calling|reading|using|importing|accessing|touching) {_NAMES}(?: directly)? (?:elsewhere|"
            rf"anywhere else) "
            rf"(?:is|are) {_BAD}",
            r"never use \1 elsewhere",
        ),
        (rf"\b(raw|direct|bare|plain|naked) {_NAMES} (?:is|are) not used\b", r"never use \1 \2"),
        (rf"^(\W*){_NAMES} (?:is|are) not used((?: (?:in|for) [\w ]{{3,30}})?\W*)$", r"\1never use \2\3"),
        (
            r"^(\W*)(?:nothing|no (?:code|target|package|module|crate)s?) outside (?:of )?(`[^`]+`) (?:may |should |"
            r"must |can )?(?:depends?(?: up)? ?on|imports?|uses?|references?) (`[^`]+`)",
            r"\1only \2 may import \3",
        ),
        (
            r"^(\W*)no (?:new |other )?(?:code|target|package|module|crate|file|class)(?:e?s)? (?:may |should |must |"
            r"can )?"
            r"(depends?(?: up)? ?on|imports?|uses?|references?) (`[^`]+`)",
            r"\1never \2 \3",
        ),
        (
            r"(`[^`]+`) (?:may|can) (?:depend on|import|use) (`[^`]+`)[,;]?(?: but)? \2 (?:never|not)(?: on)? \1",
            r"\2 must not depend on \1",
        ),
        (
            r"^(\W*)(`(?:e?print(?:ln)?!?|dbg!|"
            r"console\.log|fmt\.Println|System\.out\.println|var_dump|puts)(?:\(\))?`) (?:→|"
            r"->|=>) "
            r"(`[^`]+`)",
            r"\1use \3, never \2",
        ),
        (
            r"^(\W*)`((\w+)\.\w+(?:\(\))?)` (?:→|->|=>) `(\3\.\w+(?:\(\))?)`(?=\W*$)",
            r"\1use `\4` instead of `\2`",
        ),
        (rf"^(\W*)(?:there (?:is|are|must be|should be)|we have|we want) no {_NAMES}", r"\1no \2"),
        (
            rf"^(\W*)(?:nobody|nothing|no one|no code) (?:may |should |must |ever )*(?:uses?|calls?) {_NAMES}",
            r"\1never use \2",
        ),
        (
            rf"\b(?:steer clear of|stay away from|do without|keep away from|say no to) (?:the )?{_NAMES}",
            r"avoid using \1",
        ),
        (
            rf"^(\W*){_NAMES} (?:is|are) (?:allowed|fine|ok|okay|permitted|"
            rf"acceptable)(?: \w+ \w+)?[,;:](?: but)? {_NAMES} (?:is|are) not\b",
            r"\1never use \3",
        ),
        (
            r"^(\W*keep (?:[^.;`]|`[^`]*`){5,220}?),? (?:synchroni[sz]ed|aligned|consistent)(?= with|\W*$)",
            r"\1 in sync",
        ),
        (
            rf"^(\W*){_NAMES} (?:is |are )?(?:allowed|fine|ok) (?:[\w ]{{3,30}} )?but (?:never|not) (?=(?:at|in|"
            rf"inside|from|within)\b)",
            r"\1never use \2 ",
        ),
        (
            rf"{_NAMES} (?:will be (?:rejected|refused|sent back)|does not pass review|won't pass review|"
            rf"fails review)\b",
            r"never use \1",
        ),
    )
)


#: What is listed below "Forbidden": acts by their gerunds.
_ACTS = {
    "touching": "touch", "editing": "edit", "modifying": "modify", "changing": "change", "adding": "add",
    "committing": "commit", "using": "use", "running": "run", "pushing": "push", "disabling": "disable",
    "skipping": "skip", "importing": "import", "calling": "call", "deleting": "delete", "creating": "create",
    "installing": "install", "introducing": "introduce", "writing": "write", "hardcoding": "hardcode",
    "hard-coding": "hardcode", "force-pushing": "force-push", "bypassing": "bypass", "rewriting": "rewrite",
    "amending": "amend", "merging": "merge", "suppressing": "suppress", "silencing": "silence",
}  # fmt: skip
_GERUND = expression(r"^\W*([A-Za-z]+(?:-[a-z]+)?ing)(?= )")


def _of_acts(statement: Statement) -> Statement:
    """An act by its gerund, below a heading or line that speaks against what is listed, as an order not to do it."""
    found = _GERUND.match(statement.plain)
    verb = _ACTS.get(found[1].lower()) if found else None
    if not found or not verb or not language.led_against(statement):
        return statement
    plain = f"Never {verb}{statement.plain[found.end() :]}"
    return msgspec.structs.replace(statement, plain=plain, block=statement.block.replace(statement.plain, plain))


#: Columns of a table of what not to write, and of what to write in its place.
_BAD_COLUMN = Pattern(
    r"^\W*(?:instead of|rather than|don'?t(?: (?:use|do|write))?|do not(?: use)?|avoid|never(?: use)?|bad|wrong|not|"
    r"banned|forbidden|deprecated|prohibited|replace)\W*$",
    re.IGNORECASE,
)
_GOOD_COLUMN = Pattern(
    r"^\W*(?:use(?: instead)?|do(?: (?:this|use))?|prefer(?:red)?|good|right|instead|with|replacement|"
    r"alternative)\W*$",
    re.IGNORECASE,
)
_ALL_NAMES = Pattern(r"^`[^`]*[^\w`\s][^`]*`(?:(?:, | or | and |/| / )`[^`]*[^\w`\s][^`]*`)*$|^`[a-z]+[A-Z]\w*`$")


def _of_columns(statement: Statement) -> Statement:
    """A row of such a table as the sentence it stands for: "use `b` instead of `a`"."""
    header, cells = statement.header, [cell.strip("* ") for cell in statement.cells]
    bad = next((i for i, title in enumerate(header[:4]) if _BAD_COLUMN.match(title)), -1)
    good = next((i for i, title in enumerate(header[:4]) if _GOOD_COLUMN.match(title)), -1)
    if min(bad, good) < 0 or max(bad, good) >= len(cells) or not _ALL_NAMES.match(cells[bad]):
        return statement
    wanted = cells[good] if cells[good].startswith("`") else ""
    plain = f"Use {wanted} instead of {cells[bad]}" if wanted else f"Never use {cells[bad]}"
    return msgspec.structs.replace(statement, plain=plain, form="bullet", block=plain, cells=(), header=())


#: A package by its label: `//libs/...` lies in `libs`.
_LABEL = Pattern(r"`//((?:[\w.-]+/)*[\w-]+)(?:/\.{3}|:\w+)?`")
#: Longer words for "use".
_UTILISE = Pattern(r"\b(?:utili[sz]e|leverage|employ|make use of)(?= |s )", re.IGNORECASE)
_UTILISING = Pattern(r"\b(?:utili[sz]ing|leveraging|employing|making use of)(?= )", re.IGNORECASE)


def plainly(statement: Statement) -> Statement:
    """Return the statement with such turns of phrase said plainly."""
    if statement.form == "cell":
        return _of_columns(statement) if statement.header else statement
    if statement.form not in ("bullet", "paragraph"):
        return statement
    statement = _of_acts(statement)
    if "`" not in statement.plain:
        return statement
    plain = _UTILISING.sub("using", _UTILISE.sub("use", statement.plain))
    if "depend" in plain:
        plain = _LABEL.sub(r"`\1`", plain)
    for said, words in _TURNS:
        plain = said.sub(words, plain)
    if plain == statement.plain:
        return statement
    return msgspec.structs.replace(statement, plain=plain, block=statement.block.replace(statement.plain, plain))
