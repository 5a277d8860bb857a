"""Plant the faults of real life in returns that are clean, and keep the list of where they are.

Enters: the returns of a year and ``resources/demo/faults.toml``. Leaves: the same returns with faults, the
list, and the files that are sent again. A fault in a member that has no fitting row goes to another one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from platform_utils.demo.deal import seeded
from platform_utils.demo.pages import DemoReturn, Row
from platform_utils.demo.planted import Fault, Planted
from platform_utils.demo.planters import PLANTERS, Spot, is_plain
from platform_utils.demo.write import ENCODINGS
from platform_utils.paths import resource

__all__ = ["plant_faults"]

_HAND_TYPED = ("old", *ENCODINGS)
_OF_FILES = ("totals_row", "blank_rows", "duplicate_file")
_OF_WORKBOOKS = ("hidden_row", "formula_with_result", "formula_without_result", "date_cell_1904")


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
            if entry["kind"] not in _OF_FILES and not rows:
                continue
            chosen = [rows[place] for place in rng.permutation(len(rows))[: entry.get("rows", 1)]]
            faults = PLANTERS[entry["kind"]](Spot(planted, one, chosen, entry))
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
    if entry.get("replaced") or entry["kind"] in _OF_FILES:
        yield from (one for one in (named,) if one is not None)
        return
    kind = named.kind if named else "old"
    others = [one for one in returns if one is not named and one.member_id not in replaced]
    if named is not None:
        yield named
    yield from (one for one in others if one.kind == kind)
    if entry["kind"] not in _OF_WORKBOOKS:
        yield from (one for one in others if one.kind != kind and one.kind in _HAND_TYPED)


def _fitting_rows(one: DemoReturn, entry: dict[str, Any], used: set[int]) -> list[Row]:
    grain = "programme" if entry["kind"] == "letters_in_amount" else "case"
    pages = [page for page in one.pages if page.grain == grain]
    fits = _FITTING.get(entry["kind"], _fits_always)
    return [
        row
        for page in pages
        for row in page.rows
        if row.truth and id(row) not in used and (grain == "programme" or is_plain(row)) and fits(row, entry)
    ]


def _fits_always(_row: Row, _entry: dict[str, Any]) -> bool:
    return True


def _has_answer(row: Row, entry: dict[str, Any]) -> bool:
    answer = row.truth.get(entry["column"], "")
    return answer == entry["value"] if "value" in entry else answer not in ("", "unknown")


def _is_new_with_quarter(row: Row, entry: dict[str, Any]) -> bool:
    quarter = row.truth.get(entry["column"], "")
    return quarter.startswith("q") and "first_contact_month" not in row.truth


_FITTING: dict[str, Callable[[Row, dict[str, Any]], bool]] = {
    "new_spelling": _has_answer,
    "unknown_code": _has_answer,
    "age_against_band": lambda row, _: row.truth.get("age_band") in ("18_26", "27_35", "36_50", "51_plus"),
    "date_as_text": _is_new_with_quarter,
    "date_ambiguous": _is_new_with_quarter,
    "date_serial_1900": _is_new_with_quarter,
    "date_serial_1904": _is_new_with_quarter,
    "date_cell_1904": _is_new_with_quarter,
    "formula_with_result": lambda row, _: row.truth.get("children_count", "0") not in ("", "0"),
    "formula_without_result": lambda row, _: row.truth.get("children_count", "0") not in ("", "0"),
}


def _habits(one: DemoReturn) -> Iterator[str]:
    """Yield what the kind of file itself brings: handled by reading, without any finding."""
    yield {
        "form": "form", "old": "old_form_version", "csv_windows": "cp1252_semicolons_decimal_commas",
        "csv_mac": "mac_roman", "csv_bom": "byte_order_mark", "csv_utf16": "utf_16",
    }[one.kind]  # fmt: skip
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
    said = tomllib.loads(resource("demo", "faults.toml").read_text(encoding="utf-8"))
    return tuple(said["fault"])
