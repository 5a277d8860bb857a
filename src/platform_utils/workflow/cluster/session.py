"""One build on a cluster: choose a worker, send what it lacks, check what comes back, do lost work again.

Enters: a node. Leaves: its outputs under their final names, as if they had been made here. A worker that
has other code, or returns what is not what it says, is not asked again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

from platform_utils.errors import PlatformError, SettingsError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.workflow.cluster import worker
from platform_utils.workflow.cluster.link import DaskLink, Link, Seat, WorkerLostError
from platform_utils.workflow.cluster.parcel import Parcel, Reply, is_faithful, pack, put_away
from platform_utils.workflow.cluster.trust import check_address, is_confidential, may_hold, require_trust
from platform_utils.workflow.graph import Node
from platform_utils.workflow.perform import perform_here

__all__ = ["Session", "on_cluster"]

_PATIENCE = 20.0
"""Seconds without any worker before a node fails: a nanny needs a few to start another."""
_LOOK = 0.5
"""Seconds between two looks at who is there."""
_LOSSES = 3
"""How many workers may be lost over one node before it counts as its fault."""

Say = Callable[[PlatformError], None]


class RemoteFaultError(Exception):
    """A fault of ours on a worker; its text is the traceback, for the restricted folder only."""


@contextmanager
def on_cluster(
    address: str, nodes: Sequence[Node], workspace: Workspace, trusted: Sequence[str], say: Say
) -> Iterator[Session]:
    """Join a cluster for one build.

    Parameters
    ----------
    address : str
        Of the Dask scheduler.
    nodes : sequence of Node
        Everything that may be built.
    workspace : Workspace
        Where.
    trusted : sequence of str
        Addresses that may have confidential data.
    say : callable
        Told of each worker that is left out or lost.

    Raises
    ------
    UsageError, SettingsError
        E-850 to E-855: refused before anything is sent.
    """
    check_address(address)
    if any(is_confidential(node, workspace) for node in nodes):
        require_trust(address, trusted)  # the scheduler passes everything on
    link = DaskLink(address)
    try:
        session = Session(link, nodes, workspace, trusted, say)
        session.require_workers()
        yield session
    finally:
        link.close()


class Session:
    """The workers of one build.

    Parameters
    ----------
    link : Link
        The line to them.
    nodes, workspace, trusted, say
        As for `on_cluster`.
    patience : float
        Seconds without any worker before a node fails.
    """

    def __init__(
        self,
        link: Link,
        nodes: Sequence[Node],
        workspace: Workspace,
        trusted: Sequence[str],
        say: Say,
        patience: float = _PATIENCE,
    ) -> None:
        self._link, self._trusted, self._say = link, trusted, say
        self._nodes: Mapping[str, Node] = {node.name: node for node in nodes}
        self._confidential = {node.name for node in nodes if is_confidential(node, workspace)}
        self._patience = patience
        self._own = worker.introduce()
        self._changed = threading.Condition()
        self._looking = threading.Lock()
        self._seats: dict[str, Seat] = {}
        self._busy: dict[str, int] = {}
        self._left_out: dict[str, PlatformError] = {}
        self._numbers = count()
        self._look()

    @property
    def size(self) -> int:
        """How many nodes the workers take at the same time."""
        return sum(seat.threads for seat in self._seats.values())

    def require_workers(self) -> None:
        """Refuse a cluster on which nothing, or something confidential, could not be made.

        Raises
        ------
        SettingsError
            E-853 if no worker can be used, E-854, E-855 if none may have what is confidential.
        """
        if not self._seats:
            raise next(iter(self._left_out.values()), None) or SettingsError("E-857")
        if self._confidential and not any(may_hold(address, self._trusted) for address in self._seats):
            require_trust(min(self._seats), self._trusted)

    def perform(self, node: Node, workspace: Workspace) -> None:
        """Make a node on a worker and put its outputs where it would have made them here.

        A node that opens members' files with passwords is made on this desk: passwords are never sent.

        Raises
        ------
        PlatformError
            The node's own failure; E-856 to E-858 if no worker could make it.
        """
        confidential = node.name in self._confidential
        if confidential and any(path.is_file() for path in node.passwords):
            perform_here(node, workspace)
            return
        needed = [self._nodes[name] for name in node.needs if name in self._nodes]
        parcel, contents = pack(node, workspace, needed, enclose=confidential)
        losses = 0
        while True:
            address, seat = self._take(confidential)
            try:
                reply = self._make(address, seat, parcel, contents)
            except WorkerLostError:
                losses += 1
                self._leave_out(address, SettingsError("E-858", address=address, node=node.name))
                if losses == _LOSSES:
                    raise SettingsError("E-859", node=node.name, number=losses) from None
                continue
            finally:
                self._give_back(address)
            if reply.other_code:
                self._leave_out(address, SettingsError("E-853", address=address, what="platform-utils"))
            elif not is_faithful(parcel, reply):
                self._leave_out(address, SettingsError("E-856", address=address, node=node.name))
            else:
                break
        _settle(reply, node, workspace)

    def give_up(self) -> None:
        """Wait for nothing any more; workers end what they have begun, which nobody then puts away."""
        self._link.give_up()
        with self._changed:
            self._patience, self._say = 0.0, lambda _: None
            self._changed.notify_all()

    def _make(self, address: str, seat: Seat, parcel: Parcel, contents: Mapping[str, bytes]) -> Reply:
        while True:
            wanted = self._link.ask(address, worker.lacking, seat.folder, parcel.hashes())
            if wanted:
                self._link.ask(address, worker.keep, seat.folder, {name: contents[name] for name in wanted})
            name = f"{parcel.node}-{next(self._numbers)}"
            reply: Reply = self._link.work(address, name, worker.make, seat.folder, self._own.code, parcel)
            if not reply.lacking:
                return reply

    def _take(self, confidential: bool) -> tuple[str, Seat]:
        """Wait for a worker with a free thread that may have the node, the least busy first."""
        waited = 0.0
        while True:
            with self._changed:
                allowed = [a for a in self._seats if not confidential or may_hold(a, self._trusted)]
                free = [a for a in allowed if self._busy[a] < self._seats[a].threads]
                if free:
                    address = min(free, key=lambda a: (self._busy[a] / self._seats[a].threads, a))
                    self._busy[address] += 1
                    return address, self._seats[address]
                waited = 0.0 if allowed else waited + _LOOK
                if waited > self._patience:
                    raise self._why_nobody()
                self._changed.wait(_LOOK)
            self._look()

    def _give_back(self, address: str) -> None:
        with self._changed:
            self._busy[address] -= 1
            self._changed.notify_all()

    def _look(self) -> None:
        """See who is there; ask newcomers what they run."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            there = self._link.workers()
            with self._changed:
                for address in set(self._seats) - set(there):
                    del self._seats[address]
            for address in sorted(set(there) - set(self._seats) - set(self._left_out)):
                self._welcome(address, there[address])
        finally:
            self._looking.release()

    def _welcome(self, address: str, seat: Seat) -> None:
        try:
            theirs = self._link.ask(address, worker.introduce)
        except WorkerLostError:
            return
        except Exception:  # noqa: BLE001 - a machine without our package can answer anything
            self._leave_out(address, SettingsError("E-853", address=address, what="platform-utils"))
            return
        if theirs != self._own:
            what = _differing(self._own, theirs)
            self._leave_out(address, SettingsError("E-853", address=address, what=what))
            return
        with self._changed:
            self._seats[address] = seat
            self._busy.setdefault(address, 0)
            self._changed.notify_all()

    def _leave_out(self, address: str, why: PlatformError) -> None:
        with self._changed:
            known = address in self._left_out
            self._left_out[address] = why
            self._seats.pop(address, None)
        if not known:
            self._say(why)

    def _why_nobody(self) -> PlatformError:
        refused = [why for why in self._left_out.values() if why.code != "E-858"]
        return refused[-1] if refused else SettingsError("E-857")


def _differing(own: worker.Introduction, theirs: worker.Introduction) -> str:
    names = {*own.packages, *theirs.packages}
    moved = sorted(name for name in names if own.packages.get(name) != theirs.packages.get(name))
    return ", ".join(name.removeprefix("package:") for name in moved[:5]) or "platform-utils"


def _settle(reply: Reply, node: Node, workspace: Workspace) -> None:
    if reply.account:
        raise RemoteFaultError(reply.account)
    if reply.error is not None:
        for name, content in reply.logs.items():
            with write_atomically(workspace.root / name) as partial:
                partial.write_bytes(content)
        raise reply.error
    put_away(reply, node, workspace)
