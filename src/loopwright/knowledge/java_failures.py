"""Failures as the Java machine, JUnit, Maven and Gradle print them. What javac says is read with the compilers."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind, Frame
from loopwright.knowledge.compiler_failures import kind_of_message

_NAMES: dict[FailureKind, str] = {
    "logic": "AssertionError AssertionFailedError ComparisonFailure ComparisonCriteria ArrayComparisonFailure "
    "MultipleFailuresError PotentialAssignmentAssertionError",
    "import": "NoClassDefFoundError ClassNotFoundException MissingResourceException",
    "name": "NoSuchMethodError NoSuchFieldError NoSuchMethodException NoSuchFieldException AbstractMethodError",
    "type": "ClassCastException ArrayStoreException IncompatibleClassChangeError",
    "timeout": "TestTimedOutException TimeoutException SocketTimeoutException",
    "resource": "StackOverflowError OutOfMemoryError",
    "environment": "FileNotFoundException NoSuchFileException ConnectException UnknownHostException BindException "
    "AccessDeniedException UnsupportedClassVersionError",
}
_KIND_OF = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_THREAD = expression(r'^Exception in thread "[^"]*" (?P<name>[\w.$]+)(?:: (?P<message>.*))?$', re.MULTILINE)
_JUNIT = expression(r"^1\) (?P<test>\S+)\((?P<where>[\w.$]+)\)$", re.MULTILINE)
_SUREFIRE = expression(
    r"^\[ERROR\] (?P<test>\S+?)(?:\((?P<where>[\w.$]+)\))?\s+(?:--\s+)?Time elapsed: .*<<< (?:FAILURE|ERROR)!",
    re.MULTILINE,
)
_CONSOLE = expression(r"^ {4}JUnit \w+:(?P<where>[\w.$]+):(?P<test>\S+)$\n^ {4,}MethodSource .*$\n^ +=> ", re.MULTILINE)
_RAISED = expression(r"^[ \t]*(?:=> )?(?P<name>(?:[a-z]\w*\.)+[A-Z][\w$]*)(?:: (?P<message>.*))?$", re.MULTILINE)
_FRAME = expression(
    r"^[ \t]+(?:at )?(?:[\w.@-]+/+)*(?P<function>[\w.$<>]+)\((?P<file>\w+\.(?:java|kt|scala|groovy)):(?P<line>\d+)\)$",
    re.MULTILINE,
)
_FOREIGN = (
    "java.", "javax.", "jdk.", "sun.", "com.sun.", "org.junit.", "junit.", "org.hamcrest.", "org.assertj.",
    "org.opentest4j.", "org.apache.maven.", "org.gradle.", "org.mockito.", "worker.org.gradle.", "kotlin.",
)  # fmt: skip
_VALUES = expression(r"expected: ?<(?P<expected>.*?)> but was: ?<(?P<actual>.*?)>")
_COUNT = expression(r"Tests run: \d+, +Failures: (\d+)(?:, +Errors: (\d+))?")
_NO_CLASS = expression(r"^Error: (?P<message>Could not find or load main class (?P<name>\S+))", re.MULTILINE)
_MAVEN_PLACED = expression(r"^\[ERROR\] (?P<file>/\S+\.\w+):\[(?P<line>\d+),\d+\] (?P<message>.+)$", re.MULTILINE)
_POM = expression(
    r"(?P<message>Non-parseable POM|Malformed POM|Unrecognised tag|'[\w.]+' .*is missing.*) ?(?P<file>/\S+?\.xml)?"
    r"(?:.*?(?:@ line |@|from line )(?P<line>\d+))?",
)
_MAVEN: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    (
        "environment",
        expression(r"there is no POM in this directory|JAVA_HOME|No compiler is provided|invalid target rel"),
    ),
    ("import", expression(r"Could not resolve dependencies|Could not find artifact|Non-resolvable|was not found in")),
    ("tool", expression(r"Unknown lifecycle phase|No goals have been specified|No plugin found for prefix")),
)
_MAVEN_SAID = expression(r"^\[(?:ERROR|FATAL)\] (?P<message>\S.*)$", re.MULTILINE)


def read_java(text: str) -> Diagnosis | None:
    """Return the first failure of a Java program, test run or build; None where the text is no such thing."""
    for pattern, tool in ((_SUREFIRE, "maven"), (_JUNIT, "junit"), (_CONSOLE, "junit")):
        if test := pattern.search(text):
            return _read_test(text, test, tool)
    if thread := _THREAD.search(text):
        return _raised(thread["name"], thread["message"] or "", text[thread.end() :], "java")
    if absent := _NO_CLASS.search(text):
        return Diagnosis("import", absent["message"], "", "java")
    return _read_maven(text) if "[ERROR]" in text else None


def _read_test(text: str, test: re.Match[str], tool: str) -> Diagnosis | None:
    block = text[test.end() :]
    lines = block.lstrip("\n").splitlines()
    first = lines[0].strip() if lines else ""
    raised = _RAISED.match(first)
    name, message = (raised["name"], raised["message"] or "") if raised else ("AssertionError", first)
    counts = _COUNT.findall(text)
    count = max((int(a) + int(b or 0) for a, b in counts), default=1)
    where = f"{test['where']}.{test['test']}" if test["where"] else test["test"]
    return _raised(name, message, block, tool, where, count, follow=not raised)


def _raised(
    name: str, message: str, block: str, tool: str, test: str = "", count: int = 1, *, follow: bool = False
) -> Diagnosis:
    """The diagnosis of one exception: its own frames end where its cause or the next failure begins."""
    end = re.search(r"^(?:Caused by: |\d+\) |\[ERROR\] |\s*$)", block[1:], re.MULTILINE)
    frames = [_frame(f) for f in _FRAME.finditer(block[: end.end() + 1] if end and end.start() > 1 else block)]
    own = [frame for frame in frames if not frame.function.startswith(_FOREIGN)]
    place = own[0] if own else Frame("", 0)
    short = name.rpartition(".")[2]
    kind = _KIND_OF.get(short, "runtime")
    if short == "Exception" and "timed out after" in message:
        kind = "timeout"
    values = _VALUES.search(message)
    said = message if follow or not message else f"{short}: {message}"
    return Diagnosis(
        kind, said or short, "", tool, place.file, place.line,
        values["expected"] if values else "", values["actual"] if values else "",
        tuple(reversed(own[:20])), test, count=count,
    )  # fmt: skip


def _frame(found: re.Match[str]) -> Frame:
    return Frame(found["file"], int(found["line"]), found["function"])


def _read_maven(text: str) -> Diagnosis | None:
    if placed := list(_MAVEN_PLACED.finditer(text)):
        first = placed[0]
        places = {(p["file"], p["line"], p["message"]) for p in placed}
        kind = kind_of_message(first["message"])
        return Diagnosis(kind, first["message"], "", "maven", first["file"], int(first["line"]), count=len(places))
    if pom := _POM.search(text):
        line = int(pom["line"]) if pom["line"] else 0
        return Diagnosis("syntax", pom[0].strip(), "", "maven", pom["file"] or "pom.xml", line)
    said = _MAVEN_SAID.search(text)
    if said is None:
        return None
    kind = next((kind for kind, words in _MAVEN if words.search(text)), "tool")
    return Diagnosis(kind, said["message"], "", "maven")
