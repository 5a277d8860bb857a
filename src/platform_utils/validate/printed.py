"""What `check` prints: findings in groups, and a closing receipt.

Enters: a checked return. Leaves: lines of text without any cell's content.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from platform_utils import messages
from platform_utils.spec.returns import REASONS, CheckedReturn, Finding, LedgerEntry
from platform_utils.validate.describe import describe, group_findings

__all__ = ["printed_check", "rows_per_sheet"]

_WIDTH = 96
_MOST_ROWS = 20


def printed_check(checked: CheckedReturn, lang: str) -> Iterator[str]:
    """Yield the lines of the check of one return.

    Parameters
    ----------
    checked : CheckedReturn
        One return.
    lang : {"sv", "en"}
        Language.

    Yields
    ------
    str
        Lines without line ends.
    """
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


def rows_per_sheet(ledger: Sequence[LedgerEntry]) -> list[tuple[str, dict[str, int]]]:
    """Return each sheet with its rows read, accepted, held and set aside, in the order of the ledger."""
    sheets: dict[str, dict[str, int]] = {}
    for entry in ledger:
        counts = sheets.setdefault(
            entry.sheet, {"read": 0, "accepted": 0, "held": 0, "merged": 0, "set_aside": 0}
        )
        counts["read"] += entry.rows
        counts[REASONS[entry.reason]] += entry.rows
    return list(sheets.items())


def _group(finding: Finding, rows: Sequence[int], lang: str) -> Iterator[str]:
    place = [finding.sheet] if finding.sheet else []
    if finding.column:
        place.append(messages.label("L-check-column", lang, column=finding.column))
    if rows:
        listed = ", ".join(map(str, rows[:_MOST_ROWS]))
        more = (
            messages.label("L-check-more", lang, number=len(rows) - _MOST_ROWS)
            if len(rows) > _MOST_ROWS
            else ""
        )
        place.append(
            messages.label("L-check-row" if len(rows) == 1 else "L-check-rows", lang, row=listed) + more
        )
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
    yield ""
    yield from textwrap.wrap(messages.label("L-check-unchecked", lang), _WIDTH + 9)
