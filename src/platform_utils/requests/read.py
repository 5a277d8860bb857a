"""Read a request: who asks in which role, why, on what ground, and which tables.

Enters: a TOML file. Leaves: a ``Request``. Rule: no person is named, and nothing is asked for that the
codebook and the table plan do not define.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from platform_utils.errors import ContractError, FileError, SettingsError
from platform_utils.guard.identity import find_identity
from platform_utils.guard.notebook import texts
from platform_utils.messages import LANGUAGES
from platform_utils.spec import codebook
from platform_utils.spec.codebook import Derived, Variable
from platform_utils.spec.entries import key, read_entry, read_toml
from platform_utils.spec.plan import load_plan
from platform_utils.spec.text import is_plain

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LARGEST, _LONGEST, _MOST_TABLES = 200_000, 2_000, 60
_NOTEBOOKS, _LARGEST_NOTEBOOK = (".ipynb", ".qmd"), 5_000_000
MOST = 2
"""Breakdowns of one table, years besides; of these one may have several answers for a person."""


@dataclass(frozen=True)
class AskedTable:
    """One table that is asked for.

    Attributes
    ----------
    name : str
        Name of its file.
    universe : str
        Who is counted: a population of the table plan.
    dimensions : tuple of str
        One or two variables of the codebook; none asks for the number of persons.
    why : str
        What the table is needed for.
    years : tuple of int
        Which of the request's years; all of them if left out.
    """

    name: str
    universe: str
    dimensions: tuple[str, ...]
    why: str
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes
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
        Support years, in order.
    """

    id: str
    asked_by: str
    lang: str
    purpose: str
    legal_ground: str
    expires: date
    years: tuple[int, ...]
    tables: tuple[AskedTable, ...] = field(metadata=key("table"))

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Key and words of whatever is written freely."""
        own = [(name, getattr(self, name)) for name in ("asked_by", "purpose", "legal_ground")]
        return [*own, *(("why", table.why) for table in self.tables)]


def read_request(path: Path) -> Request:
    """Read and check a request file; ``docs/request_example.toml`` shows every key.

    Raises
    ------
    FileError
        E-820 if it cannot be read.
    ContractError
        E-821 if a key is missing, unknown or of the wrong kind; E-822 if a table asks for what is not
        counted; E-823 if it holds a personal number, phone number or e-mail address.
    """
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise FileError("E-820", file=path.name)
        said = read_toml(path)
    except (OSError, ValueError, RecursionError) as error:
        raise FileError("E-820", file=path.name) from error
    try:
        request = read_entry(Request, said, path.name, "request")
    except SettingsError as error:
        where = str(error.fields["name"]).removeprefix("request").lstrip(".: ")
        raise ContractError("E-821", file=path.name, key=where, expected=error.fields["expected"]) from error
    _check(request, path)
    for position, table in enumerate(request.tables, start=1):
        _check_table(table, position)
    if any(map(find_identity, path.read_text(encoding="utf-8").splitlines())):  # comments go back too
        raise ContractError("E-823", file=path.name)
    return replace(
        request,
        asked_by=request.asked_by.strip(),
        purpose=request.purpose.strip(),
        legal_ground=request.legal_ground.strip(),
        years=tuple(sorted(request.years)),
        tables=tuple(
            replace(table, why=table.why.strip(), years=tuple(sorted(table.years or request.years)))
            for table in request.tables
        ),
    )


def _check(request: Request, path: Path) -> None:
    names = [table.name for table in request.tables]
    named = [table.dimensions for table in request.tables]
    for where, good, expected in (
        ("id", IDENTIFIER.fullmatch(request.id), "a–z, 0–9, -; 1–40"),
        ("lang", request.lang in LANGUAGES, ", ".join(LANGUAGES)),
        ("years", request.years and len(set(request.years)) == len(request.years), "[2023]"),
        ("table", names, "[[table]]"),
        ("name", len(set(names)) == len(names), "[[table]] name ≠ name"),
        *(("name", _NAME.fullmatch(name), "a–z, 0–9, _; 1–40") for name in names),
        *(
            ("years", {*table.years} <= {*request.years}, str(sorted(request.years)))
            for table in request.tables
        ),
        *(("dimensions", len(set(each)) == len(each), '["sex", "police_region"]') for each in named),
        ("expires", not isinstance(request.expires, datetime), "2026-12-31"),
        ("table", len(names) <= _MOST_TABLES, f"[[table]] × 1–{_MOST_TABLES}"),
        *(
            (where, 0 < len(text.strip()) <= _LONGEST and is_plain(text), f'"…", 1–{_LONGEST}')
            for where, text in request.texts
        ),
    ):
        if not good:
            raise ContractError("E-821", file=path.name, key=where, expected=expected)


def read_sent_notebook(path: Path) -> bytes:
    """Return a notebook that came with a request, as it came; it is never run here.

    Raises
    ------
    FileError
        E-879 if it is no notebook, a link to some other file, too large, or names somebody.
    """
    try:
        whole = path.suffix in _NOTEBOOKS and path.is_file() and not path.is_symlink()
        content = path.read_bytes() if whole and path.stat().st_size <= _LARGEST_NOTEBOOK else b""
        told = [content.decode("utf-8")]
        if content and path.suffix == _NOTEBOOKS[0]:
            told = list(texts(json.loads(content)))
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        content = b""
    if not content or any(find_identity(line) for text in told for line in text.splitlines()):
        raise FileError("E-879", file=path.name)
    return content


def _check_table(table: AskedTable, position: int) -> None:
    people, known = load_plan().of_people, countable()
    if table.universe not in people:
        raise ContractError("E-822", table=position, key="universe", expected=", ".join(people))
    kinds = [known.get(name, "") for name in table.dimensions]
    if len(kinds) > MOST or "" in kinds or kinds.count("multi") > 1:
        raise ContractError("E-822", table=position, key="dimensions", expected=", ".join(known))


def countable() -> dict[str, str]:
    """Return every variable that persons can be counted by, and its kind."""
    book = codebook.load()
    everything: list[Variable | Derived] = [*book.of_grain("case"), *book.derived]
    kinds = {one.name: _kind(one) for one in everything}
    return {name: kind for name, kind in kinds.items() if kind}


def _kind(variable: Variable | Derived) -> str:
    if isinstance(variable, Derived):
        return "derived"
    return variable.kind if variable.kind in ("code", "multi", "yes_no") else ""
