"""What the table plan says to readers: section, populations, codes named only when present."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from platform_utils.paths import resource
from platform_utils.publish.words import variable_label

__all__ = ["asked_for", "breaks", "is_present_only", "planned"]


@cache
def planned() -> Mapping[str, Mapping[str, Any]]:
    """Return the entries of the table plan by key, in order."""
    return {entry["key"]: entry for entry in _plan()["table"]}


def asked_for(name: str, lang: str) -> str:
    """Return what the form asks for a table, as it stands inside a sentence."""
    label = variable_label(planned()[name]["dimensions"][0], lang)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


@cache
def breaks() -> tuple[Mapping[str, Any], ...]:
    """Return the breaks of the long series, by year."""
    return tuple(sorted(_plan()["break"], key=lambda entry: (entry["year"], entry["note"])))


def is_present_only(name: str) -> bool:
    """Say whether a table leaves out codes that nobody has."""
    return bool(planned().get(name, {}).get("present_only", False))


def _plan() -> dict[str, Any]:
    return tomllib.loads(resource("table_plan.toml").read_text(encoding="utf-8"))
