"""Which worker may have what: invented and published data any, everything else only one that is named.

Rule: what persons, members or a draft could be read from goes to nobody whom the settings do not name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from platform_utils.errors import SettingsError
from platform_utils.paths import Workspace
from platform_utils.workflow.graph import Node


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
