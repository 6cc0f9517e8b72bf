"""What comes from outside, by whom it is handed on, and what it must not choose; what is kept elsewhere."""

from __future__ import annotations

import pytest

from loopwright.guard.checks.safety import judge_source


def blocked(path: str, text: str) -> set[str]:
    return {f.name for f in judge_source(path, text) if f.level == "block"}


@pytest.mark.parametrize(
    "text",
    [
        "from flask import request\ndef f():\n    x = request.headers['A']\n    {}\n",
        "import falcon\nclass R:\n    def on_get(self, req, resp):\n        x = req.get_param('q')\n        {}\n",
        "import cherrypy\nclass R:\n    @cherrypy.expose\n    def f(self, x):\n        {}\n",
        "def handler(event, context):\n    x = event['q']\n    {}\n",
        "from kafka import KafkaConsumer\nfor m in KafkaConsumer('t'):\n    x = m.value\n    {}\n",
        "import pika\ndef f(ch, m, p, x):\n    {}\npika.BlockingConnection().channel().basic_consume('q', f)\n",
        "import boto3\nfor m in boto3.client('sqs').receive_message(QueueUrl='q')['Messages']:\n    x = m['Body']\n    {}\n",
        "import openai\nx = openai.OpenAI().chat.completions.create(model='m', messages=[]).choices[0].message.content\n{}\n",
        "import paramiko\n_, o, _ = paramiko.SSHClient().exec_command('cat x')\nx = o.read()\n{}\n",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('q')\nx = p.parse_args().q\n{}\n",
        "import click\n@click.command()\n@click.argument('x')\ndef f(x):\n    {}\n",
        "import os\nx = os.environ['Q']\n{}\n",
        "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('a')\n@mcp.tool()\ndef f(x: str):\n    {}\n",
        "class S(pb2_grpc.RunServicer):\n    def Run(self, request, context):\n        x = request.code\n        {}\n",
    ],
)
def test_what_a_framework_hands_on_came_from_outside(text: str) -> None:
    assert "syntax" in blocked("a.py", text.format("eval(x)"))
    assert not blocked("a.py", text.format("print(x)"))


@pytest.mark.parametrize(
    "text",
    [
        "const ws = new WebSocket('wss://a.example');\nws.onmessage = e => {{ const x = e.data; {} }};\n",
        "io.on('connection', socket => socket.on('run', x => {{ {} }}));\n",
        "const r = await new (require('openai'))().chat.completions.create({{}});\nconst x = r.choices[0].message.content;\n{}\n",
        "ch.consume('q', m => {{ const x = m.content.toString(); {} }});\n",
        "const {{ipcMain}} = require('electron');\nipcMain.on('run', (e, x) => {{ {} }});\n",
        "const {{program}} = require('commander');\nconst x = program.opts().q;\n{}\n",
        "const x = document.querySelector('#q').value;\n{}\n",
        "export async function POST(req) {{ const {{x}} = await req.json(); {} }}\n",
    ],
)
def test_what_servers_and_sockets_of_javascript_hand_on_came_from_outside(text: str) -> None:
    assert "syntax" in blocked("a.js", text.format("eval(x);"))
    assert not blocked("a.js", text.format("console.log(x);"))


ROUTE = "from flask import request\n@app.route('/')\ndef f():\n    x = request.args['x']\n"


@pytest.mark.parametrize(
    ("path", "check", "dangerous", "fine"),
    [
        ("a.py", "syntax", ROUTE + "    return open('/srv/' + x).read()\n",
         ROUTE + "    if x not in PAGES:\n        abort(404)\n    return open('/srv/' + x).read()\n"),
        ("a.py", "syntax", "@app.get('/')\ndef f(request: Request):\n    return open(request.query_params['p']).read()\n",
         "@app.get('/')\ndef f(request: Request):\n    return open(request.app.state.path).read()\n"),
        ("a.py", "syntax", "def f(request):\n    return open(request.GET['p']).read()\n",
         "def send(request):\n    return open(path_of(request.url)).read()\n"),
        ("a.py", "syntax", ROUTE + "    return f'<p>{x}</p>'\n", ROUTE + "    return f'<p>{escape(x)}</p>'\n"),
        ("a.py", "resources", ROUTE + "    return 'a' * int(x)\n", ROUTE + "    return 'a' * min(int(x), 99)\n"),
        ("a.py", "time", ROUTE + "    import re\n    return re.findall(x, TEXT)\n",
         ROUTE + "    import re\n    return re.findall(re.escape(x), TEXT)\n"),
        ("a.py", "imports", ROUTE + "    import subprocess\n    subprocess.run(['pip', 'install', x])\n",
         "import subprocess\nsubprocess.run(['pip', 'install', 'click'])\n"),
        ("a.py", "syntax", ROUTE + "    import os\n    return getattr(os, x)()\n", ROUTE + "    return getattr(VIEWS, x)()\n"),
        ("a.py", "syntax", ROUTE + "    import fabric\n    fabric.Connection('h').run('ls ' + x)\n",
         "import fabric\nfabric.Connection('h').run('ls')\n"),
        ("a.py", "syntax", "import zipfile\nz = zipfile.ZipFile('a.zip')\nfor n in z.namelist():\n    open('out/' + n, 'wb').write(z.read(n))\n",
         "import os, zipfile\nz = zipfile.ZipFile('a.zip')\nfor n in z.namelist():\n    open('out/' + os.path.basename(n), 'wb').write(z.read(n))\n"),
        ("a.js", "syntax", "app.get('/', (req, res) => res.sendFile('/srv/' + req.query.f));\n",
         "app.get('/', (req, res) => res.sendFile(req.query.f, { root: 'public' }));\n"),
        ("a.js", "syntax", "app.get('/', (req, res) => res.send('<b>' + req.query.f));\n",
         "app.get('/', (req, res) => res.json({ f: req.query.f }));\n"),
        ("a.js", "imports", "require(process.argv[2]);\n", "require(`./config/${process.env.NODE_ENV}`);\n"),
        ("a.js", "imports", "require('koffi').load('libc.so.6').func('int system(const char *)');\n",
         "require('koffi').load('libm.so.6').func('double cos(double)');\n"),
        ("a.py", "time", "import asyncio\nasync def f():\n    await asyncio.Future()\nasyncio.run(f())\n",
         "import asyncio, websockets\nasync def f():\n    async with websockets.serve(print, '', 9):\n        await asyncio.Future()\nasyncio.run(f())\n"),
        ("a.js", "time", "await new Promise(() => {});\n", "require('http').createServer().listen(9);\nawait new Promise(() => {});\n"),
        ("a.py", "time", "f = lambda x: f(x)\nf(1)\n", "f = lambda x: x and f(x - 1)\nf(1)\n"),
        ("a.py", "resources", "import asyncio\nasync def g():\n    await asyncio.gather(*[asyncio.sleep(1) for _ in range(10**6)])\n",
         "import asyncio\nasync def g():\n    await asyncio.gather(*[asyncio.sleep(1) for _ in range(10)])\n"),
        ("a.js", "resources", "const a = [1];\nfor (let i = 0; i < 40; i++) a.push(...a);\n", "const a = [1];\nfor (let i = 0; i < 40; i++) a.push(...b);\n"),
    ],
)  # fmt: skip
def test_what_a_request_may_not_choose_and_what_is_compared_first(
    path: str, check: str, dangerous: str, fine: str
) -> None:
    assert check in blocked(path, dangerous)
    assert not blocked(path, fine)


SQL = "import psycopg2\nc = psycopg2.connect('host={}').cursor()\n"


@pytest.mark.parametrize(
    ("path", "check", "dangerous", "fine"),
    [
        ("a.py", "syntax", SQL.format("db.example") + "c.execute('DROP TABLE users')\n",
         SQL.format("localhost") + "c.execute('DROP TABLE users')\n"),
        ("a.py", "syntax", SQL.format("db.example") + "c.execute('TRUNCATE staging')\n",
         SQL.format("db.example") + "c.execute('TRUNCATE staging')\nc.execute('INSERT INTO staging SELECT 1')\n"),
        ("a.py", "syntax", "import pymongo\npymongo.MongoClient('mongodb://a.example').drop_database('b')\n",
         "import pymongo\npymongo.MongoClient('mongodb://a.example').drop_database('b_test')\n"),
        ("a.py", "syntax", "import redis\nredis.Redis(host='a.example').flushall()\n", "import redis\nredis.Redis().flushall()\n"),
        ("a.py", "syntax", "import boto3\nboto3.client('ec2').terminate_instances(InstanceIds=['i'])\n",
         "import boto3\nboto3.client('ec2').stop_instances(InstanceIds=['i'])\n"),
        ("a.py", "privilege", "import boto3\nboto3.client('iam').attach_user_policy(UserName='a', PolicyArn='arn:aws:iam::aws:policy/AdministratorAccess')\n",
         "import boto3\nboto3.client('iam').attach_user_policy(UserName='a', PolicyArn='arn:aws:iam::aws:policy/ReadOnlyAccess')\n"),
        ("a.py", "syntax", "import git\ngit.Repo('.').git.push('--force', 'origin', 'main')\n",
         "import git\ngit.Repo('.').git.push('origin', 'feature')\n"),
        ("a.js", "syntax", "const { EC2Client, TerminateInstancesCommand } = require('@aws-sdk/client-ec2');\nnew EC2Client({}).send(new TerminateInstancesCommand({}));\n",
         "const { EC2Client, StopInstancesCommand } = require('@aws-sdk/client-ec2');\nnew EC2Client({}).send(new StopInstancesCommand({}));\n"),
        ("a.js", "syntax", "const m = require('mongoose');\nm.connect('mongodb://a.example/b');\nm.connection.dropDatabase();\n",
         "const m = require('mongoose');\nm.connect('mongodb://localhost/b');\nm.connection.dropDatabase();\n"),
        ("a.py", "privilege", "import os\nos.kill(-1, 9)\n", "import os\nos.kill(os.getpid(), 9)\n"),
    ],
)  # fmt: skip
def test_what_is_kept_elsewhere_is_not_removed_and_what_tests_make_is(
    path: str, check: str, dangerous: str, fine: str
) -> None:
    assert check in blocked(path, dangerous)
    assert not blocked(path, fine)
