"""Corrections that the analyst declares, each with a reason and a guard that fails when it has had its time.

Enters: ``corrections.toml``. Leaves: corrections, and tables with those of one return applied. Returns are
never edited (rule 1): the file received stays as it is, and every correction is applied anew.

::

    [[correction]]
    member_id = "M07"          # the member; left out: an alias for all members
    file = "svar 2023.xlsx"    # needed wherever a row is named
    grain = "case"             # sheet: case (default), programme, organisation, total
    person_code = "A-14"       # the row, by code or by its number in the sheet: row = 14
    column = "sex"             # codebook column
    action = "set"             # set | alias | accept | drop
    expect = "kvina"           # what must stand there now (for accept: the finding's code)
    value = "woman"            # for set and alias: code or accepted spelling; "blank" empties the cell
    reason = "Spelling, confirmed by the member on the telephone."

``set`` replaces one cell, ``alias`` declares what a spelling means in a whole column, ``accept`` lets a
finding stand (in one row, or in a whole column), ``drop`` sets a row aside.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platform_utils.errors import ContractError, SettingsError
from platform_utils.spec.returns import CheckedReturn
from platform_utils.spec.text import clean_text
from platform_utils.validate.judge import grain_columns

__all__ = ["ACCEPTABLE", "Correction", "load_corrections", "require_all_applied"]

ACCEPTABLE = frozenset({"E-205", "E-210", "E-211", "E-212", "E-213", "E-214", "E-215", "E-218", "E-221"})
"""Errors that may be let stand: the cell can be read, only its sense was doubted."""

_GRAINS = ("case", "programme", "organisation", "total")
_ACTIONS = ("set", "alias", "accept", "drop")


@dataclass(frozen=True)
class Correction:
    """One declared correction.

    Parameters
    ----------
    number : int
        Its place in the file, from 1.
    action : {"set", "alias", "accept", "drop"}
        What is done.
    reason : str
        Why; never empty.
    member_id, file, grain, sheet, row, person_code, column
        What it is aimed at.
    expect : str
        What must stand there for it to apply.
    value : str
        What shall stand there.
    """

    number: int
    action: str
    reason: str
    member_id: str = ""
    file: str = ""
    grain: str = "case"
    sheet: str = ""
    row: int | None = None
    person_code: str = ""
    column: str = ""
    expect: str = ""
    value: str = ""

    @property
    def names_row(self) -> bool:
        """Whether it is aimed at one row."""
        return self.row is not None or self.person_code != ""

    def concerns(self, member_id: str, file: str) -> bool:
        """Say whether it is aimed at this return."""
        return self.member_id in ("", member_id) and self.file in ("", file)


def load_corrections(path: Path) -> tuple[Correction, ...]:
    """Return the corrections of a file; none if there is no file.

    Parameters
    ----------
    path : Path
        ``corrections.toml`` of a year.

    Returns
    -------
    tuple of Correction
        In the order of the file.

    Raises
    ------
    SettingsError
        E-301 if the file or an entry is not usable; names the entry and what is expected.
    """
    if not path.is_file():
        return ()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        entries = document.get("correction", [])
        if set(document) - {"correction"} or not isinstance(entries, list):
            raise SettingsError("E-301", file=path.name, number=0, expected="[[correction]]")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("E-301", file=path.name, number=0, expected="TOML, UTF-8") from error
    return tuple(_correction(entry, number, path.name) for number, entry in enumerate(entries, start=1))


def require_all_applied(corrections: Iterable[Correction], checked: Iterable[CheckedReturn]) -> None:
    """Refuse corrections that changed nothing in any return of the year.

    Parameters
    ----------
    corrections : iterable of Correction
        All of the year.
    checked : iterable of CheckedReturn
        All returns of the year.

    Raises
    ------
    ContractError
        E-303 with the numbers of the corrections that match nothing.
    """
    applied = {number for one in checked for number in one.applied}
    idle = [correction.number for correction in corrections if correction.number not in applied]
    if idle:
        raise ContractError("E-303", number=", ".join(map(str, idle)))


def _correction(entry: object, number: int, file: str) -> Correction:
    problem = _problem(entry)
    if problem or not isinstance(entry, dict):
        raise SettingsError("E-301", file=file, number=number, expected=problem)
    cleaned: dict[str, Any] = {
        key: clean_text(value) if isinstance(value, str) else value for key, value in entry.items()
    }
    return Correction(number=number, **cleaned)


def _problem(entry: object) -> str:
    """Return what an entry should have been, empty if it is usable."""
    if not isinstance(entry, Mapping):
        return "[[correction]]"
    known = {one.name for one in fields(Correction)} - {"number"}
    texts = known - {"row"}
    action, grain, column = (entry.get(key, default) for key, default in _DEFAULTS)
    checks: Sequence[tuple[bool, str]] = (
        (set(entry) <= known, " | ".join(sorted(known))),
        (all(isinstance(entry.get(key, ""), str) for key in texts), "text in quotation marks"),
        (type(entry.get("row", 1)) is int, "row = 14"),
        (action in _ACTIONS, " | ".join(_ACTIONS)),
        (bool(str(entry.get("reason", "")).strip()), 'reason = "…"'),
        (grain in _GRAINS, " | ".join(_GRAINS)),
    )
    for good, expected in checks:
        if not good:
            return expected
    return _problem_of_action(entry, str(action), bool(column) and column in grain_columns(grain))


def _problem_of_action(entry: Mapping[str, object], action: str, has_column: bool) -> str:
    names_row = bool(entry.get("row") or entry.get("person_code"))
    checks: Sequence[tuple[bool, str]] = (
        (has_column or (action == "drop" and not entry.get("column")), 'column = "<codebook column>"'),
        (names_row or action not in ("set", "drop"), "row = 14 | person_code"),
        (not (names_row and action == "alias"), "alias: column, expect, value"),
        (not names_row or bool(entry.get("file")), 'file = "…"'),
        (not names_row or bool(entry.get("member_id")), 'member_id = "…"'),
        ("expect" in entry or (action == "drop" and bool(entry.get("person_code"))), 'expect = "…"'),
        ("value" in entry or action not in ("set", "alias"), 'value = "…"'),
        (
            action != "drop" or "expect" not in entry or bool(entry.get("column")),
            'column = "<codebook column>"',
        ),
        (
            action != "accept" or _may_accept(str(entry.get("expect"))),
            "expect = " + " | ".join(sorted(ACCEPTABLE)),
        ),
    )
    return next((expected for good, expected in checks if not good), "")


def _may_accept(code: str) -> bool:
    return code in ACCEPTABLE or code.startswith("W-2")


_DEFAULTS = (("action", ""), ("grain", "case"), ("column", ""))
