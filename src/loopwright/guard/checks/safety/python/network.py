"""What Python's modules for the network send, ask for and give, by dotted name."""

from __future__ import annotations

from typing import Any

from loopwright.guard.checks.safety.calls import sending
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.language import Handler
from loopwright.guard.checks.safety.names import each

_HTTP = "get post put patch delete head request options send stream"


def _http(*owners: str) -> dict[str, Handler]:
    return {f"{owner}.{verb}": sending.send for owner in owners for verb in _HTTP.split()}


NETWORK: dict[str, Any] = {
    **_http(
        "requests",
        "httpx",
        "requests.Session()",
        "requests.session()",
        "httpx.Client()",
        "httpx.AsyncClient()",
        "aiohttp.ClientSession()",
        "urllib3.PoolManager()",
        "urllib3",
        "aiohttp",
        "requests.api",
        "http.client.HTTPConnection()",
        "http.client.HTTPSConnection()",
        "httplib2.Http()",
        "requests.sessions.Session()",
        "treq",
        "asks",
    ),
    **each(
        sending.send,
        "urllib.request.urlopen urllib.request.OpenerDirector().open ",
        "urllib.request.build_opener().open smtplib.SMTP().sendmail smtplib.SMTP().send_message ",
        "smtplib.SMTP_SSL().sendmail smtplib.SMTP_SSL().send_message ",
        "ftplib.FTP().storbinary ftplib.FTP().storlines ftplib.FTP_TLS().storbinary ",
        "websocket.WebSocket().send websocket.create_connection().send websockets.connect().send ",
        "paramiko.SFTPClient.from_transport().put ",
        "xmlrpc.client.ServerProxy() pycurl.Curl().setopt telnetlib.Telnet().write ",
        "dns.resolver.resolve dns.resolver.query dhooks.Webhook().send ",
        "discord_webhook.DiscordWebhook",
    ),
    **each(sending.resolve, "socket.gethostbyname socket.getaddrinfo socket.gethostbyname_ex"),
    **each(sending.connection, "socket.socket socket.create_connection ssl.wrap_socket"),
    **each(sending.connected, "socket.socket().connect socket.socket().connect_ex"),
    **each(
        sending.receive,
        "socket.socket().recv socket.create_connection().recv socket.socket().recvfrom ",
        "http.client.HTTPConnection().getresponse http.client.HTTPSConnection().getresponse",
    ),
    **each(
        sending.write_connection,
        "socket.socket().send socket.socket().sendall socket.socket().sendto ",
        "socket.create_connection().send socket.create_connection().sendall",
    ),
    **each(
        sending.source(v.REMOTE),
        "telnetlib.Telnet().read_until telnetlib.Telnet().read_all telnetlib.Telnet().read_some ",
        "telnetlib.Telnet().read_very_eager telnetlib.Telnet().read_eager telnetlib.Telnet().expect",
    ),
    "socket.socket().makefile": sending.source(v.REMOTE, "socket.file"),
}
