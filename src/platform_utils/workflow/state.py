"""What a node's inputs and outputs are right now, by content, and how that differs from its manifest.

Enters: a node and its manifest. Leaves: reasons to run it. Content decides, never a time stamp.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platform_utils.paths import Workspace
from platform_utils.workflow.closure import Closure
from platform_utils.workflow.graph import Node, document_text
from platform_utils.workflow.manifest import Manifest, file_hash, read_manifest
from platform_utils.workflow.module_facts import Memory
from platform_utils.workflow.packages import package_versions

__all__ = [
    "Now",
    "Reason",
    "current_inputs",
    "current_outputs",
    "data_files",
    "manifest_path",
    "output_files",
    "reasons_to_run",
]

_NOT_DATA = ("keys.toml", "planted_faults.toml", ".DS_Store", "Thumbs.db")


@dataclass(frozen=True)
class Reason:
    """Why a node runs again.

    Parameters
    ----------
    node : str
        Name of the node.
    kind : {"new", "input", "gone", "output", "upstream"}
        Never made; an input is new or differs; an input is gone; an output is missing, torn or edited;
        a node that it needs runs first.
    what : str
        Which input, output or node.
    """

    node: str
    kind: str
    what: str = ""


def manifest_path(workspace: Workspace, source: str, node: str) -> Path:
    """Return where the manifest of a node stands."""
    return workspace.data_clean(source) / "manifests" / f"{node}.json"


class Now:
    """What the code and the packages are during one run: each is looked at once.

    Parameters
    ----------
    workspace : Workspace
        Where facts about code are remembered between runs.
    root : Path, optional
        Folder of our package; the installed one if not given.
    """

    def __init__(self, workspace: Workspace, root: Path | None = None) -> None:
        self.workspace = workspace
        self.closure = Closure(Memory(workspace.desk / "code.json"), root)
        self.packages = package_versions()


def current_inputs(node: Node, now: Now, upstream: Mapping[str, str]) -> dict[str, str]:
    """Return the hash of every input of a node as it is now.

    Parameters
    ----------
    upstream : mapping of str to str
        Digest of the outputs of each node that it needs.
    """
    inputs = {f"parameter:{name}": str(value) for name, value in node.arguments.items()}
    if node.document is not None and node.document.is_file():
        text = document_text(node.document)
        name = now.workspace.relative(node.document)
        inputs[f"document:{name}"] = hashlib.sha256(text.encode("utf-8")).hexdigest()
    for path in data_files(node):
        inputs[f"data:{now.workspace.relative(path)}"] = file_hash(path)
    inputs |= {f"code:{key}": value for key, value in now.closure.hashes(node.code).items()}
    inputs |= {f"node:{name}": upstream[name] for name in node.needs if name in upstream}
    return inputs | now.packages


def data_files(node: Node) -> Iterator[Path]:
    """Yield the files whose content a node depends on, in order."""
    for root in node.data:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            skipped = path.name in _NOT_DATA or path.name.startswith((".partial-", "~$"))
            if path.is_file() and not skipped:
                yield path


def current_outputs(node: Node, workspace: Workspace) -> dict[str, str]:
    """Return the hash of every file that a node has made."""
    return {workspace.relative(path): file_hash(path) for path in output_files(node)}


def output_files(node: Node) -> Iterator[Path]:
    """Yield the files that a node has made, in order."""
    for folder, pattern in node.outputs:
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and not path.name.startswith(".partial-"):
                yield path


def reasons_to_run(node: Node, now: Now, source: str, upstream: Mapping[str, str]) -> list[Reason]:
    """Return why a node has to run; empty if what it made is whole and still right."""
    manifest = read_manifest(manifest_path(now.workspace, source, node.name))
    if manifest is None:
        return [Reason(node.name, "new")]
    return compare(manifest, current_inputs(node, now, upstream), current_outputs(node, now.workspace))


def compare(manifest: Manifest, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> list[Reason]:
    """Return how inputs and outputs differ from those of a manifest, in order of name."""
    name = manifest.node
    reasons = [
        Reason(name, "input", key) for key in sorted(inputs) if manifest.inputs.get(key) != inputs[key]
    ]
    reasons += [Reason(name, "gone", key) for key in sorted(set(manifest.inputs) - set(inputs))]
    reasons += [
        Reason(name, "output", key)
        for key in sorted({*manifest.outputs, *outputs})
        if manifest.outputs.get(key) != outputs.get(key)
    ]
    return reasons
