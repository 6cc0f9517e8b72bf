"""Rules about what code may contain: calls, constructs, text, and what replaces them."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals, regex, text_rules
from loopwright.guard.directives.guards import glob_of
from loopwright.guard.directives.import_bans import forbidden_import, of_prose
from loopwright.guard.directives.literals import Word
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.places import place
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

#: What may stand between the negation and the thing itself.
_USE = Pattern(
    r"^\W*(?:(?:or|and|ever|anything|directly|manually|raw|plain|ad-?hoc|unnecessary|unnecessarily|excessive|direct|"
    r"explicit|the|a|an|any|new|both|either|to|be|of|separate|custom|bare|"
    r"use|uses|using|used|fix|fixed|fixing|silence|silenced|solve|solved|hide|expose|exposing|leak|call|calls|calling|invoke|invoking|write|writing|add|"
    r"adding|introduce|introducing|rely|on|relying|instantiate|create|creating|"
    r"reach|for|type|with|cast|casting|clients?|wrap|usage|statements?|default|functions?|methods?|that|panic|"
    r"like|such|as|from|import|(?:\w+ )?patterns?|"
    r"importing|hard-?coded?|new|return|returning|throw|raise|leave|commit|include|"
    r"reference|referencing|access|accessing|read|reading|set|setting|pass|passing|should|catch|catching|"
    r"raising|throwing|broad|generic|dynamically|statically|implicitly|globally|clauses?|operators?|"
    r"mock|patch|old|legacy|deprecated|native|standard|global|js|javascript|python|typescript|ts|go|rust|"
    r"api|\w+['’]s)\W*)*$",
    re.IGNORECASE,
)


_LIST = Pattern(r"^[\s,/|]*(?:or|and|nor|&|、|和|或|以及)?\s*(?:`?no |the |any |raw )?$", re.IGNORECASE)


_WORDLIKE = Pattern(r"^[\w$.@#!:<>()\[\]/*-]+$")


_KEYWORDS = frozenset(
    {"true", "false", "null", "none", "main", "master", "id", "README", "develop", "string", "number", "boolean"}
    | {"else", "case", "if", "switch", "for", "while", "return", "this", "self", "end", "do"}
    | {"types", "values", "functions", "methods", "classes", "interfaces", "enums", "constants"}
    | {"dependencies", "devDependencies", "peerDependencies", "scripts", "exports"}
)


#: What is named is a part of something else: "`notify`-less", "no `Get` prefix".
_NO_USE_OF_IT = Pattern(r"^(?:-|`? (?:prefix|suffix)(?:es)?\b)")
#: Under "Don't": "add a target with `x = y`", "block in a future (`Await.result`)".
_LED_TO = Pattern(
    r"^\W*(?:add|use|set|write|declare|block|wait|call|create)\b(?: (?:`[^`]*`|[\w-]+)){0,5} \(?$", re.IGNORECASE
)


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
    r"[()\[\]{}<>#@=:;/!&]|^(?:using|import|from|include|global|extern|friend|static|public|private|protected|"
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
_SHOUTED = Pattern(r"^[A-Z]{2,}(?: [A-Z]{2,}){1,4}$")


#: What is done with a repository, not with code: "push to `origin`, not to `upstream`".
_GIT_ACT = Pattern(
    r"^\W*(?:always |never |do not |only )?(?:push|pull|fetch|merge|rebase|branch|deploy)\b", re.IGNORECASE
)


def calls(statement: Statement) -> Rule | None:
    """Calls, names and text that must not be used, and what replaces them."""
    forbids, plain = language.forbids(statement), statement.plain
    if _GIT_ACT.match(plain) or (statement.headings and _OF_MESSAGES.search(statement.headings[-1])):
        return None
    if rule := _only_in(statement) or of_prose(statement) or _in_tests_only(statement):
        return rule
    if not (forbids or language.against(statement, len(plain)) or _COMPARED.search(plain)):
        return None
    if forbids and text_rules.SUPPRESSED.search(plain) and (rule := text_rules.suppression(statement)):
        return rule
    return of_words(statement, barred(statement) or _unticked(statement))


#: Names that only code has, without back-ticks: "never println! or eprintln!", "do not use Directory.SetCurrent".
_NAME = r"(?:(?:e?print(?:ln)?|dbg|todo|unimplemented)!|[A-Z]\w+\.[A-Z]\w+(?:\(\))?|[A-Za-z_][\w.]+\(\))(?![\w.`!])"
_UNTICKED = Pattern(
    rf"\b(?:[Nn]ever|[Nn]ot|[Dd]on't|[Aa]void) (?:(?:use|call|using|calling) )?({_NAME}(?:(?:, | or | and |/){_NAME})*)"
)


def _unticked(statement: Statement) -> tuple[Word, ...]:
    plain = statement.plain
    if "`" in plain or not ("!" in plain or "()" in plain or regex.search(r"\w\.\w", plain)):
        return ()
    if not (found := _UNTICKED.search(plain)):
        return ()
    return tuple(
        Word(name[0].removesuffix("()"), "name", found.start(1), found.end(1), against=True)
        for name in re.finditer(_NAME, found[1])
    )


#: "Use `fetch()` only in `src/api/`", "`process.env` may only be read in `src/config.ts`".
_ONLY_IN = Pattern(
    r"^\W*(?:[\w /-]{2,30}: )?(?:(?:use|call|read|access|import|"
    r"touch)\b[^.;`]{0,12}`([^`]+)`[^.;`]{0,12}\bonly (?:in|inside|within|from|under)|"
    r"only (?:use|call|read|access|import)\b[^.;`]{0,12}`([^`]+)`[^.;`]{0,12}\b(?:in|inside|within|from|under)|"
    r"`([^`]+)`[^.;`]{0,25}\b(?:(?:must|may|should|can) only (?:be (?:used|called|read|accessed|imported)|appear)|"
    r"(?:is|are) (?:only (?:used|called|read|accessed|imported|allowed|permitted)|(?:used|called|read|accessed|"
    r"imported|"
    r"allowed|permitted) only|confined|restricted|limited)|only (?:appears?|belongs?|lives?))"
    r"[^.;`]{0,8}\b(?:in|inside|within|from|under|to)|"
    r"`([^`]+)` (?:only|solely|exclusively) (?:in|inside|within|from|under)) (?:the )?`([^`]+)`",
    re.IGNORECASE,
)
#: "`process.env` belongs in `src/config.ts` only", "read `os.environ` in `settings.py` and nowhere else".
_NOWHERE_ELSE = Pattern(
    r"^\W*(?:(?:use|call|read|access|import|touch) )?`([^`]+)`(?: (?:is|are) (?:used|called|read|accessed|imported))?"
    r"(?: (?:belongs?|lives?|goes|go))? (?:in|inside|within|from|under) (?:the )?`([^`]+)`,? (?:only\b(?! (?:if|"
    r"when|for))|"
    r"(?:and|but) nowhere else)",
    re.IGNORECASE,
)


#: "Nothing outside `src/api` calls `fetch`".
_NOTHING_OUTSIDE = Pattern(
    r"^\W*(?:nothing|no (?:code|file|module)s?) outside(?: of)? `([^`]+)` (?:may |should |must |can )?"
    r"(?:calls?|uses?|imports?|reads?|access(?:es)?|touch(?:es)?) `([^`]+)`",
    re.IGNORECASE,
)
#: "`assert` is for tests only".
_IN_TESTS_ONLY = Pattern(
    r"^\W*`([^`]+)` (?:is|are) (?:only (?:for|allowed in|used in|permitted in) tests?\W*$|(?:for|allowed in|"
    r"used in|permitted in) tests? only\b)",
    re.IGNORECASE,
)


def _in_tests_only(statement: Statement) -> Rule | None:
    found = _IN_TESTS_ONLY.match(statement.plain)
    if not found or literals.sort(found[1]) not in ("call", "name"):
        return None
    if found[1] == "assert":
        what: dict[str, JsonValue] = {"what": "assert", "except": "tests"}
        return Rule("forbid_syntax", what, "enforced", "found on the syntax tree of the changed files")
    if not _TELLING.search(found[1]):
        return None
    names: dict[str, JsonValue] = {"names": [found[1]], "except": "tests"}
    return Rule("forbid_call", names, "enforced", "uses of the name are found in the changed code")


#: A module, whatever its name: "`axios` may only be imported in `src/api/`".
_IMPORTED = Pattern(r"` (?:may|must|should|can|is|are) only (?:be )?imported\b", re.IGNORECASE)


#: Functions of a language's own that are called by plain words.
_BUILT_IN = frozenset(("fetch", "print", "eval", "exec", "open", "printf", "malloc", "alert", "require"))


def _only_in(statement: Statement) -> Rule | None:
    """A name that one place alone may use."""
    if found := _ONLY_IN.match(statement.plain) or _NOWHERE_ELSE.match(statement.plain):
        name, path = (group for group in found.groups() if group)
    elif found := _NOTHING_OUTSIDE.match(statement.plain):
        path, name = found.groups()
    else:
        return None
    if literals.sort(path) != "path" or literals.sort(name) not in ("call", "name"):
        return None
    if name == "unsafe":
        unsafe: dict[str, JsonValue] = {"what": name, "outside": [glob_of(path)]}
        return Rule("forbid_syntax", unsafe, "enforced", "found in the changed files elsewhere")
    if not (_TELLING.search(name) or name in _BUILT_IN or _IMPORTED.search(statement.plain)):
        return None
    params: dict[str, JsonValue] = {"names": [name], "outside": [glob_of(path)]}
    return Rule("forbid_call", params, "enforced", "uses of the name are found in changed code elsewhere")


#: "testify's `suite` package".
_AS_MODULE = Pattern(r"^`? (?:package|module|library)\b", re.IGNORECASE)


def of_words(statement: Statement, words: tuple[Word, ...]) -> Rule | None:
    """Return the rule that bans these back-ticked words: as modules, as names, or as text."""
    if tags := [w.text for w in words if w.text.startswith("@") and _TAGS.match(statement.plain[w.end :])]:
        return Rule("forbid_text", {"texts": [*tags], **place(statement)}, "enforced", _SEARCHED)
    words = tuple(_of_arity(w) for w in words)
    if rule := forbidden_import(statement, words):
        return rule
    if words and all(w.sort == "name" for w in words) and _AS_MODULE.match(statement.plain[words[-1].end - 1 :]):
        params: dict[str, JsonValue] = {"modules": [w.text for w in words], "last": True, **place(statement)}
        return Rule("forbid_import", params, "enforced", "imports of the changed files are compared")
    words = tuple(_declared(w, statement.plain) for w in words)
    if names := [w for w in map(_of_type, _apart(words)) if w.sort in ("call", "name") and _nameable(w.text)]:
        return _named(statement, names)
    texts: list[JsonValue] = [
        _open_call(w.text)
        for w in words
        if w.sort == ("path" if w.text[0] in "/~" else "code")
        and (2 < len(w.text) < 80 or regex.fullmatch(r"[^\w\s]{2}", w.text))
        and (_CODE_MARK.search(w.text) or _SHOUTED.match(w.text))
        and not regex.search(r"…|\.\.\.", w.text)
    ]
    if not texts:
        return None
    return Rule("forbid_text", {"texts": texts, **place(statement)}, "enforced", _SEARCHED)


#: Members of one thing in a row: `logger.LogInformation/LogWarning`.
_ROW = Pattern(r"^((?:\w+\.)+)[A-Za-z]\w*(?:/[A-Za-z]\w*)+$")


def _apart(words: tuple[Word, ...]) -> list[Word]:
    out: list[Word] = []
    for word in words:
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


def _open_call(text: str) -> str:
    """An attribute or call written with nothing in its brackets stands for it with anything in them."""
    if empty_slice := _EMPTY_SLICE.match(text):
        return f"{empty_slice[1]} []...{{}}"
    head, empty, tail = text.partition("()")
    return head + "(" if empty and (text.startswith(("[", "#[", "@", "#")) or not tail) else text


def _nameable(text: str) -> bool:
    return bool(_WORDLIKE.match(text)) and text not in _KEYWORDS and not text.startswith(("-", "/")) and len(text) > 1


#: A name that means one thing wherever it stands, unlike `dict` or `include`.
_TELLING = Pattern(r"[.:(!@$_]|[a-z][A-Z]|^[A-Z]\w+[a-z]")


def excepted(statement: Statement, where: dict[str, JsonValue]) -> bool:
    """True where the sentence makes an exception that no place of the tree shows."""
    return bool(_EXCEPTED.search(statement.plain)) and not ({"except", "outside"} & where.keys())


def _named(statement: Statement, names: list[Word]) -> Rule | None:
    if _COMMAND_LINE.match(statement.plain) and all(w.text in literals.PROGRAMS for w in names):
        return None  # programs on a command line are no names of code
    where = place(statement)
    if _IN_BRACKETS.search(statement.plain[: names[0].start]) and _CASED.search(statement.plain):
        return None  # an example of names, where the rule is about their case
    old: list[JsonValue] = [w.text for w in names]
    if not where and _bounded(statement, names[-1].end) and not any(_TELLING.search(w.text) for w in names):
        why = "uses of the names are pointed out; the place the rule is limited to is not known here"
        return Rule("forbid_call", {"names": old}, "partly", why, level="warn")
    if _ELSEWHERE.match(statement.plain[names[-1].end :]):
        if not (home := _homes(statement, names[0])):
            why = "uses of the names are pointed out; where they belong is not known here"
            return Rule("forbid_call", {"names": old}, "partly", why, level="warn")
        where = {"outside": home}
    swap = _SWAP.search(statement.plain[: names[0].start])
    wanted = [
        w
        for w in literals.words(statement)
        if not w.against and w not in names and w.sort in ("call", "name", "code", "path")
    ]
    if why := _in_some_cases(statement, names, where, wanted if swap else None):
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
    if _CONDITION.match(statement.plain) or _IN_ORDER.match(statement.plain[names[-1].end :]):
        why = "uses of the names are pointed out; whether the case the rule speaks of is given is not judged"
        return Rule("forbid_call", {"names": old, **where}, "partly", why, level="warn")
    if _INITIALS.search(statement.plain):
        why = "words of new names are compared"
        return Rule("forbid_call", {"names": old, "part": True, **where}, "enforced", why)
    return Rule("forbid_call", {"names": old, **where}, "enforced", "uses of the names are found in the changed code")


#: "Values come from `app.config.ts`; never read `process.env` elsewhere".
_ELSEWHERE = Pattern(
    r"^`?,? (?:elsewhere|anywhere else|in (?:any )?other (?:files?|places|modules?|"
    r"code))\b",
    re.IGNORECASE,
)


def _homes(statement: Statement, name: Word) -> list[JsonValue]:
    """Globs of the paths that a block names before, as the place of what is used nowhere else."""
    before = statement.block.split(statement.plain)[0] + statement.plain[: name.start]
    told = literals.words(Statement(statement.line, before, before, "paragraph"))
    return [glob_of(w.text) for w in told if w.sort == "path"]


#: "`FlashList` rather than `FlatList` for long lists".
_FOR_SOME = Pattern(
    r"^`? for (?:long|large|big|small|short|complex|simple|heavy|most|some|deep|many|"
    r"very)\b",
    re.IGNORECASE,
)
_SWAP = Pattern(r"\b(?:instead of|rather than|over|in place of)\b|, not |(?:—|–| -) ?(?:never|not) $")


def _in_some_cases(
    statement: Statement, names: list[Word], where: dict[str, JsonValue], wanted: list[Word] | None
) -> str:
    """Return why names are forbidden in cases that no line shows, "" where they are forbidden as such.

    `wanted` are the names that stand for them, None where nothing does.
    """
    plain = statement.plain
    if _CHOSEN_FOR.search(plain[: names[0].start]) and not any(_TELLING.search(w.text) for w in names):
        return "what they are used for is not judged"
    if wanted is None and _AIM.match(plain[names[-1].end :]):
        return "whether they serve what the rule speaks of is not judged"
    if excepted(statement, where):
        return "what is excepted is not told apart"
    if wanted is not None and _FOR_SOME.match(plain[names[-1].end :]):
        return "what they are used for is not judged"
    longer = (f".{names[0].text}", f"::{names[0].text}")
    if wanted is not None and (any(w.text.endswith(longer) for w in wanted) or _GIVES.match(plain)):
        return "whether they are what the rule speaks of is not judged"
    return ""


#: "`BigDecimal` for premiums, never `double`".
_CHOSEN_FOR = Pattern(r"`[^`]+` for [\w /-]+, (?:never|not) $")
#: An exception that names no place, and waits for nobody's word.
_EXCEPTED = Pattern(
    r"\bexcept (?:for |when |where |if |as |to )|\bunless (?!(?:explicitly|specifically|asked|told|requested|"
    r"instructed|approved|"
    r"absolutely|strictly|necessary|needed|required|you (?:are|were)|you're|the (?:user|ticket|task|issue)|"
    r"there is)\b)",
    re.IGNORECASE,
)
_IN_BRACKETS = Pattern(r"\([^()]*\b(?:not|never)\b[^()]*$")
_CASED = Pattern(r"\b(?:snake_case|camelCase|PascalCase|kebab-case)\b")
#: What is given out in the place of another, which stays in use inside: "Expose `A`, not `B`".
_GIVES = Pattern(r"^\W*(?:always )?(?:expose|return|accept|export|pass|provide|inject|emit)s?\b", re.IGNORECASE)
#: A purpose that no place shows: "never use `float` for money".
_PURPOSE = Pattern(
    r"^\W*for (?:anything|everything|data|values|code|files?|objects|requests?) (?:that|which|from|in)\b|"
    r"^\W*for (?!(?:any|all|every\w*|tests?|testing|new|now|example|instance|this|these|that|production|types?|the|"
    r"styling|consistency|\w+ing)\b)[a-z]"
)


_COMMAND_LINE = Pattern(r"^\W*when (?:running|executing|using) (?:\w+ )?commands?\b", re.IGNORECASE)
#: An aim or a case that the code does not show: "do not rely on `t.Skip` to isolate them", "on user input".
_AIM = Pattern(
    r"^`? on (?:user|untrusted|external|unvalidated) (?:input|data)\b|"
    r"^`?(?: (?:just|only|solely|purely|merely)| \+ [\w ]{3,12})? to (?!be |the |a |an |`)[a-z-]{3,} "
)


def _bounded(statement: Statement, offset: int) -> bool:
    return language.bounded(statement, offset) or bool(_PURPOSE.match(statement.plain[offset : offset + 40]))


#: "Never call `x` before `y`": what comes first is not seen in one line.
_IN_ORDER = Pattern(r"^`?(?:\(\))?,? (?:before|after|until|during|while)\b", re.IGNORECASE)
#: The rule is for a case that code does not show: "If the table is empty, never call `x`".
_CONDITION = Pattern(r"^\W*if (?!you\b|possible\b|a test\b)[^,]{8,},", re.IGNORECASE)
_INITIALS = Pattern(r"\b(?:initialisms?|acronyms?|abbreviations?)\b", re.IGNORECASE)
