"""A web site on the loopback address of the host, which a sandbox must not reach unless it is allowed to."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: What it answers to any request.
ANSWER = "from the outside"


class _Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def local_site() -> Iterator[int]:
    """Serve until the block ends; gives the port."""
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made.server_address[1]
    finally:
        made.shutdown()
        made.server_close()
