"""The stored evaluation of the pilot: what documents are written from.

Enters: the controlled folder of a source. Leaves: safe estimates by name, and the words that go with them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from platform_utils.errors import DisclosureError, FileError
from platform_utils.paths import write_atomically
from platform_utils.spec.safe import SafeEstimate

__all__ = ["read_pilot", "remove_pilot", "write_pilot"]

_WORDS = "words.json"


def write_pilot(estimates: Iterable[SafeEstimate], words: Mapping[str, Any], folder: Path) -> None:
    """Store an evaluation's safe estimates and its words.

    Parameters
    ----------
    estimates : iterable of SafeEstimate
        From the gate.
    words : mapping
        Keys of the catalogue and settings of the plan; no number of persons.
    folder : Path
        Controlled folder of the pilot.

    Raises
    ------
    DisclosureError
        E-650 for anything that the gate has not made.
    """
    for estimate in estimates:
        if not isinstance(estimate, SafeEstimate):
            raise DisclosureError("E-650", kind=type(estimate).__name__)
        estimate.write(folder / "estimates" / f"{estimate.name}.parquet")
    with write_atomically(folder / _WORDS) as partial:
        text = json.dumps(dict(words), ensure_ascii=False, indent=1, sort_keys=True)
        partial.write_text(text + "\n", encoding="utf-8", newline="\n")


def remove_pilot(folder: Path) -> None:
    """Remove a stored evaluation, so that nothing of it is taken for the next one's."""
    shutil.rmtree(folder / "estimates", ignore_errors=True)
    (folder / _WORDS).unlink(missing_ok=True)


def read_pilot(folder: Path) -> tuple[dict[str, SafeEstimate], dict[str, Any]]:
    """Read an evaluation's safe estimates by name, and its words.

    Raises
    ------
    FileError
        E-740 if nothing has been evaluated.
    DisclosureError
        E-411, E-412 if a file is not the one that the gate wrote.
    """
    try:
        words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError("E-740") from error
    found = [SafeEstimate.read(path) for path in sorted((folder / "estimates").glob("*.parquet"))]
    return {estimate.name: estimate for estimate in found}, words
