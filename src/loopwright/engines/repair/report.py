"""What a search is told to people and to the model: short facts in the report, long lists in a blob."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.core.ports import Blobs
from loopwright.engines.repair.baseline import Baseline
from loopwright.engines.repair.behaviour import Behaviours, difference, keeps
from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.choose import ordered, rank, standing
from loopwright.engines.repair.forced import Help, Plan
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.localise import Suspicion
from loopwright.engines.repair.patch import diff
from loopwright.engines.repair.source import Source
from loopwright.engines.repair.trial import Trial

Tell = Callable[[Found], None]
Facts = dict[str, JsonValue]
_ADDRESS = expression(r" at 0x[0-9a-f]+")
_VERBS = ("raises ", "does not end")  # how an outcome begins that is no value
_LINES, _RIVALS, _SHOWN, _NAMED = 20, 10, 5, 3


def baseline(known: Baseline) -> Facts:
    """How the tests fared before any edit."""
    return {
        "tests": len(known.tests),
        "failing": _some([known.tests[t] for t in known.failing]),
        "flaky": _some([known.tests[t] for t in known.flaky]),
        "late": _some([known.tests[t] for t in known.late]),
        "baseline_seconds": round(known.seconds, 2),
    }


def _some(names: list[str]) -> list[JsonValue]:
    return [*names[:_LINES]]


def search(
    known: Baseline,
    spectra: Suspicion,
    found: Found,
    candidates: list[Candidate],
    sources: dict[str, Source],
    unreadable: list[str],
    cure: list[Trial],
    seen: Behaviours,
) -> Facts:
    """Everything a person may ask of a search."""
    rivals = [t for t in ordered(found.complete) if t not in cure]
    operators: Facts = dict(found.by_operator.most_common())
    ends: Facts = dict(found.ends.most_common())
    killers: Facts = {known.tests[t]: n for t, n in found.killers.most_common(_LINES) if t >= 0}
    return baseline(known) | {
        "suspicious": [
            {"file": file, "line": line, "suspicion": round(value, 3), "text": _text(sources, file, line)}
            for file, line, value in spectra.top(_LINES)
        ],
        "candidates": len(candidates),
        "tried": found.tried,
        "untried": found.left,
        "unfit": found.unfit,
        "seconds": round(found.seconds, 2),
        "per_second": round(found.tried / found.seconds, 1) if found.seconds else 0.0,
        "ends": ends,
        "deaths": [f"{count} x {why}" for why, count in found.deaths.most_common(5)],
        "by_operator": operators,
        "killers": killers,
        "chosen": [_trial(t, sources) | {"keeps": keeps(seen, t)} for t in cure],
        "rivals": [_trial(t, sources) | {"keeps": keeps(seen, t)} | apart(seen, cure, t) for t in rivals[:_RIVALS]],
        "inputs_compared": len(seen.inputs),
        "rivals_found": len(rivals),
        "near_misses": [_near(t, sources, known) for t in ordered(found.partial)[:_RIVALS]],
        "unreadable": [*unreadable],
        "problem": found.problem,
    }


def forced(known: Baseline, sources: dict[str, Source], helps: list[Help]) -> Facts:
    """Conditions that turn a failing test green when they are forced, and how."""
    return {
        "forced": [
            {
                "file": help.condition.file,
                "line": help.condition.line,
                "condition": sources[help.condition.file].text[help.condition.start : help.condition.end][:200],
                "forced": _way(help.plan),
                "green": known.tests[help.test],
            }
            for help in helps[:_LINES]
        ]
    }


def _way(plan: Plan) -> str:
    how, at = plan
    ways = {
        "true": "always true",
        "false": "never true",
        "not": "the other way round",
        "at": f"the other way round at evaluation {at + 1}",
        "from": f"the other way round from evaluation {at + 1} on",
        "until": f"the other way round at the first {at} evaluations",
    }
    return ways[how]


def helped(facts: Facts) -> str:
    """What forced conditions say of a search that found no cure; "" where they say nothing."""
    known = facts.get("forced")
    first = known[0] if isinstance(known, list) and known else None
    if facts.get("chosen") or not isinstance(first, dict):
        return ""
    place = f"{first['file']}:{first['line']}"
    return f"; `{first['condition']}` ({place}) forced to be {first['forced']} turns {first['green']} green"


def _text(sources: dict[str, Source], file: str, line: int) -> str:
    source = sources.get(file)
    return source.lines[line - 1].strip()[:120] if source and line <= len(source.lines) else ""


def _trial(trial: Trial, sources: dict[str, Source]) -> Facts:
    edit = trial.candidate.edit
    return {
        "file": edit.file,
        "line": edit.line,
        "operator": edit.operator,
        "rank": round(rank(trial), 2),
        "standing": round(standing(trial), 2),
        "cures": len(trial.green),
        "tests_run": trial.passed + len(trial.green),
        "diff": diff(sources[edit.file], sources[edit.file].edited(edit.splices))[:2000],
    }


def apart(seen: Behaviours, cure: list[Trial], rival: Trial) -> Facts:
    """An input on which a rival does something else than the cure; {"same": True} where none was found."""
    if len(cure) != 1 or not seen.inputs:
        return {}
    found = difference(seen, cure[0], rival)
    if found is None:
        return {"same": True}
    return {"input": found[0], "cure_gives": found[1], "rival_gives": found[2]}


def _near(trial: Trial, sources: dict[str, Source], known: Baseline) -> Facts:
    red = [known.tests[t] for t in sorted(trial.candidate.tests - trial.green)]
    return _trial(trial, sources) | {"still_failing": _some(red)}


def stored(facts: Facts, blobs: Blobs) -> Facts:
    """The report with its long lists moved to a blob."""
    whole = blobs.put(msgspec.json.encode(facts))
    short = {key: value for key, value in facts.items() if key not in ("by_operator", "killers")}
    for key, most in (("suspicious", 10), ("forced", _SHOWN), ("rivals", _SHOWN), ("near_misses", _SHOWN)):
        value = short.get(key)
        if isinstance(value, list):
            short[key] = value[:most]
    return short | {"details": whole}


def text(
    cure: list[Trial], sources: Mapping[str, Source], final: Mapping[str, str], found: Found, seen: Behaviours
) -> str:
    """One short paragraph, the diff from the sources to their final texts, and what the tests leave open."""
    places = ", ".join(f"{t.candidate.edit.file}:{t.candidate.edit.line}" for t in cure)
    others = len([t for t in found.complete if t not in cure])
    rivals = f"; {others} other edit{'s' * (others != 1)} also passed, see the report" if others else ""
    shown = "\n".join(diff(sources[path], new) for path, new in final.items() if new != sources[path].text)
    count = f"{found.tried} candidates in {found.seconds:.1f} s"
    made = f"Repaired {places} after {count}{rivals}. The whole test command passed with the edit.\n{shown}"
    return made + _open(cure, sources, found, seen)


def _open(cure: list[Trial], sources: Mapping[str, Source], found: Found, seen: Behaviours) -> str:
    """What no test decides: the likeliest rival that does something else, and the input that shows it."""
    for rival in ordered(found.complete):
        shown = apart(seen, cure, rival) if rival not in cure else {}
        edit = rival.candidate.edit
        if "input" in shown and edit.file in sources:
            line = diff(sources[edit.file], sources[edit.file].edited(edit.splices))
            told = f"No test decides between this and another edit, with which {_told_apart(shown)}"
            return f"\n{told}:\n{line[:600]}"
    return ""


def likeliest(facts: Facts) -> str:
    """The edit with which every failing test passes by itself, where the command as a whole does not."""
    rivals = facts.get("rivals")
    first = rivals[0] if isinstance(rivals, list) and rivals else None
    return f"\n{first['diff']}" if isinstance(first, dict) and not facts.get("chosen") else ""


def _told_apart(shown: Facts) -> str:
    """The input and what becomes of it, as a person tells two outcomes apart."""
    call, rival, cure = (_ADDRESS.sub("", str(shown[key])) for key in ("input", "rival_gives", "cure_gives"))
    if rival == cure:
        return f"{call} leaves something else behind ({cure} with both)"
    return f"{call} {_does(rival)} instead of {_else(cure)}"


def _does(outcome: str) -> str:
    return outcome if outcome.startswith(_VERBS) else f"is {outcome}"


def _else(outcome: str) -> str:
    return f"what this one does: it {outcome}" if outcome.startswith(_VERBS) else outcome


def stopped(found: Found, facts: Facts) -> str:
    """What a search that was cut short had found out."""
    lines = [f"Stopped after {found.tried} candidates; what was learned is in the report."]
    places = facts.get("suspicious")
    if isinstance(places, list) and places:
        named = [f"{p['file']}:{p['line']}" for p in places[:3] if isinstance(p, dict)]
        lines.append(f"Most suspicious: {', '.join(named)}.")
    plausible = facts.get("rivals")
    if isinstance(plausible, list) and plausible and isinstance(plausible[0], dict):
        count = f"{len(found.complete)} edit{'s' * (len(found.complete) != 1)} passed"
        lines.append(f"{count} the tests one by one, not yet the whole command; the likeliest:")
        lines.append(str(plausible[0].get("diff", "")))
    elif found.partial:
        lines.append(f"{len(found.partial)} edits turned some failing tests green, none all of them.")
    if told := helped(facts):
        lines.append(f"{told.removeprefix('; ')}.")
    return "\n".join(lines)


def why_nothing_fails(known: Baseline) -> str:
    """Why there is nothing to repair."""
    if known.flaky:
        names = _named(known, known.flaky)
        return f"only flaky tests fail ({names}): they pass or fail without any change, and are not repaired"
    if not known.tests:
        return "no tests were collected"
    return "no test fails when run one by one"


def _named(known: Baseline, tests: list[int]) -> str:
    more = f" and {len(tests) - _NAMED} more" if len(tests) > _NAMED else ""
    return ", ".join(known.tests[t] for t in tests[:_NAMED]) + more


def why_not(known: Baseline, found: Found, candidates: int, unreadable: list[str]) -> str:
    """Why the search has nothing to propose."""
    tried = f"tried {found.tried} of {candidates} edits in {found.seconds:.0f} s"
    if found.problem:
        return f"{tried}; then the test process failed: {found.problem}"
    if not candidates and unreadable:
        return f"a file cannot be read as Python: {unreadable[0]}"
    if not candidates and not any(known.outcomes[t].lines for t in known.failing if t in known.outcomes):
        return "no line was seen that the failing tests execute: they end, or are ended, before they say so"
    if not candidates:
        return "no line that the failing tests execute may be edited"
    if left := sorted(set(known.failing) - found.cured()) if found.complete else []:
        cured = f"{len(found.complete)} made some failing tests pass and broke none, but none was found for"
        return f"{tried}; {cured} {_named(known, left)}"
    if found.complete:
        edit = ordered(found.complete)[0].candidate.edit
        passed = f"{tried}; with the likeliest, at {edit.file}:{edit.line}, every failing test passes by itself"
        if known.flaky:
            names = _named(known, known.flaky)
            return f"{passed}, but {names}: passing or failing without any change, which no edit of the code cures"
        return f"{passed}, but the whole command does not ({found.unconfirmed or 'proposed before, and not enough'})"
    if found.partial:
        return f"{tried}; {len(found.partial)} turned some failing tests green, none all of them"
    return f"{tried}; none turned a failing test green"
