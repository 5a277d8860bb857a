"""Which part of a figure moved: a row of its table, an axis, a tick, a label, a colour, a point.

Enters: what two pictures say that they draw. Leaves: the parts that differ, each with what it was and is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from platform_utils.verify.tolerance import same

__all__ = ["moved_parts"]

Account = Mapping[str, Any]
_ENDS = {"x": ("left", "right"), "y": ("lower", "upper")}
_SERIES = 3
"""Columns of a row that names its series and a place in it, such as a year."""


def moved_parts(then: Account, now: Account) -> Iterator[str]:
    """Yield what differs between the accounts of two figures, the table first.

    Parameters
    ----------
    then, now : mapping
        Accounts as `platform_utils.publish.drawn` stores them in a picture.

    Yields
    ------
    str
        Such as ``"y axis upper limit 60 → 80"`` or ``"table, row direct: 3 → 4"``.
    """
    yield from _table(then["table"], now["table"])
    if not _alike(then["size"], now["size"]):
        yield f"size in inches {_list(then['size'])} → {_list(now['size'])}"
    if len(then["axes"]) != len(now["axes"]):
        yield f"{len(then['axes'])} panels → {len(now['axes'])}"
        return
    for number, (one, other) in enumerate(zip(then["axes"], now["axes"], strict=True), 1):
        panel = f"panel {number}, " if len(then["axes"]) > 1 else ""
        yield from (f"{panel}{part}" for part in _axes(one, other))


def _table(then: Sequence[Sequence[Any]], now: Sequence[Sequence[Any]]) -> Iterator[str]:
    one, other = _rows(then), _rows(now)
    for key in [*one, *(key for key in other if key not in one)]:
        if not _alike(one.get(key), other.get(key)):
            yield f"table, row {key[0]}: {_list(one.get(key))} → {_list(other.get(key))}"
    if [*one] != [*other] and set(one) == set(other):
        yield "table: its rows stand in another order"


def _rows(table: Sequence[Sequence[Any]]) -> dict[tuple[str, int], Sequence[Any]]:
    """Return rows by label: label and number, or series, year and number; the same label by its turn."""
    found: dict[tuple[str, int], Sequence[Any]] = {}
    for row in table:
        named = 2 if len(row) == _SERIES else 1
        label = ", ".join(str(name) for name in row[:named])
        turn = sum(1 for name, _ in found if name == label)
        found[label, turn] = row[named:]
    return found


def _axes(then: Account, now: Account) -> Iterator[str]:
    for which in ("x", "y"):
        yield from (f"{which} axis {part}" for part in _axis(which, then[which], now[which]))
    if then["title"] != now["title"]:
        yield f"title {_quoted(then['title'])} → {_quoted(now['title'])}"
    if then["legend"] != now["legend"]:
        yield f"legend {_list(then['legend'])} → {_list(now['legend'])}"
    if len(then["series"]) != len(now["series"]):
        yield f"{len(then['series'])} series → {len(now['series'])}"
    for number, (one, other) in enumerate(zip(then["series"], now["series"], strict=False), 1):
        name = one["label"] or f"{one['kind']} {number}"
        yield from (f"{name}: {part}" for part in _series(one, other, then))
    for number, (one, other) in enumerate(zip_longest(then["texts"], now["texts"]), 1):
        if not _alike(one, other):
            yield f"text {number}: {_text(one, other)} → {_text(other, one)}"


def _axis(which: str, then: Account, now: Account) -> Iterator[str]:
    for end, one, other in zip(_ENDS[which], then["limits"], now["limits"], strict=True):
        if not same(one, other):
            yield f"{end} limit {one} → {other}"
    for key in ("label", "scale"):
        if then[key] != now[key]:
            yield f"{key} {_quoted(then[key])} → {_quoted(now[key])}"
    if not _alike(then["ticks"], now["ticks"]):
        yield f"ticks {_list(then['ticks'])} → {_list(now['ticks'])}"
    for one, other in zip_longest(then["labels"], now["labels"], fillvalue=""):
        if one != other:
            yield f"tick label {_quoted(one)} → {_quoted(other)}"


def _series(then: Account, now: Account, axes: Account) -> Iterator[str]:
    for key in ("kind", "label"):
        if then[key] != now[key]:
            yield f"{key} {_quoted(then[key])} → {_quoted(now[key])}"
    if then["colours"] != now["colours"]:
        changed = zip_longest(then["colours"], now["colours"], fillvalue="none")
        yield "colour " + ", ".join(dict.fromkeys(f"{a} → {b}" for a, b in changed if a != b))
    if then["style"] != now["style"]:
        yield f"style {_list(then['style'])} → {_list(now['style'])}"
    if len(then["points"]) != len(now["points"]):
        yield f"{len(then['points'])} points → {len(now['points'])}"
    for number, (one, other) in enumerate(zip(then["points"], now["points"], strict=False)):
        if not _alike(one, other):
            yield f"{_point(number, then, axes)} ({_list(one)}) → ({_list(other)})"


def _point(number: int, series: Account, axes: Account) -> str:
    """Call a bar by the label that stands at it, anything else by its turn."""
    place = series["points"][number][0]
    for axis in (axes["y"], axes["x"]) if series["kind"] == "bars" else ():
        for tick, label in zip(axis["ticks"], axis["labels"], strict=False):
            if label and same(tick, place):
                return f"bar {_quoted(label)}"
    return f"{'bar' if series['kind'] == 'bars' else 'point'} {number + 1}"


def _alike(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))


def _text(text: Sequence[Any] | None, beside: Sequence[Any] | None) -> str:
    """Show a text; where it stands and its colour only if the words are the same."""
    if text is None:
        return "–"
    alone = beside is None or beside[0] != text[0]
    return _quoted(text[0]) if alone else f"{_quoted(text[0])} at {text[1]}, {text[2]} in {text[3]}"


def _quoted(value: object) -> str:
    return "”" + " ".join(str(value).split()) + "”"


def _list(values: Sequence[Any] | None) -> str:
    return "–" if values is None else ", ".join(str(value) for value in values) or "none"
