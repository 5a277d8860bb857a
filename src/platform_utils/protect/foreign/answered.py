"""The answer of ``audit`` in words: what is given away, by what, and how far each hidden cell is known.

Enters: an audit. Leaves: lines of text. It says values: whoever audits public tables must see what a reader
sees, and every number beside them is one that the tables print.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from platform_utils.messages import label
from platform_utils.protect.attacker import Number, Seen, Share
from platform_utils.protect.foreign.audit import Audit, GivenAway, Hidden, Place
from platform_utils.spec.counts import TOTAL

_LINE = 100

_SHARE = " (%)"
_WIDEST = 78
"""Characters of a name after which its number no longer stands in line with the others."""


def printed_audit(audit: Audit, lang: str, *, ranges: bool = False) -> list[str]:
    """Return the answer as lines of text."""
    lines = [label("L-audit-counts", lang, tables=len(audit.tables), hidden=len(audit.hidden))]
    if audit.passed:
        lines.append(label("L-audit-safe", lang))
    if audit.given_away:
        exact = sum(one.kind == "exact" for one in audit.given_away)
        lines.append(label("L-audit-broken", lang, broken=len(audit.given_away), exact=exact))
    width = max((len(_number(audit, n, lang)) for g in audit.given_away for n in g.exposed_by), default=0)
    for one in audit.given_away:
        lines += _given_away(audit, one, min(width, _WIDEST), lang)
    if audit.narrowed:
        lines.append(label("L-audit-open", lang, number=audit.narrowed))
    if audit.undecided:
        lines.append(label("L-audit-undecided", lang, number=len(audit.undecided)))
        lines += [f"  {_cell(audit, place, lang)}" for place in audit.undecided]
    if audit.too_large:
        lines.append(label("L-audit-too-large", lang, tables=", ".join(audit.too_large)))
    if ranges and audit.hidden:
        lines.append(label("L-audit-ranges", lang))
        lines += _ranges(audit, lang)
    lines.append(label("L-audit-unchecked", lang))
    return in_lines(lines)


def in_lines(texts: Iterable[str]) -> list[str]:
    """Return texts as lines that a terminal shows whole."""
    return [line for text in texts for line in textwrap.wrap(text, _LINE, subsequent_indent="  ")]


def _given_away(audit: Audit, one: GivenAway, width: int, lang: str) -> list[str]:
    *others, last = [_cell(audit, place, lang) for place in one.places]
    where = label("L-audit-outside", lang, cell=last) if one.outside else last
    value = _range(one.low, one.high, lang)
    key = f"L-audit-{one.kind}" if one.exposed_by or one.kind == "shown" else f"L-audit-{one.kind}-only"
    lines = [f"  {label('L-audit-same', lang, cell=cell)}" for cell in others]
    lines.append(f"  {label(key, lang, cell=where, value=value)}")
    return lines + [
        f"    · {_number(audit, number, lang):<{width}}  {_value(audit, number, lang):>6}"
        for number in one.exposed_by
    ]


def _ranges(audit: Audit, lang: str) -> list[str]:
    names = [_cell(audit, one.place, lang) for one in audit.hidden]
    width = min(max(map(len, names)), _WIDEST)
    return [
        f"  {name:<{width}}  {_said(one, lang):>9}" for name, one in zip(names, audit.hidden, strict=True)
    ]


def _said(one: Hidden, lang: str) -> str:
    said = _range(one.low, one.high, lang)
    return said if one.decided else label("L-audit-at-most", lang, range=said)


def _range(low: int, high: int | None, lang: str) -> str:
    if high is None:
        return label("L-audit-or-more", lang, low=low)
    return str(low) if low == high else f"{low}–{high}"


def _cell(audit: Audit, place: Place, lang: str) -> str:
    return f"{place[0]}: {_codes(audit, *place, lang)}"


def _codes(audit: Audit, name: str, codes: Sequence[str], lang: str) -> str:
    total = label("L-audit-total", lang)
    dimensions = audit.tables[name].dimensions
    named = [f"{d} = {total if c == TOTAL else c}" for d, c in zip(dimensions, codes, strict=False)]
    return ", ".join(named) if named else total


def _number(audit: Audit, number: Number, lang: str) -> str:
    name = number.table.removesuffix(_SHARE)
    return f"{number.table}: {_codes(audit, name, number.codes, lang)}"


def _value(audit: Audit, number: Number, lang: str) -> str:
    """Return a published number as it is known: a count, the ends of a rounded one, a share."""
    name = number.table.removesuffix(_SHARE)
    table = audit.tables[name]
    told: Seen | Share = (table.cells if name == number.table else table.shares)[number.codes]
    if isinstance(told, Seen):
        return _range(told.low, told.high, lang)
    decimals = max(0, len(str(told.base // 200)) - 1)
    share = f"{100 * (told.high - 1) / told.base:.{decimals}f}"
    return f"{share.replace('.', label('L-audit-decimal', lang))} %"
