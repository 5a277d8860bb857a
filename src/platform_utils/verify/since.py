"""Which inputs have changed since a release, without rebuilding anything.

Enters: a frozen release. Leaves: the names of inputs whose hash is not the one in its manifests.
"""

from __future__ import annotations

import json
from pathlib import Path

from platform_utils.paths import Workspace
from platform_utils.release.contents import public_hashes
from platform_utils.release.freeze import read_release
from platform_utils.verify.rebuild import nodes_of
from platform_utils.verify.verdict import check_untouched
from platform_utils.workflow.state import Now, current_inputs

__all__ = ["inputs_since"]


def inputs_since(workspace: Workspace, folder: Path) -> tuple[str, ...]:
    """Return the inputs that differ from those of a release.

    Parameters
    ----------
    workspace : Workspace
        Whose inputs are compared as they are now.
    folder : Path
        The frozen release.

    Returns
    -------
    tuple of str
        Such as ``"data:data_raw/demo/2023/receipts.toml"``, ``"code:platform_utils.clean.ages"`` or
        ``"package:pandas"``; sorted. New and vanished ones too; not the ledger and
        the rows of releases, which every release, this one too, makes more of.

    Raises
    ------
    NotReproducible
        E-808 if the release itself has been changed.
    FileError
        E-806 if the folder is no release.
    """
    release, kept = read_release(folder), check_untouched(folder)
    now = Now(workspace)
    moved: set[str] = set()
    for node in nodes_of(workspace, release, kept, "rows"):
        content = kept.get(f"manifests/{node.name}.json")
        if content is None:
            continue
        then: dict[str, str] = json.loads(content)["inputs"]
        current = public_hashes(workspace, release.source, current_inputs(node, now, {}))
        moved |= {name for name in {*then, *current} if then.get(name) != current.get(name)}
    own = (workspace.ledger(release.source), workspace.released_rows(release.source, release.year))
    grown = tuple(f"data:{workspace.relative(path)}" for path in own)
    return tuple(sorted(name for name in moved if not name.startswith(("node:", *grown))))
