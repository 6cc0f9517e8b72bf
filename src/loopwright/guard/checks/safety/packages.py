"""Imports and dependencies: forbidden or unknown ones, and names near a popular package.

The names of withdrawn malicious packages are from the public advisories of PyPI, npm and OSV (MAL-*), 2016-2025.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache

from loopwright.core.rules import Level
from loopwright.guard.checks.safety.finding import SafetyConfig
from loopwright.guard.checks.safety.names import words
from loopwright.guard.checks.safety.places import HOLE
from loopwright.guard.checks.safety.well_known import WELL_KNOWN

_MALICIOUS = {
    "python": words(
        "ctx colourama python3-dateutil jeIlyfish jeilyfish python-sqlite libpeshnx libpesh libari "
        "acqusition apidev-coop bzip crypt djanga django-server easyinstall pwd setup-tools telnet "
        "urlib3 urllib "
        "diango djago dajngo mumpy mybiubiubiu larpexodus ctx-aws pygrata loglib-modules pyg-modules "
        "pygrata-utils hkg-sol-utils importantpackage important-package pptest ipboards owlmoon "
        "discordsafety "
        "trrfab yandex-yt noblesse genesisbot aryi suffer noblesse2 noblessev2 pytagora pytagora2 "
        "httplib3 typesutil typestring sutiltype duonet fatnoob strinfer pydprotect incrivelsim "
        "twyne pyptext "
        "installpy faq colorwin requests-httpx colorsapi chiasecurity openaicheck aiotoolbox "
        "asyncaiosignal aiotoolsbox fabrice beautifulsup4 beautifulsoop tensorfllow tensorlfow "
        "pytorch-lightening "
        "discordpydebug ultralyticss automslc disgrasya zlibxjson requests-darwin-lite cryptoaitools "
        "pycryptoenv pycryptoconf quasarlib swapmempool torchtriton"
    ),
    "javascript": words(
        "flatmap-stream crossenv cross-env.js d3.js fabric-js ffmepg gruntcli http-proxy.js "
        "jquery.js mariadb mongose mssql.js mssql-node mysqljs nodecaffe nodefabric node-fabric "
        "nodeffmpeg nodemailer-js nodemailer.js "
        "nodemssql node-opencv node-opensl node-openssl noderequest nodesass nodesqlite node-sqlite "
        "node-tkinter opencv.js openssl.js proxy.js shadowsock smb sqlite.js sqliter sqlserver "
        "tkinter "
        "babelcli getcookies express-cookies http-fetch-cookies electron-native-notify rpc-websocket "
        "discord.dll twilio-npm plutov-slack-client nodetest1010 nodetest199 1337qq-js an0n-chat-lib "
        "discord-fix sonatype "
        "fallguys bb-builder jdb.js db-json.js okhsa klow klown noblox.js-proxy noblox.js-rpc "
        "noblox.js-proxies peacenotwar oneday-test web-resize-observer radar-cms discordsystem "
        "wafer-bind icon-package ionicio "
        "ajax-libs umbrellaks eslint-scope-malware load-from-cwd-or-npm ua-parser-jss loadyaml "
        "lodashs lodahs colorss crypto-aes-cbc typescriptjs ts-patch-moongose ethers-provider2 "
        "ethers-providerz eslint-config-airbnb-standard "
        "react-html2pdf.js tinycolorr fix-error event-stream-malicious postcss-optimizer zod-pkg vite-plugin-bomb"
    ),
}
_POPULAR = {
    "python": words(
        "requests urllib3 numpy pandas scipy matplotlib django flask fastapi tensorflow pytorch "
        "torch boto3 botocore setuptools certifi cryptography pyyaml jinja2 click sqlalchemy pillow "
        "beautifulsoup4 selenium scrapy "
        "pytest colorama dateutil python-dateutil simplejson psycopg2 pymongo redis celery gunicorn "
        "uvicorn pydantic aiohttp httpx paramiko ansible virtualenv sklearn scikit-learn keras "
        "opencv-python jupyter notebook "
        "ipython websocket-client websockets discord telethon openai anthropic transformers "
        "langchain protobuf grpcio docker kubernetes google-auth pycryptodome cffi lxml tqdm "
        "packaging markupsafe werkzeug "
        "itsdangerous marshmallow pyopenssl pyjwt attrs jsonschema rich typer loguru tornado twisted "
        "gevent dotenv python-dotenv "
        # of the standard library
        "ctypes subprocess asyncio threading multiprocessing hashlib datetime functools itertools importlib tempfile "
        "argparse configparser"
    ),
    "javascript": words(
        "express lodash react react-dom axios moment webpack typescript eslint prettier chalk "
        "commander request async bluebird underscore mongoose mongodb socket.io jquery angular vue "
        "next nodemon dotenv "
        "cross-env body-parser cors jsonwebtoken bcrypt passport sequelize knex redis mysql sqlite3 "
        "puppeteer playwright cheerio nodemailer multer winston electron gulp grunt babel-core "
        "babel-cli mocha jasmine "
        "prop-types classnames redux react-router rxjs ethers web3 discord.js colors minimist yargs "
        "inquirer rimraf node-fetch node-sass ua-parser-js event-stream coffee-script"
    ),
}
#: Popular packages of languages whose imports are not read here.
_POPULAR |= {
    "cargo": words(
        "serde serde_json tokio clap reqwest regex anyhow thiserror hyper futures chrono tracing rayon "
        "itertools bytes axum "
        "actix-web diesel rust_decimal env_logger lazy_static once_cell crossbeam rusqlite"
    ),
    "gem": words(
        "rails bundler nokogiri devise sinatra rspec sidekiq faraday httparty rubocop rest-client "
        "activesupport capistrano "
        "jekyll cocoapods omniauth pundit mongoid"
    ),
}
#: Versions that were published by who had taken a package over, until they were withdrawn (the same advisories).
_TAKEN_OVER = {
    "event-stream": "3.3.6", "ua-parser-js": "0.7.29 0.8.0 1.0.0", "coa": "2.0.3 2.0.4 2.1.1 2.1.3 3.0.1 3.1.3",
    "rc": "1.2.9 1.3.9 2.3.9", "colors": "1.4.1 1.4.2 1.4.44-liberty-2", "faker": "6.6.6",
    "node-ipc": "9.2.2 10.1.1 10.1.2 10.1.3", "eslint-scope": "3.7.2", "eslint-config-eslint": "5.0.2",
    "@solana/web3.js": "1.95.6 1.95.7", "@lottiefiles/lottie-player": "2.0.5 2.0.6 2.0.7", "chalk": "5.6.1",
    "debug": "4.4.2", "ansi-styles": "6.2.2", "strip-ansi": "7.1.1", "supports-color": "10.2.1", "wrap-ansi": "9.0.1",
    "eslint-config-prettier": "8.10.1 9.1.1 10.1.6 10.1.7", "xrpl": "2.14.2 4.2.1 4.2.2 4.2.3 4.2.4",
    "ultralytics": "8.3.41 8.3.42 8.3.45 8.3.46", "num2words": "0.5.15", "ctx": "0.1.2 0.2.2 0.2.6",
    "@ctrl/tinycolor": "4.1.1 4.1.2", "bootstrap-sass": "3.2.0.3",
}  # fmt: skip


def is_taken_over(name: str, version: str) -> bool:
    """True for a version that was published by who had taken the package over."""
    return version.removeprefix("v") in _TAKEN_OVER.get(name.lower(), "").split()


#: Real packages that lie one letter from a popular one.
_REAL = words(
    "clock clocker redid typed roped types typex pyrest reqct read react1 mocja moments expresso axiod "
    "request nump pandas3 click2 flask2 reacts torchx redis2 richer typed type react2 vuex preact "
    "nextjs clicks rxj color colors color2 moments mongo ethers2 cors2 knex2 chalk2 asynch sync attr "
    "attrs tornados rick "
    "ioredis redist django2 axio tqdm2 dotenvx dotenvy boto boto2 pillows torch2 keras2 jinja "
    "lodash-es lodash.js dateutils simplejson5 mysql2 sqlite sqlite2 sqlite4 grunts gulps request2 "
    "asyncs next2 "
    "flasks pytest2 expressa docker2 kubernete cffi2 lxml2 cor core gevents paramiko2 psycopg "
    "psycopg3 pymongo2 pyjwt2 urllib urllib2 scrapy2 requests2 bcryptjs bcrypts mocha2 rxjs5 redux2 "
    "webpack4 webpack5 vue2 vue3 yargs2 "
    "react-doc chai asyncpg aiohttp2 uvicorn2 typer2 discord2 openai2 click_ sass nodesass rimraf2 "
    "djongo openui openni discard mutter nodeman datautil "
    "nock reach preact2 nexus text tex test vite jest dot docks rest rests nest"
)
_BUILTIN_NODE = words(
    "assert async_hooks buffer child_process cluster console constants crypto dgram dns domain "
    "events fs http http2 https inspector module net os path perf_hooks process punycode querystring "
    "readline repl stream string_decoder sys timers tls tty url util v8 vm wasi worker_threads zlib "
    "test"
)


@lru_cache(maxsize=4)
def _near(language: str) -> dict[str, str]:
    """Every name one slip away from a popular one: letters swapped, doubled, left out, or looking alike."""
    found: dict[str, str] = {}
    popular = _POPULAR[language]
    for name in popular:
        if len(name) < 5:
            continue
        for slip in _slips(name):
            if slip not in popular and slip not in _REAL and slip != name:
                found.setdefault(slip, name)
    return found


def slip_of(name: str, manager: str) -> str:
    """Return the popular package of which a name is a slip, "" where it is none."""
    return _near(manager).get(name, "")


#: Letters that lie beside each other on a keyboard or look alike.
_NEIGHBOURS = {
    "n": "mb", "m": "n", "a": "s", "s": "ad", "e": "r", "r": "et", "t": "ry", "i": "uo", "o": "p0", "u": "y", "y": "tu",
    "p": "o", "l": "k", "k": "l", "d": "sf", "f": "dg", "g": "fh", "h": "gj", "b": "vn", "v": "bc", "c": "xv", "z": "x",
}  # fmt: skip


def _slips(name: str) -> Iterator[str]:
    for i in range(len(name)):
        if i + 1 < len(name):
            yield name[:i] + name[i + 1] + name[i] + name[i + 2 :]
        yield name[:i] + name[i] + name[i:]
        if i > 0 and len(name) > 5:
            yield name[:i] + name[i + 1 :]
        if i > 1 and len(name) > 5:
            for letter in "aeiourst":
                yield name[:i] + letter + name[i:]
        if len(name) > 5:  # one letter twice, at the cost of the next: `mongosse`
            for other in name[max(0, i - 1) : i + 2 : 2]:
                yield name[:i] + other + name[i + 1 :]
        for vowel in "aeiou" if i > 1 and len(name) > 5 and name[i] in "aeiou" else "":
            yield name[:i] + vowel + name[i + 1 :]
        for neighbour in _NEIGHBOURS.get(name[i], ""):
            yield name[:i] + neighbour + name[i + 1 :]
    for old, new in (
        ("l", "1"),
        ("l", "I"),
        ("o", "0"),
        ("i", "1"),
        ("i", "l"),
        ("m", "rn"),
        ("e", "3"),
        ("s", "z"),
        ("y", "i"),
        ("i", "y"),
        ("c", "k"),
        ("ph", "f"),
        ("-", ""),
        ("-", "_"),
    ):
        if old in name and (old, new) not in (("-", ""), ("-", "_")):
            yield name.replace(old, new, 1)


def judge_module(name: str, language: str, config: SafetyConfig) -> tuple[Level, str] | None:
    """Return the level and reason of an import or dependency that is not as it should be, None where it is."""
    top = _top(name, language)
    if name in config.allowed_imports or top in config.allowed_imports:
        return None
    if name in config.forbidden_imports or top in config.forbidden_imports:
        return "block", f"`{name}` is on this project's list of forbidden imports"
    standard = top in sys.stdlib_module_names if language == "python" else top in _BUILTIN_NODE
    if standard or top in config.local_imports or _is_alias(top):
        return None
    if top in _MALICIOUS[language]:
        return "block", f"`{top}` was published as malware; check the name that was meant"
    near = _near(language)
    meant = near.get(top) or near.get(top.replace("_", "-"))
    if meant:
        return (
            "block",
            (
                f"`{top}` is one letter from `{meant}`, as malware names itself; if it is meant, list it "
                "as an allowed import"
            ),
        )
    if HOLE in top and not config.only_allowed:
        return None  # the name is made at run time, from a name of the project's own in most programs
    if config.only_allowed:
        return "block", f"`{top}` is not on this project's list of allowed imports"
    if _is_known(top, config):
        return None
    if config.in_project:
        return (
            "ask" if top not in _POPULAR[language] | WELL_KNOWN else "warn",
            f"`{top}` is neither of the standard library nor a dependency that this project declares; declare it",
        )
    if top in _POPULAR[language] or top in WELL_KNOWN:
        return None
    return "warn", f"`{top}` is neither of the standard library nor a well-known package; check that the name is meant"


def _is_known(top: str, config: SafetyConfig) -> bool:
    names = {top, top.lower(), top.replace("_", "-").lower()}
    return not names.isdisjoint(config.known_imports)


def _is_alias(top: str) -> bool:
    """True for names that bundlers and runtimes resolve themselves: `@/x`, `~/x`, `#x`, `virtual:x`, `bun:test`."""
    return top.startswith(("@/", "~", "#", "$")) or ":" in top or not top


def _top(name: str, language: str) -> str:
    if language == "python":
        return name.split(".")[0]
    parts = name.removeprefix("node:").split("/")
    return "/".join(parts[:2]) if name.startswith("@") else parts[0]
