"""How two versions of one file differ: by value in a table, by cell in a notebook, by sentence in a text.

Enters: the bytes of a file then and now. Leaves: places that moved, none if only the bytes differ.
"""

from __future__ import annotations

import difflib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pandas as pd

from platform_utils.verify.pictures import document_pictures, moved_pictures, page_pictures

__all__ = ["TOLERANCE", "Difference", "compare_files"]

TOLERANCE = 1e-9
"""Relative difference below which two released numbers are the same; counts are whole and must be equal."""

_PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SILENT = ("script", "style", "head")


@dataclass(frozen=True)
class Difference:
    """One place that moved.

    Parameters
    ----------
    file : str
        Name in the release.
    place : str
        Which cell, table, figure or sentence, and how it reads then and now.
    """

    file: str
    place: str


def compare_files(name: str, then: bytes, now: bytes) -> list[Difference]:
    """Return what moved between two versions of a file, by its kind.

    Parameters
    ----------
    name : str
        Name in the release; its ending decides how it is read.
    then, now : bytes
        The two versions.

    Returns
    -------
    list of Difference
        Empty if values and words are the same. A PDF's words stand in the web page beside it, and a file
        of another kind is compared by its bytes.
    """
    compare = {
        "parquet": _table,
        "csv": _table,
        "ipynb": _notebook,
        "html": _text,
        "docx": _text,
        "json": _record,
        "pdf": _nothing,
        "whl": _wheel,
    }.get(name.rpartition(".")[2], _plain)
    return [Difference(name, place) for place in compare(name, then, now)]


def _nothing(name: str, then: bytes, now: bytes) -> Iterator[str]:
    del name, then, now
    return iter(())


def _plain(name: str, then: bytes, now: bytes) -> Iterator[str]:
    del name
    if then != now:
        before, after = (text.decode("utf-8", "replace").splitlines() for text in (then, now))
        number = next((i for i, (a, b) in enumerate(zip(before, after, strict=False), 1) if a != b), 0)
        yield f"line {number or min(len(before), len(after)) + 1}"


def _wheel(name: str, then: bytes, now: bytes) -> Iterator[str]:
    del name
    before, after = (_members(content) for content in (then, now))
    yield from (key for key in sorted({*before, *after}) if before.get(key) != after.get(key))


def _members(content: bytes) -> dict[str, int]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            item.filename: item.CRC for item in archive.infolist() if not item.filename.endswith("RECORD")
        }


def _table(name: str, then: bytes, now: bytes) -> Iterator[str]:
    read = pd.read_parquet if name.endswith(".parquet") else _read_csv
    before, after = read(io.BytesIO(then)), read(io.BytesIO(now))
    table = name.rpartition("/")[2].rpartition(".")[0]
    keys = [column for column in before.columns if column not in ("count", "mark", "value")]
    if list(before.columns) != list(after.columns):
        yield f"table {table}: columns"
        return
    values = [column for column in before.columns if column not in keys]
    one, other = (_by_key(frame, keys, values) for frame in (before, after))
    for key in [*one, *(key for key in other if key not in one)]:
        if not _same_values(one.get(key), other.get(key)):
            cell = ", ".join(key) or "total"
            yield f"table {table}, cell {cell}: {_shown(one.get(key))} → {_shown(other.get(key))}"


def _read_csv(content: io.BytesIO) -> pd.DataFrame:
    return pd.read_csv(content, dtype=str, keep_default_na=False)


def _by_key(
    frame: pd.DataFrame, keys: list[str], values: list[str]
) -> dict[tuple[str, ...], tuple[object, ...]]:
    rows = frame.astype(object).where(frame.notna(), None)
    named = zip(*(rows[key].astype(str) for key in keys), strict=True) if keys else [()] * len(rows)
    return dict(zip(named, zip(*(rows[value] for value in values), strict=True), strict=True))


def _same_values(one: tuple[object, ...] | None, other: tuple[object, ...] | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(_same(a, b) for a, b in zip(one, other, strict=True))


def _same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= TOLERANCE * max(abs(a), abs(b), 1.0)
    return a == b


def _shown(values: tuple[object, ...] | None) -> str:
    return "–" if values is None else str(values[0] if values[0] is not None else "..")


def _notebook(name: str, then: bytes, now: bytes) -> Iterator[str]:
    del name
    before, after = (json.loads(content)["cells"] for content in (then, now))
    if len(before) != len(after):
        yield f"{len(before)} cells → {len(after)}"
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        if one == other:
            continue
        label = _label(one) or f"cell {number}"
        for part in ("source", "outputs", "metadata"):
            mine, theirs = (_stable(cell.get(part)) for cell in (one, other))
            if mine != theirs:
                yield f"{label}: {part}: {_first_change(mine, theirs)}"
            elif one.get(part) != other.get(part):
                drawn = (page_pictures(json.dumps(cell.get(part)).encode()) for cell in (one, other))
                if list(moved_pictures(*drawn)):
                    yield f"{label}: the picture, not the numbers it draws"


def _label(cell: dict) -> str:
    found = re.search(r"\{#((?:fig|tbl)-[\w-]+)", json.dumps(cell.get("outputs", []), ensure_ascii=False))
    return found.group(1) if found else ""


def _stable(part: object) -> str:
    return _PICTURE.sub("picture", json.dumps(part, ensure_ascii=False, indent=0, sort_keys=True))


def _record(name: str, then: bytes, now: bytes) -> Iterator[str]:
    del name
    before, after = (_leaves(json.loads(content)) for content in (then, now))
    for key in sorted({*before, *after}):
        if not _same(before.get(key), after.get(key)):
            yield f"{key}: {before.get(key, '–')} → {after.get(key, '–')}"


def _leaves(value: object, path: str = "") -> dict[str, object]:
    items = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if items is None:
        return {path: value}
    found: dict[str, object] = {}
    for key, item in items:
        found |= _leaves(item, f"{path}/{key}".lstrip("/"))
    return found


def _text(name: str, then: bytes, now: bytes) -> Iterator[str]:
    is_page = name.endswith(".html")
    read = _html_sentences if is_page else _docx_sentences
    before, after = read(then), read(now)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            was, is_now = " ".join(before[a:b])[:160] or "–", " ".join(after[c:d])[:160] or "–"
            yield f"sentence: {was} → {is_now}"
    drawn = page_pictures if is_page else document_pictures
    yield from moved_pictures(drawn(then), drawn(now))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in (
            "p",
            "td",
            "th",
            "tr",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "figcaption",
            "caption",
            "div",
            "section",
        ):
            self.blocks.append("")
        alt = dict(attrs).get("alt")
        if tag == "img" and alt:
            self.blocks.append(alt)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.blocks[-1] += data


def _html_sentences(content: bytes) -> list[str]:
    reader = _Reader()
    reader.feed(content.decode("utf-8"))
    return [s for block in reader.blocks for s in _SENTENCE.split(" ".join(block.split())) if s]


def _docx_sentences(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tree = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - a file that we wrote
    blocks = ("".join(run.text or "" for run in p.iter(f"{_WORD}t")) for p in tree.iter(f"{_WORD}p"))
    return [s for block in blocks for s in _SENTENCE.split(" ".join(block.split())) if s]


def _first_change(then: str, now: str) -> str:
    pairs = zip(then.splitlines(), now.splitlines(), strict=False)
    was, is_now = next(((a, b) for a, b in pairs if a != b), ("", ""))
    start = next((i for i, (a, b) in enumerate(zip(was, is_now, strict=False)) if a != b), 0)
    left = max(0, start - 40)
    return f"{was[left : start + 60]} → {is_now[left : start + 60]}"
