"""What one row of a source is: a person, or a row that is nobody.

Enters: the name of a source. Leaves: the unit that its counts are in. Rule: rows of synthetic data are
called rows, never persons.
"""

from __future__ import annotations

import tomllib
from functools import cache

from platform_utils.paths import resource

__all__ = ["row_unit"]


def row_unit(source: str) -> str:
    """Return ``"rows"`` for synthetic files that others published, else ``"persons"``.

    Examples
    --------
    >>> row_unit("demo"), row_unit("external-ctdc"), row_unit("external-ctdc-synthetic")
    ('persons', 'persons', 'rows')
    """
    return _units().get(source, "persons")


@cache
def _units() -> dict[str, str]:
    files = sorted(resource("crosswalks").glob("*.toml"))
    entries = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {f"external-{entry['source']}": entry["unit"] for entry in entries}
