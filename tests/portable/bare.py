"""Run labs on a Python that has only what every system has.

    python bare.py NOTEBOOK…

Windows is not at hand, so this takes away what only POSIX has: modules, functions,
signals, /dev and /proc, and the right to delete or replace a file that is open. The
standard library keeps what it has already taken. Then it runs the code cells of each
notebook in one namespace, and prints the first line of each verdict.
"""

import ast
import asyncio
import getpass
import importlib.abc
import io
import json
import linecache
import multiprocessing
import os
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LOADED = [asyncio, getpass, multiprocessing, shutil, sqlite3, ssl, subprocess, tempfile]
"""What must find POSIX when it is loaded, and is the library's own affair."""

MODULES = {
    *("crypt", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd"),
    *("readline", "resource", "spwd", "syslog", "termios", "tty"),
}
OS_NAMES = {
    *("WIFSIGNALED", "WTERMSIG", "chown", "chroot", "confstr", "ctermid"),
    *("fchdir", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid"),
    *("getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getresgid"),
    *("getresuid", "getsid", "getuid", "initgroups", "killpg", "lchown", "lockf"),
    *("mkfifo", "mknod", "nice", "openpty", "pathconf", "pipe2", "posix_fadvise"),
    *("posix_fallocate", "posix_spawn", "posix_spawnp", "pread", "preadv", "pwrite"),
    *("pwritev", "sched_getaffinity", "sched_setaffinity", "sched_yield", "sendfile"),
    *("setegid", "seteuid", "setgid", "setgroups", "setpgid", "setpriority"),
    *("setregid", "setreuid", "setsid", "setuid", "statvfs", "sync", "sysconf"),
    *("tcgetpgrp", "tcsetpgrp", "uname", "wait", "wait3", "wait4", "waitid"),
}
SIGNAL_NAMES = {
    *("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP"),
    *("SIGUSR1", "SIGUSR2", "alarm", "getitimer", "pause", "pthread_kill"),
    *("pthread_sigmask", "setitimer", "siginterrupt", "sigpending", "sigwait"),
}
TIME_NAMES = {"clock_gettime", "clock_settime", "pthread_getcpuclockid", "tzset"}
# No system but POSIX has these folders.
FOLDERS = ("/dev", "/proc", "/etc", "/sys")

LIBRARY = (os.path.dirname(os.__file__), sys.prefix, "<frozen")


class NotOnThisSystem(importlib.abc.MetaPathFinder):
    """Finds none of the modules that only POSIX has."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> None:
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def asked_by_the_library() -> bool:
    """Whether the standard library or a package asks, not the kit or a lab."""
    frame = sys._getframe(2)
    while frame and frame.f_code.co_filename == __file__:
        frame = frame.f_back  # type: ignore[assignment]
    # pathlib does what its caller wants.
    while frame and "pathlib" in frame.f_code.co_filename:
        frame = frame.f_back  # type: ignore[assignment]
    return frame is None or frame.f_code.co_filename.startswith(LIBRARY)


def in_posix_folder(path: Any) -> bool:
    if not isinstance(path, (str, os.PathLike)):
        return False
    return str(path).startswith(FOLDERS)


def open_files() -> Iterator[str]:
    """Yield the paths of all files that this process has open."""
    for number in real_listdir("/proc/self/fd"):
        try:
            yield real_readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue


real_listdir, real_readlink = os.listdir, os.readlink


def as_windows_does(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that refuses to take away a file that is open."""

    def careful(*paths: Any, **settings: Any) -> Any:
        # A folder's own descriptor, and names relative to it, are the library's.
        if settings.get("dir_fd") is None:
            opened = set(open_files())
            for path in paths[:2]:
                if os.path.realpath(os.fsdecode(path)) in opened:
                    raise PermissionError(13, "used by another process", str(path))
        return function(*paths, **settings)

    return careful


def without_posix_folders(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function for which /dev and the like are not there."""

    def bare(path: Any, *args: Any, **settings: Any) -> Any:
        if in_posix_folder(path) and not asked_by_the_library():
            raise FileNotFoundError(2, "there is no such folder here", str(path))
        return function(path, *args, **settings)

    return bare


def hook(event: str, args: tuple[Any, ...]) -> None:
    """Refuse what only POSIX can, however it is asked for."""
    if event in ("os.fork", "os.forkpty", "os.posix_spawn", "os.exec"):
        raise OSError(f"{event} is not there on every system")
    if event == "open" and in_posix_folder(args[0]) and not asked_by_the_library():
        raise FileNotFoundError(2, "there is no such folder here", str(args[0]))


def take_posix_away() -> None:
    for module, names in (
        (os, OS_NAMES),
        (signal, SIGNAL_NAMES),
        (time, TIME_NAMES),
    ):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    for name in MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, NotOnThisSystem())
    contexts = multiprocessing.context._concrete_contexts  # type: ignore[attr-defined]
    for method in ("fork", "forkserver"):
        contexts.pop(method, None)
    # Without the names that are relative to a folder, rmtree goes by whole paths.
    shutil._use_fd_functions = False  # type: ignore[attr-defined]
    for name in ("unlink", "remove", "rename", "replace"):
        setattr(os, name, as_windows_does(getattr(os, name)))
    for name in ("stat", "lstat", "access", "listdir", "scandir"):
        setattr(os, name, without_posix_folders(getattr(os, name)))
    sys.addaudithook(hook)


def run(notebook: Path) -> Iterator[str]:
    """Run a notebook's code cells; yield the first line of each verdict."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        where = f"{notebook.stem}-cell-{number}"
        linecache.cache[where] = (
            len(source),
            None,
            source.splitlines(keepends=True),
            where,
        )
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        try:
            exec(compile(tree, where, "exec"), names)
            value = None
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), where, "eval"), names)
        except NotImplementedError:
            continue
        except Exception:
            if "raises-exception" not in cell["metadata"].get("tags", ()):
                traceback.print_exc()
                raise
            continue
        if type(value).__name__ == "Verdict":
            yield str(value).splitlines()[0]
        else:
            repr(value)


def main() -> None:
    # What a cell prints is not asked for.
    real_out, sys.stdout = sys.stdout, io.StringIO()
    take_posix_away()
    for name in sys.argv[1:]:
        for line in run(Path(name)):
            print(line, file=real_out, flush=True)


if __name__ == "__main__":
    main()
