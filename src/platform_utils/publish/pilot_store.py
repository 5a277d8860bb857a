"""Where a pilot's evaluation is stored once it has passed the gate.

Enters: safe estimates and words. Leaves: files of the controlled folder, an earlier evaluation's replaced.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError, UsageError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace, write_whole
from platform_utils.publish.figure import Look
from platform_utils.publish.opening import check_told
from platform_utils.publish.pilot import Pilot
from platform_utils.spec.safe import SafeEstimate

_STORED_WORDS = "words.json"


def read_pilot(folder: Path) -> tuple[dict[str, SafeEstimate], dict[str, Any]]:
    """Return the estimates by name and the words of what is stored.

    Raises
    ------
    FileError
        E-740 if nothing has been evaluated.
    DisclosureError
        E-411, E-412 if an estimate is not the one that the gate wrote.
    """
    words = _stored(folder)
    if "estimates" not in words:
        raise FileError("E-740")
    found = [SafeEstimate.read(path) for path in sorted((folder / str(words["estimates"])).glob("*.parquet"))]
    return {estimate.name: estimate for estimate in found}, words


def _stored(folder: Path) -> dict[str, Any]:
    try:
        words = json.loads((folder / _STORED_WORDS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        words = None
    return words if isinstance(words, dict) else {}


def write_pilot(estimates: Iterable[SafeEstimate], words: Mapping[str, Any], folder: Path) -> None:
    """Store an evaluation's safe estimates and its words in place of those that are stored.

    The words come last and name the folder of their estimates: whoever reads meets the earlier evaluation or
    this one, whole.

    Parameters
    ----------
    words : mapping
        Keys of the catalogue and settings of the plan; no number of persons.
    folder : Path
        Controlled folder of the evaluation.

    Raises
    ------
    DisclosureError
        E-650 for anything that the gate has not made.
    """
    made = list(estimates)
    for estimate in made:
        if not isinstance(estimate, SafeEstimate):
            raise DisclosureError("E-650", kind=type(estimate).__name__)
    said = json.dumps(dict(words), ensure_ascii=False, sort_keys=True)
    content = "\n".join([said, *(estimate.content_text() for estimate in made)])
    name = hashlib.sha256(content.encode("utf-8")).hexdigest()[:12]
    text = json.dumps({**words, "estimates": name}, ensure_ascii=False, indent=1, sort_keys=True)
    try:
        for estimate in made:
            estimate.write(folder / name / f"{estimate.name}.parquet")
        write_whole(folder / _STORED_WORDS, text + "\n")
    finally:
        # what the words name stays: this one, or the earlier one where this is not whole
        named = _stored(folder).get("estimates")
        for other in folder.glob("*/"):
            if other.name != named:
                shutil.rmtree(other, ignore_errors=True)


def load_pilot(*, lang: str, source: str = "demo", workspace: Workspace | None = None) -> Pilot:
    """Return everything that the pilot's documents may show, from what is stored for a source.

    Raises
    ------
    UsageError
        E-001, E-003 for language or source; E-504, E-505, E-664 for what Quarto was told; as `read_pilot`.
    """
    if lang not in LANGUAGES:
        raise UsageError("E-001", lang=lang)
    check_told(source, "pilot")
    workspace = workspace or Workspace.find()
    estimates, words = read_pilot(workspace.evaluation(source))
    return Pilot(estimates, words, source, Look(lang, source, workspace.assets / "fonts", width=4.2))
