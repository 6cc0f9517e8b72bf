"""What Python's standard library and common packages do, by dotted name."""

from __future__ import annotations

from typing import Any

from loopwright.guard.checks.safety import installs
from loopwright.guard.checks.safety.calls import (
    answers,
    arrays,
    costs,
    devices,
    elsewhere,
    files,
    folds,
    judging,
    letters,
    loading,
    lookup,
    native,
    own_program,
    preloading,
    programs,
    queries,
    removing,
    running,
    sending,
    sequences,
    sizes,
    terminals,
    timers,
    transport,
    waiting,
)
from loopwright.guard.checks.safety.flow import lengths
from loopwright.guard.checks.safety.flow.language import Language
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.python.attributes import attributes, canonical
from loopwright.guard.checks.safety.python.methods import METHODS
from loopwright.guard.checks.safety.python.network import NETWORK
from loopwright.guard.checks.safety.python.told import TOLD
from loopwright.guard.checks.safety.variables import SET_FROM_WITHIN

EFFECTS: dict[str, Any] = {
    **elsewhere.EFFECTS,
    **waiting.WAITS,
    **arrays.ARRAYS,
    **each(
        running.code,
        "eval exec compile execfile runpy.run_string code.InteractiveInterpreter().runsource "
        "code.InteractiveConsole().push code.InteractiveConsole().runsource ctypes.pythonapi.PyRun_SimpleString "
        "timeit.timeit marshal.run cProfile.run cProfile.runctx profile.run pdb.run trace.Trace().run "
        "IPython.get_ipython().run_cell js2py.eval_js execjs.eval lupa.LuaRuntime().execute lupa.LuaRuntime().eval "
        "py_mini_racer.MiniRacer().eval rpy2.robjects.r asteval.Interpreter() ",
    ),
    **each(
        programs.shell,
        "os.system os.popen os.popen2 os.popen3 subprocess.getoutput subprocess.getstatusoutput ",
        "win32com.client.Dispatch().Run win32com.client.Dispatch().Exec win32com.client.Dispatch().ShellExecute "
        "asyncio.create_subprocess_shell platform.popen pexpect.run invoke.run invoke.Context().run delegator.run ",
        "fabric.Connection().run fabric.Connection().sudo fabric.Connection().local fabric.api.run fabric.api.local ",
        "fabric.operations.run plumbum.local.session().run",
    ),
    **each(
        programs.program,
        "subprocess.run subprocess.call subprocess.Popen subprocess.check_call ",
        "subprocess.check_output asyncio.create_subprocess_exec os.startfile pexpect.spawn ",
        "os.posix_spawn trio.run_process anyio.run_process",
    ),
    **each(
        programs.program,
        "os.execv os.execve os.execvp os.execvpe os.execl os.execle os.execlp os.execlpe os.spawnv ",
        "os.spawnve os.spawnvp os.spawnl os.spawnlp os.spawnle",
    ),
    "pty.spawn": terminals.spawn_pty,
    **each(terminals.dup, "os.dup2"),
    **each(
        own_program.fork,
        "os.fork os.forkpty multiprocessing.Process threading.Thread threading.start_new_thread ",
        "multiprocessing.context.Process",
    ),
    **each(lookup.look_up, "getattr object.__getattribute__"),
    "operator.attrgetter": lookup.getter,
    **each(lookup.load_module, "__import__ importlib.import_module importlib.__import__"),
    **each(
        native.set_identity,
        "os.setgroups os.initgroups os.setuid os.seteuid os.setreuid os.setresuid os.setgid os.setegid "
        "os.setregid os.setresgid",
    ),
    **each(
        lookup.remote_modules,
        "httpimport.remote_repo httpimport.load httpimport.github_repo httpimport.bitbucket_repo "
        "httpimport.add_remote_repo "
        "httpimport.gitlab_repo urlimport.install micropip.install",
    ),
    **each(removing.owner, "os.chown os.lchown shutil.chown"),
    "os.mknod": native.make_device,
    "fcntl.ioctl": native.type_for,
    **each(native.enter_namespace, "os.unshare os.setns"),
    **each(native.end_all, "os.kill os.killpg"),
    "os.environ.LD_PRELOAD=": preloading.set_preload,
    "os.environ.LD_AUDIT=": preloading.set_preload,
    **{f"os.environ.{name}=": transport.set_variable for name in SET_FROM_WITHIN},
    "ssl._create_default_https_context=": transport.unverified,
    "os.putenv": transport.put_variable,
    "os.environ.update": transport.set_variables,
    **each(sending.source(0, "%globals"), "globals locals"),
    **NETWORK,
    "urllib.request.Request": sending.request_object,
    **TOLD,
    **each(native.pod, "kubernetes.client.V1SecurityContext kubernetes.client.V1PodSpec"),
    "str.maketrans": letters.exchange,
    **each(
        files.open_file,
        "open pathlib.Path().open gzip.open bz2.open lzma.open zipfile.ZipFile tarfile.open os.open ",
        "io.FileIO io.open_code aiofiles.open",
    ),
    **each(devices.read_whole, "pathlib.Path().read_text pathlib.Path().read_bytes linecache.getlines"),
    "shutil.copyfileobj": devices.copied_over,
    **each(
        files.read_into, "configparser.ConfigParser().read configparser.RawConfigParser().read dotenv.dotenv_values"
    ),
    **each(files.write, "pathlib.Path().write_text pathlib.Path().write_bytes"),
    **each(
        devices.copied,
        "shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move os.rename os.replace ",
        "os.link os.symlink pathlib.Path().rename pathlib.Path().replace",
    ),
    **each(removing.remove_tree, "shutil.rmtree os.removedirs send2trash.send2trash"),
    **each(removing.remove_file, "os.remove os.unlink pathlib.Path().unlink"),
    **each(files.walk, "os.walk os.scandir os.listdir os.fwalk pathlib.Path().iterdir pathlib.Path().walk"),
    **each(folds.globbed, "glob.glob glob.iglob pathlib.Path().glob pathlib.Path().rglob"),
    **each(removing.mode, "os.chmod pathlib.Path().chmod os.fchmod os.lchmod"),
    **each(files.fetch_file, "urllib.request.urlretrieve wget.download"),
    **each(removing.truncate, "os.truncate os.ftruncate os.posix_fallocate"),
    **each(
        loading.unpickle,
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
    "threading.Timer": timers.later,
    "str": letters.as_text,
    "json.dumps": letters.as_json,
    **each(letters.made_bytes, "bytes bytearray"),
    "int": letters.whole,
    **each(sizes.whole, "float round"),
    **costs.COSTS,
    "np.memmap": arrays.on_disk,
    "np.load": loading.load_array,
    **each(lookup.set_search_path, "sys.path="),
    **each(lookup.replaced_import, "builtins.__import__= __builtins__.__import__="),
    "configparser.ConfigParser().write": files.write_settings,
    "dict.fromkeys": sizes.collected,
    "len": lengths.measured,
    **each(letters.character, "chr unichr"),
    "ord": letters.code_of,
    "map": letters.mapped,
    "enumerate": sequences.numbered,
    "zip": sequences.zipped,
    "itertools.cycle": sequences.cycled,
    "reversed": folds.reversed_items,
    **each(folds.path_joined, "os.path.join"),
    **each(
        folds.same_path,
        "os.path.expanduser os.path.expandvars os.path.abspath os.path.realpath os.path.normpath ",
        "os.fspath memoryview os.fsencode os.fsdecode os.path.normcase shlex.quote repr",
    ),
    "pathlib.Path": folds.path_made,
    **each(folds.home, "pathlib.Path.home"),
    **each(folds.libraries, "sysconfig.get_paths sysconfig.get_path site.getsitepackages site.getusersitepackages"),
    **each(
        folds.path_kept,
        "pathlib.Path().expanduser pathlib.Path().resolve pathlib.Path().absolute ",
        "pathlib.Path().joinpath pathlib.Path().as_posix",
    ),
    **each(
        sending.keep,
        "json.loads urllib.parse.urlencode urllib.parse.quote urllib.parse.quote_plus ",
        "base64.b64encode base64.urlsafe_b64encode base64.b32encode base64.b16encode ",
        "binascii.hexlify pprint.pformat ",
        "zlib.compress gzip.compress pickle.dumps io.BytesIO io.StringIO dict.copy copy.copy ",
        "copy.deepcopy filter iter next json.load yaml.dump ",
        "collections.OrderedDict email.mime.text.MIMEText",
    ),
    **each(sizes.collected, "list tuple set dict frozenset sorted sum collections.deque"),
    **each(sizes.exhausted, "%spread max min statistics.mean np.fromiter"),
    **each(sizes.counted, "range xrange"),
    **each(
        sizes.allocated(1),
        "ctypes.create_string_buffer os.urandom secrets.token_bytes random.randbytes",
    ),
    **each(sizes.combined, "itertools.permutations itertools.combinations itertools.product"),
    **each(sizes.factorial, "math.factorial"),
    **each(sizes.chained, "itertools.chain itertools.chain.from_iterable itertools.accumulate itertools.starmap"),
    "functools.reduce": sizes.reduced,
    "datetime.timedelta": sizes.waited,
    "datetime.timedelta().total_seconds": sizes.seconds,
    **each(
        sizes.pooled,
        "multiprocessing.Pool multiprocessing.pool.ThreadPool concurrent.futures.ProcessPoolExecutor ",
        "concurrent.futures.ThreadPoolExecutor",
    ),
    **each(sizes.power, "pow"),
    **each(sizes.gathered, "asyncio.gather asyncio.wait asyncio.as_completed"),
    **each(sizes.sleep, "time.sleep asyncio.sleep"),
    "sys.setrecursionlimit": sizes.recursion_limit,
    "iter": sizes.iterated,
    "itertools.repeat": sizes.endless_repeat,
    **each(sizes.pattern, "re.compile re.match re.search re.fullmatch re.findall re.sub re.split re.finditer"),
    **each(native.open_registry, "winreg.OpenKey winreg.OpenKeyEx winreg.CreateKey winreg.CreateKeyEx"),
    **each(native.set_registry, "winreg.SetValueEx winreg.SetValue"),
    **each(lookup.object_walk, "%class.__subclasses__"),
    **each(
        native.container,
        "docker.DockerClient().containers.run docker.from_env().containers.run ",
        "docker.DockerClient().containers.create docker.from_env().containers.create ",
        "docker.DockerClient.from_env().containers.run",
    ),
    "vars": folds.same_value,
    **each(judging.outcome, "*.outcome= *.exitstatus= *.wasxfail="),
    "sqlite3.connect": loading.connect,
    **each(loading.load_library, "ctypes.CDLL ctypes.cdll.LoadLibrary ctypes.PyDLL _ctypes.dlopen"),
    **each(lookup.search_path, "sys.path.insert sys.path.append sys.path.extend site.addsitedir"),
    **each(removing.read_shadow, "spwd.getspall spwd.getspnam"),
    "os.chroot": removing.change_root,
    "yaml.YAML": loading.reader,
    "types.FunctionType": loading.function_of_code,
    "yaml.unsafe.load": loading.unpickle,
    **each(sending.serve, "asyncio.start_server asyncio.start_unix_server websockets.serve"),
    **each(
        running.formula,
        "pandas.eval numexpr.evaluate sympy.sympify sympy.parsing.sympy_parser.parse_expr sympy.parse_expr",
    ),
    **each(queries.entities, "lxml.etree.XMLParser lxml.etree.fromstring lxml.etree.parse lxml.etree.XML"),
    **each(
        running.template,
        "flask.render_template_string jinja2.Template jinja2.Environment().from_string mako.template.Template ",
        "django.template.Template tornado.template.Template chameleon.PageTemplate",
    ),
    **each(answers.marked_safe, "markupsafe.Markup flask.Markup django.utils.safestring.mark_safe jinja2.Markup"),
    **each(
        answers.sent_file, "flask.send_file django.http.FileResponse fastapi.responses.FileResponse bottle.static_file"
    ),
    **each(answers.kept_name, "werkzeug.utils.secure_filename werkzeug.secure_filename os.path.basename"),
    "functools.partial": lookup.partial,
    **each(loading.temporary, "tempfile.NamedTemporaryFile tempfile.mkstemp tempfile.mktemp"),
    **each(
        loading.run_path,
        "runpy.run_path importlib.util.spec_from_file_location imp.load_source imp.load_module",
        "importlib.machinery.SourceFileLoader importlib.machinery.ExtensionFileLoader zipimport.zipimporter",
    ),
    **each(terminals.feed, "subprocess.Popen().stdin.write subprocess.Popen().communicate pexpect.spawn().sendline"),
    **each(lookup.method_named, "operator.methodcaller"),
    **each(sending.stream, "asyncio.open_connection"),
    **each(sending.handed_on, "json.dump pickle.dump yaml.dump"),
    "crontab.CronTab().write": native.schedule,
    **each(installs.install_within, "pip.main pip._internal.main pip._internal.cli.main.main pip._internal.main.main"),
    **each(installs.described, "setuptools.setup distutils.core.setup"),
}

PYTHON = Language("python", EFFECTS, METHODS, attributes, canonical, False)
