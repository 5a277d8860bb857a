"""Plant the faults of real life in returns that are clean, and keep the list of where they are.

Enters: the returns of a year and ``resources/demo/faults.toml``. Leaves: the same returns with faults, the
list, and the files that are sent again. A fault in a member that has no fitting row goes to another one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from platform_utils.demo.deal import seeded
from platform_utils.demo.write import ENCODINGS, Cell, DemoReturn, Page, Row, csv_cell
from platform_utils.paths import resource
from platform_utils.spec.codebook import load
from platform_utils.spec.entries import read_packaged

_HAND_TYPED = ("old", *ENCODINGS)
_HABIT = {
    "form": "form", "old": "old_form_version", "csv_windows": "cp1252_semicolons_decimal_commas",
    "csv_mac": "mac_roman", "csv_bom": "byte_order_mark", "csv_utf16": "utf_16",
}  # fmt: skip
"""What each kind of file itself brings."""

_UNREADABLE = ("E-153", "E-203", "E-204", "E-206", "E-207")
"""What holds only the answer, where nobody waits for it."""


@dataclass(eq=False)
class Fault:
    """One planted fault.

    Attributes
    ----------
    page, row : Page, Row
        Where; no row for a whole sheet, neither for a whole file.
    column : str
        Codebook column, empty for a whole row.
    code : str
        Finding that it must give; empty if it is handled without one.
    is_held : bool
        Whether the row is held until it is mended; else only the answer is, or nothing.
    correction : dict
        What mends it, empty if a new file does or nothing needs to.
    is_replaced : bool
        Whether it stands in a file that another one replaces.
    """

    kind: str
    one: DemoReturn
    page: Page | None = None
    row: Row | None = None
    column: str = ""
    code: str = ""
    is_held: bool = False
    correction: dict[str, str] = field(default_factory=dict)
    is_replaced: bool = False


@dataclass
class Planted:
    """The returns of a year with their faults.

    Attributes
    ----------
    first : list of DemoReturn
        Sent first.
    again : list of DemoReturn
        Sent again, in place of an earlier file of the same member.
    copies : list of (DemoReturn, str)
        Sent twice: the same file under another name.
    """

    first: list[DemoReturn]
    again: list[DemoReturn] = field(default_factory=list)
    copies: list[tuple[DemoReturn, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Spot:
    """Where a fault is to be planted: rows that fit and were chosen, and what ``faults.toml`` says."""

    planted: Planted
    one: DemoReturn
    rows: list[Row]
    entry: dict[str, Any]

    def fault(self, row: Row | None, column: str = "", code: str = "") -> Fault:
        """Return a fault of this kind in a row, without anything that mends it."""
        page = None if row is None else next(page for page in self.one.pages if row in page.rows)
        return Fault(self.entry["kind"], self.one, page, row, column, code or self.entry.get("code", ""))


def plant_faults(returns: list[DemoReturn], year: int, seed: int) -> Planted:
    """Plant the faults that ``faults.toml`` names for ``year``; ``returns`` are changed."""
    planted = Planted(list(returns))
    entries = [entry for entry in _entries() if entry["year"] == year]
    replaced = {entry["member"] for entry in entries if entry.get("replaced")}
    used: set[int] = set()
    for number, entry in enumerate(entries):
        rng = seeded(seed, year, "fault", number)
        for one in _candidates(returns, entry, replaced):
            rows = _fitting_rows(one, entry, used)
            if entry.get("of") != "file" and not rows:
                continue
            chosen = [rows[place] for place in rng.permutation(len(rows))[: entry.get("rows", 1)]]
            faults = _PLANTERS.get(entry["kind"], _in_cells)(_Spot(planted, one, chosen, entry))
            used.update(id(fault.row) for fault in faults)
            planted.faults += faults
            break
    for one in planted.again:
        planted.faults.append(Fault("replaced_file", one))
    planted.faults += [Fault(kind, one) for one in returns for kind in _habits(one)]
    return planted


def _candidates(returns: list[DemoReturn], entry: dict[str, Any], replaced: set[str]) -> Iterator[DemoReturn]:
    """Yield the member that is named, then those with the same kind of file, then others who type by hand."""
    named = next((one for one in returns if one.member_id == entry["member"]), None)
    if named is not None:
        yield named
    if entry.get("replaced") or entry.get("of") == "file":
        return
    kind = named.kind if named else "old"
    others = [one for one in returns if one is not named and one.member_id not in replaced]
    yield from (one for one in others if one.kind == kind)
    if entry.get("of") != "workbook":
        yield from (one for one in others if one.kind != kind and one.kind in _HAND_TYPED)


def _fitting_rows(one: DemoReturn, entry: dict[str, Any], used: set[int]) -> list[Row]:
    return [
        row
        for page in one.pages
        if page.grain == entry["grain"]
        for row in page.rows
        if row.truth
        and id(row) not in used
        and (page.grain != "case" or _is_plain(row))
        and _fits(row, entry)
    ]


def _fits(row: Row, entry: dict[str, Any]) -> bool:
    """Say whether a row has what a kind of fault needs."""
    answer = row.truth.get(entry.get("column", ""), "")
    if entry.get("needs") == "answer":
        return answer == entry["value"] if "value" in entry else answer not in ("", "0", "unknown")
    if entry.get("needs") == "quarter":
        return answer.startswith("q") and "first_contact_month" not in row.truth
    return all(row.truth.get(column) in codes for column, codes in entry.get("where", {}).items())


def _habits(one: DemoReturn) -> Iterator[str]:
    """Yield what the kind of file itself brings: handled by reading, without any finding."""
    yield _HABIT[one.kind]
    if one.kind in _HAND_TYPED:
        yield "spellings_and_stray_characters"
    if any(page.titles for page in one.pages):
        yield "merged_title_rows"
    if any(page.name.startswith("Blad") for page in one.pages):
        yield "sheet_renamed"
    if not one.name.isascii() and any("\u0300" <= letter <= "\u036f" for letter in one.name):
        yield "decomposed_file_name"
    if any(page.grain == "total" for page in one.pages):
        yield "totals_only"


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    """Return every fault to plant, with what ``faults.toml`` says of its kind."""
    said = read_packaged(resource("demo", "faults.toml"))
    return tuple({"grain": "case", **said["kind"].get(one["kind"], {}), **one} for one in said["fault"])


def _is_plain(row: Row) -> bool:
    """Say whether a row is one exploited person without a programme, so that no other sheet hangs on it."""
    truth = row.truth
    return truth.get("role") == "direct" and truth.get("nsp") == "no" and "person_count" not in truth


def _in_cells(spot: _Spot) -> list[Fault]:
    """Put something else into cells; a spelling is declared once for all of them."""
    first, *others = [_in_cell(spot, row, spot.entry["typed"]) for row in spot.rows]
    is_alias = "action" in spot.entry
    return [first, *(replace(one, correction={}) if is_alias else one for one in others)]


def _in_cell(spot: _Spot, row: Row, typed: Any) -> Fault:
    """Put something else into a cell, and declare what stood there before."""
    entry, column = spot.entry, spot.entry["column"]
    row.cells[column] = typed
    correction = {
        "action": entry.get("action", "set"), "column": column, "expect": _as_read(typed, spot.one.kind),
        "value": entry.get("value", row.truth.get(column, "")), "reason": entry["reason"],
    }  # fmt: skip
    if entry["grain"] != "case":
        correction["grain"] = entry["grain"]
    variable, _ = load().grain_columns(entry["grain"])[column]
    is_held = variable.holds_rows or entry["code"] not in _UNREADABLE
    return replace(spot.fault(row, column), is_held=is_held, correction=correction)


def _as_read(typed: Cell, kind: str) -> str:
    """Return a cell as the reader gives it."""
    if kind in ENCODINGS:
        return csv_cell(typed, kind)
    return typed.isoformat() if isinstance(typed, date) else str(typed)


def _role_missing(spot: _Spot) -> list[Fault]:
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


def _returned_twice(spot: _Spot) -> list[Fault]:
    """Return a person once more, with the same answers or with another one."""
    row, column = spot.rows[0], spot.entry["column"]
    again, answer = Row(cells=dict(row.cells)), row.truth[column]
    spot.one.page("case").rows.append(again)
    differs = spot.entry["kind"] == "returned_twice_differently"
    if differs:
        answer = "man" if answer == "woman" else "woman"
    typed = load().label(column, answer, spot.one.lang)
    for each in (again,) if differs else (row, again):
        each.cells[column] = typed
    drop = {"action": "drop", "column": column, "expect": typed, "reason": spot.entry["reason"]}
    first, second = (replace(spot.fault(each, "person_code"), is_held=True) for each in (row, again))
    return [first, replace(second, correction=drop)]


def _by_two_members(spot: _Spot) -> list[Fault]:
    """Let a row agree with a row of another member in all that could show that it is the same person."""
    other = next(one for one in spot.planted.first if one.member_id == spot.entry["other"])
    alike, asked = ("role", "sex", "age_band", "origin_country"), ("first_contact_quarter", "county")
    for row in spot.rows:
        if any(row.truth.get(column, "unknown") == "unknown" for column in (*alike, *asked)):
            continue
        for theirs in filter(_is_plain, other.page("case").rows):
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


def _hidden_row(spot: _Spot) -> list[Fault]:
    spot.rows[0].is_hidden = True
    return [spot.fault(spot.rows[0])]


def _totals_row(spot: _Spot) -> list[Fault]:
    rows = spot.one.page("case").rows
    rows.append(Row(cells={"person_code": "Summa", "person_count": sum(bool(row.truth) for row in rows)}))
    return [spot.fault(rows[-1])]


def _blank_rows(spot: _Spot) -> list[Fault]:
    rows, blanks = spot.one.page("case").rows, [Row(), Row()]
    rows[len(rows) // 2 : len(rows) // 2] = blanks
    return [spot.fault(blank) for blank in blanks]


def _duplicate_file(spot: _Spot) -> list[Fault]:
    spot.planted.copies.append((spot.one, spot.entry["name"]))
    return [spot.fault(None)]


def _date(spot: _Spot) -> list[Fault]:
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
    fault = _in_cell(spot, row, typed)
    return [fault, spot.fault(row, column, "W-156")] if kind == "date_cell_1904" else [fault]


def _formula(spot: _Spot) -> list[Fault]:
    row, column = spot.rows[0], spot.entry["column"]
    count, has_result = row.truth[column], "typed" not in spot.entry
    row.formulas[column] = (f"={int(count) - 1}+1", count if has_result else None)
    return [spot.fault(row, column)] if has_result else _in_cells(spot)


_PLANTERS: dict[str, Callable[[_Spot], list[Fault]]] = {
    "role_missing": _role_missing, "returned_twice": _returned_twice, "hidden_row": _hidden_row,
    "returned_twice_differently": _returned_twice, "returned_by_two_members": _by_two_members,
    "totals_row": _totals_row, "blank_rows": _blank_rows, "duplicate_file": _duplicate_file,
    "date_as_text": _date, "date_ambiguous": _date, "date_serial_1900": _date, "date_serial_1904": _date,
    "date_cell_1904": _date, "formula_with_result": _formula, "formula_without_result": _formula,
}  # fmt: skip
"""The planter of each kind that does more than to type something else into a cell."""
