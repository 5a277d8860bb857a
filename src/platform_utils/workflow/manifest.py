"""A node's memory: the hash of every input and of every output, in one file beside the outputs.

Enters: files. Leaves: ``manifests/<node>.json``, the same bytes for the same content. No clock, no path
outside the workspace.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from platform_utils.paths import write_atomically

__all__ = ["Manifest", "file_hash", "read_manifest", "remove_manifest", "write_manifest"]

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What made what.

    Parameters
    ----------
    node : str
        Name of the node, such as ``"clean/2023"``.
    inputs : mapping of str to str
        Hash per input: ``data:``, ``code:``, ``parameter:``, ``package:`` or ``node:`` before the name.
    outputs : mapping of str to str
        Hash per file, by path from the workspace.
    """

    node: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]

    def digest(self, without: Container[str] = ()) -> str:
        """Return one hash of everything that the node made, but for the files that are named."""
        counted = {name: value for name, value in sorted(self.outputs.items()) if name not in without}
        text = json.dumps(counted, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def read_manifest(path: Path) -> Manifest | None:
    """Return a manifest, or None if there is no whole one."""
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(entry["node"], entry["inputs"], entry["outputs"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    is_whole = isinstance(manifest.node, str) and _is_of_text(manifest.inputs, manifest.outputs)
    return manifest if is_whole else None


def remove_manifest(path: Path) -> None:
    """Remove a manifest, or whatever stands in its place."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_of_text(*sides: object) -> bool:
    return all(isinstance(side, dict) and all(isinstance(v, str) for v in side.values()) for side in sides)


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write a manifest whole or not at all."""
    entry = {
        "node": manifest.node,
        "inputs": dict(sorted(manifest.inputs.items())),
        "outputs": dict(sorted(manifest.outputs.items())),
    }
    with write_atomically(path) as partial:
        partial.write_text(
            json.dumps(entry, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"
        )
