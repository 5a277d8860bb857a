"""Say why a file may not be committed.

Enters: a file's path from the root and its bytes. Leaves: reasons in words, never what stands in the file.
Rule: what may be committed is listed, kind by kind and place by place; a kind is what the bytes say, not what
the name says. Texts are searched for what names a person and for rows; notebooks, for what they read.
"""

from __future__ import annotations

import io
import json
import re
import struct
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from platform_utils.guard.identity import find_identity, identities, luhn
from platform_utils.guard.listed import LISTED, RESOURCES
from platform_utils.guard.notebook import pictures, shows_something, tables, texts, why_closed, why_strange

_LISTED = LISTED["commit"]
_CLOSED_NAMES, _NAMED = re.compile(_LISTED["closed_names"]), re.compile(_LISTED["names"])
_PLACES: dict[str, list[str]] = {
    suffix: kind["places"] for kind in LISTED["kind"] for suffix in kind["suffixes"]
}
"""Where each kind of file may stand, by the last part of its name."""
_EXAMPLES = re.compile(_LISTED["examples"], re.IGNORECASE | re.DOTALL)
_FONT = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"wOF2")
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG_PARTS = re.compile(r"<(?:script|image|foreignObject|a|text)\b|\bon[a-z]+=|data:")
"""What a chart of ours never has: its letters are outlines."""
_CHUNKS = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"cHRM", b"bKGD", b"sBIT",
    b"iCCP",
}  # fmt: skip
_SECONDS = re.compile(r"1[5-7]\d{8}")
"""Seconds since 1970 as of today, written alone: ten digits that say no day of birth unless they check."""
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{300,}={0,2}|(?:^[A-Za-z0-9+/=]{50,}\r?\n){4}", re.MULTILINE)
_CELL = re.compile(r"\s*[;\t|,]\s*")
_CODEBOOK = RESOURCES / "codebook" / "variables.toml"
_CODES = ("person_code", "case_id")
_ENTRY = re.compile(
    r"\b(?:person_?code|personkod)[\"']?\s*[:=]\s*[\"']?[A-ZÅÄÖ]{0,3}\d{0,3}-?\d", re.IGNORECASE
)
_ROW = re.compile(r"[\s|\[({\"']*(?:[A-ZÅÄÖ]{1,3}\d{0,3}-|[A-ZÅÄÖ]{1,2})\d{1,4}(?:-[a-z]\d)?[\"']?\s*[;\t|,]")
_FEW = 3
"""Rows of persons, or headings over them, that a text may hold before it counts as a table."""
_TESTED = 60
"""The same in a test: its rows are invented one by one."""


def reasons(name: str, content: bytes, mode: str = "100644") -> Iterator[str]:
    """Yield why a file may not be committed.

    Parameters
    ----------
    name : str
        Path from the root, with forward slashes.
    mode : str
        As git lists it: a link or a repository within is no file.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    folders = plain.split("/")[:-1]
    last = plain.rpartition("/")[2]
    if mode not in ("100644", "100755"):
        yield "is a link or another repository"
        return
    if any(_is_closed(folders)) or (
        _CLOSED_NAMES.fullmatch(last) and not plain.startswith(tuple(_LISTED["invented"]))
    ):
        yield "stands in a folder, or has a name, that is never committed"
    if find_identity(re.sub(r"[/_]", " ", name)):
        yield "has a name that could name a person"
    suffix = _suffix(name)
    if suffix is None:
        yield "is of a kind that is not committed there"
        return
    is_lock = re.fullmatch(_LISTED["locks"], name) is not None
    kind = _kind(content)
    if kind != {"png": "png", "docx": "zip"}.get(
        suffix, "font" if suffix in ("ttf", "otf", "woff2") else "text"
    ):
        yield "is not what its name says, or a kind that is not committed there"
        return
    if len(content) > _LISTED["largest"] and not is_lock and suffix not in ("ttf", "otf"):
        yield "is larger than 500 kB"
        return
    if kind == "text":
        yield from _of_text(name, suffix, content.decode("utf-8-sig"))
    elif kind == "png" and (why := _of_picture(content)):
        yield why
    elif kind == "zip":
        yield from _of_archive(content)


def message_reasons(text: str) -> Iterator[str]:
    """Yield why a commit may not have a message."""
    if _names_a_person(text):
        yield "holds what could name a person"


def _is_closed(folders: list[str]) -> Iterator[bool]:
    yield folders[:1] == _LISTED["at_the_root"]
    for place, folder in enumerate(folders):
        yield folder in _LISTED["closed_folders"]
        yield folder == _LISTED["only_published"] and folders[place + 1 : place + 2] != ["published"]


def _suffix(name: str) -> str | None:
    """Return the last part of a name, if such a file may stand there; an empty text if it has none."""
    last = name.rpartition("/")[2]
    if _NAMED.fullmatch(last) or _NAMED.fullmatch(name):
        return ""
    suffix = last.rpartition(".")[2] if "." in last else "-"
    places = _PLACES.get(suffix, [])  # in small letters alone: nobody here writes .CSV
    return suffix if any(name.startswith(place) for place in places) else None


def _kind(content: bytes) -> str:
    if content.startswith(_PNG):
        return "png"
    if content.startswith(_FONT):
        return "font"
    if content.startswith(b"PK\x03\x04"):
        return "zip"
    if content.startswith((b"%PDF", b"{\\rtf", b"PAR1", b"ARROW1", b"From ")):
        return "binary"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "binary"
    odd = sum(sign < " " and sign not in "\t\n\r\f" for sign in text)
    return "binary" if odd else "text"


def _of_text(name: str, suffix: str, text: str) -> Iterator[str]:
    said: list[str] = [text]
    found: Any = None
    if suffix in ("json", "ipynb") or text.lstrip()[:1] in "{[":
        try:
            found = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            found = None
            if suffix in ("json", "ipynb"):
                yield "is not JSON that can be read"
    if isinstance(found, dict) and ("nbformat" in found or "cells" in found or suffix == "ipynb"):
        said = []
        yield from _of_notebook(found, said)
        if suffix != "ipynb":
            yield "is a notebook under another name"
    elif found is not None:
        said = [text, *texts({"": found})]
        if _has_rows(found) or any(_is_table(one) for one in (text, *said)):
            yield "holds rows of persons"
    elif suffix == "ipynb":
        yield "is no notebook"
    elif _is_table(text, _TESTED if name.startswith("tests/") else _FEW, is_code=suffix in ("py", "toml")):
        yield "holds rows of persons"
    if any(map(_names_a_person, said)):
        yield "holds what could name a person"
    if any(_PACKED.search(one) for one in said):
        yield "holds something packed into letters"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _of_notebook(notebook: dict[str, Any], said: list[str]) -> Iterator[str]:
    try:
        said += texts(notebook)
        if notebook["nbformat"] != 4:
            raise ValueError(notebook["nbformat"])  # noqa: TRY301
        if shows_something(notebook) and (why := why_closed(notebook)):
            yield f"is a notebook with outputs that {why}"
        if why := why_strange(notebook):
            yield f"is a notebook that {why}"
        if any(map(_of_picture, pictures(notebook))):
            yield "is a notebook with a picture that is none, or carries something else"
        if any(map(_is_table, tables(notebook))):
            yield "is a notebook that holds rows of persons"
    except (KeyError, TypeError, ValueError, AttributeError):
        yield "is no notebook in the format of today"


def _names_a_person(text: str) -> bool:
    found = {what for _, what in identities(text) if not _EXAMPLES.fullmatch(what)}
    return any(not _SECONDS.fullmatch(what) or luhn(what) or what not in text for what in found)


def _is_table(text: str, few: int = _FEW, *, is_code: bool = False) -> bool:
    """Say whether a text holds rows of persons: a heading with a person's code, or rows of such codes."""
    rows = 0
    for line in text.splitlines():
        if not is_code and _is_heading(cell.strip(" \"'`*[]{}") for cell in _CELL.split(line)):
            return True
        rows += _ENTRY.search(line) is not None or (
            _ROW.match(line) is not None and len(_CELL.split(line)) > _FEW
        )
    return rows >= few


def _is_heading(cells: Iterable[str]) -> bool:
    """Say whether words head columns of a form's sheet: a person's code and two other questions at least."""
    asked = {_headings().get(cell.casefold(), "") for cell in cells} - {""}
    return len(asked) >= _FEW and not asked.isdisjoint(_CODES)


@cache
def _headings() -> dict[str, str]:
    """Return the question under every heading that the form gives a column, in small letters."""
    entries = tomllib.loads(_CODEBOOK.read_text(encoding="utf-8"))["variable"]
    return {str(entry[key]).casefold(): entry["name"] for entry in entries for key in ("name", "sv", "en")}


def _has_rows(found: object) -> bool:
    """Say whether parsed JSON holds an entry with a person's code and an answer beside it."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if _is_heading(map(str, value)):
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return isinstance(found, dict) and str(found.get("format", "")).startswith("reduced return")


def _of_picture(content: bytes) -> str | None:
    """Return why a PNG, or a chart as our library draws it, may carry more than a picture."""
    if content.startswith(b"<?xml"):
        text = content.decode("utf-8", "replace")
        if _SVG_PARTS.search(text):
            return "is a picture that carries something else"
        return "holds what could name a person" if _names_a_person(re.sub(r"<[^>]*>", " ", text)) else None
    place = len(_PNG) if content.startswith(_PNG) else len(content) + 1
    while place + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        said = content[place + 8 : place + 8 + length]
        place += length + 12
        if kind in (b"tEXt", b"iTXt"):
            if _names_a_person(said.decode("utf-8", "replace")):
                return "holds what could name a person"
        elif kind not in _CHUNKS:
            return "is a picture that carries something else"
        if kind == b"IEND":
            break
    return None if place == len(content) else "is a picture that carries something else"


def _of_archive(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                if not part.endswith((".xml", ".rels")):
                    yield "is a document that carries something else"
                elif _names_a_person(re.sub(r"<[^>]*>", "", archive.read(part).decode("utf-8", "replace"))):
                    yield "holds what could name a person"
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        yield "is a document that cannot be read"
