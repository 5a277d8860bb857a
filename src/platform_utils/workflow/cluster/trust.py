"""Which worker may have what: invented and published data any, everything else only a worker that is named.

Enters: a node, an address, and the addresses that this desk's settings name. Leaves: yes, or an error
that says what to do. Rule: what persons, members or a draft could be read from goes to nobody else.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from platform_utils.errors import SettingsError, UsageError
from platform_utils.paths import Workspace
from platform_utils.workflow.graph import Node

__all__ = ["check_address", "is_confidential", "may_hold", "require_trust"]

_OPEN = ("demo", "published")


def is_confidential(node: Node, workspace: Workspace) -> bool:
    """Say whether a node reads or makes anything that is neither invented, published nor the project's own.

    Protected tables and drafts count too: until they are signed off they are for two readers only.
    """
    areas = [area(source) for area in _areas(workspace) for source in _OPEN]
    kept = {area("members").parent for area in _areas(workspace)}
    paths = [*node.data, *node.present, *(folder for folder, _ in node.outputs)]
    return any(_inside(path, kept) and not _inside(path, areas) for path in paths)


def check_address(address: str) -> None:
    """Refuse an address that is not that of a Dask scheduler.

    Raises
    ------
    UsageError
        E-850.
    """
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        whole = False
    if not whole:
        raise UsageError("E-850", text=address[:60])


def may_hold(address: str, trusted: Sequence[str]) -> bool:
    """Say whether confidential data may go to an address.

    Parameters
    ----------
    address : str
        Such as ``"tls://10.0.0.7:40001"``.
    trusted : sequence of str
        Addresses that the settings name; one without a port stands for all ports of the machine.

    Examples
    --------
    >>> may_hold("tls://10.0.0.7:40001", ["tls://10.0.0.7"]), may_hold("tcp://10.0.0.7:1", ["tcp://10.0.0.7"])
    (True, False)
    """
    return _is_named(address, trusted) and _is_sealed(address)


def require_trust(address: str, trusted: Sequence[str]) -> None:
    """Refuse an address to which confidential data may not go.

    Raises
    ------
    SettingsError
        E-854 if the settings do not name it, E-855 if the line to it is not encrypted.
    """
    if not _is_named(address, trusted):
        raise SettingsError("E-854", address=address)
    if not _is_sealed(address):
        raise SettingsError("E-855", address=address)


def _areas(workspace: Workspace) -> tuple[Callable[[str], Path], ...]:
    return (workspace.data_raw, workspace.data_clean, workspace.releases)


def _inside(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _is_named(address: str, trusted: Sequence[str]) -> bool:
    asked = urlsplit(address)
    return any(
        (named.scheme, _host(named.hostname)) == (asked.scheme, _host(asked.hostname))
        and named.port in (None, asked.port)
        for named in map(urlsplit, trusted)
    )


def _is_sealed(address: str) -> bool:
    parts = urlsplit(address)
    try:
        return parts.scheme == "tls" or ipaddress.ip_address(_host(parts.hostname)).is_loopback
    except ValueError:  # a name: only encryption says who is behind it
        return False


def _host(name: str | None) -> str:
    return "127.0.0.1" if name == "localhost" else name or ""
