"""Rules about documentation and type hints."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_STYLE = Pattern(
    r"\b(google|numpy(?:doc)?|sphinx|restructuredtext|rest|epytext|"
    r"reST)(?:[- ]style)?\b[^.;]{0,30}\bdocstrings?\b|\bdocstrings?\b[^.;]{0,60}\b(google|numpy(?:doc)?|"
    r"sphinx|restructuredtext|reST)\b|\bnumpydoc\b",
    re.IGNORECASE,
)


_DOCUMENTED = Pattern(
    r"\bcomments? (?:that|which) (?:begins?|starts?) with (?:its|their|the) name\b|`///`|`//!`|\bdoxygen comments?\b|"
    r"\b(?:exported|public) [\w ]{3,25}? (?:has|have|gets?|needs?|carr(?:y|ies)) (?:an? )?(?:\w+ )?comments?\b|"
    r"\b(?:docstrings?|jsdoc|tsdoc|godoc|javadoc|rustdoc|doc comments?|kdoc|phpdoc|yard|(?:xml|public|"
    r"api) doc(?:s|umentation)?(?: comments?)?|documentation comments?)\b|"
    r"^\W*(?:always )?document (?:all |any |new |every )*(?:public|exported) (?:apis?|functions?|methods?|classes|"
    r"types|items|symbols)\b(?! only)(?! functions only)|"
    r"\b(?:each|every|all) (?:public|exported) \w+ (?:is|are) documented\b|"
    r"^(?:\W|\[[ x]\])*(?:is|are) (?:the |all )?(?:new )?public apis? documented\b|"
    r"^\W*(?:always )?document (?:all |any |new |every )*(?:public|exported) (?:C\+\+|Java|Go|Rust|Python|TypeScript|"
    r"C#) (?:apis?|functions?|"
    r"methods?|classes)\b|"
    r"\b(?:functions?|methods?|classes|apis?|symbols?|items|types) (?:must|should) (?:all )?(?:be (?:thoroughly |"
    r"fully |well )?documented|"
    r"have documentation)\b",
    re.IGNORECASE,
)


_PUBLIC = Pattern(
    r"\b(?:public|exported|all|every|each|new)\b[^.;]{0,40}\b(?:names|functions?|methods?|classes|class|apis?|"
    r"symbols?|types?|interfaces?|modules?|members?|items?|entit(?:y|ies)|components?)\b|\b(?:everything|anything|"
    r"all) public\b|\bfor `?(?:functions?|classes|"
    r"interfaces|methods)\b|公共|公开|导出",
    re.IGNORECASE,
)


_HINTS = Pattern(
    r"^\W*type hints?\W*$|\b(?:static typing|type[- ](?:hints?|annotat\w*)|typed (?:function|signature)s?|"
    r"annotate (?:all|every|types)|"
    r"signatures? (?:is|are|must be) (?:fully )?(?:annotated|typed)|fully typed|full typing|type-?annotated|"
    r"explicit (?:return|parameter|function|argument) types?|return "
    r"types?)\b|类型(?:注解|标注|提示)",
    re.IGNORECASE,
)


#: A place where something is said, no docstring that is asked for: "state why in the name or docstring".
_IN_DOCS = Pattern(
    r"`@\w+`|\bin (?:the|a|an|its|their) (?:[\w/]+ (?:or |and )?)?(?:docstring|doc ?comment)s?\b", re.IGNORECASE
)


#: What docstrings hold: "only add examples to docstrings of public functions".
_EXAMPLES = Pattern(r"^\W*only (?:add|include|put|write) [\w ]{3,30} (?:to|in) docstrings?\b", re.IGNORECASE)


def documentation(statement: Statement) -> Rule | None:
    """Docstrings: there, and in one style."""
    plain = statement.plain
    if language.forbids(statement) or regex.match(
        r"^\W*(?:prefer|keep|preserve)\b(?![^.;]*\bdocumented with\b)", plain, re.IGNORECASE
    ):
        return None
    if found := _STYLE.search(plain):
        style = (found[1] or found[2] or "numpy").lower().replace("numpydoc", "numpy")
        return Rule(
            "docstring_style",
            {"style": {"restructuredtext": "sphinx", "rest": "sphinx"}.get(style, style)},
            "partly",
            "ruff's docstring rules judge the changed Python files",
        )
    if _IN_DOCS.search(plain) or _EXAMPLES.search(plain):
        return None
    if _DOCUMENTED.search(plain) and (
        _PUBLIC.search(plain)
        or regex.search(
            r"\b(?:required|must have|write docstrings|add docstrings|include docstrings)\b", plain, re.IGNORECASE
        )
    ):
        return Rule(
            "require_docstring",
            {"scope": "public", **place(statement)},
            "enforced",
            "new public functions and classes without one are named",
        )
    return None


def type_annotations(statement: Statement) -> Rule | None:
    """Type hints on what is defined."""
    plain = statement.plain
    if (
        not _HINTS.search(plain)
        or regex.match(r"^\W*if\b", plain, re.IGNORECASE)
        or language.forbids(statement)
        or regex.search(r"\b(?:infer|inference|check(?:er|ed|ing)?)\b", plain, re.IGNORECASE)
    ):
        return None
    if not (
        regex.search(
            r"\b(?:use|add|include|require[sd]?|everywhere|must|all|every|always|with|provide|write|need|new|strict|"
            r"mandatory|prefer|should|yes)\b|使用|添加|必须",
            plain,
            re.IGNORECASE,
        )
        or regex.search(r"\b(?:functions?|methods?|api|signatures?|public|exported|code)\b", plain, re.IGNORECASE)
    ):
        return None
    scope = "public" if regex.search(r"\bpublic|exported\b", plain, re.IGNORECASE) else "all"
    return Rule(
        "type_annotations",
        {"scope": scope, **place(statement)},
        "enforced",
        "new functions without annotations are named (Python, TypeScript)",
    )
