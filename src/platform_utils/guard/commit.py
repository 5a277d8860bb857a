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
}  # fmt: skip
_PALETTE = 768
"""Bytes of the largest part of a picture that is neither its points nor a text."""
_SECONDS = re.compile(r"1[5-7]\d{8}")
"""Seconds since 1970 as of today, written alone: ten digits that say no day of birth unless they check."""
_PACKED = re.compile(
    r"[A-Za-z0-9+/_-]{300,}={0,2}|(?:^[A-Za-z0-9+/=]{50,}\r?\n){4}"
    r"|(?:^[^\w+/=\n]{0,32}(?=[^\sA-Z]{0,60}[A-Z])[A-Za-z0-9+/=]{50,}[^\w+/=\n]{0,16}\n){4}",
    re.MULTILINE,
)
_MARKS = " \"'`*[](){}.-"
_CELL = re.compile(r"[;\t|,:/={\"']|\s\s")
_YEAR = re.compile(r"(?:19|20)\d\d").fullmatch
_MARKED_ROW = re.compile(r"</?(?:\w{1,9}:)?(?:tr|row)\b[^<>]*>", re.IGNORECASE)
_CODEBOOK = RESOURCES / "codebook"
_CODES = ("person_code", "case_id")
_ENTRY = re.compile(
    r"\b(?:person_?code|personkod)[\"']?\s{0,9}[:=]\s{0,9}[\"']?[A-ZÅÄÖ]{0,3}\d{0,3}-?\d", re.IGNORECASE
)
_CODE = re.compile(r"\b(?:[A-ZÅÄÖ]{1,3}\d{0,3}(?:-\d{1,4}){1,2}(?:-[a-z]\d)?|[A-ZÅÄÖ]{1,2}\d{1,4})\b")
_ROW = re.compile(rf"[\s|\[({{\"']*{_CODE.pattern}[\"']?\s*[;\t|,]")
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
    elif _is_table(text, name):
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


def _is_table(text: str, name: str = "") -> bool:
    """Say whether a text holds rows of persons: a heading with a person's code, or rows of such codes."""
    is_code = name.endswith((".py", ".toml"))
    few = _TESTED if is_code and name.startswith("tests/") else _FEW
    rows, numbered, lines = 0, [], _lines(text)
    if not is_code and any(map(_is_heading, map(_cells, [*lines, *text.splitlines()]))):
        return True
    for line in lines:
        codes, cells = _CODE.findall(line), _cells(line)
        parts = re.split(rf"(?={_CODE.pattern})", line) if len(codes) > 1 else [line]
        is_row = not name.startswith("data_raw/") and _ROW.match(line) is not None
        is_row = is_row and len(re.split(r"[;\t|,]", line)) > max(_FEW, len(codes) + 1)
        rows += max(sum(map(_is_person, map(_cells, parts))), is_row or _ENTRY.search(line) is not None)
        # a number, a sex and no year, which a count would have
        sexes = [cell for cell in cells if _answers().get(cell) == "sex"]
        if sexes and not codes and len(cells) >= _FEW and cells[0].isdecimal() and not any(map(_YEAR, cells)):
            numbered.append((cells[0], sexes[0]))
    firsts, others = (len(set(each)) for each in zip(*numbered, strict=True)) if numbered else (0, 0)
    return rows >= few or (firsts == len(numbered) >= few and others < firsts)


def _lines(text: str) -> list[str]:
    """Return the lines of a text, each row of mark-up and each list within a list as one."""
    if "<" in text:
        text = _MARKED_ROW.sub("\n", re.sub(r">\s+<", "><", text))
        text = re.sub(r"<[^<>]*>", "|", text)
    return re.split(r"[\])}]\s{0,9},|\\n|\n", text)


def _cells(line: str) -> list[str]:
    """Return what the cells of a line say, in small letters: its words, if they are few and not parted."""
    cells = [cell for each in _CELL.split(line) if (cell := each.strip(_MARKS).casefold())]
    words = [word.strip(_MARKS + ",").casefold() for word in line.split()]
    return words if len(cells) < _FEW < len(words) + 1 < 10 else cells


def _is_person(cells: list[str]) -> bool:
    """Say whether cells are a code, who the person is, and a number or one thing more."""
    answers = {cell for cell in cells if cell in _answers()}
    number = any(cell.isdecimal() and len(cell) < 4 for cell in cells)
    return 0 < len(answers) > 1 - number and any(_CODE.fullmatch(cell.upper()) for cell in cells)


def _is_heading(cells: Iterable[str]) -> bool:
    """Say whether words head a form's columns: a person's code and two questions, or one and no more."""
    given = [cell.casefold() for cell in cells]
    asked = {_headings().get(cell, "") for cell in given} - {""}
    return (
        len(asked) >= max(2, min(_FEW, len(given)))
        and not asked.isdisjoint(_CODES)
        and not asked.issubset(_CODES)
    )


@cache
def _headings() -> dict[str, str]:
    """Return the question under every heading that the form gives a column, in small letters."""
    entries = tomllib.loads((_CODEBOOK / "variables.toml").read_text(encoding="utf-8"))["variable"]
    return {
        str(entry[key]).casefold().strip(_MARKS): entry["name"]
        for entry in entries
        for key in ("name", "sv", "en")
    }


@cache
def _answers() -> dict[str, str]:
    """Return the question under every word that says who a person is, in small letters."""
    codes = tomllib.loads((_CODEBOOK / "codes.toml").read_text(encoding="utf-8"))
    countries = tomllib.loads((_CODEBOOK / "countries.toml").read_text(encoding="utf-8"))["country"]["codes"]
    said = {country[lang].casefold(): "country" for country in countries for lang in ("sv", "en")}
    for name in ("role", "age_band", "sex"):
        for code in codes[name]["codes"]:
            said |= dict.fromkeys(
                (each.casefold() for each in (code["sv"], code["en"], *code["aliases"])), name
            )
    return said


def _has_rows(found: object) -> bool:
    """Say whether parsed JSON holds entries about persons, in whatever layout."""
    waiting, lines = [found], []
    while waiting:
        value = waiting.pop()
        inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        if isinstance(value, dict) and _is_heading(map(str, value)):
            return True
        if not any(isinstance(each, dict | list) for each in inside):
            lines.append(";".join(map(str, inside)))
        waiting += inside
    is_return = isinstance(found, dict) and str(found.get("format", "")).startswith("reduced return")
    return is_return or _is_table("\n".join(lines))


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
        text = "" if kind == b"IDAT" else said.decode("utf-8", "replace").replace("\0", "\n")
        if _names_a_person(text) or _is_table(text):
            return "holds what could name a person"
        is_text = kind in (b"tEXt", b"iTXt") and b"\0\1" not in said  # no compressed one
        if not is_text and (kind not in _CHUNKS or (kind != b"IDAT" and length > _PALETTE)):
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
