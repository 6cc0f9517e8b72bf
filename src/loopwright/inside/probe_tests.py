"""Runs a test command while every variable that names production leads to an ear on loopback.

Runs inside the sandbox with the standard library alone. What it prints last is how the command ended and how many
connections the ear was given.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading

MARK = "LOOPWRIGHT-PROBE "


def _listen(ear: socket.socket, heard: list[int]) -> None:
    while True:
        try:
            connection, _ = ear.accept()
        except OSError:
            return
        heard.append(1)
        connection.close()


def main() -> None:
    """The first argument is {"command", "variables": {name: address with {port}}}."""
    plan = json.loads(sys.argv[1])
    heard: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as ear:
        port = str(ear.getsockname()[1])
        threading.Thread(target=_listen, args=(ear, heard), daemon=True).start()
        env = {name: address.replace("{port}", port) for name, address in plan["variables"].items()}
        ended = subprocess.run(
            ["/bin/sh", "-c", plan["command"]], env={**os.environ, **env}, stdin=subprocess.DEVNULL, check=False
        )
    print(MARK + json.dumps({"exit": ended.returncode, "heard": len(heard)}), flush=True)


if __name__ == "__main__":
    main()
