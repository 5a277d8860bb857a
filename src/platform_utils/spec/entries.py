"""Entries of TOML files, read strictly: the dataclass is the schema.

Enters: what a TOML file says. Leaves: frozen definitions. A key that no field has, a word outside a field's
vocabulary, a value of the wrong kind and a missing key are refused with file, entry and key.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from platform_utils.errors import SettingsError

Entry = TypeVar("Entry")
_SHOWN = 12
"""Words of a vocabulary up to which an error lists them all."""
_hints = cache(get_type_hints)


class Labelled:
    """Whatever has a text in both languages."""

    sv: str
    en: str

    def label(self, lang: str) -> str:
        """Return the text in ``lang``."""
        return self.sv if lang == "sv" else self.en


@dataclass(frozen=True)
class Text(Labelled):
    """A text in both languages."""

    sv: str
    en: str


def key(name: str) -> dict[str, str]:
    """Return what tells a field that it stands under another key in the file, such as ``class``."""
    return {"key": name}


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_packaged(path: Path) -> dict[str, Any]:
    """Return what a TOML file of the package says.

    Raises
    ------
    SettingsError
        E-010 with the line if it is no TOML: an analyst edits some of these files.
    """
    try:
        return read_toml(path)
    except (OSError, ValueError) as error:
        line = re.search(r"line \d+", str(error))
        where = line[0] if line else "-"
        raise SettingsError("E-010", name=where, file=path.name, expected="TOML, UTF-8") from error


def written_entry(said: Mapping[str, object]) -> str:
    """Return an entry as TOML, a line per key; its strings are JSON's, but for DEL, which TOML refuses."""
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items())
    return "".join(lines).replace("\x7f", "\\u007f")


def written_entries(name: str, entries: Iterable[Mapping[str, object]]) -> str:
    """Return a list of entries as TOML, each under ``[[name]]``."""
    return "\n".join(f"[[{name}]]\n{written_entry(one)}" for one in entries)


def read_entry(kind: type[Entry], said: Any, file: str, where: str, **given: Any) -> Entry:
    """Return the definition that an entry of a file makes.

    Parameters
    ----------
    kind : type
        A dataclass; its annotations say what each key may hold.
    where : str
        Place of the entry in the file, such as ``"table.headline"``.
    **given : Any
        Fields that do not come from the entry.

    Raises
    ------
    SettingsError
        E-010 with file, key and what was expected.
    """
    hints = _hints(kind)  # type: ignore[arg-type]
    known = {one.metadata.get("key", one.name): one for one in fields(kind) if one.name not in given}  # type: ignore[arg-type]
    if not isinstance(said, Mapping):
        raise SettingsError("E-010", name=where, file=file, expected="a table of keys")
    require_known(said, known, file, where)
    found = {}
    for name, one in known.items():
        if name in said:
            found[one.name] = _value(said[name], hints[one.name], file, f"{where}.{name}")
        elif one.default is MISSING and one.default_factory is MISSING:
            raise SettingsError("E-010", name=f"{where}.{name}", file=file, expected=_shape(hints[one.name]))
    return kind(**found, **given)


def require_known(words: Collection[str], known: Collection[str], file: str, where: str) -> None:
    """Refuse words that are none of those known, naming the nearest.

    Raises
    ------
    SettingsError
        E-010 with the place, the word and what was expected.
    """
    for word in words:
        if word not in known:
            near = get_close_matches(word, known, n=1) or [", ".join(sorted(known)[:_SHOWN]) or "–"]
            raise SettingsError("E-010", name=f"{where}: {word}", file=file, expected=near[0])


def _value(value: Any, hint: Any, file: str, where: str) -> Any:
    """Return a value as its field holds it: lists become tuples, tables of a dataclass become one."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _value(value, inside[0], file, where)  # optional: TOML has no null
    if is_dataclass(hint):
        return read_entry(hint, value, file, where)  # type: ignore[arg-type, type-var]
    if origin is Literal:
        if value in inside:
            return value
        require_known([str(value)], inside, file, where)
    if origin is tuple and isinstance(value, list):
        hints = [inside[0]] * len(value) if inside[1:] == (...,) else inside
        if len(hints) == len(value):
            return tuple(_value(one, each, file, where) for one, each in zip(value, hints, strict=True))
    if origin is Mapping and isinstance(value, dict):
        return {name: _value(one, inside[1], file, f"{where}.{name}") for name, one in value.items()}
    if isinstance(hint, type) and type(value) is hint:  # an exact match: True is no whole number
        return value
    raise SettingsError("E-010", name=where, file=file, expected=_shape(hint))


def _shape(hint: Any) -> str:
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return ", ".join(map(str, inside))
    if origin is UnionType:
        return _shape(inside[0])
    if origin is tuple:
        return "[…]"
    names = {str: '"…"', int: "0, 1, 2, …", bool: "true, false"}
    return names.get(hint, "{ key = … }")
