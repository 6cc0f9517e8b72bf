"""Calls that are slow by what they are told: rounds of key derivation, lengths of keys, digits of a number."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow.asked import judge_amount
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.language import Handler
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

#: Bits of a key that is found within minutes.
LONGEST_KEY = 32_768
#: Rounds of bcrypt double with each step: at 20 one takes a minute.
_MOST_COST = 20
_MOST_DIGITS = 10**7


def rounds(place: int, name: str) -> Handler:
    """Return a handler for a key derivation with its number of rounds at a place or by a name."""

    def handle(flow: Flow, called: Called) -> Value | None:
        judge_amount(flow, called.arg(place, name), called.line, "time", "a key is derived in rounds")
        count = called.arg(place, name).number or 0
        if count >= flow.config.iterations:
            why = f"{count:.0e} rounds take hours; 1e+06 are fine"
            flow.report("time", "block", called.line, why)
        return None

    return handle


def cost(place: int, name: str) -> Handler:
    """Return a handler for a hash whose cost is a power of two."""

    def handle(flow: Flow, called: Called) -> Value | None:
        given = called.arg(place, name).number or 0
        if given > _MOST_COST:
            why = f"a cost of {given} doubles the work {given} times, which takes hours; 12 is fine"
            flow.report("time", "block", called.line, why)
        return None

    return handle


def long_key(bits: int) -> str:
    return f"a key of {bits:,} bits takes days to find; 4,096 are fine"


def key(place: int, name: str) -> Handler:
    """Return a handler for what makes a key of so many bits."""

    def handle(flow: Flow, called: Called) -> Value | None:
        option = option_of(called, name)
        bits = (option or called.arg(place, name)).number or 0
        if bits >= LONGEST_KEY:
            flow.report("time", "block", called.line, long_key(bits))
        return None

    return handle


def scrypt(flow: Flow, called: Called) -> Value | None:
    """`hashlib.scrypt(…, n=, r=)`: memory by both."""
    size = 128 * (called.named.get("n", Value()).number or 0) * (called.named.get("r", Value()).number or 0)
    if size >= 4 * flow.config.memory:
        flow.oversize(called.line, size)
    return None


def digits(flow: Flow, called: Called) -> Value | None:
    """`decimal.getcontext().prec = n`."""
    count = called.arg(0).number or 0
    if count >= _MOST_DIGITS:
        flow.report("time", "block", called.line, f"arithmetic with {count:,} digits takes hours; 10,000 are fine")
    return None


COSTS: dict[str, Handler] = {
    "hashlib.pbkdf2_hmac": rounds(3, "iterations"),
    **each(rounds(2, "iterations"), "crypto.pbkdf2 crypto.pbkdf2Sync"),
    "bcrypt.gensalt": cost(0, "rounds"),
    **each(cost(1, "rounds"), "bcrypt.hash bcrypt.hashSync bcryptjs.hash bcryptjs.hashSync"),
    **each(cost(0, "rounds"), "bcrypt.genSalt bcrypt.genSaltSync bcryptjs.genSaltSync"),
    "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key": key(1, "key_size"),
    **each(key(0, "bits"), "Crypto.PublicKey.RSA.generate rsa.newkeys crypto.generatePrimeSync crypto.generatePrime"),
    **each(key(1, "modulusLength"), "crypto.generateKeyPairSync crypto.generateKeyPair"),
    "hashlib.scrypt": scrypt,
    **each(digits, "decimal.getcontext().prec= mpmath.mp.dps= mpmath.mp.prec= decimal.Context().prec="),
}
