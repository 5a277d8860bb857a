"""Which Python runs a document, and how we talk with it: the seam where other kernels can be put in.

On POSIX the talk goes through sockets in a private folder with a short name; elsewhere through encrypted TCP.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

from platform_utils.errors import UsageError
from platform_utils.execute.fork_server import CAN_FORK, kernel_environment, warm_up

_OWN = "python3"
"""The kernel that is always there: the Python that runs us."""
_FORK_CLIENT = Path(__file__).with_name("fork_client.py")

_ANSWER, _ECHO = 1.0, 0.02
"""Seconds after which a kernel that starts is asked again, and after which it is that spoke unheard."""
_GONE = 0.005
"""Seconds between two looks at whether a kernel that was ended is gone."""


def check_kernel(name: str, document: str) -> None:
    """Refuse a kernel that is not there, before anything starts.

    Raises
    ------
    UsageError
        E-507, with the kernels that are there.
    """
    specs = KernelSpecManager()
    try:
        specs.get_kernel_spec(name)
    except NoSuchKernel:
        known = ", ".join(sorted({_OWN, *specs.find_kernel_specs()}))
        raise UsageError("E-507", document=document, kernel=name, known=known) from None


def kernel_manager(name: str, kernels: str) -> type[PlatformKernelManager]:
    """Return what starts a kernel: by forking where that is asked for and the system can."""
    forks = kernels == "forked" and CAN_FORK and name == _OWN
    return _ForkedKernelManager if forks else PlatformKernelManager


def stop_kernels() -> None:
    """End every kernel of this process at once, whatever it does; who waits for one learns that it died."""
    for manager in list(PlatformKernelManager.living):
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            process.kill()


class _Specs(KernelSpecManager):
    """Kernel specs with our environment; ``python3`` is always the Python that runs us."""

    def __init__(self, home: Path, launcher: Callable[[], list[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._home, self._launcher = home, launcher

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name == _OWN:
            argv = [*self._launcher(), "-f", "{connection_file}"]
            spec = KernelSpec(
                argv=[*argv, "--matplotlib=inline", "--HistoryManager.enabled=False"],
                display_name="Python 3",
                language="python",
                metadata={"supported_encryption": ["curve"]},
            )
        else:
            spec = super().get_kernel_spec(kernel_name)
        spec.env = {**spec.env, **kernel_environment(self._home)}
        return spec


class _Client(AsyncKernelClient):
    """Sees that its kernel is ready when it says so; the library waits for a fifth of a second of silence."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 (theirs)
        until = monotonic() + (float("inf") if timeout is None else timeout)
        asked: set[str] = set()
        while True:
            asked.add(self.kernel_info())
            try:
                reply = await self.get_shell_msg(timeout=_ANSWER)
                while not _says_idle(await self.get_iopub_msg(timeout=_ECHO), asked):
                    pass
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("the kernel has ended") from None
                if monotonic() > until:
                    raise RuntimeError("the kernel does not answer") from None
            else:
                self._handle_kernel_info_reply(reply)
                return

    wait_for_ready = _async_wait_for_ready


def _says_idle(message: dict[str, Any], asked: Collection[str]) -> bool:
    """Say whether a kernel tells everybody that it has answered us: then we hear that channel too."""
    is_idle = message["content"].get("execution_state") == "idle"
    return is_idle and message["parent_header"].get("msg_id") in asked


class PlatformKernelManager(AsyncKernelManager):
    """Starts a kernel with our environment and removes its folder when it has ended."""

    living: ClassVar[WeakSet[PlatformKernelManager]] = WeakSet()
    """Those that there are: somebody who interrupts a run means its kernels too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.client_factory = _Client
        self.living.add(self)
        # A socket's path has 107 characters at most: the system's own temporary folder may be too deep.
        short = Path("/tmp")  # noqa: S108 (mkdtemp makes a private folder in it)
        posix = sys.platform != "win32" and short.is_dir()
        self._home = Path(tempfile.mkdtemp(prefix="pu-", dir=short if posix else None))
        self.connection_file = str(self._home / "k.json")
        if posix:
            self.transport = "ipc"
            self.ip = str(self._home / "s")
        else:
            self.transport_encryption = "auto"
        self.kernel_spec_manager = _Specs(self._home, self.launcher)

    def launcher(self) -> list[str]:
        """Return the command that starts a kernel, without the kernel's own arguments."""
        return [sys.executable, "-m", "ipykernel_launcher"]

    async def _async_wait(self, pollinterval: float = _GONE) -> None:
        await super()._async_wait(pollinterval)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self._home, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources  # type: ignore[assignment]


class _ForkedKernelManager(PlatformKernelManager):
    """Forks kernels from a process that has imported the scientific stack; a plain one if that has died."""

    def launcher(self) -> list[str]:
        process, path = warm_up()
        if process.poll() is not None:
            return super().launcher()
        return [sys.executable, "-I", "-S", str(_FORK_CLIENT), str(path)]
