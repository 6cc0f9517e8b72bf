"""The proxy alone, on this machine's loopback, with a resolver of ours: what passes, what does not, and what is told."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import anyio
import pytest
import trustme

from loopwright.core.calls import Approval
from loopwright.core.errors import SandboxError
from loopwright.core.oversight import NetworkRequest, Observation, Oversight
from loopwright.sandbox.network_rules import as_address, is_open, normal_host, parse_network
from loopwright.sandbox.proxy import Patience, Proxy

pytestmark = pytest.mark.anyio


CONNECT_443 = b"CONNECT good.example:443 HTTP/1.1\r\n\r\n"


@dataclass
class Net:
    """Servers on this machine, and names for them that only our resolver knows."""

    names: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    seen: list[NetworkRequest] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    proxies: list[Proxy] = field(default_factory=list)
    http: int = 0
    tls: int = 0
    ca: trustme.CA = field(default_factory=trustme.CA)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.names:
            raise OSError(f"{host} is not known")
        answer = self.names[host]
        return [answer.pop(0)] if len(answer) > 1 else answer

    def observe(self, seen: Observation) -> None:
        assert isinstance(seen, NetworkRequest)
        self.seen.append(seen)

    async def proxy(self, network: str, patience: Patience = Patience(), granted: bool = False) -> int:
        async def ask(request: NetworkRequest) -> Approval:
            self.asked.append(f"may {request.host}:{request.port}")
            return Approval(granted, by="test")

        listener = socket.create_server(("127.0.0.1", 0))
        proxy = Proxy(parse_network(network), network == "ask", Oversight(self.observe, ask), self.resolve, patience)
        await proxy.serve(listener)
        self.proxies.append(proxy)
        return int(listener.getsockname()[1])

    async def verdict(self) -> tuple[str, str]:
        for _ in range(200):
            if self.seen:
                return self.seen[-1].verdict, self.seen[-1].reason
            await anyio.sleep(0.01)
        raise AssertionError("nothing was told")


async def answer(net: Net, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        net.heads.append(head)
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                net.heads.append(await reader.readexactly(int(line.split(b":")[1])))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        await writer.drain()
    writer.close()


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    made = Net()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.ca.issue_cert("good.example", "evil.example").configure_cert(context)
    plain = await asyncio.start_server(lambda r, w: answer(made, r, w), "127.0.0.1", 0)
    secure = await asyncio.start_server(lambda r, w: answer(made, r, w), "127.0.0.1", 0, ssl=context)
    made.http, made.tls = (s.sockets[0].getsockname()[1] for s in (plain, secure))
    made.names = {"good.example": ["127.0.0.1"], "evil.example": ["127.0.0.1"]}
    yield made
    for proxy in made.proxies:
        await proxy.aclose()
    for server in (plain, secure):
        server.close()


async def talk(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def get(host: str, path: str = "/", more: bytes = b"") -> bytes:
    return f"GET http://{host}{path} HTTP/1.1\r\nHost: other.example\r\n".encode() + more + b"\r\n"


#: Names lead to this machine in these tests, so its address has to be named as well.
HERE = "127.0.0.1"


async def test_an_allowed_request_passes_and_is_told(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    said = await talk(port, get(f"good.example:{net.http}", "/path?q=1", b"Proxy-Authorization: secret\r\nX: y\r\n"))
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert said.endswith(b"hello")
    assert net.heads[0].split(b"\r\n")[:2] == [b"GET /path?q=1 HTTP/1.1", f"Host: good.example:{net.http}".encode()]
    assert b"secret" not in net.heads[0]
    assert b"X: y" in net.heads[0]
    assert await net.verdict() == ("allowed", "")
    told = net.seen[0]
    assert (told.method, told.host, told.port) == ("GET", "good.example", net.http)
    assert told.received == len(said)
    assert told.sent == len(net.heads[0])


@pytest.mark.parametrize("host", ["other.example", "good.example.evil.example", "xgood.example", "sub.good.example"])
async def test_any_other_host_is_403(net: Net, host: str) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    said = await talk(port, get(f"{host}:{net.http}"))
    assert said.startswith(b"HTTP/1.1 403 ")
    assert await net.verdict() == ("denied", f"{host}:{net.http} is not allowed")
    assert net.asked == [], "a name that is not allowed is not even looked up"


@pytest.mark.parametrize("host", ["GOOD.example", "good.example.", "Good.Example."])
async def test_case_and_a_trailing_dot_make_no_difference(net: Net, host: str) -> None:
    port = await net.proxy(f"allow:good.EXAMPLE.:{net.http},{HERE}")
    assert b" 200 OK" in await talk(port, get(f"{host}:{net.http}"))


async def test_a_leading_dot_allows_what_lies_below(net: Net) -> None:
    net.names["a.b.good.example"] = ["127.0.0.1"]
    port = await net.proxy(f"allow:.good.example:{net.http},{HERE}")
    assert b" 200 OK" in await talk(port, get(f"a.b.good.example:{net.http}"))
    assert b" 403 " in await talk(port, get(f"evilgood.example:{net.http}"))


async def test_international_names_are_compared_as_ascii(net: Net) -> None:
    net.names["xn--bcher-kva.example"] = ["127.0.0.1"]
    port = await net.proxy(f"allow:bücher.example:{net.http},{HERE}")
    assert b" 200 OK" in await talk(port, get(f"xn--bcher-kva.example:{net.http}"))
    assert b" 200 OK" in await talk(port, get(f"BÜCHER.example:{net.http}"))
    assert b" 403 " in await talk(port, get(f"bucher.example:{net.http}"))


@pytest.mark.parametrize("port", [22, 8080, 0, 65536, 99999])
async def test_odd_ports_are_refused(net: Net, port: int) -> None:
    proxy = await net.proxy(f"allow:good.example,{HERE}")
    said = await talk(proxy, f"CONNECT good.example:{port} HTTP/1.1\r\n\r\n".encode())
    assert said.split(b" ")[1] in (b"403", b"400")


@pytest.mark.parametrize(
    "literal",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "017700000001", "[::1]", "[::ffff:127.0.0.1]",
     "169.254.169.254", "10.0.0.1", "[fe80::1]", "0.0.0.0", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
)  # fmt: skip
async def test_addresses_in_every_writing_are_refused(net: Net, literal: str) -> None:
    port = await net.proxy(f"allow:.example:{net.http}")
    assert (await talk(port, get(f"{literal}:{net.http}"))).split(b" ")[1] in (b"403", b"400")
    port = await net.proxy("ask", granted=False)
    assert (await talk(port, get(f"{literal}:{net.http}"))).split(b" ")[1] in (b"403", b"400")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1"],
)  # fmt: skip
async def test_a_name_that_leads_to_a_private_address_is_refused(net: Net, address: str) -> None:
    net.names["good.example"] = [address]
    port = await net.proxy(f"allow:good.example:{net.http}")
    assert b" 403 " in await talk(port, get(f"good.example:{net.http}"))
    assert await net.verdict() == ("denied", "good.example leads to an address of this machine or its network")


def test_public_addresses_are_open_and_localhost_has_to_be_named() -> None:
    public, loopback = as_address("93.184.216.34"), as_address("127.0.0.1")
    assert public is not None
    assert loopback is not None
    assert is_open(public, "good.example", ())
    assert not is_open(loopback, "localhost", ())
    assert is_open(loopback, "localhost", parse_network("allow:localhost:8000"))
    assert not is_open(loopback, "good.example", parse_network("allow:localhost:8000,good.example"))


async def test_a_name_is_resolved_once_so_that_it_cannot_change_its_address(net: Net) -> None:
    net.names["good.example"] = ["127.0.0.1", "10.0.0.1", "169.254.169.254"]
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    for _ in range(3):
        assert b" 200 OK" in await talk(port, get(f"good.example:{net.http}"))
    assert net.asked == ["good.example"]


async def tls_get(net: Net, proxy: int, connect: str, name: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy)
    writer.write(f"CONNECT {connect}:{net.tls} HTTP/1.1\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head:
        writer.close()
        return head
    context = ssl.create_default_context()
    net.ca.configure_trust(context)
    try:
        await writer.start_tls(context, server_hostname=name)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return await reader.read()
    except OSError:
        return b"cut"
    finally:
        writer.close()


async def test_tls_passes_untouched_where_it_asks_for_the_host_that_was_named(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.tls},{HERE}")
    assert (await tls_get(net, port, "good.example", "good.example")).endswith(b"hello")
    assert await net.verdict() == ("allowed", "")


async def test_tls_for_another_host_in_the_tunnel_is_cut(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.tls},{HERE}")
    assert await tls_get(net, port, "good.example", "evil.example") == b"cut"
    assert await net.verdict() == ("denied", "the TLS in the tunnel asks for evil.example, not for good.example")
    assert net.heads == []


async def test_a_tunnel_for_anything_but_tls_needs_its_port_named(net: Net) -> None:
    proxy = Proxy(parse_network(f"allow:good.example,{HERE}"), False, Oversight(net.observe), net.resolve)
    listener = socket.create_server(("127.0.0.1", 0))
    await proxy.serve(listener)
    net.proxies.append(proxy)
    target = socket.create_server(("127.0.0.1", 443)) if _may_listen_on_443() else None
    if target is None:
        pytest.skip("port 443 cannot be listened on here")
    with target:
        said = await talk(listener.getsockname()[1], b"CONNECT good.example:443 HTTP/1.1\r\n\r\nSSH-2.0-relay\r\n")
        assert said == b"HTTP/1.1 200 Connection established\r\n\r\n"
        assert (await net.verdict())[0] == "denied"
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    tunnel = f"CONNECT good.example:{net.http} HTTP/1.1\r\n\r\n".encode()
    assert (await talk(port, tunnel + b"GET / HTTP/1.1\r\n\r\n")).endswith(b"hello")


def _may_listen_on_443() -> bool:
    try:
        socket.create_server(("127.0.0.1", 443)).close()
    except OSError:
        return False
    return True


async def test_a_second_request_for_another_host_cannot_follow_on_the_same_connection(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    second = b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    said = await talk(port, get(f"good.example:{net.http}") + second)
    assert said.count(b"HTTP/1.1 200") == 1
    assert len(net.heads) == 1


async def test_a_body_goes_along(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    body = b"x" * 100_000
    head = f"POST http://good.example:{net.http}/ HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert b" 200 OK" in await talk(port, head + body)
    assert net.heads[1] == body


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET http://user@good.example/ HTTP/1.1\r\n\r\n",
        b"GET ftp://good.example/ HTTP/1.1\r\n\r\n",
        b"GET http://good.example/ HTTP/2\r\n\r\n",
        b"GET http://good.example/ x HTTP/1.1\r\n\r\n",
        b"CONNECT good.example HTTP/1.1\r\n\r\n",
        b"CONNECT a b:443 HTTP/1.1\r\n\r\n",
        b"POST http://good.example/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST http://good.example/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST http://good.example/ HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET http://good.example/ HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET http://good.example/ HTTP/1.1\r\nA : b\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello\r\n\r\n",
        b"GET http://good.example/\x00 HTTP/1.1\r\n\r\n",
    ],
)
async def test_what_is_no_proper_request_is_400(net: Net, head: bytes) -> None:
    port = await net.proxy(f"allow:good.example,{HERE}")
    assert (await talk(port, head)).startswith(b"HTTP/1.1 400 ")
    assert net.heads == []


@pytest.mark.parametrize("flood", [b"X: " + b"y" * 100_000 + b"\r\n", b"X: y\r\n" * 3000, b"X: y\r\n" * 150])
async def test_a_flood_of_headers_is_cut(net: Net, flood: bytes) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}")
    said = await talk(port, get(f"good.example:{net.http}", "/", flood))
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    assert net.heads == []


async def test_a_client_that_dawdles_is_cut(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}", Patience(head=0.2))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET http://good.ex")
    async with asyncio.timeout(3):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_tunnel_where_nothing_moves_ends(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}", Patience(idle=0.2))
    async with asyncio.timeout(3):
        await talk(port, f"CONNECT good.example:{net.http} HTTP/1.1\r\n\r\nG".encode())


async def test_all_requests_together_have_a_budget_of_bytes(net: Net) -> None:
    port = await net.proxy(f"allow:good.example:{net.http},{HERE}", Patience(bytes=500))
    for _ in range(8):
        await talk(port, get(f"good.example:{net.http}"))
    assert net.seen[-1].verdict == "denied"
    assert "more than 500 bytes" in net.seen[-1].reason


async def test_a_first_request_is_asked_about_once(net: Net) -> None:
    port = await net.proxy("ask", granted=True)
    net.names["good.example"] = ["127.0.0.1"]
    for _ in range(2):
        await talk(port, get(f"good.example:{net.http}"))
    assert net.asked.count(f"may good.example:{net.http}") == 1
    assert net.seen[-1].verdict == "denied", "a grant for a name does not open this machine's own addresses"


async def test_a_grant_for_an_address_opens_it(net: Net) -> None:
    port = await net.proxy("ask", granted=True)
    assert b" 200 OK" in await talk(port, get(f"127.0.0.1:{net.http}"))


async def test_without_an_answer_nothing_passes(net: Net) -> None:
    port = await net.proxy("ask", granted=False)
    assert b" 403 " in await talk(port, get(f"good.example:{net.http}"))


async def test_the_usual_ports_of_a_host_are_one_question_and_another_is_its_own(net: Net) -> None:
    port = await net.proxy("ask", granted=False)
    for request in (get("good.example"), CONNECT_443, get("GOOD.example."), get("good.example:8443")):
        assert b" 403 " in await talk(port, request)
    assert [each for each in net.asked if each.startswith("may")] == ["may good.example:80", "may good.example:8443"]


async def test_a_question_that_nobody_answers_ends_with_the_proxy(net: Net) -> None:
    begun = asyncio.Event()

    async def ask(_: NetworkRequest) -> Approval:
        begun.set()
        await asyncio.sleep(600)
        return Approval(True)

    proxy = Proxy((), True, Oversight(net.observe, ask), net.resolve)
    listener = socket.create_server(("127.0.0.1", 0))
    await proxy.serve(listener)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    writer.write(get("good.example"))
    await begun.wait()
    with anyio.fail_after(2):
        await proxy.aclose()
        assert await reader.read() == b""
    writer.close()


async def test_a_server_that_is_not_there_is_502(net: Net) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = gone.getsockname()[1]
    port = await net.proxy(f"allow:good.example:{nobody},{HERE},nowhere.example")
    assert b" 502 " in await talk(port, get(f"good.example:{nobody}"))
    assert b" 502 " in await talk(port, get("nowhere.example"))
    assert net.seen[-1].verdict == "failed"


@pytest.mark.parametrize("text", ["allow:", "allow", "open", "allow:a b", "allow:x:99999", "allow:http://x", "deny:x"])
def test_what_is_no_rule_is_one_line(text: str) -> None:
    with pytest.raises(SandboxError, match="network"):
        parse_network(text)


@pytest.mark.parametrize("name", ["-a.example", "a..b", "", "a" * 64 + ".example", "a b", "1.2.3", "x.0x7f", "a/b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        normal_host(name)


@pytest.mark.parametrize("rounds", range(6))
async def test_a_connection_is_closed_however_far_it_came(net: Net, rounds: int) -> None:
    port = await net.proxy("allow:good.example")
    client = socket.create_connection(("127.0.0.1", port))
    for _ in range(rounds):
        await asyncio.sleep(0)
    await net.proxies[-1].aclose()
    client.settimeout(1)
    with contextlib.suppress(ConnectionResetError):
        assert client.recv(1) == b""
    client.close()
    del net.proxies[:]
    gc.collect()  # a transport that is not closed complains
