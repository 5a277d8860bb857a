"""What every kernel is started with, and the process that kernels are forked from: it has imported the stack.

It is started once per run, before anything slow is imported here, runs no cell itself and ends with the run,
with every kernel it made: it waits for its input to close, which the system does however the run ends.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import IO

from platform_utils import paths

_EPOCH = "315532800"  # 1980-01-01, the first day that a zip file can name


def kernel_environment(home: Path) -> dict[str, str]:
    """Return what is added to the environment of a kernel whose own files stand in ``home``.

    One thread for linear algebra (two kernels on two cores beat four threads), and fixed seeds.
    """
    return {
        "COLUMNS": "80",
        "IPYTHONDIR": str(home / "ipython"),
        "LC_ALL": "C",
        "LINES": "24",
        "MATPLOTLIBRC": str(paths.resource("execute", "matplotlibrc")),
        "MKL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PLATFORM_UTILS_LAB": "",
        "PYTHONHASHSEED": "0",
        "PYTHONSTARTUP": "",
        "PYTHONUTF8": "1",
        "SOURCE_DATE_EPOCH": _EPOCH,
        "TZ": "UTC",
    }


CAN_FORK = sys.platform == "linux"
"""macOS can fork too, but its own libraries do not survive it once they have been used."""

_STACK = (
    "ipykernel.kernelapp", "IPython.core.completerlib", "IPython.core.magics.execution",
    "IPython.extensions.storemagic", "matplotlib_inline.backend_inline", "matplotlib.pyplot", "pandas",
    "PIL.JpegImagePlugin", "pyarrow.parquet", "scipy.stats", "seaborn", "tornado.platform.asyncio",
    "platform_utils.pipeline",
)  # fmt: skip
_NOT_NEEDED = ("debugpy", "rfc3987_syntax")
"""Cost seconds and serve no kernel: nobody steps through a run, or reads a schema of addresses."""
_STARTING = threading.Lock()


def warm_up() -> tuple[subprocess.Popen[bytes], Path]:
    """Start the process that kernels are forked from, if it has not been started; it imports meanwhile."""
    with _STARTING:
        return _start()


@cache
def _start() -> tuple[subprocess.Popen[bytes], Path]:
    home = Path(tempfile.mkdtemp(prefix="pu-", dir="/tmp"))  # a socket's path must be short
    path = home / "fork"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            env={**os.environ, **kernel_environment(home)},
            cwd=home,
        )
    atexit.register(_stop, process, home)
    return process, path


def _stop(process: subprocess.Popen[bytes], home: Path) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.wait()
    shutil.rmtree(home, ignore_errors=True)


def _serve(listener: socket.socket) -> None:
    """Fork a kernel per connection until our input closes; then end them all."""
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]
    gc.disable()  # a fifth of the imports' time: nothing that they make is rubbish
    for name in _NOT_NEEDED:
        sys.modules[name] = None  # type: ignore[assignment]
    for name in _STACK:
        importlib.import_module(name)
    # pandas asks when it is imported whether a notebook shows its tables: here there is none yet
    sys.modules["pandas"].set_option("display.max_columns", 20)
    sys.modules["matplotlib"].backends.backend_registry.list_all()  # every kernel asks, and finds them slowly
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    kernels: list[int] = []
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            for pid in kernels:
                _end(pid)
            return
        connection, _ = listener.accept()
        pid = os.fork()
        if not pid:
            listener.close()
            _be_kernel(connection)
        connection.close()
        kernels = [*(each for each in kernels if Path(f"/proc/{each}").exists()), pid]


def _end(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _be_kernel(connection: socket.socket) -> None:
    """Become what ``ipykernel_launcher`` would be, in a process group that ends with the connection."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    stream: IO[bytes] = connection.makefile("rb")
    asked = json.loads(stream.readline())
    threading.Thread(target=_follow, args=(stream,), daemon=True).start()
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    import ipykernel_launcher
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    np.random.seed()  # noqa: NPY002 - the global generator starts anew, as in a plain kernel
    sys.argv = [str(ipykernel_launcher.__file__), *asked["argv"]]
    try:
        IPKernelApp.launch_instance(asked["argv"], parent_handle=os.getppid())
    finally:
        os._exit(0)


def _follow(stream: IO[bytes]) -> None:
    while stream.read(1):
        os.kill(os.getpid(), signal.SIGINT)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
