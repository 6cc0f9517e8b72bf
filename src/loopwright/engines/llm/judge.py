"""A model's opinion on rules that no check can hold, by the same engine that proposes, with a prompt of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from loopwright.core.errors import BadProposal
from loopwright.core.opinion import Opinion, Opinions
from loopwright.core.plan import Requirement, Task
from loopwright.core.ports import EngineContext
from loopwright.core.rules import Directive
from loopwright.core.state import Said, View
from loopwright.engines.llm.catalog import resolve
from loopwright.engines.llm.engine import LlmEngine
from loopwright.engines.llm.retry import Retries

PROMPT = Path(__file__).parent.parent / "prompts" / "judge.md"
_GOAL = "Say of each rule whether the change keeps it."


class _Answer(msgspec.Struct, frozen=True):
    opinions: tuple[Opinion, ...] = ()


class LlmJudge:
    """Asks one model. Raises ConfigError at once where its key is missing, as LlmEngine does."""

    def __init__(self, model: str, env: Mapping[str, str], *, retries: Retries = Retries(tries=2)) -> None:
        resolve(model, env)
        self._model, self._env, self._retries = model, env, retries

    async def weigh(self, rules: Sequence[Directive], diff: str, ctx: EngineContext) -> Opinions:
        """Return the model's opinions. Raises EngineError, BadProposal for an answer that cannot be read."""
        schema = msgspec.json.encode(_schema(len(rules))).decode()
        prompt = PROMPT.read_text("utf-8").strip()
        engine = LlmEngine(self._model, self._env, prompt=prompt, schema=schema, retries=self._retries)
        try:
            proposal = await engine.propose(_view(rules, diff), ctx)
        finally:
            await engine.aclose()
        try:
            answer = msgspec.json.decode(proposal.text, type=_Answer)
        except msgspec.MsgspecError as error:
            raise BadProposal(f"the model's opinion cannot be read: {error}") from None
        numbered = tuple(msgspec.structs.replace(o, rule=o.rule - 1) for o in answer.opinions)
        return Opinions(proposal.model or engine.endpoint.ref, numbered, proposal.tokens)


def _view(rules: Sequence[Directive], diff: str) -> View:
    listed = "\n".join(f"{n}. {' '.join(rule.text.split())[:400]}" for n, rule in enumerate(rules, 1))
    said = Said("user", f"Rules:\n{listed}\n\nThe change:\n{diff}")
    return View("judge", "", "judge", 1, Task("judge", _GOAL), Requirement(_GOAL), items=(said,))


def _schema(rules: int) -> dict[str, object]:
    properties = {
        "rule": {"type": "integer", "description": f"1 to {rules}"},
        "kept": {"type": "boolean"},
        "reason": {"type": "string"},
        "file": {"type": "string", "description": "of the line that breaks it, else empty"},
        "line": {"type": "integer", "description": "its number in the new file, else 0"},
    }
    opinion = {"type": "object", "properties": properties, "required": ["rule", "kept", "reason"]}
    return {
        "type": "object",
        "properties": {"opinions": {"type": "array", "items": opinion}},
        "required": ["opinions"],
    }
