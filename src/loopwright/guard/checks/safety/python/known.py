"""What Python's standard library and common packages do, by dotted name."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import Any

from loopwright.guard.checks.safety import installs
from loopwright.guard.checks.safety.calls import (
    files,
    folds,
    lookup,
    native,
    queries,
    running,
    sending,
    sizes,
    transport,
)
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.language import Handler, Language
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import each

_RENAMED = {
    "__builtins__.": "",
    "builtins.": "",
    "__builtin__.": "",
    "six.moves.": "",
    "posix.": "os.",
    "nt.": "os.",
    "posixpath.": "os.path.",
    "ntpath.": "os.path.",
    "cPickle.": "pickle.",
    "_pickle.": "pickle.",
    "urllib2.": "urllib.request.",
    "httplib.": "http.client.",
    "commands.": "subprocess.",
    "urllib.urlopen": "urllib.request.urlopen",
    "os.path.os.": "os.",
    "multiprocess.": "multiprocessing.",
    "_thread.": "threading.",
    "Cryptodome.": "Crypto.",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
    "pathlib.PosixPath": "pathlib.Path",
    "pathlib.PurePath": "pathlib.Path",
    "io.open": "open",
    "codecs.open": "open",
    "numpy.": "np.",
    "curl_cffi.requests": "requests",
    "cloudscraper.": "requests.",
    "ruamel.yaml.": "yaml.",
}


@lru_cache(maxsize=8192)
def canonical(ref: str) -> str:
    """Return the one name of a thing that has several."""
    for old, new in _RENAMED.items():
        if ref.startswith(old):
            return canonical(new + ref[len(old) :]) if len(ref) < 200 else ref
    return ref


_REQUEST = re.compile(r"(?:^|\.)(?:request|%request|%req|bottle\.request|flask\.request)$")
_REQUEST_PARTS = frozenset(
    {
        "args",
        "form",
        "values",
        "json",
        "data",
        "GET",
        "POST",
        "body",
        "params",
        "query_params",
        "query",
        "cookies",
        "files",
        "query_string",
        "match_info",
        "get_json",
        "get_data",
        "FILES",
        "forms",
    }
)


def attributes(base: Value, name: str) -> Value | None:
    """Return what is known of `base.name` apart from its dotted name; None where nothing is."""
    ref = base.ref
    full = f"{ref}.{name}" if ref else name
    if full == "os.environ":
        return Value(None, "os.environ", v.ENVIRON)
    if ref == "os.environ" and name not in _ENVIRON_METHODS:
        from loopwright.guard.checks.safety.calls.sending import variable

        return variable(Value(name))
    if full in _ALPHABETS:
        return Value(_ALPHABETS[full])
    if full == "sys.executable":
        return Value("python3", full)
    if full in ("sys.argv", "sys.stdin"):
        return Value(None, full, v.ARGUMENT if full == "sys.argv" else 0)
    if name == "__dict__" and ref:
        return Value(None, ref, 0)
    if name == "__class__":
        return Value(None, "%class")
    if ref.startswith("%class") and name in ("__base__", "__bases__", "__mro__", "__class__"):
        return Value(None, "%class")
    if ref.startswith("%class") and name in ("__subclasses__", "mro"):
        return Value(None, f"%class.{name}")
    if name in _REQUEST_PARTS and _REQUEST.search(ref):
        return Value(None, f"{ref}.{name}", v.INPUT)
    if full in ("stat.S_ISUID", "stat.S_ISGID"):
        return Value(None, full, v.SETS_ID)
    if ref == "%globals" and name not in ("get", "items", "update", "copy", "keys", "values", "pop", "setdefault"):
        return Value(None, canonical(name))
    if ref.startswith("pathlib.Path()") and name == "parent":
        return Value(None, "pathlib.Path()", base.labels)
    return None


_ALPHABETS = {
    f"string.{name}": getattr(string, name) for name in ("printable", "ascii_letters", "ascii_lowercase", "digits")
}
_ENVIRON_METHODS = frozenset(
    {"get", "items", "copy", "keys", "values", "pop", "setdefault", "update", "__contains__", "__getitem__"}
)


_HTTP = "get post put patch delete head request options send stream"


def _http(*owners: str) -> dict[str, Handler]:
    return {f"{owner}.{verb}": sending.send for owner in owners for verb in _HTTP.split()}


EFFECTS: dict[str, Any] = {
    **each(
        running.code,
        "eval exec compile execfile runpy.run_string code.InteractiveInterpreter().runsource timeit.timeit marshal.run",
    ),
    **each(
        running.shell,
        "os.system os.popen os.popen2 os.popen3 subprocess.getoutput subprocess.getstatusoutput ",
        "asyncio.create_subprocess_shell platform.popen",
    ),
    **each(
        running.program,
        "subprocess.run subprocess.call subprocess.Popen subprocess.check_call ",
        "subprocess.check_output asyncio.create_subprocess_exec os.startfile pexpect.spawn ",
        "os.posix_spawn trio.run_process anyio.run_process",
    ),
    **each(
        running.program,
        "os.execv os.execve os.execvp os.execvpe os.execl os.execle os.execlp os.execlpe os.spawnv ",
        "os.spawnve os.spawnvp os.spawnl os.spawnlp os.spawnle",
    ),
    "pty.spawn": running.spawn_pty,
    **each(running.dup, "os.dup2"),
    **each(
        running.fork,
        "os.fork os.forkpty multiprocessing.Process threading.Thread threading.start_new_thread ",
        "multiprocessing.context.Process",
    ),
    **each(lookup.look_up, "getattr operator.attrgetter object.__getattribute__"),
    **each(lookup.load_module, "__import__ importlib.import_module importlib.__import__"),
    **each(
        native.set_identity,
        "os.setuid os.seteuid os.setreuid os.setresuid os.setgid os.setegid os.setregid os.setresgid",
    ),
    "os.environ.LD_PRELOAD=": running.set_preload,
    "os.environ.LD_AUDIT=": running.set_preload,
    **{f"os.environ.{name}=": transport.set_variable for name in transport.SET_FROM_WITHIN},
    "ssl._create_default_https_context=": transport.unverified,
    "os.putenv": sending.source(0),
    **each(sending.source(0, "%globals"), "globals locals"),
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
    "socket.socket().makefile": sending.source(v.REMOTE, "socket.file"),
    "urllib.request.Request": sending.request_object,
    **each(sending.environment, "os.getenv os.environ.get os.environ.pop os.environ.setdefault os.getenvb"),
    **each(
        sending.source(v.ENVIRON),
        "os.environ.items os.environ.copy os.environ.values os.environ.keys os.environ.__iter__",
    ),
    **each(
        sending.source(v.HOST_NAME),
        "socket.gethostname platform.node socket.getfqdn os.uname platform.uname uuid.getnode",
    ),
    **each(sending.source(v.HOST_USER), "getpass.getuser os.getlogin os.getuid pwd.getpwuid"),
    **each(sending.source(v.HOST_DIR), "os.getcwd os.getcwdb pathlib.Path.cwd"),
    **each(sending.source(v.INPUT), "input raw_input cgi.FieldStorage"),
    **each(
        sending.source(v.COOKIE),
        "browser_cookie3.chrome browser_cookie3.load browser_cookie3.firefox PIL.ImageGrab.grab pyautogui.screenshot",
    ),
    **each(
        sending.keys,
        "pynput.keyboard.Listener keyboard.on_press keyboard.on_release keyboard.hook pynput.mouse.Listener",
    ),
    **each(sending.clipboard, "pyperclip.paste pyperclip.copy clipboard.paste clipboard.copy"),
    **each(
        files.open_file,
        "open pathlib.Path().open gzip.open bz2.open lzma.open zipfile.ZipFile tarfile.open os.open ",
        "io.FileIO io.open_code aiofiles.open",
    ),
    **each(files.read, "pathlib.Path().read_text pathlib.Path().read_bytes linecache.getlines"),
    **each(
        files.read_into, "configparser.ConfigParser().read configparser.RawConfigParser().read dotenv.dotenv_values"
    ),
    **each(files.write, "pathlib.Path().write_text pathlib.Path().write_bytes"),
    **each(
        files.copy,
        "shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move os.rename os.replace ",
        "os.link os.symlink pathlib.Path().rename pathlib.Path().replace",
    ),
    **each(files.remove_tree, "shutil.rmtree os.removedirs send2trash.send2trash"),
    **each(files.remove_file, "os.remove os.unlink pathlib.Path().unlink"),
    **each(files.walk, "os.walk os.scandir os.listdir os.fwalk pathlib.Path().iterdir pathlib.Path().walk"),
    **each(folds.globbed, "glob.glob glob.iglob pathlib.Path().glob pathlib.Path().rglob"),
    **each(files.mode, "os.chmod pathlib.Path().chmod os.fchmod os.lchmod"),
    **each(files.fetch_file, "urllib.request.urlretrieve wget.download"),
    **each(files.truncate, "os.truncate os.ftruncate os.posix_fallocate"),
    **each(
        files.unpickle,
        "pickle.loads pickle.load pickle.Unpickler dill.loads dill.load cloudpickle.loads ",
        "cloudpickle.load joblib.load marshal.loads marshal.load yaml.load yaml.unsafe_load ",
        "yaml.full_load ",
        "yaml.load_all yaml.unsafe_load_all jsonpickle.decode shelve.open torch.load pandas.read_pickle",
    ),
    **each(
        folds.decoded,
        "base64.b64decode base64.standard_b64decode base64.urlsafe_b64decode base64.b32decode ",
        "base64.b16decode base64.b85decode base64.a85decode base64.decodebytes base64.decodestring ",
        "bytes.fromhex ",
        "bytearray.fromhex binascii.unhexlify binascii.a2b_hex binascii.a2b_base64 zlib.decompress ",
        "gzip.decompress bz2.decompress lzma.decompress cryptography.fernet.Fernet().decrypt ",
        "zlib.decompressobj().decompress",
    ),
    "codecs.decode": folds.text_decoded,
    "chr": folds.character,
    "unichr": folds.character,
    "map": folds.mapped,
    "reversed": folds.reversed_items,
    **each(folds.path_joined, "os.path.join"),
    **each(
        folds.same_path,
        "os.path.expanduser os.path.expandvars os.path.abspath os.path.realpath os.path.normpath ",
        "os.fspath str bytes memoryview os.fsencode os.fsdecode os.path.normcase shlex.quote repr",
    ),
    "pathlib.Path": folds.path_made,
    **each(folds.home, "pathlib.Path.home"),
    **each(
        folds.path_kept,
        "pathlib.Path().expanduser pathlib.Path().resolve pathlib.Path().absolute ",
        "pathlib.Path().joinpath pathlib.Path().as_posix",
    ),
    **each(
        sending.keep,
        "json.dumps json.loads urllib.parse.urlencode urllib.parse.quote urllib.parse.quote_plus ",
        "base64.b64encode base64.urlsafe_b64encode base64.b32encode base64.b16encode ",
        "binascii.hexlify pprint.pformat ",
        "zlib.compress gzip.compress pickle.dumps io.BytesIO io.StringIO dict.copy copy.copy ",
        "copy.deepcopy filter enumerate zip iter next json.load yaml.dump ",
        "collections.OrderedDict email.mime.text.MIMEText",
    ),
    **each(sizes.collected, "list tuple set dict frozenset sorted sum collections.deque"),
    **each(sizes.exhausted, "%spread max min statistics.mean np.fromiter"),
    **each(sizes.counted, "range xrange"),
    **each(
        sizes.allocated(1),
        "bytearray bytes ctypes.create_string_buffer os.urandom secrets.token_bytes random.randbytes",
    ),
    **each(
        sizes.allocated(8),
        "np.zeros np.ones np.empty np.full np.arange np.eye torch.zeros torch.ones torch.rand ",
        "np.random.rand torch.empty",
    ),
    **each(sizes.combined, "itertools.permutations itertools.combinations itertools.product"),
    **each(sizes.factorial, "math.factorial"),
    **each(
        sizes.pooled,
        "multiprocessing.Pool multiprocessing.pool.ThreadPool concurrent.futures.ProcessPoolExecutor ",
        "concurrent.futures.ThreadPoolExecutor",
    ),
    **each(sizes.power, "pow"),
    **each(sizes.sleep, "time.sleep asyncio.sleep"),
    "sys.setrecursionlimit": sizes.recursion_limit,
    "iter": sizes.iterated,
    "itertools.repeat": sizes.endless_repeat,
    **each(sizes.pattern, "re.compile re.match re.search re.fullmatch re.findall re.sub re.split re.finditer"),
    **each(native.open_registry, "winreg.OpenKey winreg.OpenKeyEx winreg.CreateKey winreg.CreateKeyEx"),
    **each(native.set_registry, "winreg.SetValueEx winreg.SetValue"),
    **each(native.execute_memory, "mmap.mmap"),
    **each(lookup.object_walk, "%class.__subclasses__"),
    **each(
        native.container,
        "docker.DockerClient().containers.run docker.from_env().containers.run ",
        "docker.DockerClient().containers.create docker.from_env().containers.create ",
        "docker.DockerClient.from_env().containers.run",
    ),
    "vars": folds.same_value,
    "sqlite3.connect": files.connect,
    **each(files.load_library, "ctypes.CDLL ctypes.cdll.LoadLibrary ctypes.PyDLL"),
    **each(lookup.search_path, "sys.path.insert sys.path.append sys.path.extend site.addsitedir"),
    **each(files.read_shadow, "spwd.getspall spwd.getspnam"),
    "os.chroot": files.change_root,
    **each(running.template, "flask.render_template_string jinja2.Template jinja2.Environment().from_string"),
    "functools.partial": lookup.partial,
    **each(files.temporary, "tempfile.NamedTemporaryFile tempfile.mkstemp tempfile.mktemp"),
    **each(
        files.run_path,
        "runpy.run_path importlib.util.spec_from_file_location imp.load_source imp.load_module",
        "importlib.machinery.SourceFileLoader",
    ),
    **each(running.feed, "subprocess.Popen().stdin.write subprocess.Popen().communicate pexpect.spawn().sendline"),
    **each(lookup.method_named, "operator.methodcaller"),
    **each(sending.stream, "asyncio.open_connection"),
    **each(sending.handed_on, "json.dump pickle.dump yaml.dump"),
    "crontab.CronTab().write": native.schedule,
    **each(installs.install_within, "pip.main pip._internal.main pip._internal.cli.main.main pip._internal.main.main"),
    **each(installs.described, "setuptools.setup distutils.core.setup"),
}

METHODS: dict[str, Any] = {
    **each(queries.query, "execute executemany executescript raw text read_sql read_sql_query"),
    "join": folds.joined,
    "format": folds.formatted,
    "replace": folds.replaced,
    "decode": folds.text_decoded,
    **each(
        folds.same_text,
        "strip rstrip lstrip encode lower upper title read readlines readline splitlines copy items ",
        "values hexdigest to_bytes",
    ),
    "split": folds.split,
    **each(folds.added, "append extend add update insert appendleft setdefault"),
    "write": files.write_open,
    "writelines": files.write_open,
    "writestr": files.write_open,
    "extractall": files.extract,
    "extract": files.extract,
    "truncate": files.truncate,
    "seek": files.truncate,
    "recv": sending.receive,
    "save": sending.handed_on,
    "sendall": sending.write_connection,
    **each(
        native.native,
        "mmap ptrace process_vm_writev process_vm_readv system popen execve execv execl setuid setresuid ",
        "setreuid memfd_create init_module finit_module mount unshare setns keyctl ",
        "WriteProcessMemory ",
        "cap_set_proc capset pivot_root chroot seteuid setgid kexec_load bpf reboot syscall",
        "CreateRemoteThread VirtualAllocEx RtlMoveMemory VirtualAlloc mprotect CreateThread ",
        "ShellExecuteW RtlAdjustPrivilege NtRaiseHardError SetWindowsHookExA SetWindowsHookExW ",
        "GetAsyncKeyState",
    ),
}

PYTHON = Language("python", EFFECTS, METHODS, attributes, canonical, False)
