"""The description of any tables: what their columns cannot say, read from TOML and checked key by key.

Enters: a TOML file (``docs/disclosure.*.md`` shows every key). Leaves: a description, or an error that names
the key. Nothing that is misspelt is passed over: an ignored line would be a weaker attack.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platform_utils.errors import SettingsError
from platform_utils.protect.links import Links, Nested, Refinement

__all__ = ["COLUMNS", "Description", "read_description"]

COLUMNS = ("share", "primary", "low", "high", "weight", "true_count")
"""Keys of a table that name one of its columns."""

_TEXTS = ("file", "name", "universe", "unit", "count", "share_of", "contributors", *COLUMNS)
_LISTS = ("dimensions", "marks", "totals", "multiple")
_NUMBERS = ("year", "share_decimals", "rounded_to")
_TABLE = frozenset((*_TEXTS, *_LISTS, *_NUMBERS, "class", "must_show"))
_AUDIT = frozenset(("zeros_always_printed", "only_small_hidden"))


@dataclass(frozen=True)
class Description:
    """What a description says.

    Parameters
    ----------
    tables : mapping of str to mapping
        By name of file.
    links : Links
        Trees and universes.
    options : mapping
        ``[audit]``.
    """

    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    options: Mapping[str, Any] = field(default_factory=dict)


def read_description(path: Path) -> Description:
    """Read and check a description.

    Raises
    ------
    SettingsError
        E-441, naming the key or the file; also where a universe or a code lies within itself, in one step or
        several.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError("E-441", file=path.name, name="file") from error
    except ValueError as error:
        raise SettingsError("E-441", file=path.name, name="TOML") from error

    def require(good: bool, name: str) -> None:
        if not good:
            raise SettingsError("E-441", file=path.name, name=name)

    for key in said:
        require(key in ("table", "tree", "universe", "audit"), key)
    for key in ("table", "tree"):
        entries = said.get(key, [])
        require(isinstance(entries, list) and all(isinstance(one, dict) for one in entries), f"[[{key}]]")
    for key in ("universe", "audit"):
        require(isinstance(said.get(key, {}), dict), f"[{key}]")
    for entry in said.get("table", []):
        for key, value in entry.items():
            require(key in _TABLE, key)
            require(_is_right(key, value), key)
        require("file" in entry, "file")
    for entry in said.get("tree", []):
        for key in entry:
            require(key in ("dimension", "coarse", "parents"), key)
        require(isinstance(entry.get("dimension"), str), "dimension")
        require(isinstance(entry.get("coarse", ""), str), "coarse")
        require(_is_texts(entry.get("parents")), "parents")
        require("coarse" in entry or not _in_a_circle(entry["parents"], own=True), "parents")
    for name, entry in said.get("universe", {}).items():
        require(isinstance(entry, dict) and set(entry) <= {"within", "where"}, f"universe.{name}")
        require(isinstance(entry.get("within"), str), f"universe.{name}.within")
        require(_is_texts(entry.get("where", {})), f"universe.{name}.where")
    within = {name: entry["within"] for name, entry in said.get("universe", {}).items()}
    for name in within:
        require(not _in_a_circle(within, name), f"universe.{name}.within")
    for key, value in said.get("audit", {}).items():
        require(key in _AUDIT and isinstance(value, bool), key)
    return Description(
        {Path(entry["file"]).name: entry for entry in said.get("table", [])},
        Links(_trees(said), (), _universes(said)),
        said.get("audit", {}),
    )


def _is_right(key: str, value: object) -> bool:
    if key in _TEXTS:
        return isinstance(value, str) and value != ""
    if key in _LISTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if key in _NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if key == "class":
        return value in ("A", "B")
    return value in ("margins", "total") or (isinstance(value, list) and all(map(_is_texts, value)))


def _is_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _in_a_circle(above: Mapping[str, str], start: str | None = None, *, own: bool = False) -> bool:
    """Say whether going up from ``start``, or anywhere, comes back; ``own``: but for one's own parent."""
    for first in above if start is None else (start,):
        seen = [first]
        while seen[-1] in above and not (own and above[seen[-1]] == seen[-1]):
            seen.append(above[seen[-1]])
            if seen[-1] in seen[:-1]:
                return True
    return False


def _trees(said: Mapping[str, Any]) -> tuple[Refinement, ...]:
    return tuple(
        Refinement(
            tree["dimension"],
            tree.get("coarse", tree["dimension"]),
            dict(tree["parents"]),
            nested="coarse" not in tree,
        )
        for tree in said.get("tree", [])
    )


def _universes(said: Mapping[str, Any]) -> dict[str, Nested]:
    return {
        name: Nested(entry["within"], dict(entry.get("where", {})))
        for name, entry in said.get("universe", {}).items()
    }
