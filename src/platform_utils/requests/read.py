"""Read a request: who asks in which role, why, on what ground, and which tables.

Enters: a TOML file. Leaves: a ``Request``. Rule: no person is named, and nothing is asked for that the
codebook and the table plan do not define.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from platform_utils.errors import ContractError, FileError
from platform_utils.messages import LANGUAGES
from platform_utils.returns.identity import find_identity
from platform_utils.spec import codebook
from platform_utils.spec.codebook import Derived
from platform_utils.spec.plan import load_plan

__all__ = ["AskedTable", "Request", "read_request"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST = 2
_KEYS = ("id", "asked_by", "lang", "purpose", "legal_ground", "expires", "years", "table")
_TABLE_KEYS = ("name", "universe", "dimensions", "why")


@dataclass(frozen=True)
class AskedTable:
    """One table that is asked for.

    Parameters
    ----------
    name : str
        Name of its file.
    universe : str
        Who is counted: a population of the table plan.
    dimensions : tuple of str
        One or two variables of the codebook; none asks for the number of persons.
    why : str
        What the table is needed for.
    """

    name: str
    universe: str
    dimensions: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Request:
    """A request.

    Parameters
    ----------
    id : str
        Such as ``"2024-07"``.
    asked_by : str
        A role, such as ``"doctoral student, criminology"``; never a name.
    lang : {"sv", "en"}
        Language of the answer.
    purpose, legal_ground : str
        What for, and why it may be handed out.
    expires : date
        Last day on which the answer may be handed over.
    years : tuple of int
        Support years.
    tables : tuple of AskedTable
        In the order asked.
    """

    id: str
    asked_by: str
    lang: str
    purpose: str
    legal_ground: str
    expires: date
    years: tuple[int, ...]
    tables: tuple[AskedTable, ...]


def read_request(path: Path) -> Request:
    """Read and check a request file.

    Parameters
    ----------
    path : Path
        TOML; ``docs/request_example.toml`` shows every key.

    Returns
    -------
    Request

    Raises
    ------
    FileError
        E-820 if it cannot be read.
    ContractError
        E-821 if a key is missing, unknown or of the wrong kind; E-822 if a table asks for what is not
        counted; E-823 if it holds a personal number, phone number or e-mail address.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileError("E-820", file=path.name) from error
    for key in _KEYS:
        _require(key in said, path, key, "a value")
    for key in said:
        _require(key in _KEYS, path, key, ", ".join(_KEYS))
    for key in ("id", "asked_by", "lang", "purpose", "legal_ground"):
        _require(isinstance(said[key], str) and said[key].strip() != "", path, key, "a text")
    _require(_ID.fullmatch(said["id"]) is not None, path, "id", "a-z, 0-9 and -, at most 40")
    _require(said["lang"] in LANGUAGES, path, "lang", ", ".join(LANGUAGES))
    _require(type(said["expires"]) is date, path, "expires", "2026-12-31")
    years = said["years"]
    good = isinstance(years, list) and bool(years) and all(type(year) is int for year in years)
    _require(good and len(set(years)) == len(years), path, "years", "[2023]")
    entries = said["table"]
    _require(isinstance(entries, list) and bool(entries), path, "table", "[[table]]")
    tables = tuple(_table(entry, path, position) for position, entry in enumerate(entries, start=1))
    _require(len({table.name for table in tables}) == len(tables), path, "name", "different names")
    texts = [said[key] for key in ("asked_by", "purpose", "legal_ground")]
    if any(find_identity(text) for text in (*texts, *(table.why for table in tables))):
        raise ContractError("E-823", file=path.name)
    return Request(
        id=said["id"],
        asked_by=said["asked_by"].strip(),
        lang=said["lang"],
        purpose=said["purpose"].strip(),
        legal_ground=said["legal_ground"].strip(),
        expires=said["expires"],
        years=tuple(sorted(years)),
        tables=tables,
    )


def _require(good: bool, path: Path, key: str, expected: str) -> None:
    if not good:
        raise ContractError("E-821", file=path.name, key=key, expected=expected)


def _table(entry: Any, path: Path, position: int) -> AskedTable:
    _require(
        isinstance(entry, Mapping) and set(entry) == set(_TABLE_KEYS), path, "table", ", ".join(_TABLE_KEYS)
    )
    for key in ("name", "universe", "why"):
        _require(isinstance(entry[key], str) and entry[key].strip() != "", path, key, "a text")
    _require(_NAME.fullmatch(entry["name"]) is not None, path, "name", "a-z, 0-9 and _, at most 40")
    named = entry["dimensions"]
    is_list = isinstance(named, list) and all(isinstance(one, str) for one in named)
    _require(is_list and len(set(named)) == len(named), path, "dimensions", '["sex", "police_region"]')
    plan = load_plan()
    countable = plan.of_people
    if entry["universe"] not in countable:
        raise ContractError("E-822", table=position, key="universe", expected=", ".join(countable))
    kinds = [_kind(name) for name in named]
    if len(named) > _MOST or "" in kinds or kinds.count("multi") > 1:
        raise ContractError("E-822", table=position, key="dimensions", expected=_expected())
    return AskedTable(entry["name"], entry["universe"], tuple(named), entry["why"].strip())


def _kind(name: str) -> str:
    """Return what kind of variable persons can be counted by, or an empty text."""
    try:
        variable = codebook.load().variable(name, "case")
    except KeyError:
        return ""
    if isinstance(variable, Derived):
        return "derived"
    return variable.kind if variable.grain == "case" and variable.kind in ("code", "multi", "yes_no") else ""


def _expected() -> str:
    book = codebook.load()
    names = [*(variable.name for variable in book.of_grain("case")), *(rule.name for rule in book.derived)]
    return ", ".join(name for name in names if _kind(name))
