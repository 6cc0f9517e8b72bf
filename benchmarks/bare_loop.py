"""The least an agent loop can be, as the measure beside ours: standard library, no log, no sandbox, no checks.

Run as `python bare_loop.py PORT`.
"""

import http.client
import json
import subprocess
import sys
from typing import Any

TOOL = {
    "type": "function",
    "function": {
        "name": "shell",
        "description": "Run a shell command.",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    },
}


def ask(connection: http.client.HTTPConnection, messages: list[dict[str, Any]]) -> dict[str, Any]:
    body = json.dumps({"model": "fake", "messages": messages, "tools": [TOOL]})
    connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    message: dict[str, Any] = answer["choices"][0]["message"]
    return message


def main(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Run what you are told."}]
    while calls := (message := ask(connection, messages)).get("tool_calls"):
        messages.append(message)
        for call in calls:
            command = json.loads(call["function"]["arguments"])["command"]
            ran = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True)
            text = f"{ran.stdout}{ran.stderr}[exit {ran.returncode}]"
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})


if __name__ == "__main__":
    main(int(sys.argv[1]))
