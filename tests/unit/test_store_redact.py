"""What is a secret and what is not."""

from __future__ import annotations

import base64
import os
import random
import time
from pathlib import Path

import anyio
import msgspec
import pytest

from loopwright.core.calls import Decision, Proposal, ToolCall, ToolResult
from loopwright.core.events import Body, Decided, Noted, Prompted, Proposed, Returned
from loopwright.store.redact import Redactor
from loopwright.store.sql import Store

ENVIRON = {
    "SERVICE_API_KEY": 'k3y-with-"quote"-and-\\slash',
    "DB_PASSWORD": "hunter2",
    "MULTI_SECRET": "line one\nline two",
    "DEPLOY_TOKEN": "tök€n-value-1",
    "SSH_AUTH_SOCK": "/tmp/agent.sock",
    "API_KEY_FILE": "/etc/key-file",
    "EDITOR": "vim-is-an-editor",
    "EMPTY_SECRET": "",
    "SHORT_TOKEN": "abc",
    "MYSQL_PASSWORD": "password",
}
REDACTOR = Redactor(ENVIRON)
NOISE = random.Random(7)


def noise(length: int, letters: str = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789") -> str:
    return "".join(NOISE.choice(letters) for _ in range(length))


HEX = "0123456789abcdef"
KEY_LINES = "\n".join(noise(64) for _ in range(12))
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_LINES}\n{noise(20)}==\n-----END RSA PRIVATE KEY-----"

#: (kind, secret, text around it). Made here, of the published shapes; none was ever valid.
SECRETS = [
    ("aws-key", "AKIA" + noise(16, "ABCDEFGHIJKLMNOP234567"), "aws {}"),
    ("google-key", "AIza" + noise(35), "key={}&x=1"),
    ("github-token", "ghp_" + noise(36), "remote: {}"),
    ("github-token", "github_pat_" + noise(22) + "_" + noise(59), "{}"),
    ("gitlab-token", "glpat-" + noise(20), "{}"),
    ("anthropic-key", "sk-ant-api03-" + noise(95), "x-api-key: {}"),
    ("openai-key", "sk-proj-" + noise(80), "{}"),
    ("openai-key", "sk-" + noise(48), "export OPENAI={}"),
    ("openrouter-key", "sk-or-v1-" + noise(64, HEX), "{}"),
    ("groq-key", "gsk_" + noise(52), "{}"),
    ("huggingface-token", "hf_" + noise(34), "{}"),
    ("slack-token", "xoxb-" + noise(12, "0123456789") + "-" + noise(24), "{}"),
    ("slack-webhook", "T" + noise(8) + "/B" + noise(8) + "/" + noise(24), "https://hooks.slack.com/services/{}"),
    ("stripe-key", "sk_live_" + noise(24), "{}"),
    ("npm-token", "npm_" + noise(36), "//registry/:_authToken={}"),
    ("pypi-token", "pypi-AgEIcHlwaS5vcmc" + noise(60), "{}"),
    ("jwt", f"eyJ{noise(20)}.eyJ{noise(40)}.{noise(43)}", "cookie: session={}"),
    ("private-key", KEY_LINES, "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----"),
    ("private-key", KEY_LINES, "cut:\n-----BEGIN OPENSSH PRIVATE KEY-----\n{}"),
    ("private-key", KEY_LINES, "... cut\n{}\n-----END PRIVATE KEY-----\nafter"),
    (
        "private-key",
        KEY_LINES.replace("\n", "\\n"),
        '"-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----\\n"',
    ),
    ("password", "s3cr3t-pa55", "postgres://admin:{}@db.internal:5432/x"),
    ("password", "correct.horse", "https://me:{}@host/path"),
    ("password", "huntress9", "password={}"),
    ("password", "correcthorsebattery", "DB_PASSWORD={}\n"),
    ("password", "p4ssw0rd!", "password: {}"),
    ("password", "p4ssw0rd!", '{{"password": "{}"}}'),
    ("password", "p4ssw0rd!", "mysql --user root --password {} db"),
    ("password", "p4ssw0rd!", "--password={} db"),
    ("password", noise(32), "client_secret = '{}'"),
    ("password", noise(40), "API_TOKEN={}"),
    ("password", noise(40), "aws_secret_access_key = {}"),
    ("authorization", noise(40), "Authorization: Bearer {}"),
    ("authorization", base64.b64encode(b"user:secret-pw").decode(), "authorization: Basic {}"),
    ("DB_PASSWORD", "hunter2", "the word is {} here"),
    ("SERVICE_API_KEY", ENVIRON["SERVICE_API_KEY"], "got {}"),
    ("SERVICE_API_KEY", base64.b64encode(ENVIRON["SERVICE_API_KEY"].encode()).decode().rstrip("="), "b64 {}"),
    ("SERVICE_API_KEY", "k3y-with-%22quote%22-and-%5Cslash", "?k={}"),
    ("SERVICE_API_KEY", 'k3y-with-\\"quote\\"-and-\\\\slash', '{{"k": "{}"}}'),
    ("MULTI_SECRET", "line one\nline two", "-- {} --"),
    ("DEPLOY_TOKEN", "tök€n-value-1", "<{}>"),
]


@pytest.mark.parametrize(("kind", "secret", "around"), SECRETS)
def test_a_secret_is_replaced_and_what_is_around_it_stays(kind: str, secret: str, around: str) -> None:
    text = around.format(secret)
    clean = REDACTOR.text(text)
    assert secret not in clean
    assert f"[redacted:{kind}]" in clean
    assert REDACTOR.text(clean) == clean
    if kind != "private-key":
        assert clean == around.format(f"[redacted:{kind}]")


@pytest.mark.parametrize(("kind", "secret", "around"), SECRETS)
def test_a_secret_is_found_wherever_in_an_event_it_stands(kind: str, secret: str, around: str, tmp_path: Path) -> None:
    text = around.format(secret)
    bodies: list[Body] = [
        Prompted(text),
        Noted("x", data={"list": [[text], {"deep": text}], text: 1}),
        Returned(ToolResult("c", True, "long line\n" * 3000 + text + "\nlong line" * 3000, {"out": text})),
        Proposed(1, Proposal(text, (ToolCall("c", "shell", {"command": text}),), thinking=text, opaque=[text])),
    ]
    with Store.open(tmp_path, environ=ENVIRON) as store:
        log = store.create("s")
        for number, body in enumerate(bodies):
            event = anyio.run(log.append, f"{number} {text}", text, body)
            assert log.find(f"{number} {text}") == event
        assert secret not in msgspec.json.encode(log.read()).decode()
        exported = "\n".join(store.export("s"))
        assert store.verify("s").ok
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for form in (secret, msgspec.json.encode(secret).decode()[1:-1]):
        assert form.encode() not in written
        assert form not in exported


def test_a_value_named_as_secret_is_redacted_in_arguments() -> None:
    tree = {"password": "p4ssw0rd!", "env": {"API_KEY": "0123456789abcdef0123"}, "user": "me", "token": 3}
    assert REDACTOR.clean(tree) == {
        "password": "[redacted:password]",
        "env": {"API_KEY": "[redacted:password]"},
        "user": "me",
        "token": 3,
    }


def test_a_secret_that_is_one_of_our_own_words_breaks_nothing(tmp_path: Path) -> None:
    words = [
        "prompted",
        "returned",
        "result",
        "opaque",
        "proposal",
        "allow-",
        "decided",
        "verdict",
        "session",
        "allowed",
    ]
    environ = {f"SECRET_{number}": word for number, word in enumerate(words)}
    body = Decided("verdict", Decision("allow", "it is allowed in this session", "result"))
    with Store.open(tmp_path, environ=environ) as store:
        log = store.create("s")
        read = anyio.run(log.append, "k", "loop", body).body
        assert read == Decided("[redacted:SECRET_7]", Decision("allow", "it is [redacted:SECRET_9] in this [redacted:SECRET_8]", "[redacted:SECRET_2]"))  # fmt: skip
        prompted = anyio.run(log.append, "k2", "user", Prompted("prompted")).body
        assert prompted == Prompted("[redacted:SECRET_0]")
        assert store.verify("s").ok


ORDINARY = [
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "550e8400-e29b-41d4-a716-446655440000",
    "data = b64decode('SGVsbG8sIHdvcmxkISBUaGlzIGlzIG9yZGluYXJ5IHRlc3QgZGF0YS4=')",
    "integrity sha512-9NhCIJLfJXTbYPq8dSoTnDZ0xh3lkW0qSmYd0nFJXwq3QKkC3aZ3s0oYdmx6tQ==",
    "if '-----BEGIN PRIVATE KEY-----' in text: raise ValueError('no keys in here, please, they are secret')",
    "password = request.form['password']",
    "password: str | None = None",
    "def login(user, password=None, token=token):",
    "self.password = password",
    "connect(password=settings.db_password, token=get_token())",
    "connect(password=password, user=user)",
    "parser.add_argument('--password', help='the password to use')",
    '{"password": {"type": "string"}, "token": "token"}',
    "PASSWORD=$PASSWORD TOKEN=${TOKEN} SECRET=<your-secret>",
    "postgres://{user}:{password}@{host}/x postgres://$USER:$PASS@h",
    "the password must have eight characters",
    "token = tokens[0]",
    "next_token: Token = lexer.next_token()",
    "for token in tokenize(source): print(token)",
    "input_tokens=123456 output_tokens=12 max_tokens=4096",
    "secret_santa = choose(friends)",
    "http://localhost:8080/@scope/package",
    "git@github.com:owner/repo.git",
    "Traceback at 0x7f1bbbe78e10: File '/usr/lib/python3.11/re.py', line 12",
    "class='sk-fading-circle-loader sk-cube-grid-animation'",
    "risk-management-strategies-for-everyone-2026",
    "task-0123456789abcdefghij0123",
    "vim-is-an-editor /tmp/agent.sock /etc/key-file abc",
    "eyJ is how a JSON web token begins",
    "Bearer of bad news",
    "api_key = os.environ['SERVICE']",
    "apiKey: process.env.API_KEY",
    "the AKIAMARU ship",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_ordinary_encoded_data_is_left_alone() -> None:
    for length in (20, 64, 500, 5000):
        for _ in range(40):
            data = NOISE.randbytes(length)
            for text in (base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(), data.hex()):
                assert REDACTOR.text(text) == text


def test_our_own_source_is_left_alone() -> None:
    import loopwright

    files = sorted(Path(loopwright.__file__).parent.rglob("*.py"))
    assert len(files) > 20
    changed = [file.name for file in files if REDACTOR.text(file.read_text()) != file.read_text()]
    assert changed == []


@pytest.mark.parametrize(
    "text",
    [
        "x" * 2_000_000,
        "password" * 200_000,
        "://a" * 300_000,
        "A" * 2_000_000 + "-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----" * 20_000,
        ("-----BEGIN PRIVATE KEY-----\n" + "A" * 60) * 5000,
        "eyJ" * 300_000,
        "token = " * 100_000,
        base64.b64encode(os.urandom(1_000_000)).decode(),
        "sk-" * 300_000,
        "-----END PRIVATE KEY-----" * 20_000,
    ],
    ids=range(11),
)
def test_time_is_linear_in_hostile_text(text: str) -> None:
    begin = time.process_time()
    REDACTOR.text(text)
    assert time.process_time() - begin < 3 * len(text) / 1_000_000 + 0.5
