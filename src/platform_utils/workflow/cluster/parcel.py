"""What travels: a node with its inputs by content, and what a worker sends back.

Enters: a node of a workspace. Leaves: a parcel that names every file by its SHA-256 and no path of this desk;
and on the way back, files under their final names once they have been checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from platform_utils.errors import PlatformError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.workflow.graph import Node
from platform_utils.workflow.state import data_files, output_files

__all__ = ["Parcel", "Reply", "content_hash", "from_root", "is_faithful", "open_parcel", "pack", "put_away"]


@dataclass(frozen=True)
class Parcel:
    """A node and the names of its inputs.

    Parameters
    ----------
    node : str
        Name of the node.
    action : str
        Function of ``pipeline`` that makes it.
    arguments : mapping
        Its arguments.
    document : str
        Document that is executed, from the workspace; empty if none is.
    outputs : tuple of (str, str)
        Folder from the workspace, and file pattern, of what it makes.
    files : mapping of str to str
        SHA-256 of every input by its path from the workspace.
    enclosed : mapping of str to bytes
        Contents by SHA-256 that a worker must not keep beyond this node.
    """

    node: str
    action: str
    arguments: Mapping[str, object]
    document: str
    outputs: tuple[tuple[str, str], ...]
    files: Mapping[str, str]
    enclosed: Mapping[str, bytes] = field(default_factory=dict)

    def hashes(self) -> tuple[str, ...]:
        """Return the contents that the worker has to have beforehand."""
        return tuple(sorted(set(self.files.values()) - set(self.enclosed)))


@dataclass(frozen=True)
class Reply:
    """What a worker sends back.

    Parameters
    ----------
    outputs : mapping of str to bytes
        Content of every output by its path from the workspace.
    hashes : mapping of str to str
        SHA-256 of each, taken where it was made.
    logs : mapping of str to bytes
        Run logs: for the restricted folder only.
    error : PlatformError, optional
        The node's own failure.
    account : str
        Traceback of a fault of ours: for the restricted folder only.
    other_code : bool
        The worker's code is not the one that was asked for; nothing was run.
    lacking : tuple of str
        Contents that the worker turned out not to have; nothing was run.
    """

    outputs: Mapping[str, bytes] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    logs: Mapping[str, bytes] = field(default_factory=dict)
    error: PlatformError | None = None
    account: str = ""
    other_code: bool = False
    lacking: tuple[str, ...] = ()


def content_hash(content: bytes) -> str:
    """Return the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


def from_root(path: Path, workspace: Workspace) -> str:
    """Return a path as both machines spell it, also where a folder on the way is a link elsewhere."""
    return path.relative_to(workspace.root).as_posix()


def pack(
    node: Node, workspace: Workspace, needed: Iterable[Node], *, enclose: bool
) -> tuple[Parcel, dict[str, bytes]]:
    """Return the parcel of a node, and the contents that it names.

    Parameters
    ----------
    node : Node
        What to make.
    workspace : Workspace
        Where its inputs stand.
    needed : iterable of Node
        The nodes whose outputs it reads.
    enclose : bool
        True for inputs that a worker must not keep.

    Returns
    -------
    Parcel
    dict of str to bytes
        By SHA-256; empty if they are enclosed.
    """
    shown = {path for one in needed for folder, pattern in one.evidence for path in folder.glob(pattern)}
    made = (path for one in needed for path in output_files(one) if path not in shown)
    project = (workspace.root / "_quarto.yml", *([node.document] if node.document else []))
    found = {from_root(path, workspace): b"" for path in node.present if path.is_file()}
    for path in (*project, *data_files(node), *made, *node.passwords):
        if path.is_file():
            found[from_root(path, workspace)] = path.read_bytes()
    files = {name: content_hash(found[name]) for name in sorted(found)}
    contents = {files[name]: content for name, content in found.items()}
    parcel = Parcel(
        node=node.name,
        action=node.action,
        arguments=dict(node.arguments),
        document=from_root(node.document, workspace) if node.document else "",
        outputs=tuple((from_root(folder, workspace), pattern) for folder, pattern in node.outputs),
        files=files,
        enclosed=contents if enclose else {},
    )
    return parcel, {} if enclose else contents


def open_parcel(parcel: Parcel, workspace: Workspace) -> Node:
    """Return the node of a parcel in another workspace."""
    return Node(
        name=parcel.node,
        action=parcel.action,
        arguments=parcel.arguments,
        document=workspace.root / parcel.document if parcel.document else None,
        outputs=tuple((workspace.root / folder, pattern) for folder, pattern in parcel.outputs),
    )


def is_faithful(parcel: Parcel, reply: Reply) -> bool:
    """Say whether a reply holds what its own hashes say, and nothing that the node does not make."""
    whole = set(reply.outputs) == set(reply.hashes) and all(
        reply.hashes[name] == content_hash(content) for name, content in reply.outputs.items()
    )
    beside = {folder for folder, _ in parcel.outputs}
    return (
        whole
        and all(_is_output(parcel, name) for name in reply.outputs)
        and all(name.endswith(".log") and name.rpartition("/")[0] in beside for name in reply.logs)
    )


def put_away(reply: Reply, node: Node, workspace: Workspace) -> None:
    """Write the outputs of a node under their final names; what it did not make this time is gone.

    Raises
    ------
    FileError
        E-012 if a file cannot be written.
    """
    for path in list(output_files(node)):
        if from_root(path, workspace) not in reply.outputs:
            path.unlink()
    for name, content in sorted(reply.outputs.items()):
        with write_atomically(workspace.root / name) as partial:
            partial.write_bytes(content)


def _is_output(parcel: Parcel, name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.as_posix() != name or "\\" in name:
        return False
    return any(_fits(path, folder, pattern) for folder, pattern in parcel.outputs)


def _fits(path: PurePosixPath, folder: str, pattern: str) -> bool:
    """Say whether a pattern, as ``Path.glob`` reads it, would find a path in a folder."""
    if not path.is_relative_to(folder):
        return False
    deep = pattern.startswith("**/")
    wanted = pattern.removeprefix("**/")
    inside = path.relative_to(folder)
    levels = Path(wanted).parts
    return (deep or len(inside.parts) == len(levels)) and inside.match(wanted)
