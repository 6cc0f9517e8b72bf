"""What methods do in Python, by their names, whatever they are called on."""

from __future__ import annotations

from typing import Any

from loopwright.guard.checks.safety.calls import (
    answers,
    devices,
    elsewhere,
    files,
    filling,
    folds,
    letters,
    loading,
    native,
    programs,
    queries,
    removing,
    running,
    sending,
    sizes,
)
from loopwright.guard.checks.safety.flow import lengths
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.names import each

METHODS: dict[str, Any] = {
    **elsewhere.METHODS,
    **each(lengths.searched, "count index remove"),
    **each(queries.query, "execute executemany executescript raw read_sql read_sql_query fetchrow fetchval fetch sql"),
    **each(queries.clause, "text extra"),
    **each(queries.searched_names, "search search_s search_ext search_ext_s"),
    **each(queries.document, "find_one aggregate"),
    **each(
        programs.named,
        "bash sh zsh dash rm dd mkfs curl wget chmod chown git sudo mount kill python python3 node pip npm docker tar ",
        "shred nc ssh crontab systemctl useradd usermod passwd push reset clean checkout filter_branch gc "
        "reflog branch",
    ),
    **each(running.formula, "eval"),
    "exec_command": programs.remote_line,
    "basic_consume": sending.consumed,
    "generate_content": sending.source(v.INPUT, "%told"),
    "register_function": sending.listen,
    "query": queries.framed,
    "xpath": queries.path,
    "join": folds.joined,
    **each(sizes.padded, "ljust rjust zfill center"),
    "format": folds.formatted,
    "replace": folds.replaced,
    "translate": letters.translated,
    "decode": folds.text_decoded,
    **each(
        folds.same_text,
        "strip rstrip lstrip encode lower upper title readline splitlines copy ",
        "values hexdigest to_bytes",
    ),
    **each(devices.read_rest, "read readlines"),
    "split": folds.split,
    "items": folds.entries,
    **each(filling.added, "append extend add update insert appendleft setdefault"),
    **each(files.write, "write_text write_bytes"),
    **each(devices.read_whole, "read_text read_bytes"),
    "write": files.write_open,
    "writelines": files.write_open,
    "writestr": files.write_open,
    "extractall": loading.extract,
    "extract": loading.extract,
    **each(loading.entries, "namelist infolist getnames getmembers"),
    "truncate": removing.truncate,
    "RegWrite": native.set_registry,
    "seek": removing.truncate,
    "recv": sending.receive,
    "save": answers.saved,
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
