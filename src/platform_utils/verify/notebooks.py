"""How two executed notebooks differ: by cell, by inline figure, by what a figure draws.

Enters: the notebooks then and now. Leaves: cells that moved, called by number, id and what they show.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from platform_utils.verify.pictures import moved_pictures, page_pictures

_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
_POINTS = re.compile(r"image/(?!svg)")
_SHOWS = re.compile(r"\{#((?:fig|tbl)-[\w-]+)")
_AROUND, _AFTER = 40, 60

Cell = Mapping[str, Any]


def moved_cells(then: bytes, now: bytes) -> Iterator[str]:
    """Yield the cells that differ, each part by its first change, figures by every part that moved."""
    before, after = (json.loads(content)["cells"] for content in (then, now))
    one_source, other_source = (["".join(cell["source"]) for cell in cells] for cells in (before, after))
    if len(before) != len(after):
        yield f"{len(before)} cells → {len(after)}"
    changes = difflib.SequenceMatcher(None, one_source, other_source, autojunk=False).get_opcodes()
    for kind, a, b, c, d in changes:
        for number in range(a, max(b, a + d - c)):
            one = before[number] if number < b else None
            other = after[number - a + c] if number - a + c < d else None
            if one is None or other is None:
                yield f"{_called(one or other or {}, number + 1)}: {'new' if one is None else 'gone'}"
            elif kind == "replace" or one != other:
                yield from (f"{_called(one, number + 1)}: {part}" for part in _parts(one, other))


def _called(cell: Cell, number: int) -> str:
    shows = _SHOWS.search(json.dumps(cell.get("outputs", []), ensure_ascii=False))
    own = cell.get("id", "")
    name = f"cell {number}" + (f" ({own})" if own and not re.fullmatch(r"cell-\d+", own) else "")
    return f"{name}, {shows[1]}" if shows else name


def _parts(then: Cell, now: Cell) -> Iterator[str]:
    if then.get("source") != now.get("source"):
        yield f"source: {_first_change(*(_lines(cell.get('source', [])) for cell in (then, now)))}"
    one, other = (cell.get("outputs", []) for cell in (then, now))
    if len(one) != len(other):
        yield f"outputs: {_lost(one, other)}"
    elif one != other:
        framed = [[_framed(output) for output in outputs] for outputs in (one, other)]
        before, after = map(_lines, framed)
        if before != after:
            yield f"outputs: {_first_change(before, after)}"
        for moved in moved_pictures(*(page_pictures(json.dumps(side).encode()) for side in framed)):
            name, _, what = moved.partition(": ")
            yield what if name.startswith("fig-") else moved
    yield from _inline(then.get("metadata", {}), now.get("metadata", {}))


def _lost(then: list[Any], now: list[Any]) -> str:
    """Say which output is there only once."""
    more, fewer, word = (then, now, "gone") if len(then) > len(now) else (now, then, "new")
    which = next((one for one in more if one not in fewer), more[-1])
    data = which.get("data", {})
    said = which.get("text") or data.get("text/plain") or ", ".join(data) or which.get("ename", "")
    return f"{len(then)} → {len(now)}, {word}: {' '.join(''.join(said).split())[: _AROUND + _AFTER]}"


def _framed(output: Mapping[str, Any]) -> dict[str, Any]:
    """Write pictures that stand alone in an output as those inside a text."""
    data = {
        kind: f"data:{kind};base64,{''.join(''.join(value).split())}" if _POINTS.match(kind) else value
        for kind, value in output.get("data", {}).items()
    }
    return {**output, "data": data}


def _inline(then: Cell, now: Cell) -> Iterator[str]:
    """Yield the inline figures of a text that moved, by the expression that gives them."""
    before, after = ({**cell} for cell in (then, now))
    one, other = (_expressions(cell.pop("user_expressions", [])) for cell in (before, after))
    for key in one | other:
        if one.get(key) != other.get(key):
            yield f"inline {key}: {one.get(key, '–')} → {other.get(key, '–')}"
    if before != after:
        yield f"metadata: {_first_change(_lines(before), _lines(after))}"


def _expressions(found: list[dict[str, Any]]) -> dict[str, str]:
    values = ((each["expression"], each["result"].get("data", {})) for each in found)
    return {key: "".join(data.get("text/markdown") or data.get("text/plain") or "") for key, data in values}


def _lines(part: Any) -> str:
    """Write a part of a cell line by line, pictures as the word: they are compared by what they show."""
    return _PICTURE.sub("picture", json.dumps(part, ensure_ascii=False, indent=0, sort_keys=True))


def _first_change(then: str, now: str) -> str:
    """Show the first line that differs, from a little before the place where it does."""
    one, other = then.splitlines(), now.splitlines()
    pairs = [*zip(one, other, strict=False), (" ".join(one[len(other) :]), " ".join(other[len(one) :]))]
    was, is_now = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
    letters = enumerate(zip(was, is_now, strict=False))
    start = next((at for at, (a, b) in letters if a != b), min(len(was), len(is_now)))
    left = max(0, start - _AROUND)
    return f"{was[left : start + _AFTER]} → {is_now[left : start + _AFTER]}"
