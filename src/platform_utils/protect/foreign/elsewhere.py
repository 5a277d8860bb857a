"""What the Platform and others have published about the same people: part of what every reader knows.

Enters: ``resources/known_elsewhere.csv``. Leaves: bounds on groups of people. A member's own figure is a
least count of the whole's, since the member's persons are among the Platform's.
"""

from __future__ import annotations

import csv
from pathlib import Path

from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.protect.attacker import Group, Seen
from platform_utils.protect.cells import Cell
from platform_utils.protect.links import Links

RELATIONS = ("same", "within", "contains", "unknown")
"""How those counted elsewhere relate to our group: the same people, some of them, all and more, not known."""


def read_elsewhere(links: Links, path: Path | None = None) -> tuple[tuple[Group, Seen, str], ...]:
    """Return what others have published, as the attacker is told it.

    Parameters
    ----------
    path : Path, optional
        A file with columns ``universe, year, codes, relation, count, source, address``; ``codes`` is
        ``dimension=code`` joined by ``;``. The packaged list if not given.

    Raises
    ------
    SettingsError
        E-406 if the file cannot be read.
    """
    file = path or resource("known_elsewhere.csv")
    found = []
    try:
        with Path(file).open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                pairs = [pair.split("=", 1) for pair in row["codes"].split(";") if pair]
                codes = tuple(sorted((dimension, code) for dimension, code in pairs))
                cell = links.canonical(Cell(row["universe"], int(row["year"]), codes))
                count = int(row["count"])
                seen = {"same": Seen(count, count), "within": Seen(count), "contains": Seen(0, count)}
                if RELATIONS.index(row["relation"]) < len(seen):
                    group = (cell.universe, cell.year, frozenset(cell.codes))
                    found.append((group, seen[row["relation"]], row["source"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError("E-406", file=Path(file).name) from error
    return tuple(found)
