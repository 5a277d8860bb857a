"""How each kind of fault is put into a clean return, which finding it must give, and what mends it.

Enters: a return, the rows chosen and what ``faults.toml`` says. Leaves: the faults planted; rows are changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from platform_utils.demo.pages import Cell, DemoReturn, Row
from platform_utils.demo.planted import Fault, Planted
from platform_utils.demo.write import ENCODINGS, csv_cell
from platform_utils.spec.codebook import load

__all__ = ["PLANTERS", "Spot", "is_plain"]


@dataclass(frozen=True)
class Spot:
    """Where a fault is to be planted.

    Parameters
    ----------
    planted : Planted
        All returns of the year.
    one : DemoReturn
        The return.
    rows : list of Row
        Rows that fit and were chosen.
    entry : dict
        What ``faults.toml`` says.
    """

    planted: Planted
    one: DemoReturn
    rows: list[Row]
    entry: dict[str, Any]

    def fault(self, row: Row | None, column: str = "", code: str = "") -> Fault:
        """Return a fault of this kind in a row of persons, without anything that mends it."""
        page = None if row is None else next(page for page in self.one.pages if row in page.rows)
        return Fault(self.entry["kind"], self.one, page, row, column, code)


Planter = Callable[[Spot], list[Fault]]


def is_plain(row: Row) -> bool:
    """Say whether a row is one exploited person without a programme, so that no other sheet hangs on it."""
    truth = row.truth
    return truth.get("role") == "direct" and truth.get("nsp") == "no" and "person_count" not in truth


def _in_cell(spot: Spot, row: Row, column: str, typed: Any, code: str, reason: str) -> Fault:
    """Put something else into a cell, and declare what stood there before."""
    row.cells[column] = typed
    correction = {
        "action": "set", "column": column, "expect": _as_read(typed, spot.one.kind),
        "value": row.truth.get(column, ""), "reason": reason,
    }  # fmt: skip
    return replace(spot.fault(row, column, code), is_held=True, correction=correction)


def _as_read(typed: Cell, kind: str) -> str:
    """Return a cell as the reader gives it."""
    if kind in ENCODINGS:
        return csv_cell(typed, kind)
    return typed.isoformat() if isinstance(typed, date) else str(typed)


def _new_spelling(spot: Spot) -> list[Fault]:
    column, typed = spot.entry["column"], spot.entry["typed"]
    alias = {
        "action": "alias", "column": column, "expect": typed, "value": spot.entry["value"],
        "reason": "Stavning som medlemmen har förklarat. (påhittat)",
    }  # fmt: skip
    faults = [_in_cell(spot, row, column, typed, "E-203", "") for row in spot.rows]
    return [replace(fault, correction=alias if number == 0 else {}) for number, fault in enumerate(faults)]


def _unknown_code(spot: Spot) -> list[Fault]:
    column, typed = spot.entry["column"], spot.entry["typed"]
    reason = "Medlemmens egen kod, förklarad per telefon. (påhittat)"
    return [_in_cell(spot, row, column, typed, "E-203", reason) for row in spot.rows]


def _age_against_band(spot: Spot) -> list[Fault]:
    reason = "Åldersgruppen stämmer, åldern var felskriven. (påhittat)"
    return [_in_cell(spot, row, "age_years", 12, "E-210", reason) for row in spot.rows]


def _role_missing(spot: Spot) -> list[Fault]:
    """Take the roles out of a first file; the member sends the whole file again."""
    one = spot.one
    places = [one.page("case").rows.index(row) for row in spot.rows]
    early = copy.deepcopy(one)
    spot.planted.first[spot.planted.first.index(one)] = early
    stem, dot, suffix = one.name.rpartition(".")
    one.name = f"{stem} rättad{dot}{suffix}"
    one.received = f"{one.year + 1}-04-15"
    spot.planted.again.append(one)
    rows = [early.page("case").rows[place] for place in places]
    for row in rows:
        del row.cells["role"]
    first = replace(spot, one=early)
    return [replace(first.fault(row, "role", "E-201"), is_held=True, is_replaced=True) for row in rows]


def _returned_twice(spot: Spot) -> list[Fault]:
    return _twice(spot, "W-236")


def _returned_differently(spot: Spot) -> list[Fault]:
    first, second = _twice(spot, "E-216")
    other = "man" if spot.rows[0].truth["sex"] == "woman" else "woman"
    typed = load().label("sex", other, spot.one.lang)
    if second.row is not None:
        second.row.cells["sex"] = typed
    drop = {
        "action": "drop", "column": "sex", "expect": typed,
        "reason": "Raden var en dubblett med fel kön. (påhittat)",
    }  # fmt: skip
    return [replace(first, is_held=True), replace(second, is_held=True, correction=drop)]


def _twice(spot: Spot, code: str) -> list[Fault]:
    row = spot.rows[0]
    again = Row(cells=dict(row.cells))
    spot.one.page("case").rows.append(again)
    return [spot.fault(each, "person_code", code) for each in (row, again)]


def _by_two_members(spot: Spot) -> list[Fault]:
    """Let a row agree with a row of another member in all that could show that it is the same person."""
    other = next(one for one in spot.planted.first if one.member_id == spot.entry["other"])
    alike, asked = ("role", "sex", "age_band", "origin_country"), ("first_contact_quarter", "county")
    for row in spot.rows:
        if any(row.truth.get(column, "unknown") == "unknown" for column in (*alike, *asked)):
            continue
        for theirs in filter(is_plain, other.page("case").rows):
            if any(theirs.truth.get(column) != row.truth[column] for column in alike):
                continue
            if theirs.truth["first_contact_quarter"] == "earlier":
                continue
            for column in ("age_years", "first_contact_month"):
                for part in (row.truth, row.cells, theirs.truth, theirs.cells):
                    part.pop(column, None)
            for column in asked:
                theirs.truth[column] = row.truth[column]
                theirs.cells[column] = load().label(column, row.truth[column], other.lang)
            return [spot.fault(row), replace(spot, one=other).fault(theirs)]
    return []


def _letters_in_amount(spot: Spot) -> list[Fault]:
    reason = "Bokstaven O stod för siffran 0. (påhittat)"
    fault = _in_cell(spot, spot.rows[0], "amount_sek", spot.entry["typed"], "E-204", reason)
    return [replace(fault, correction={**fault.correction, "grain": "programme"})]


def _hidden_row(spot: Spot) -> list[Fault]:
    spot.rows[0].is_hidden = True
    return [spot.fault(spot.rows[0], code="W-154")]


def _totals_row(spot: Spot) -> list[Fault]:
    rows = spot.one.page("case").rows
    rows.append(Row(cells={"person_code": "Summa", "person_count": sum(bool(row.truth) for row in rows)}))
    return [spot.fault(rows[-1])]


def _blank_rows(spot: Spot) -> list[Fault]:
    rows, blanks = spot.one.page("case").rows, [Row(), Row()]
    rows[len(rows) // 2 : len(rows) // 2] = blanks
    return [spot.fault(blank) for blank in blanks]


def _duplicate_file(spot: Spot) -> list[Fault]:
    spot.planted.copies.append((spot.one, spot.entry["name"]))
    return [spot.fault(None)]


def _date(spot: Spot) -> list[Fault]:
    row, kind, column = spot.rows[0], spot.entry["kind"], spot.entry["column"]
    spot.one.starts_1904 = kind in ("date_serial_1904", "date_cell_1904")
    day = date(spot.entry["year"], 3 * int(row.truth[column][1]) - 1, 14)
    typed: Any = {
        "date_as_text": day.isoformat(),
        "date_ambiguous": spot.entry.get("typed"),
        "date_serial_1900": (day - date(1899, 12, 30)) // timedelta(days=1),
        "date_serial_1904": (day - date(1904, 1, 1)) // timedelta(days=1),
        "date_cell_1904": day,
    }[kind]
    reason = "Exakt datum ersatt med kvartal, bekräftat av medlemmen. (påhittat)"
    fault = _in_cell(spot, row, column, typed, "E-207" if kind == "date_ambiguous" else "E-206", reason)
    return [fault, spot.fault(row, column, "W-156")] if kind == "date_cell_1904" else [fault]


def _formula(spot: Spot) -> list[Fault]:
    row, column = spot.rows[0], spot.entry["column"]
    count = row.truth[column]
    with_result = spot.entry["kind"] == "formula_with_result"
    row.formulas[column] = (f"={int(count) - 1}+1", count if with_result else None)
    if with_result:
        return [spot.fault(row, column, "W-153")]
    reason = "Formeln var inte uträknad; talet är uppgivet av medlemmen. (påhittat)"
    return [_in_cell(spot, row, column, "", "E-153", reason)]


PLANTERS: dict[str, Planter] = {
    "new_spelling": _new_spelling, "unknown_code": _unknown_code, "age_against_band": _age_against_band,
    "role_missing": _role_missing, "returned_twice": _returned_twice, "hidden_row": _hidden_row,
    "returned_twice_differently": _returned_differently, "returned_by_two_members": _by_two_members,
    "letters_in_amount": _letters_in_amount, "totals_row": _totals_row, "blank_rows": _blank_rows,
    "duplicate_file": _duplicate_file, "date_as_text": _date, "date_ambiguous": _date,
    "date_serial_1900": _date, "date_serial_1904": _date, "date_cell_1904": _date,
    "formula_with_result": _formula, "formula_without_result": _formula,
}  # fmt: skip
"""The planter of each kind that ``faults.toml`` may name."""
