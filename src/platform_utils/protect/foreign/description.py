"""The description of any tables: what their columns cannot say, read from TOML and checked key by key.

Enters: a TOML file (``docs/disclosure.*.md`` shows every key). Leaves: a description, or an error that names
the key. Nothing that is misspelt is passed over: an ignored line would be a weaker attack.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platform_utils.errors import SettingsError
from platform_utils.protect.links import Links, Nested, Refinement

COLUMNS = ("share", "primary", "low", "high", "weight", "true_count")
"""Keys of a table that name one of its columns."""


@dataclass(frozen=True)
class Description:
    """What a description says.

    Attributes
    ----------
    tables : mapping of str to mapping
        By name of file.
    options : mapping of str to bool
        ``[audit]``.
    """

    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    options: Mapping[str, bool] = field(default_factory=dict)


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
    except (OSError, ValueError) as error:
        name = "file" if isinstance(error, OSError) else "TOML"
        raise SettingsError("E-441", file=path.name, name=name) from error
    for name in _faults(said):
        raise SettingsError("E-441", file=path.name, name=name)
    trees = (
        Refinement(
            tree["dimension"], tree.get("coarse", tree["dimension"]), tree["parents"], "coarse" not in tree
        )
        for tree in said.get("tree", [])
    )
    universes = {
        # of one that is only said to lie inside, lying inside is the mark
        name: Nested(entry["within"], entry.get("where") or {f"in {name}": "yes"})
        for name, entry in said.get("universe", {}).items()
    }
    tables = {Path(entry["file"]).name: entry for entry in said.get("table", [])}
    return Description(tables, Links(tuple(trees), (), universes), said.get("audit", {}))


def _faults(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys that are missing, unknown or of the wrong kind; after the first nothing is certain."""
    yield from (key for key in said if key not in _KEYS)
    for kind in ("table", "tree"):
        entries = said.get(kind, [])
        if not (isinstance(entries, list) and all(isinstance(one, dict) for one in entries)):
            yield f"[[{kind}]]"
        for entry in entries:
            yield from _faults_in(kind, entry)
    for kind in ("universe", "audit"):
        if not isinstance(said.get(kind, {}), dict):
            yield f"[{kind}]"
    for name, entry in said.get("universe", {}).items():
        if not isinstance(entry, dict):
            yield f"universe.{name}"
        yield from _faults_in("universe", entry, f"universe.{name}.")
    yield from _faults_in("audit", said.get("audit", {}))
    above: dict[str, dict[str, set[str]]] = {}
    for tree in said.get("tree", []):
        if "coarse" not in tree:
            parents = above.setdefault(tree["dimension"], {})
            for code, parent in tree["parents"].items():
                parents.setdefault(code, set()).update({parent} - {code})
    for parents in above.values():
        if any(_comes_back(parents, code) for code in parents):
            yield "parents"
    within = {name: {entry["within"]} for name, entry in said.get("universe", {}).items()}
    yield from (f"universe.{name}.within" for name in within if _comes_back(within, name))


def _faults_in(kind: str, entry: Mapping[str, Any], where: str = "") -> Iterator[str]:
    known = _KEYS[kind]
    yield from (where + key for key, value in entry.items() if key not in known or not known[key](value))
    yield from (where + key for key in _NEEDED.get(kind, ()) if key not in entry)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _is_shown(value: object) -> bool:
    return value in ("margins", "total") or (isinstance(value, list) and all(map(_is_mapping, value)))


_TEXTS = ("file", "name", "universe", "unit", "count", "share_of", "contributors", *COLUMNS)
_KEYS: dict[str, dict[str, Callable[[object], bool]]] = {
    "table": {
        **dict.fromkeys(_TEXTS, _is_text),
        **dict.fromkeys(("dimensions", "marks", "totals", "multiple"), _is_list),
        **dict.fromkeys(("year", "share_decimals", "rounded_to"), _is_whole),
        "class": ("A", "B").__contains__,
        "must_show": _is_shown,
    },
    "tree": {"dimension": _is_text, "coarse": _is_text, "parents": _is_mapping},
    "universe": {"within": _is_text, "where": _is_mapping},
    "audit": dict.fromkeys(("zeros_always_printed", "only_small_hidden"), _is_flag),
}
_NEEDED = {"table": ("file",), "tree": ("dimension", "parents"), "universe": ("within",)}


def _comes_back(above: Mapping[str, Iterable[str]], start: str) -> bool:
    """Say whether going up from ``start``, by whichever way, comes back to it."""
    seen: set[str] = set()
    waiting = list(above.get(start, ()))
    while waiting:
        code = waiting.pop()
        if code not in seen:
            seen.add(code)
            waiting += above.get(code, ())
    return start in seen
