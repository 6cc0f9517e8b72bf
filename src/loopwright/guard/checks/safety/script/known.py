"""What Node, browsers and common packages do, by dotted name."""

from __future__ import annotations

from typing import Any

from loopwright.guard.checks.safety import installs
from loopwright.guard.checks.safety.calls import (
    costs,
    devices,
    files,
    folds,
    letters,
    loading,
    lookup,
    native,
    own_program,
    page,
    preloading,
    programs,
    queries,
    removing,
    running,
    sending,
    sizes,
    terminals,
    timers,
    transport,
    waiting,
)
from loopwright.guard.checks.safety.flow import lengths
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.language import Language
from loopwright.guard.checks.safety.names import each
from loopwright.guard.checks.safety.script import handlers
from loopwright.guard.checks.safety.script.attributes import attributes, canonical
from loopwright.guard.checks.safety.variables import SET_FROM_WITHIN

_FORM = frozenset({"value"})


_HTTP = " ".join(
    f"{owner}.{verb}"
    for owner in (
        "axios",
        "got",
        "needle",
        "request",
        "superagent",
        "http",
        "ky",
        "undici",
        "phin",
        "$",
        "jQuery",
        "bent",
        "request-promise",
    )
    for verb in ("get", "post", "put", "patch", "delete", "request", "ajax", "head", "stream")
)

EFFECTS: dict[str, Any] = {
    **waiting.WAITS,
    **each(
        running.code,
        "eval Function AsyncFunction vm.runInThisContext vm.runInNewContext vm.runInContext ",
        "vm.Script vm.compileFunction execScript safe-eval vm2.VM().run vm2.NodeVM().run vm2.VMScript",
    ),
    **each(
        running.template,
        "ejs.render ejs.compile pug.render pug.compile handlebars.compile Handlebars.compile nunjucks.renderString ",
        "nunjucks.Environment().renderString lodash.template underscore.template _.template eta.render ",
        "dot.template swig.render jade.render jade.compile art-template.render liquidjs.Liquid().parseAndRender",
    ),
    "*.constructor": handlers.constructor,
    "*.maker": handlers.maker,
    **each(timers.timer, "setTimeout setInterval setImmediate process.nextTick queueMicrotask"),
    **each(
        programs.shell,
        "child_process.exec child_process.execSync shelljs.exec execa.command execa.commandSync ",
        "execa.execaCommand Bun.$ zx.$",
    ),
    **each(
        programs.program,
        "child_process.spawn child_process.spawnSync child_process.execFile ",
        "child_process.execFileSync execa execa.execa execa.sync Deno.Command Deno.run Bun.spawn ",
        "node-pty.spawn",
    ),
    **each(own_program.fork, "child_process.fork cluster.fork worker_threads.Worker"),
    **each(
        lookup.load_module,
        "require import require.resolve importScripts module._load module.Module._load Module._load",
    ),
    **each(native.set_identity, "process.setuid process.seteuid process.setgid process.setegid"),
    **each(handlers.binding, "process.binding process._linkedBinding"),
    **each(devices.streamed, "stream/promises.pipeline stream.pipeline stream.promises.pipeline"),
    **each(
        lookup.search_path,
        "module.paths.unshift module.paths.push module.globalPaths.unshift module.globalPaths.push ",
        "require.main.paths.unshift require.main.paths.push",
    ),
    **each(
        loading.unpack,
        "tar.x tar.extract tar.t tar-fs.extract unzipper.Extract unzip.Extract ",
        "decompress extract-zip adm-zip().extractAllTo",
    ),
    "process.dlopen": handlers.load_native,
    "XMLHttpRequest().open": sending.open_request,
    "module.createRequire": lookup.make_require,
    **each(lookup.look_up, "Reflect.get"),
    **each(native.docker_node, "dockerode().createContainer dockerode().run"),
    **each(native.as_root, "sudo-prompt.exec"),
    **each(sending.source(v.SECRET), "keytar.findCredentials"),
    **each(sending.source(v.COOKIE), "navigator.clipboard.readText navigator.clipboard.read"),
    "Buffer.concat": folds.joined_bytes,
    "Object.assign": handlers.assigned,
    **each(
        page.cookies,
        "chrome.cookies.getAll browser.cookies.getAll chrome.cookies.get browser.cookies.get ",
        "chrome.webRequest.onBeforeRequest.addListener chrome.webRequest.onBeforeSendHeaders.addListener ",
        "chrome.history.search browser.history.search",
    ),
    **each(terminals.feed, "child_process.spawn().stdin.write child_process.exec().stdin.write"),
    **each(
        page.typed,
        "readline.createInterface().question readline.createInterface().on process.stdin.on prompt window.prompt ",
        "readline/promises.createInterface().question readline-sync.question prompt-sync()",
    ),
    **each(page.told, "self.onmessage= window.onmessage="),
    **each(page.found, "document.querySelector document.getElementById document.getElementsByName"),
    **each(sending.source(0), "localStorage.getItem sessionStorage.getItem"),
    "decodeURIComponent": folds.percent,
    "decodeURI": folds.percent,
    "fetch=": page.replaced_sender,
    "*.send=": page.replaced_sender,
    **each(page.written_page, "*.innerHTML= *.outerHTML= *.srcdoc="),
    **each(lookup.load_module, "$.getScript jQuery.getScript"),
    **each(handlers.worker, "Worker SharedWorker"),
    "document.write": page.written_page,
    **each(page.go_to, "location.href= document.location= location.assign location.replace open"),
    "document.createElement": page.made_element,
    **each(page.script_text, "script().textContent= script().text= script().innerHTML="),
    "discord.js.Client": sending.connection,
    "telegraf.Telegraf": sending.connection,
    "node-telegram-bot-api": sending.connection,
    "Array.from": sizes.array_from,
    **each(sizes.whole, "Number BigInt Math.floor Math.ceil Math.round Math.trunc"),
    "parseInt": letters.whole,
    "String": letters.as_text,
    "TextDecoder().decode": letters.read_bytes,
    **costs.COSTS,
    "ethereum.request=": native.hook_wallet,
    "ethereum.send=": native.hook_wallet,
    "process.env.LD_PRELOAD=": preloading.set_preload,
    **{f"process.env.{name}=": transport.set_variable for name in SET_FROM_WITHIN},
    **each(transport.agent, "http.Agent tls.connect undici.Agent"),
    **each(
        sending.send,
        "fetch navigator.sendBeacon net.connect().write net.Socket().write dgram.createSocket().send ",
        "XMLHttpRequest().send WebSocket().send ws().send tls.connect().write",
        _HTTP,
    ),
    **each(handlers.request, "axios got needle request superagent phin undici"),
    **each(
        sending.write_connection,
        "http.request().write http.request().end net.connect().end net.createConnection().write ",
        "net.createConnection().end net.Socket().end tls.connect().end",
    ),
    **each(
        sending.resolve,
        "dns.lookup dns.resolve dns.resolve4 dns.resolveTxt dns.resolveAny dns.promises.lookup dns.promises.resolve",
    ),
    **each(
        sending.connection,
        "net.connect net.createConnection net.Socket tls.connect ws WebSocket XMLHttpRequest socket.io-client ",
        "dgram.createSocket ws.Server ws.WebSocketServer mqtt.connect redis.createClient amqplib.connect socket.io",
    ),
    **each(
        sending.listen,
        "http.createServer net.createServer express().post express().get express().use express().put express().all ",
        "express.Router().get express.Router().post express.Router().use fastify().get fastify().post",
    ),
    **each(sending.source(v.HOST_NAME), "os.hostname"),
    **each(sending.source(v.HOST_USER), "os.userInfo"),
    **each(sending.source(v.HOST_DIR), "process.cwd"),
    **each(folds.home, "os.homedir"),
    **each(files.open_file, "fs.createReadStream fs.createWriteStream fs.openSync fs.open"),
    **each(devices.read_whole, "fs.readFileSync fs.readFile Deno.readTextFile Bun.file fs.readJson fs.readJsonSync"),
    **each(
        files.write,
        "fs.writeFileSync fs.writeFile fs.appendFileSync fs.appendFile fs.outputFile ",
        "fs.outputFileSync Deno.writeTextFile Bun.write",
    ),
    **each(
        devices.copied,
        "fs.copyFileSync fs.copyFile fs.renameSync fs.rename fs.copySync fs.copy fs.symlinkSync ",
        "fs.linkSync fs.cpSync fs.cp fs.moveSync fs.move",
    ),
    **each(
        removing.remove_tree,
        "fs.rmSync fs.rm fs.rmdirSync fs.rmdir rimraf rimraf.sync rimraf.rimraf fs.removeSync ",
        "fs.remove fs.emptyDirSync del del.sync shelljs.rm Deno.remove",
    ),
    **each(removing.remove_file, "fs.unlinkSync fs.unlink"),
    **each(files.walk, "fs.readdirSync fs.readdir fs.opendir glob.sync glob"),
    **each(removing.mode, "fs.chmodSync fs.chmod fs.fchmodSync fs.lchmodSync"),
    **each(removing.truncate, "fs.truncateSync fs.truncate fs.ftruncateSync"),
    **each(loading.load_document, "js-yaml.load js-yaml.loadAll"),
    **each(
        loading.unpickle,
        "node-serialize.unserialize serialize-to-js.deserialize funcster.deepDeserialize v8.deserialize",
    ),
    **each(
        folds.decoded,
        "atob unescape zlib.gunzipSync zlib.inflateSync zlib.brotliDecompressSync zlib.unzipSync ",
        "CryptoJS.AES.decrypt crypto-js.AES.decrypt",
    ),
    **each(
        handlers.decipher,
        "crypto.createDecipher().update crypto.createDecipheriv().update crypto.createDecipher().final",
    ),
    **each(folds.buffer_from, "Buffer.from Buffer buffer.Buffer.from"),
    **each(letters.character, "String.fromCharCode String.fromCodePoint"),
    **each(folds.path_joined, "path.join path.resolve"),
    **each(folds.same_path, "path.normalize url.fileURLToPath"),
    **each(
        sending.keep,
        "encodeURIComponent encodeURI btoa escape querystring.stringify ",
        "Object.values Object.fromEntries URLSearchParams util.inspect ",
        "qs.stringify FormData zlib.gzipSync Object.keys",
    ),
    **each(handlers.parse, "JSON.parse"),
    "JSON.stringify": letters.as_json,
    **each(
        sizes.allocated(1),
        "Buffer.alloc Buffer.allocUnsafe ArrayBuffer Uint8Array SharedArrayBuffer crypto.randomBytes",
    ),
    **each(sizes.allocated(8), "Array Float64Array BigInt64Array"),
    **each(sizes.power, "Math.pow"),
    **each(sizes.exhausted, "%spread Set"),
    "RegExp": sizes.pattern,
    **each(
        handlers.mined,
        "CoinHive.Anonymous CoinHive.User CoinHive.Token Client.Anonymous CRLT.Anonymous ",
        "deepMiner.Anonymous CryptoNoter",
    ),
    "*.src=": page.script_source,
    **each(
        lookup.replaced_loader,
        "module._load= require= module.prototype.require= module._extensions= module._resolveFilename= module.wrap= ",
        "module._extensions[]= require.extensions[]= require.cache[]=",
    ),
    **each(folds.same_value, "util.promisify"),
    **each(folds.entries, "Object.entries"),
    **each(installs.scripted, "*.preinstall= *.install= *.postinstall= *.prepare="),
    **each(installs.depends, "*.dependencies= *.devDependencies= *.optionalDependencies="),
    **each(folds.same_path, "url.fileURLToPath fileURLToPath URL"),
}

METHODS: dict[str, Any] = {
    **each(lengths.searched, "includes indexOf lastIndexOf"),
    **each(lengths.kept, "keys values sort"),
    **each(queries.document, "find findOne updateOne updateMany deleteOne deleteMany countDocuments"),
    **each(queries.query, "query execute raw $queryRawUnsafe $executeRawUnsafe prepare"),
    "join": folds.joined,
    "replace": folds.replaced,
    "split": folds.split,
    "reverse": folds.reversed_items,
    "repeat": sizes.repeated,
    **each(letters.sliced, "slice substring substr"),
    **each(letters.char_at, "charAt at"),
    **each(letters.code_of, "charCodeAt codePointAt"),
    "concat": folds.concatenated,
    **each(sizes.padded, "padEnd padStart"),
    "_compile": handlers.compiled,
    "then": timers.settled,
    "pipe": devices.piped,
    **each(
        folds.same_text,
        "toString trim toLowerCase toUpperCase valueOf setEncoding normalize",
        "fill",
    ),
    **each(folds.added, "push unshift append set add"),
    "write": files.write_open,
    "end": files.write_open,
    "addEventListener": page.event,
    "createContainer": native.docker_node,
    "send": sending.sent_on,
    "insertAdjacentHTML": page.written_page,
    **each(native.native, "setuid system execve ptrace"),
    "sendBeacon": sending.send,
    "RegWrite": native.set_registry,
    "setAttribute": handlers.set_attribute,
    "runInThisContext": running.code,
}

SCRIPT = Language("javascript", EFFECTS, METHODS, attributes, canonical, True)
