"""Which hosts may be reached: names in their one written form, rules, and addresses that no name may lead to.

Numbers that pose as names follow the URL standard (WHATWG, "ends in a number"): what a resolver would take for an
address has to be written as one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from loopwright.core.errors import SandboxError
from loopwright.core.expression import expression

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: Reached without a port being named: HTTP and HTTPS.
USUAL_PORTS = (80, 443)

_LABEL = expression(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Rule:
    """One allowed host. `below`: every name below it as well. `port` None: the usual ones."""

    host: str
    below: bool = False
    port: int | None = None

    def covers(self, host: str, port: int) -> bool:
        """True for a host and port that this rule allows."""
        named = host == self.host or (self.below and host.endswith("." + self.host))
        return named and (port == self.port if self.port else port in USUAL_PORTS)


def parse_network(text: str) -> tuple[Rule, ...]:
    """The rules of `allow:HOST[:PORT][,HOST...]`; () for `none` and `ask`. Raises SandboxError in one line."""
    if text in ("none", "ask"):
        return ()
    kind, colon, hosts = text.partition(":")
    named = [host.strip() for host in hosts.split(",") if host.strip()]
    if kind != "allow" or not colon or not named:
        raise SandboxError(f"network={text} is not understood: write none, ask or allow:HOST[:PORT][,HOST...]")
    return tuple(_parse_rule(host) for host in named)


def _parse_rule(text: str) -> Rule:
    below = text.startswith(".")
    try:
        host, port = split_port(text[1:] if below else text)
        return Rule(normal_host(host), below, port)
    except ValueError as error:
        raise SandboxError(f"network: {text} is not a host: {error}") from None


def split_port(text: str) -> tuple[str, int | None]:
    """HOST, HOST:PORT, [V6] or [V6]:PORT. Raises ValueError."""
    found = re.fullmatch(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(\d{1,5}))?", text)
    if not found:
        raise ValueError("not HOST or HOST:PORT")
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65536:
        raise ValueError("no such port")
    return found[1], port


def normal_host(text: str) -> str:
    """A name in lower case, its last dot off, IDN as ASCII; an address in its shortest form. Raises ValueError."""
    if text.startswith("[") and text.endswith("]"):
        return str(ipaddress.IPv6Address(text[1:-1]))
    name = text[:-1] if text.endswith(".") else text
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError("not an international name") from None
    name = name.lower()
    labels = name.split(".")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return str(ipaddress.IPv4Address(name))
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("not a host name")
    return name


def as_address(host: str) -> Address | None:
    """The address that a normal host is, None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_open(address: Address, host: str, rules: Iterable[Rule]) -> bool:
    """True for an address of the public internet, and for a private one that was named itself.

    `localhost` names the loopback addresses; no other name stands for a private address.
    """
    inner = _inner(address)
    if inner.is_global and not inner.is_multicast:
        return True
    named = {rule.host for rule in rules}
    return (
        str(address) in named
        or str(inner) in named
        or (host == "localhost" and "localhost" in named and inner.is_loopback)
    )


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
