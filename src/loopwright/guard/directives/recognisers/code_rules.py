"""Rules about what code may contain: calls, constructs, text, and what replaces them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.literals import Word
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import code_cases, code_names, confined_names, text_rules
from loopwright.guard.directives.recognisers.import_bans import forbidden_import, of_prose
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

#: What may stand between the negation and the thing itself.
_USE = Pattern(
    r"^\W*(?:(?:or|and|ever|anything|directly|manually|raw|plain|ad-?hoc|unnecessary|unnecessarily|excessive|direct|"
    r"explicit|the|a|an|any|new|both|either|to|be|of|separate|custom|bare|"
    r"use|uses|using|used|fix|fixed|fixing|silence|silenced|solve|solved|hide|expose|exposing|leak|call|calls|"
    r"calling|invoke|invoking|write|writing|add|"
    r"adding|introduce|introducing|rely|on|relying|depend|depending|instantiate|create|creating|"
    r"(?:stores?|hooks?|components?|symbols?) from|reach|for|type|with|cast|casting|clients?|wrap|usage|statements?|"
    r"default|functions?|methods?|that|mark|marking|decorate|annotate|tests|them|"
    r"panic|"
    r"like|such|as|from|import|blocking|synchronous|(?:\w+ )?patterns?|"
    r"importing|hard-?coded?|new|return|returning|throw|raise|leave|commit|include|"
    r"inline|unescaped|unsafe|leftover|inject|injecting|extend|extending|subclass|subclassing|spawn|"
    r"(?:bypass|skip|silence|suppress|circumvent|work around|override|disable|ignore|handle|solve)(?:ing)? "
    r"(?:[\w-]+ ){1,3}(?:with|via|using|by|through)|"
    r"(?:constructing|building|making|writing|styling|wrapping) (?:\w+ )?(?:with|via|through|using)|"
    r"reference|referencing|access|accessing|read|reading|set|setting|pass|passing|should|catch|catching|"
    r"raising|throwing|broad|generic|dynamically|statically|implicitly|globally|clauses?|operators?|"
    r"mock|patch|old|legacy|deprecated|native|standard|global|js|javascript|python|typescript|ts|go|rust|"
    r"api|\w+['’]s)\W*)*$",
    re.IGNORECASE,
)


_LIST = Pattern(r"^[\s,/|]*(?:or|and|nor|&|、|和|或|以及)?\s*(?:`?no |the |any |raw )?$", re.IGNORECASE)


_WORDLIKE = Pattern(r"^[\w$.@#!:<>()\[\]/*-]+$")


_KEYWORDS = frozenset(
    {
        "true",
        "false",
        "import",
        "export",
        "null",
        "none",
        "main",
        "master",
        "id",
        "README",
        "develop",
        "string",
        "number",
        "boolean",
    }
    | {"else", "case", "if", "switch", "for", "while", "return", "this", "self", "end", "do"}
    | {"types", "values", "functions", "methods", "classes", "interfaces", "enums", "constants"}
    | {"dependencies", "devDependencies", "peerDependencies", "scripts", "exports"}
)


#: What is named is a part of something else: "`notify`-less", "no `Get` prefix".
_NO_USE_OF_IT = Pattern(
    r"^(?:-|`? (?:→|->|=>)|`? (?:(?:prefix|suffix)(?:es)?|directive|version|lockfile|section|setting|rules?|only|"
    r"instead|"
    r"projects?|assembl(?:y|ies)|namespaces?|layer|folder|director(?:y|ies))\b)",
)
#: Under "Don't": "add a target with `x = y`", "block in a future (`Await.result`)".
_LED_TO = Pattern(
    r"^\W*(?:add|use|set|write|declare|block|wait|call|create)\b(?: (?:`[^`]*`|[\w-]+)){0,5} \(?$", re.IGNORECASE
)


#: "Prefer stable locators over CSS selectors via `.locator`".
_BY_MEANS_OF = Pattern(r"^\s*(?:[\w/-]+ ){1,5}?(?:via|using|with|through) (?:the |raw |bare )?$", re.IGNORECASE)


def barred(statement: Statement) -> tuple[Word, ...]:
    """Return the back-ticked words the sentence speaks against as things to use, lists of them followed to the end."""
    found = literals.words(statement)
    chosen: list[Word] = []
    led = language.negative_lead(statement)
    for index, word in enumerate(found):
        before = found[index - 1] if index else None
        if before in chosen and _LIST.match(statement.plain[before.end : word.start] if before else "x"):
            chosen.append(word)
            continue
        if code_cases.TELLING.search(word.text) and word.sort != "path" and language.does_it(statement, word.start):
            chosen.append(word)
            continue
        if not word.against or _NO_USE_OF_IT.match(statement.plain[word.end :]):
            continue
        head = statement.plain[: word.start]
        cut, marker = 0, ""
        for negation in language.NEGATION.finditer(head):
            cut, marker = negation.end(), negation[0].lower()
        if marker in ("instead of", "rather than", "not", "over") and regex.search(
            r"\b(?:e\.g|for example|such as|for instance)\b", head
        ):
            continue
        if marker in ("over", "instead of", "rather than") and _BY_MEANS_OF.match(head[cut:]):
            chosen.append(word)
            continue
        if marker == "not" and regex.match(r"\s*(?:on|in|at|from|yet|part of)\b", head[cut:]):
            continue
        if (
            (led and not cut and _LED_TO.match(head) and (word.sort in ("code", "call") or head.endswith("(")))
            or (_USE.match(head[cut:]) and (cut or led))
            or (
                not (cut and not regex.search(r"[:;]\s*$", head))
                and not index
                and language.refused_after(statement, word.end)
            )
        ):
            chosen.append(word)
    return tuple(chosen)


_COMPARED = Pattern(r"\b(?:instead of|rather than|over|not)\b")


_CODE_MARK = Pattern(
    r"[()\[\]{}<>#@=:;/!&]|^\|\w|^(?:using|import|from|include|global|extern|friend|static|public|private|protected|"
    r"async|await|"
    r"new|var|let|const|throw|raise|return|typedef|virtual|mutable|volatile|dynamic|lateinit|inout) \w"
)


#: Headings under which messages and git are spoken of, no code.
_OF_MESSAGES = Pattern(
    r"^(?!.*\b(?:code|style|coding)\b).*\b(?:commits?|prs?|pull[- ]requests?|git|branch(?:es|ing)?|changelogs?|"
    r"release notes)\b",
    re.IGNORECASE,
)


#: Key words of a query language, written in capitals.
_SHOUTED = Pattern(r"^[A-Z]{2,}(?: [A-Z]{2,}){1,4}$|^(?:select|SELECT) \*$")


#: What is done with a repository, not with code: "push to `origin`, not to `upstream`".
_GIT_ACT = Pattern(
    r"^\W*(?:always |never |do not |only )?(?:push|pull|fetch|merge|rebase|branch|deploy)\b", re.IGNORECASE
)


#: What a form of name means, with what it lacks in brackets: "`_method()` (no `private`) — used in the same file".
_TOLD_APART = Pattern(r"^\W*`[^`]+` \((?:no|not|without) (?:an? )?`[^`]+`\) ?[—–:-]")


def calls(statement: Statement) -> Rule | None:
    """Calls, names and text that must not be used, and what replaces them."""
    forbids, plain = language.forbids(statement), statement.plain
    if (
        _GIT_ACT.match(plain)
        or _TOLD_APART.match(plain)
        or (statement.headings and _OF_MESSAGES.search(statement.headings[-1]))
    ):
        return None
    if rule := confined_names.only_in(statement) or of_prose(statement) or confined_names.in_tests_only(statement):
        return rule
    if rule := confined_names.in_folder_only(statement):
        return rule
    if forbids and not statement.first and code_names.REFERS.match(plain):
        return of_words(statement, code_names.named_before(statement))
    if not (forbids or language.against(statement, len(plain)) or _COMPARED.search(plain)):
        return None
    if forbids and text_rules.SUPPRESSED.search(plain) and (rule := text_rules.suppression(statement)):
        return rule
    return of_words(statement, barred(statement) or code_names.unticked(statement))


#: "testify's `suite` package".
_AS_MODULE = Pattern(r"^`? (?:package|module|library)\b", re.IGNORECASE)


def of_words(statement: Statement, words: tuple[Word, ...]) -> Rule | None:
    """Return the rule that bans these back-ticked words: as modules, as names, or as text."""
    if tags := [w.text for w in words if w.text.startswith("@") and _TAGS.match(statement.plain[w.end :])]:
        return Rule("forbid_text", {"texts": [*tags], **place(statement)}, "enforced", _SEARCHED)
    if words and code_cases.UNSEEN.match(statement.plain[words[-1].end :]):
        return None
    words = tuple(_of_arity(w) for w in words)
    if rule := forbidden_import(statement, words):
        return rule
    if words and all(w.sort == "name" for w in words) and _AS_MODULE.match(statement.plain[words[-1].end - 1 :]):
        params: dict[str, JsonValue] = {"modules": [w.text for w in words], "last": True, **place(statement)}
        return Rule("forbid_import", params, "enforced", "imports of the changed files are compared")
    words = tuple(_declared(w, statement.plain) for w in words)
    if any("." in w.text for w in words) and _OF_VALUES.match(statement.plain[words[-1].end :]):
        values: dict[str, JsonValue] = {"texts": [w.text for w in words if len(w.text) > 2], **place(statement)}
        return Rule("forbid_text", values, "enforced", _SEARCHED)
    alone = _ONE_KEYWORD.match(statement.plain)
    if names := [
        w for w in map(_of_type, _apart(words)) if w.sort in ("call", "name") and (_nameable(w.text) or alone)
    ]:
        named = {w.start for w in names}
        return _with_texts(_named(statement, names), _texts([w for w in words if w.start not in named]))
    texts = _texts(words)
    if not texts or (_IN_A_CASE.match(statement.plain) and not language.forbids(statement)):
        return None
    after = statement.plain[words[-1].end :]
    if not place(statement) and (_ON_SOME.match(after) or code_cases.for_some(after)):
        why = f"{_SEARCHED}; the place the rule is limited to is not known here"
        return Rule("forbid_text", {"texts": texts}, "partly", why, level="warn")
    if code_cases.INSTANCE.search(statement.plain[: words[0].start]):
        why = f"{_SEARCHED}; what it is an instance of is not known here"
        return Rule("forbid_text", {"texts": texts, **place(statement)}, "partly", why, level="warn")
    return Rule("forbid_text", {"texts": texts, **place(statement)}, "enforced", _SEARCHED)


def _texts(words: Sequence[Word]) -> list[JsonValue]:
    """Pieces of code among the words, which are no names."""
    return [
        _open_call(w.text)
        for w in words
        if (w.sort == ("path" if w.text[0] in "/~" else "code") or (w.sort == "call" and not _nameable(w.text)))
        and (2 < len(w.text) < 80 or regex.fullmatch(r"[^\w\s]{2}", w.text))
        and (_CODE_MARK.search(w.text) or _SHOUTED.match(w.text))
        and not regex.search(r"…|\.\.\.", w.text)
    ]


def _with_texts(rule: Rule | None, texts: list[JsonValue]) -> Rule | None:
    """The rule of names, and of pieces of code that are listed beside them."""
    if rule is None or rule.kind != "forbid_call" or not texts:
        return rule
    more = [text for text in texts if regex.search(r"\w", str(text))]
    return msgspec.structs.replace(rule, params={**rule.params, "texts": more}) if more else rule


#: No names of code: "`latest.release` versions".
_OF_VALUES = Pattern(r"^`?(?: or `[^`]*`)? (?:versions?|values?|strings?|literals?)\b")
#: Said of some things alone: "`null=True` on text fields".
_ON_SOME = Pattern(r"^`? on (?:an? |the )?(?!(?:any|all|every|each)\b)(?:`|[a-z])", re.IGNORECASE)
#: A choice between two in a case that no line shows: "When the key must exist, prefer `a[k]` over `a.get(k)`".
_IN_A_CASE = Pattern(r"^\W*(?:if|when|where) [^,]{8,},", re.IGNORECASE)
#: Nothing but that: "No `null`."
_ONE_KEYWORD = Pattern(
    r"^\W*(?:no|never use|don't use|do not use) `(?:null|undefined|return|goto|yield|static)`\W*$",
    re.IGNORECASE,
)
#: Members of one thing in a row: `logger.LogInformation/LogWarning`.
_ROW = Pattern(r"^((?:\w+\.)+)[A-Za-z]\w*(?:/[A-Za-z]\w*)+$")


#: One or several: `update_column(s)`.
_PLURAL = Pattern(r"^([A-Za-z_][\w.]*)\(s\)$")


def _apart(words: tuple[Word, ...]) -> list[Word]:
    out: list[Word] = []
    for word in words:
        if word.sort == "call" and (handed := _WITH_NAMES.match(word.text)) and not _PLURAL.match(word.text):
            out.append(msgspec.structs.replace(word, text=f"{handed[1]}()"))
            continue
        if many := _PLURAL.match(word.text):
            out += [msgspec.structs.replace(word, text=many[1] + end, sort="name") for end in ("", "s")]
            continue
        if word.sort == "path" and (row := _ROW.match(word.text)):
            members = word.text[len(row[1]) :].split("/")
            out += [msgspec.structs.replace(word, text=row[1] + m, sort="name") for m in members]
        else:
            out.append(word)
    return out


_SEARCHED = "searched for in the added lines"
#: Words of comments: "no `@author` tags".
_TAGS = Pattern(r"^`? tags?\b")


def _of_type(word: Word) -> Word:
    """A generic type by its name alone: `Model<T>` is `Model`. All members of one thing are a name: `console.*`."""
    if _MEMBERS.match(word.text) or (word.sort == "code" and regex.fullmatch(r"\.[A-Za-z]\w+", word.text)):
        return msgspec.structs.replace(word, sort="name")
    if _ANY_OF.match(word.text):
        return msgspec.structs.replace(word, sort="name")
    bare = _GENERIC.match(word.text)
    return msgspec.structs.replace(word, text=bare[1], sort="name") if bare and word.sort == "code" else word


def _of_arity(word: Word) -> Word:
    """A function by its name alone: `String.to_atom/1`."""
    if word.sort != "path" or not _ARITY.match(word.text):
        return word
    return msgspec.structs.replace(word, text=word.text.rpartition("/")[0], sort="name")


_ARITY = Pattern(r"^[A-Za-z_][\w.]*[!?]?/\d$")
_MEMBERS = Pattern(r"^[A-Za-z_]\w*\.\w*\*$")


def _declared(word: Word, plain: str) -> Word:
    """A function that is not to be written, rather than called, by its bare name: "no `init()` functions"."""
    written = word.text.endswith("()") and plain.startswith((" function", "` function"), word.end - 1)
    return msgspec.structs.replace(word, text=word.text[:-2], sort="name") if written and "." not in word.text else word


#: All that begin so: `curl_*`.
_ANY_OF = Pattern(r"^[a-z]\w*_\*$")
_GENERIC = Pattern(r"^([A-Z]\w+)<[A-Z](?:, ?[A-Z])*>$")


#: An empty slice of one type, given to one variable, as an example of all: `t := []string{}`.
_EMPTY_SLICE = Pattern(r"^\w+ (:=|=) \[\]\w+\{\}$")


#: A call of a call on anything: `str(path.relative_to(base))`.
_NESTED = Pattern(r"^(\w[\w.]*)\([a-z_]\w*((?:\.\w+)+)\([^()]*\)\)$")
#: A call with names of what is handed over, which are others elsewhere: `yaml.dump(data, file_handle)`.
_WITH_NAMES = Pattern(
    r"^([A-Za-z_][\w.:]*)\((?!(?:null|true|false|none|undefined|self|this)\))[a-z_]\w*(?:, ?(?!null|true|"
    r"false)[a-z_]\w*)*\)$"
)


def _open_call(text: str) -> str:
    """An attribute or call written with nothing in its brackets stands for it with anything in them."""
    if empty_slice := _EMPTY_SLICE.match(text):
        return f"{empty_slice[1]} []...{{}}"
    if nested := _NESTED.match(text):
        return f"{nested[1]}(...{nested[2]}("
    head, empty, tail = text.partition("()")
    return head + "(" if empty and (text.startswith(("[", "#[", "@", "#")) or not tail) else text


def _nameable(text: str) -> bool:
    return bool(_WORDLIKE.match(text)) and text not in _KEYWORDS and not text.startswith(("-", "/")) and len(text) > 1


def _named(statement: Statement, names: list[Word]) -> Rule | None:
    if code_cases.COMMAND_LINE.match(statement.plain) and all(w.text in literals.PROGRAMS for w in names):
        return None  # programs on a command line are no names of code
    where = place(statement)
    if code_cases.IN_BRACKETS.search(statement.plain[: names[0].start]) and code_cases.CASED.search(statement.plain):
        return None  # an example of names, where the rule is about their case
    old: list[JsonValue] = [w.text for w in names]
    if (
        not where
        and code_cases.bounded(statement, names[-1].end)
        and not any(code_cases.TELLING.search(w.text) for w in names)
    ):
        why = "uses of the names are pointed out; the place the rule is limited to is not known here"
        return Rule("forbid_call", {"names": old}, "partly", why, level="warn")
    if code_cases.ELSEWHERE.match(statement.plain[names[-1].end :]):
        if not (home := code_cases.homes(statement, names[0])):
            why = "uses of the names are pointed out; where they belong is not known here"
            return Rule("forbid_call", {"names": old}, "partly", why, level="warn")
        where = {"outside": home}
    swap = code_cases.SWAP.search(statement.plain[: names[0].start])
    wanted = [
        w
        for w in literals.words(statement)
        if not w.against and w not in names and w.sort in ("call", "name", "code", "path")
    ]
    if why := code_cases.unseen_case(statement, names, where, wanted if swap else None):
        return Rule(
            "forbid_call", {"names": old, **where}, "partly", f"uses of the names are pointed out; {why}", level="warn"
        )
    if swap and wanted and wanted[0].start < names[0].start and len(names) == 1 and wanted[0].sort != "path":
        return Rule(
            "replace_api",
            {"old": old, "new": wanted[0].text, **where},
            "enforced",
            "uses of the old name are found in the changed code",
        )
    if code_cases.CONDITION.match(statement.plain) or code_cases.IN_ORDER.match(statement.plain[names[-1].end :]):
        why = "uses of the names are pointed out; whether the case the rule speaks of is given is not judged"
        return Rule("forbid_call", {"names": old, **where}, "partly", why, level="warn")
    if code_cases.INITIALS.search(statement.plain):
        why = "words of new names are compared"
        return Rule("forbid_call", {"names": old, "part": True, **where}, "enforced", why)
    return Rule("forbid_call", {"names": old, **where}, "enforced", "uses of the names are found in the changed code")
