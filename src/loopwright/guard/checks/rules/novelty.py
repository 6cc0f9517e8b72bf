"""What a change brings in that was not there: endpoints, commands, environment variables, public names."""

from __future__ import annotations

import posixpath
import re
from collections import Counter

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.delta import File, is_test

#: A definition that others can use, by language. The first group that matched is its name.
_PUBLIC = {
    "python": expression(r"^(?: {4})?(?:async )?def ([a-z]\w*)|^class ([A-Z]\w*)"),
    **dict.fromkeys(
        ("javascript", "typescript", "vue", "svelte"),
        expression(
            r"^export (?:default )?(?:declare )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|"
            r"type|enum) (\w+)"
        ),
    ),
    "go": expression(r"^(?:func (?:\([^)]*\) )?|type |var |const )([A-Z]\w*)"),
    "rust": expression(
        r"^\s*pub (?:const )?(?:async )?(?:unsafe )?(?:fn|struct|enum|trait|type|const|static|mod) (\w+)"
    ),
    **dict.fromkeys(
        ("java", "csharp", "php"),
        expression(
            r"^\s*public\s+(?:[\w<>\[\], ?.]+\s)?(\w+)\s*[({]|^\s*public [\w ]*(?:class|interface|enum|record|"
            r"struct) (\w+)"
        ),
    ),
    "kotlin": expression(
        r"^(?: {4})?(?:public |open |suspend |data |sealed )*(?:fun|class|interface|object) (?:<[^<>]*> )?(\w+)"
    ),
    "swift": expression(r"^\s*(?:public|open) (?:\w+ )*?(?:func|class|struct|enum|protocol|actor) (\w+)"),
    **dict.fromkeys(
        ("c", "cpp"),
        expression(r"^(?!static\b|return\b|else\b|#)[\w:<>*& ]+?[ *&](\w+)\([^;{}]*\)\s*(?:const)?\s*[;{]?$"),
    ),
    "ruby": expression(r"^\s*(?:def (?:self\.)?|class |module )([A-Za-z]\w*)"),
    "dart": expression(r"^(?:  )?(?:abstract )?(?:class|enum|mixin|extension) ([A-Z]\w*)"),
    "elixir": expression(r"^\s*def (\w+)"),
}
_CLASS = expression(
    r"^\s*(?:export |default |public |final |abstract |data |sealed |open |internal |pub |partial |static )*(?:class|"
    r"struct) (\w+)"
)
_FUNCTION = expression(
    r"^\s*(?:export |default |public |static |async |pub |suspend |private )*(?:def|func(?: \([^)]*\))?|fn|function|"
    r"fun) (\w+)"
)
#: A line that registers an address that is served. Two routes are the same where the lines are.
_ENDPOINT = expression(
    r"@\w+(?:\.\w+)?\.(?:get|post|put|patch|delete|head|options|route|api_route|websocket)\(|\badd_(?:url_rule|"
    r"api_route|route)\(|"
    r"\b(?:re_)?path\(\s*r?[\"']|\b(?:Route|WebSocketRoute)\(\s*[\"']|\brouter\.register\(|@api_view|@action\(|"
    r"\b(?:app|api|server|fastify|hono|routes?|\w*[rR]outer|\w+Routes|group|mux|[re])\.(?:get|post|put|patch|delete|"
    r"all|route|"
    r"GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete|Handle(?:Func)?|MethodFunc|Method|Any)\(\s*[\"'`]|"
    r"@(?:Get|Post|Put|Patch|Delete|All|Head)(?:Mapping)?\(|@RequestMapping\(|@(?:GET|POST|PUT|PATCH|DELETE|Path)\b|"
    r"\bexport (?:async )?(?:function|const) (?:GET|POST|PUT|PATCH|DELETE)\b|\bdefineEventHandler\(|"
    r"\.route\(\s*\"|#\[(?:get|post|put|patch|delete|route)\(|\[Http(?:Get|Post|Put|Patch|Delete)|\.Map(?:Get|Post|"
    r"Put|Patch|Delete)\(|"
    r"\bRoute::\w+\(|^\s*(?:get|post|put|patch|delete|live|resources?)[ (]+[\"':]|^\s*rpc \w+|"
    r"\b\w*[pP]rocedure\.(?:input|query|mutation)\("
)
_COMMAND = expression(
    r"@\w+(?:\.\w+)?\.(?:command|group)\b|\badd_parser\(|\.command\(\s*[\"']|&?cobra\.Command\{|\bsubcommand\(|"
    r"\bCommand::new\(|"
    r"#\[(?:command|clap)\b|@Command\b|\bextends (?:Base)?Command\b|\(BaseCommand\):|\bregisterCommand\("
)
_ENVIRONMENT = expression(
    r"\bos\.environ(?:\.get\(|\[|\.setdefault\(|\.pop\()\s*[\"'](\w+)|\b(?:os\.)?getenv\(\s*[\"'](\w+)|\b(?:process|"
    r"import\.meta|Bun|Deno)\.env\."
    r"(?:get\([\"'])?([A-Z]\w+)|\bprocess\.env\[[\"'](\w+)|\bos\.(?:Getenv|LookupEnv)\(\"(\w+)|"
    r"\benv::var(?:_os)?\(\"(\w+)|"
    r"\bSystem\.getenv\(\"(\w+)|\bENV(?:\.fetch\(|\[)\s*[\"'](\w+)|\bEnvironment\.GetEnvironmentVariable\(\"(\w+)|"
    r"\benv\(\s*[\"'](\w+)|"
    r"\bSystem\.(?:get|fetch)_env!?\(\"(\w+)"
)
_COMPONENT = expression(
    r"^export (?:default )?(?:function|const|class) ([A-Z]\w*)|^(?:@Composable )?fun ([A-Z]\w*)\(|"
    r"^struct (\w+): View\b"
)
_TABLE = expression(
    r"(?i)^class (\w+)\(.*(?:Model|Base|Document)\b|^model (\w+) \{|\bcreate table (?:if not exists )?[\"'`]?(\w+)|"
    r"\b(?:pg|mysql|sqlite)Table\(\s*[\"'](\w+)|@Entity\b"
)

#: Lines that bring in a thing of each kind; a dictionary where the language tells.
_LINES: dict[str, re.Pattern[str]] = {
    "endpoint": _ENDPOINT,
    "command": _COMMAND,
    "environment": _ENVIRONMENT,
    "component": _COMPONENT,
    "model": _TABLE,
    "class": _CLASS,
    "function": _FUNCTION,
}
#: Files that bring in a thing of each kind by coming into being.
_FILES: dict[str, re.Pattern[str]] = {
    "migration": expression(
        r"(?:^|/)(?:\w*[mM]igrat\w*|versions|changelog|drizzle)/(?!__init__)[^/]+(?:/[^/]+)?\.(?:py|sql|ts|js|rb|php|"
        r"cs|java|kt|xml|ya?ml|exs?|go)$"
    ),
    "component": expression(r"(?:^|/)[A-Z]\w*\.(?:tsx|jsx|vue|svelte)$|(?:^|/)components/.*\.(?:tsx|jsx|vue|svelte)$"),
    "model": expression(
        r"(?:^|/)models?/(?:[^/]+/)*(?!(?:__init__|index|mod|base)\.)[^/]+\.(?:py|sql|ts|js|rb|php|java|kt|go|cs)$"
    ),
    "page": expression(
        r"(?:^|/)(?:pages|screens|views|app|routes)/.*\.(?:tsx|jsx|vue|svelte|astro|mdx?|kt|swift|dart)$"
    ),
    "command": expression(r"(?:^|/)(?:commands?|cmds?)/(?!(?:__init__|index|mod)\.)[^/]+\.\w+$"),
    "endpoint": expression(
        r"(?:^|/)(?:api|routes?|routers?|handlers?|controllers?|endpoints?|resources)/(?:[^/]+/)*"
        r"(?!(?:__init__|index|mod|utils?|helpers?|deps|dependencies|errors?|types?|schemas?|constants?|"
        r"middlewares?)\.)[^/]+\.(?:py|tsx?|jsx?|mjs|go|rs|java|kt|rb|php|cs|exs?)$"
    ),
}
_COMMENT = expression(r"^\s*(?://|#(?!\[)|\*|/\*|--)")


def brings(what: str, file: File, told: str = "") -> int:
    """Return the line at which a file brings in a thing of this kind, 0 where it brings in none.

    What the text `told` names already is not new.
    """
    if is_test(file.path) or file.kind == "delete":
        return 0
    if what == "file":
        return int(file.new and posixpath.splitext(file.path)[1] not in (".md", ".txt", ""))
    of_name = _FILES.get(what)
    if file.new and of_name and of_name.search(file.path):
        return 1
    pattern = _pattern(what, file)
    if pattern is None or not (file.language or file.path.endswith((".proto", ".prisma"))):
        return 0
    return _first_new(pattern, file, told)


def _first_new(pattern: re.Pattern[str], file: File, told: str) -> int:
    """Return the first line that defines what the file did not: by its name, or by one more of such lines."""
    old = Counter(_told_by(line, found) for line in file.before.splitlines() if (found := pattern.search(line)))
    lines = file.after.splitlines()
    found_now = [(n, m) for n, line in enumerate(lines, 1) if (m := pattern.search(line)) and not _COMMENT.match(line)]
    more = len(found_now) - old.total()
    for number, found in found_now:
        name = next((group for group in found.groups() if group), "")
        told_by = _told_by(lines[number - 1], found)
        if not name and old[told_by]:
            old[told_by] -= 1
        elif number in file.added and (_unknown(name, f"{file.before}\n{told}") if name else more > 0):
            return number
    return 0


def _told_by(line: str, found: re.Match[str]) -> str:
    """What tells one such line from another: how it begins, and the first text in quotes after that."""
    quoted = _QUOTED.match(line, max(found.end() - 1, 0))
    return found[0] + (quoted[1] if quoted else "")


_QUOTED = expression(r"[^\"'`]*[\"'`]([^\"'`]*)")


def _unknown(name: str, text: str) -> bool:
    return not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)


def changes(what: str, file: File) -> int:
    """As `brings`, also where a thing of this kind is altered or taken out."""
    pattern = None if is_test(file.path) else _pattern(what, file)
    if pattern is None:
        return 0
    old = {_signature(line) for line in file.before.splitlines() if pattern.search(line)}
    now = {_signature(line): number for number, line in enumerate(file.after.splitlines(), 1) if pattern.search(line)}
    fresh = [number for line, number in now.items() if line not in old]
    return min(fresh) if fresh else int(bool(old - now.keys()))


def _signature(line: str) -> str:
    return line.partition(" {")[0].strip()


def _pattern(what: str, file: File) -> re.Pattern[str] | None:
    return _PUBLIC.get(file.language) if what == "public" else _LINES.get(what)
