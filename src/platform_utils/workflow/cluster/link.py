"""The line to a Dask cluster: who is there, and calls to one worker.

The only module that knows Dask. Tasks are bound to the worker that was chosen for them; where it is lost,
whoever called is told at once and decides anew.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from platform_utils.errors import SettingsError

__all__ = ["DaskLink", "Link", "Seat", "WorkerLostError"]

_PATIENCE = 10
"""Seconds that a scheduler may take to answer."""


class WorkerLostError(Exception):
    """A worker has gone, with what it was doing."""


@dataclass(frozen=True)
class Seat:
    """Where work can be done.

    Parameters
    ----------
    threads : int
        Nodes at the same time.
    folder : str
        The worker's own folder.
    """

    threads: int
    folder: str


class Link(Protocol):
    """What a build needs of a cluster."""

    def workers(self) -> dict[str, Seat]:
        """Return the workers that are there now, by address."""

    def ask(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a quick function on one worker; `WorkerLostError` if it is gone."""

    def work(self, address: str, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on one of a worker's threads; `WorkerLostError` if it goes before the end."""

    def give_up(self) -> None:
        """Wait for nothing any more: whoever does is told that the worker is lost."""

    def close(self) -> None:
        """Leave the cluster; its workers stay."""


class DaskLink:
    """A client of a Dask scheduler.

    Parameters
    ----------
    address : str
        Such as ``"tcp://127.0.0.1:8786"``. Certificates for ``tls://`` come from Dask's own configuration.

    Raises
    ------
    SettingsError
        E-851 if the extra is not installed, E-852 if nobody answers.
    """

    def __init__(self, address: str) -> None:
        if importlib.util.find_spec("distributed") is None:
            raise SettingsError("E-851")
        import distributed

        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        # one that has not got through would go on waiting, and say so, when it is collected; we close ours
        self._given_up = False
        quiet = type("Client", (distributed.Client,), {"__del__": lambda _: None})
        try:
            self._client = quiet(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise SettingsError("E-852", address=address) from error

    def workers(self) -> dict[str, Seat]:
        """Return the workers that are there now, by address."""
        if self._given_up:
            return {}
        try:  # asked anew: what the client remembers of the scheduler may hold no workers
            found = self._client.sync(self._client.scheduler.identity, n_workers=-1)["workers"]
        except OSError as error:
            raise SettingsError("E-852", address=self._client.scheduler.address) from error
        return {str(name): Seat(about["nthreads"], about["local_directory"]) for name, about in found.items()}

    def ask(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a quick function on one worker; `WorkerLostError` if it is gone."""
        self._require(address)
        try:
            return self._client.run(function, *arguments, workers=[address])[address]
        except (OSError, KeyError) as error:
            raise WorkerLostError(address) from error

    def work(self, address: str, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on one of a worker's threads; `WorkerLostError` if it goes before the end."""
        from distributed import CancelledError

        task = self._client.submit(
            function, *arguments, key=name, workers=[address], allow_other_workers=False, pure=False
        )
        try:
            while True:
                try:
                    return task.result(timeout=1)
                except TimeoutError:
                    self._require(address)
        except (OSError, CancelledError, WorkerLostError) as error:
            task.cancel()
            raise WorkerLostError(address) from error
        finally:
            task.release()

    def give_up(self) -> None:
        """Wait for nothing any more: whoever does is told that the worker is lost."""
        self._given_up = True

    def close(self) -> None:
        """Leave the cluster; its workers stay."""
        self._client.close()

    def _require(self, address: str) -> None:
        if address not in self.workers():
            raise WorkerLostError(address)
