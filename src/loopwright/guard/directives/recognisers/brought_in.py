"""What "a new endpoint", "adding a command" stand for: a rule of them speaks of what comes new, not of every change."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading.patterns import Pattern

#: Words of a thing -> its name for the check, which knows the lines or files that bring one in. First match wins.
_THINGS: tuple[tuple[str, Pattern], ...] = tuple(
    (name, Pattern(rf"^(?:{words})\b", re.IGNORECASE))
    for name, words in (
        (
            "public",
            r"(?:public|exported) (?:functions?|methods?|apis?|class(?:es)?|types?|names?|symbols?|items?|"
            r"interfaces?)",
        ),
        (
            "environment",
            r"env(?:ironment)?[ -](?:vars?|variables?|settings?|keys?)|`?env`? vars?",
        ),
        (
            "endpoint",
            r"(?:(?:http|rest|api|web|graphql|server|public|rpc|trpc|admin) )*"
            r"(?:endpoints?|routes?|(?:api|http|request|route) handlers?|rpcs?|procedures?)",
        ),
        ("command", r"(?:(?:cli|top-level) )?(?:sub-?)?commands?"),
        ("migration", r"(?:(?:database|db|schema|sql) )?migrations?"),
        ("component", r"(?:(?:ui|react|vue|svelte|shared|public|reusable) )*(?:components?|widgets?|composables?)"),
        ("page", r"(?:pages?|screens?|views?)"),
        ("model", r"(?:(?:database|db|orm|data) )?(?:models?|tables?|entit(?:y|ies))"),
        ("class", r"class(?:es)?"),
        ("function", r"(?:functions?|methods?)"),
        ("file", r"(?:source |code )?files?"),
    )
)
#: What brings something in, up to its name.
_NEW = Pattern(
    r"\b(?:new(?:ly added)?|add(?:ing|ed|s)?|introduc(?:e|es|ing)|creat(?:e|es|ing)|implement(?:ing|s)?|"
    r"register(?:ing)?)\s+"
    r"((?:(?:an?|the|any|each|every|all|new|another|one) )*)|"
    r"\b(?:every|each|all) (?=[\w -]{3,30}? (?:has|have|gets?|needs?) (?:an? )?(?:entry|line|row|note|section)\b)|"
    r"\b(?:an?|the|any|each|every) (?=[\w -]{3,30}? (?:is|was|gets) (?:added|introduced|created)\b)",
    re.IGNORECASE,
)
#: The sentence speaks of other changes too: "adding or changing an endpoint".
_CHANGES_TOO = Pattern(
    r"\b(?:chang|modif|edit|alter|touch|renam|refactor|mov|updat|remov|delet|extend)(?:e|es|ed|ing|y|ies|ying|ied)?\b"
    r"(?=[ ,/]+(?:(?:or|and|an?|the|any) )*(?:add|creat|introduc|new|existing|endpoints?|routes?|commands?))|"
    r"\b(?:add|creat|introduc)\w*(?:,? (?:or|and) |/|, )(?:chang|modif|edit|alter|touch|renam|refactor|mov|updat|"
    r"remov|delet)",
    re.IGNORECASE,
)
#: What is said of the one that is meant: "a protected route", "a slow command". No line tells it from others.
_QUALIFIER = Pattern(r"^(?:[a-z][\w-]+ ){1,2}", re.IGNORECASE)
_TOPIC = Pattern(r"^\W*(?:`[^`]+` )?", re.IGNORECASE)


def brought_in(said: str) -> tuple[str, bool] | None:
    """Return the kind of thing that must come new for a rule to hold, and whether no word narrows it further.

    None where the words speak of other changes as well. "" for the kind where no line of code tells that such a thing
    came.
    """
    found = _NEW.search(said)
    if not found or _CHANGES_TOO.search(said):
        return None
    rest = _TOPIC.sub("", said[found.end() :])
    for name, pattern in _THINGS:
        if pattern.search(rest):
            return name, True
    if narrowed := _QUALIFIER.match(rest):
        words = rest.split()
        for start in range(1, min(len(words), len(narrowed[0].split()) + 1)):
            tail = " ".join(words[start:])
            for name, pattern in _THINGS:
                if pattern.search(tail):
                    return name, False
    return "", False


#: "changing the public API", "public API changes".
_PUBLIC_ALTERED = Pattern(
    r"\b(?:chang|modif|alter|touch|break)\w* (?:to )?(?:(?:an?|the|any|our) )*(?:public|exported) (?:apis?|"
    r"interfaces?|"
    r"functions?|types?|surface|signatures?|symbols?)\b|\bpublic (?:apis?|interfaces?|surface|"
    r"signatures?) (?:\w+ )?chang",
    re.IGNORECASE,
)


def of_public_names(said: str) -> bool:
    """True where a rule speaks of changes of what others can use: defined lines that come, go or read otherwise."""
    return bool(_PUBLIC_ALTERED.search(said))
