"""What a node's inputs and outputs are right now, by content, and how that differs from its manifest.

Enters: a node. Leaves: reasons to run it; and ``manifests/<node>.json`` beside the outputs, the hash of
every input and output, the same bytes for the same content. Content decides, never a time stamp.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platform_utils.paths import Workspace, write_whole
from platform_utils.spec.ledger_lines import hash_of_seen
from platform_utils.workflow.code import Code, package_versions
from platform_utils.workflow.graph import Made, Node, document_text

_LEDGER = "ledger.jsonl"
_NOT_DATA = ("keys.toml", "planted_faults.toml", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True)
class Manifest:
    """What made what.

    Attributes
    ----------
    inputs : mapping
        Hash per input: ``data:``, ``document:``, ``code:``, ``parameter:``, ``package:`` or ``node:`` before
        the name.
    outputs : mapping
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


@dataclass(frozen=True)
class Reason:
    """Why a node runs again.

    Attributes
    ----------
    kind : {"new", "input", "gone", "output", "upstream"}
        Never made; an input is new or differs; an input is gone; an output is missing, torn or edited;
        a node that it needs runs first.
    what : str
        Which input, output or node.
    """

    node: str
    kind: str
    what: str = ""


class Now:
    """What the code and the packages are during one run: each is looked at once.

    Parameters
    ----------
    root : Path, optional
        Folder of our package; the installed one if not given.
    """

    def __init__(self, workspace: Workspace, root: Path | None = None) -> None:
        self.workspace = workspace
        self.code = Code(workspace.desk / "code.json", root)
        self.packages = package_versions()


def manifest_path(workspace: Workspace, source: str, node: str) -> Path:
    """Return where the manifest of a node stands."""
    return workspace.data_clean(source) / "manifests" / f"{node}.json"


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


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write a manifest whole or not at all."""
    entry = {
        "node": manifest.node,
        "inputs": dict(sorted(manifest.inputs.items())),
        "outputs": dict(sorted(manifest.outputs.items())),
    }
    text = json.dumps(entry, ensure_ascii=False, indent=1)
    write_whole(path, f"{text}\n")


def current_inputs(node: Node, now: Now, upstream: Mapping[str, str]) -> dict[str, str]:
    """Return the hash of every input of a node as it is now.

    Parameters
    ----------
    upstream : mapping
        Digest of the outputs of each node that it needs.
    """
    inputs = {f"parameter:{name}": str(value) for name, value in node.arguments.items()}
    if node.document is not None and node.document.is_file():
        text = document_text(node.document)
        name = now.workspace.relative(node.document)
        inputs[f"document:{name}"] = hashlib.sha256(text.encode("utf-8")).hexdigest()
    for path in _data_files(node):
        name = now.workspace.relative(path)
        is_ledger = name.startswith("releases/") and path.name == _LEDGER
        digest = hash_of_seen(path) if is_ledger else _file_hash(path)
        if digest is not None:
            inputs[f"data:{name}"] = digest
    inputs |= now.code.hashes(node.code, node.with_texts)
    inputs |= {f"node:{name}": upstream[name] for name in node.needs if name in upstream}
    return inputs | now.packages


def current_outputs(made: Made, workspace: Workspace) -> dict[str, str]:
    """Return the hash of every file that stands where a node makes files."""
    found = (path for folder, pattern in made for path in sorted(folder.glob(pattern)))
    whole = (path for path in found if path.is_file() and not path.name.startswith(".partial-"))
    return {workspace.relative(path): _file_hash(path) for path in whole}


def reasons_to_run(node: Node, now: Now, source: str, upstream: Mapping[str, str]) -> list[Reason]:
    """Return why a node has to run, in order of name; empty if what it made is whole and still right."""
    manifest = read_manifest(manifest_path(now.workspace, source, node.name))
    if manifest is None:
        return [Reason(node.name, "new")]
    inputs, outputs = current_inputs(node, now, upstream), current_outputs(node.outputs, now.workspace)
    found = [("input", name) for name in sorted(inputs) if manifest.inputs.get(name) != inputs[name]]
    found += [("gone", name) for name in sorted(manifest.inputs.keys() - inputs.keys())]
    found += [
        ("output", name)
        for name in sorted({*manifest.outputs, *outputs})
        if manifest.outputs.get(name) != outputs.get(name)
    ]
    return [Reason(node.name, kind, what) for kind, what in found]


def _is_of_text(*sides: object) -> bool:
    return all(isinstance(side, dict) and all(isinstance(v, str) for v in side.values()) for side in sides)


def _data_files(node: Node) -> Iterator[Path]:
    """Yield the files whose content a node depends on, in order."""
    for root in node.data:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            skipped = path.name in _NOT_DATA or path.name.startswith((".partial-", "~$"))
            if path.is_file() and not skipped:
                yield path


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
