"""The same build on other machines: Dask workers make nodes in the workspace, which is on a shared folder.

Enters: nodes and a scheduler. Leaves: the files of a build here, compared by content with what the worker
says it made. Dask chooses the worker and does a lost one's node again. Invented and published data may go to
any worker, everything else only to one that is named.
"""

from __future__ import annotations

import hashlib
import importlib.util
import ipaddress
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from platform_utils.errors import PlatformError, SettingsError, UsageError
from platform_utils.paths import Workspace, write_whole
from platform_utils.workflow.code import package_versions
from platform_utils.workflow.graph import Node
from platform_utils.workflow.state import current_outputs

_SCHEDULER = re.compile(r"(?:tcp|tls)://(?:\[[0-9a-fA-F:]+\]|[\w.-]+):[0-9]{1,5}")
_PATIENCE, _LOOK = 20.0, 0.5
"""Seconds that a scheduler, a worker to come or a shared file may take, and between two looks."""
Made = dict[str, str] | PlatformError | str
"""What a worker says: the hash of each output, or the node's failure, or the traceback of a fault of ours."""


@contextmanager
def on_cluster(
    address: str, workspace: Workspace, trusted: Sequence[str], say: Callable[[PlatformError], None]
) -> Iterator[Cluster]:
    """Join a cluster for one build; ``say`` is told of each worker that is left out (E-853).

    Raises
    ------
    UsageError, SettingsError
        E-850, E-851, E-852 if that is no scheduler, or Dask is not installed, or nobody answers.
    """
    if not _SCHEDULER.fullmatch(address):
        raise UsageError("E-850", text=address[:60])
    if importlib.util.find_spec("distributed") is None:
        raise SettingsError("E-851")
    import distributed

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # a client that has not got through would go on waiting, and say so, when it is collected; we close ours
    quiet = type("Client", (distributed.Client,), {"__del__": lambda _: None})
    note = workspace.desk / "cluster"
    try:
        client = quiet(address, timeout=_PATIENCE / 2, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError("E-852", address=address) from error
    try:
        write_whole(note, secrets.token_hex(16))
        yield Cluster(client, address, note, trusted, say)
    finally:
        note.unlink(missing_ok=True)
        client.close()


class Cluster:
    """The workers that run what this desk runs and see ``note``, a file of the workspace that it works in."""

    def __init__(
        self,
        client: Any,
        address: str,
        note: Path,
        trusted: Sequence[str],
        say: Callable[[PlatformError], None],
    ) -> None:
        self._client, self._address, self._note, self._say = client, address, note, say
        self._trusted, self._own = trusted, _introduce(note)
        self._threads: dict[str, int] = {}
        self._left_out: dict[str, PlatformError] = {}
        self._given_up = False

    def require_workers(self, nodes: Sequence[Node], workspace: Workspace) -> int:
        """Return how many nodes are made at the same time; refuse before anything is sent.

        Raises
        ------
        SettingsError
            E-853, E-857 if no worker can be used; E-854, E-855 if the scheduler, which passes everything on,
            or every worker may not have what is confidential.
        """
        confidential = any(is_confidential(node, workspace) for node in nodes)
        if confidential and (refused := why_not(self._address, self._trusted)):
            raise refused
        if not self._able(False):
            raise next(iter(self._left_out.values()), SettingsError("E-857"))
        if not self._able(confidential) and (refused := why_not(min(self._threads), self._trusted)):
            raise refused
        return sum(self._threads.values())

    def perform(self, node: Node, workspace: Workspace) -> None:
        """Make a node on a worker, and see that what it says it made stands here.

        Raises
        ------
        PlatformError
            The node's own failure; E-856, E-857, E-859 if no worker could make it.
        """
        from distributed import CancelledError, KilledWorker

        until, confidential = time.monotonic() + _PATIENCE, is_confidential(node, workspace)
        while not self._given_up and time.monotonic() < until:
            able = self._able(confidential)
            if not able:
                time.sleep(_LOOK)
                continue
            task = self._client.submit(
                _make, node, workspace, self._own, workers=able, allow_other_workers=False, pure=False
            )
            try:
                while not self._given_up and set(able) & self._there().keys():
                    try:
                        return _settle(task.result(timeout=_LOOK), node, workspace)
                    except TimeoutError:
                        until = time.monotonic() + _PATIENCE
            except KilledWorker as error:
                raise SettingsError("E-859", node=node.name) from error
            except (OSError, CancelledError):
                continue  # all that might have made it are gone
            finally:
                task.cancel()
        raise SettingsError("E-857")

    def give_up(self) -> None:
        """Wait for nothing any more; workers end what they have begun."""
        self._given_up = True

    def _there(self) -> dict[str, int]:
        """Return the threads of each worker that is there now: what the client remembers may be old."""
        try:
            found = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
        except OSError as error:
            raise SettingsError("E-852", address=self._address) from error
        return {str(name): int(about["nthreads"]) for name, about in found.items()}

    def _able(self, confidential: bool) -> list[str]:
        """Return the workers that may make a node; ask newcomers what they run and see."""
        there = self._there()
        for address in sorted(there.keys() - self._threads.keys() - self._left_out.keys()):
            try:
                theirs = self._client.run(_introduce, self._note, workers=[address])[address]
            except (OSError, KeyError):
                continue  # it has gone
            except Exception:  # noqa: BLE001 - a machine without our package can answer anything
                theirs = {}
            if theirs == self._own:
                self._threads[address] = there[address]
                continue
            moved = sorted(key for key in self._own | theirs if self._own.get(key) != theirs.get(key))
            what = ", ".join(key.removeprefix("package:") for key in moved[:5])
            self._left_out[address] = SettingsError("E-853", address=address, what=what)
            self._say(self._left_out[address])
        known = sorted(there.keys() & self._threads.keys())
        return [name for name in known if not confidential or why_not(name, self._trusted) is None]


def _settle(made: Made, node: Node, workspace: Workspace) -> None:
    if isinstance(made, PlatformError):
        raise made
    if isinstance(made, str):
        raise RuntimeError(made)  # noqa: TRY004 - a fault of ours; its text goes to the restricted folder
    until = time.monotonic() + _PATIENCE
    while current_outputs(node.outputs, workspace) != made:  # a shared folder may lag behind
        if time.monotonic() > until:
            raise SettingsError("E-856", node=node.name)
        time.sleep(_LOOK)


def _introduce(note: Path) -> dict[str, str]:
    """Return what a machine runs nodes with, and what it reads in the workspace."""
    seen = note.read_text(encoding="utf-8") if note.is_file() else ""
    return {"shared folder": seen, "platform-utils": _begun_with(), **package_versions()}


@cache
def _begun_with() -> str:
    """Return the code that this process began with: what changes afterwards is not what it runs."""
    return _code_now()


def _code_now() -> str:
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for path in sorted(
        path for path in root.rglob("*") if "__pycache__" not in path.parts and path.is_file()
    ):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _make(node: Node, workspace: Workspace, asked: dict[str, str]) -> Made:
    """Make a node on a worker; a failure is returned, since a worker's log would show it to everybody."""
    if not asked["platform-utils"] == _begun_with() == _code_now():
        return SettingsError("E-853", address=node.name, what="platform-utils")
    try:
        node.make(workspace)
        return current_outputs(node.outputs, workspace)
    except PlatformError as error:
        return error
    except Exception as error:  # noqa: BLE001 - as above
        return "".join(traceback.format_exception(error))


def is_confidential(node: Node, workspace: Workspace) -> bool:
    """Say whether a node reads or makes anything that is neither invented, published nor the project's own.

    Protected tables and drafts count too: until they are signed off they are for two readers only.
    """
    areas = (workspace.data_raw, workspace.data_clean, workspace.releases)
    kept = [area("members").parent for area in areas]
    public = [area(source) for area in areas for source in ("demo", "published")]
    paths = (*node.data, *(folder for folder, _ in node.outputs))
    return any(any(map(p.is_relative_to, kept)) and not any(map(p.is_relative_to, public)) for p in paths)


def why_not(address: str, trusted: Sequence[str]) -> SettingsError | None:
    """Return why confidential data may not go to an address: E-854, E-855, or None if it may.

    ``trusted`` is what the settings name; an address without a port stands for all ports of the machine.
    """
    asked = urlsplit(address)
    is_named = any(
        (named.scheme, _host(named)) == (asked.scheme, _host(asked)) and named.port in (None, asked.port)
        for named in map(urlsplit, trusted)
    )
    if not is_named:
        return SettingsError("E-854", address=address)
    return None if _is_sealed(asked) else SettingsError("E-855", address=address)


def _is_sealed(address: SplitResult) -> bool:
    try:
        return address.scheme == "tls" or ipaddress.ip_address(_host(address)).is_loopback
    except ValueError:  # a name: only encryption says who is behind it
        return False


def _host(address: SplitResult) -> str:
    return "127.0.0.1" if address.hostname == "localhost" else address.hostname or ""
