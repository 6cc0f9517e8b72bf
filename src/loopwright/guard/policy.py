"""The policy chain: small policies asked in turn; the first deny wins, then the first ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from loopwright.core.calls import Decision, Effect, ToolCall
from loopwright.core.ports import Policy, Profile
from loopwright.core.state import State
from loopwright.guard.directives.discovery import FALLBACKS
from loopwright.guard.policy_code import SafetyPolicy
from loopwright.guard.policy_directives import DirectivePolicy
from loopwright.guard.policy_git import GitTextPolicy
from loopwright.guard.policy_safety import DestructivePolicy, InstructionPolicy, MetadataPolicy, ProfilePolicy

Approvals = Literal["on-request", "never", "always"]


class PolicyChain:
    """Asks every policy: a deny ends it, an ask is kept unless a later policy denies."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = tuple(policies)

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        asked: Decision | None = None
        for policy in self._policies:
            decision = await policy.decide(call, effect, state)
            if decision.verdict == "deny":
                return decision
            if decision.verdict == "ask" and asked is None:
                asked = decision
        return asked or Decision("allow")


class NeverAsking:
    """Wraps a policy for a session that asks nobody: what would ask is denied, and the engine is told why."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        decision = await self._policy.decide(call, effect, state)
        if decision.verdict != "ask":
            return decision
        return Decision("deny", f"{decision.reason} (this session asks nobody: choose another way)", decision.by)


class AlwaysAsking:
    """Wraps a policy for a person who wants to see every change and every command first."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def decide(self, call: ToolCall, effect: Effect, state: State) -> Decision:
        decision = await self._policy.decide(call, effect, state)
        if decision.verdict == "allow" and effect & (Effect.WRITE | Effect.EXECUTE | Effect.NETWORK):
            return Decision("ask", f"{call.tool}: every change and command is asked about", "approvals:always")
        return decision


def compose(
    profile: Profile = "workspace-write",
    approvals: Approvals = "on-request",
    *,
    extra: Sequence[Policy] = (),
    fallbacks: Sequence[str] = FALLBACKS,
) -> Policy:
    """Return the policy of a session: profile, safety, its directives, then `extra`, all under the approvals mode."""
    chain: Policy = PolicyChain(
        (
            ProfilePolicy(profile),
            MetadataPolicy(),
            DestructivePolicy(),
            InstructionPolicy(fallbacks),
            DirectivePolicy(),
            GitTextPolicy(),
            SafetyPolicy(),
            *extra,
        )
    )
    match approvals:
        case "never":
            return NeverAsking(chain)
        case "always":
            return AlwaysAsking(chain)
        case _:
            return chain
