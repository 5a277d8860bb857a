"""Say findings in words that a member's administrator understands, and print what `check` prints.

Enters: a finding, of whatever stage; a checked return. Leaves: what is wrong, what is expected, what to do;
lines of text with a closing receipt. Never a cell's content.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from platform_utils import messages
from platform_utils.spec import codebook, grains
from platform_utils.spec.returns import REASONS, CheckedReturn, Finding, LedgerEntry

_WIDTH = 96
_MOST_ROWS = 20
_MOST_LISTED = 16
_PLACE = re.compile(r"\s\(\{file\}[^)]*\)")
"""Where a message of reading repeats its place, which is said beside it."""
_EXPECTED = re.compile(r"\s(?:Expected:?|Väntat:)\s+")


@dataclass(frozen=True)
class Explanation:
    """One finding in three sentences; the last two are empty where the message does not have them."""

    what: str
    expected: str = ""
    remedy: str = ""

    def lines(self, lang: str) -> list[str]:
        """Return the sentences as they are printed under each other."""
        expected = messages.label("L-check-expected", lang, expected=self.expected) if self.expected else ""
        return [line for line in (self.what, expected, self.remedy) if line]


def describe(finding: Finding, lang: str) -> Explanation:
    """Return the three parts of a finding's message in ``lang``; headings stay as they stand in the file.

    Examples
    --------
    >>> describe(Finding("E-209", "a.xlsx", "Personer", 14, "Ålder (år)"), "en").remedy
    'Check the number.'
    """
    given = {"file": finding.file, "sheet": finding.sheet, "row": finding.row, "column": finding.column}
    fields = given | dict(finding.fields) | {"expected": _expected(finding, lang)}
    template = _PLACE.sub("", messages.catalogue()[finding.code][lang])
    what, expected, remedy = _parts(template.format(**fields).strip())
    if finding.fields.get("holds") == "answer":
        remedy = f"{remedy} {messages.label('L-check-answer-held', lang)}".strip()
    return Explanation(what, expected, remedy)


def group_findings(findings: Iterable[Finding]) -> list[tuple[Finding, tuple[int, ...]]]:
    """Return each distinct message once with all its rows, errors first, else in the order found.

    Returns
    -------
    list of (Finding, tuple of int)
        The first of its kind, and the rows of all.
    """
    groups: dict[tuple[object, ...], tuple[Finding, list[int]]] = {}
    for finding in findings:
        fields = tuple(sorted((key, str(value)) for key, value in finding.fields.items()))
        key = (finding.code, finding.file, finding.sheet, finding.column, fields)
        groups.setdefault(key, (finding, []))[1].extend([] if finding.row is None else [finding.row])
    ordered = sorted(groups.values(), key=lambda group: group[0].severity != "error")
    return [(finding, tuple(sorted(set(rows)))) for finding, rows in ordered]


def printed_check(checked: CheckedReturn, lang: str) -> Iterator[str]:
    """Yield the lines of the check of one return, without line ends."""
    where = {"file": checked.file, "year": checked.year, "member": checked.member_id or "–"}
    yield messages.label("L-check-title", lang, **where)
    yield ""
    groups = group_findings(checked.findings)
    if not groups:
        yield messages.label("L-check-nothing-found", lang)
        yield ""
    for severity in ("error", "warning"):
        here = [group for group in groups if group[0].severity == severity]
        if here:
            yield messages.label(f"L-check-{severity}s", lang, number=len(here))
            for finding, rows in here:
                yield from _group(finding, rows, lang)
            yield ""
    yield from _receipt(checked, lang)


def show_findings(findings: Iterable[Finding], lang: str) -> pd.DataFrame:
    """Return what members should look at, a line each: who, where, what is wrong, what to do.

    Returns
    -------
    DataFrame, shape (n_messages, 6)
        Member, sheet, rows, what, remedy, code; those that hold a row first. Never a cell's content.
    """
    lines = []
    for found, rows in group_findings(findings):
        said, member = describe(found, lang), found.file.partition("-")[0]
        where = ", ".join(map(str, rows)) or str(found.fields.get("rows", ""))
        column = f" · {found.column}" if found.column else ""
        lines.append((member, f"{found.sheet}{column}", where, said.what, said.remedy, found.code))
    headings = messages.label("L-check-findings", lang).split("|")
    return pd.DataFrame(sorted(lines, key=lambda line: (line[-1][0] != "E", line)), columns=headings)


def rows_per_sheet(ledger: Sequence[LedgerEntry]) -> list[tuple[str, dict[str, int]]]:
    """Return each sheet with its rows read, accepted, held and set aside, in the order of the ledger."""
    sheets: dict[str, dict[str, int]] = {}
    for entry in ledger:
        counts = sheets.setdefault(entry.sheet, dict.fromkeys(("read", *REASONS.values()), 0))
        counts["read"] += entry.rows
        counts[REASONS[entry.reason]] += entry.rows
    return list(sheets.items())


def _group(finding: Finding, rows: Sequence[int], lang: str) -> Iterator[str]:
    place = [finding.sheet] if finding.sheet else []
    if finding.column:
        place.append(messages.label("L-check-column", lang, column=finding.column))
    if rows:
        listed = ", ".join(map(str, rows[:_MOST_ROWS]))
        said = messages.label("L-check-row" if len(rows) == 1 else "L-check-rows", lang, row=listed)
        if len(rows) > _MOST_ROWS:
            said += messages.label("L-check-more", lang, number=len(rows) - _MOST_ROWS)
        place.append(said)
    yield f"  {finding.code}  {' · '.join(place) or finding.file}"
    for text in describe(finding, lang).lines(lang):
        yield from textwrap.wrap(text, _WIDTH, initial_indent="         ", subsequent_indent="         ")


def _receipt(checked: CheckedReturn, lang: str) -> Iterator[str]:
    sides = ("read", "accepted", "held", "set_aside")
    headings = [messages.label(f"L-check-{side}", lang) for side in sides]
    sheets = rows_per_sheet(checked.ledger)
    names = [name or checked.file for name, _ in sheets]
    first = max(map(len, [*names, messages.label("L-check-receipt", lang)]))
    yield messages.label("L-check-receipt", lang).ljust(first) + "".join(f"  {text:>12}" for text in headings)
    for name, (_, counts) in zip(names, sheets, strict=True):
        yield name.ljust(first) + "".join(f"  {counts[side]:>12}" for side in sides)
    yield from _set_aside(checked, lang)
    yield ""
    yield from textwrap.wrap(messages.label("L-check-unchecked", lang), _WIDTH + 9)


def _set_aside(checked: CheckedReturn, lang: str) -> Iterator[str]:
    """Yield which rows reading set aside on each sheet, and why."""
    for sheet in dict.fromkeys(entry.sheet for entry in checked.ledger):
        said = [
            f"{messages.label(f'L-aside-{entry.reason}', lang)} {entry.detail}"
            for entry in checked.ledger
            if entry.sheet == sheet and REASONS[entry.reason] == "set_aside" and entry.detail[:1].isdigit()
        ]
        if said:
            place = sheet or checked.file
            yield messages.label("L-check-aside", lang, place=place, reasons=", ".join(said))


def persons_counted(checked: CheckedReturn) -> int:
    """Return how many persons the accepted rows of a return stand for."""
    columns = [(grain.name, grain.persons) for grain in grains.load().values() if grain.persons]
    counted = (checked.tables[name][persons].sum() for name, persons in columns if name in checked.tables)
    return int(sum(counted))


def _parts(text: str) -> tuple[str, str, str]:
    """Split a message where it says what was expected; the sentence after that is the remedy."""
    found = _EXPECTED.search(text)
    if found is None:
        return text, "", ""
    said, _, remedy = text[found.end() :].partition("\n" if "\n" in text else ". ")
    closed = said if said.endswith((".", "?", "!")) or not said else f"{said}."
    return text[: found.start()].strip(), closed, remedy.strip()


def _expected(finding: Finding, lang: str) -> str:
    """Return the permitted answers of the column, or how many there are if they are too many to list."""
    grain = str(finding.fields.get("grain", "case"))
    book = codebook.load()
    name = finding.variable.partition("__")[0]
    variable = next((one for one in book.of_grain(grain) if one.name == name), None)
    if variable is None:
        return messages.label("L-check-expected-form", lang)
    if variable.is_number:
        limits = {"minimum": variable.minimum, "maximum": variable.maximum}
        return messages.label("L-check-expected-number", lang, **limits)
    year = int(str(finding.fields.get("year", 0)))
    codes = book.lists["yes_no"] if "__" in finding.variable else book.codes(variable)
    listed = [code for code in codes if not year or code.is_listed(year)]
    if not listed:
        return messages.label("L-check-expected-form", lang)
    if len(listed) > _MOST_LISTED:
        return messages.label("L-check-expected-list", lang, number=len(listed))
    labels = [code.label_in(year, lang) for code in (*listed, book.special["unknown"])]
    return messages.label("L-check-expected-one-of", lang, answers=", ".join(labels))
