"""What runs on a worker: contents kept by hash, a workspace of exactly a node's inputs, the node itself.

Enters: a parcel. Leaves: a reply; never an exception, since a worker's own log would show it. What a node
was not given it cannot read, and what it left behind is removed with its workspace.
"""

from __future__ import annotations

import hashlib
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.workflow.cluster.parcel import Parcel, Reply, content_hash, from_root, open_parcel
from platform_utils.workflow.packages import package_versions
from platform_utils.workflow.perform import perform_here
from platform_utils.workflow.state import output_files

__all__ = ["Introduction", "introduce", "keep", "lacking", "make", "own_code"]

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Introduction:
    """What a machine runs nodes with.

    Parameters
    ----------
    code : str
        Hash of our package as it stands on the machine.
    packages : mapping of str to str
        Python, system and the version of every package that ours needs.
    """

    code: str
    packages: Mapping[str, str]


def own_code(root: Path = _ROOT) -> str:
    """Return one hash of every file of our package, code and packaged data."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(root).as_posix()
            digest.update(f"{name}\0{content_hash(path.read_bytes())}\n".encode())
    return digest.hexdigest()


def introduce() -> Introduction:
    """Return what this machine runs nodes with; asked first, before anything else of ours is imported."""
    return _begun_with()


def lacking(folder: str, hashes: Iterable[str]) -> tuple[str, ...]:
    """Return the contents that this worker has not got."""
    return tuple(name for name in hashes if not _kept(folder, name).is_file())


def keep(folder: str, contents: Mapping[str, bytes]) -> None:
    """Keep contents by their hash for the nodes to come.

    Raises
    ------
    FileError
        E-012 if they cannot be written.
    ValueError
        If a content is not what its name says.
    """
    for name, content in contents.items():
        if content_hash(content) != name:
            raise ValueError("a content does not have its hash")
        with write_atomically(_kept(folder, name)) as partial:
            partial.write_bytes(content)


def make(folder: str, code: str, parcel: Parcel) -> Reply:
    """Make a node in a workspace that holds its inputs and nothing else.

    Parameters
    ----------
    folder : str
        The worker's own folder.
    code : str
        Hash of the package that the node was asked of.
    parcel : Parcel
        The node.

    Returns
    -------
    Reply
        Failures are in it, not raised.
    """
    if not code == _begun_with().code == own_code():
        return Reply(other_code=True)
    try:
        with tempfile.TemporaryDirectory(prefix="node-", dir=folder) as name:
            workspace = Workspace(Path(name))
            missing = _lay_out(folder, parcel, workspace)
            reply = Reply(lacking=missing) if missing else _made(parcel, workspace)
    except Exception as error:  # noqa: BLE001 - what a worker raises stands in its log for everybody
        return Reply(account="".join(traceback.format_exception(error)))
    return reply if own_code() == code else Reply(other_code=True)


@cache
def _begun_with() -> Introduction:
    """Return what was there when this process began: code that changes afterwards is not what it runs."""
    return Introduction(own_code(), package_versions())


def _kept(folder: str, name: str) -> Path:
    return Path(folder, "contents", name)


def _lay_out(folder: str, parcel: Parcel, workspace: Workspace) -> tuple[str, ...]:
    """Write a parcel's files; return the contents that are not there or are torn."""
    missing = []
    for name, wanted in parcel.files.items():
        kept = _kept(folder, wanted)
        content = parcel.enclosed.get(wanted)
        if content is None:
            content = kept.read_bytes() if kept.is_file() else b""
        if content_hash(content) != wanted:
            kept.unlink(missing_ok=True)
            missing.append(wanted)
            continue
        path = workspace.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tuple(missing)


def _made(parcel: Parcel, workspace: Workspace) -> Reply:
    node = open_parcel(parcel, workspace)
    error, account = None, ""
    try:
        perform_here(node, workspace)
    except PlatformError as failure:
        error = failure
    except Exception as fault:  # noqa: BLE001 - as above
        account = "".join(traceback.format_exception(fault))
    if error is not None or account:
        written = (path for path in workspace.root.rglob("*.log") if path.is_file())
        logs = {from_root(path, workspace): path.read_bytes() for path in written}
        return Reply(logs=logs, error=error, account=account)
    outputs = {from_root(path, workspace): path.read_bytes() for path in output_files(node)}
    return Reply(outputs, {name: content_hash(content) for name, content in outputs.items()})
