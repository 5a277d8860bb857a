"""What a PDF of our engine shows: words by page, alternative texts, pictures by their points.

Enters: the bytes of a PDF as typst writes it. Leaves: what a reader meets, whatever the objects' numbers and
order. Other PDFs are refused, not half read.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s+")
_LENGTH = re.compile(rb"/Length (\d+)")
_TOKEN = re.compile(rb"\(|<<|>>|<[0-9A-Fa-f\s]*>|\[|\]|/[^\s/\[\]<>()]*|[^\s/\[\]<>()]+")
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_LINE = re.compile(rb"<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>\s*)?<([0-9A-Fa-f]+)>\s*$", re.MULTILINE)


@dataclass(frozen=True)
class PdfContent:
    """What stands in a PDF.

    Parameters
    ----------
    blocks : tuple of (int, str)
        Page and words of each piece of text, in reading order.
    edges : tuple of (int, str)
        The same of what stands at the edge of a page: running headers, page numbers, rules.
    alternatives : tuple of str
        Alternative texts of figures.
    pictures : tuple of (str, (int, int), bytes)
        Mode, width and height, and points of each picture; its transparency is a picture of its own.
    """

    blocks: tuple[tuple[int, str], ...]
    edges: tuple[tuple[int, str], ...]
    alternatives: tuple[str, ...]
    pictures: tuple[tuple[str, tuple[int, int], bytes], ...]


def read_pdf(content: bytes) -> PdfContent:
    """Return what a PDF shows.

    Parameters
    ----------
    content : bytes
        A PDF of the embedded engine: one object after another, streams deflated or plain.

    Raises
    ------
    ValueError
        If it is written in another way, so that something might be overlooked.
    """
    objects = dict(_objects(content))
    if not objects or any(b"/ObjStm" in head or b"/Encrypt" in head for head, _ in objects.values()):
        raise ValueError("objects in streams")
    if any(b"/Subtype/Form" in head and body for head, body in objects.values()):
        raise ValueError("forms")
    blocks: list[tuple[int, str]] = []
    edges: list[tuple[int, str]] = []
    for number, page in enumerate(_pages(objects), 1):
        fonts = _fonts(objects, page)
        for key in _references(page, b"Contents"):
            for at_edge, text in _texts(objects[key][1], fonts):
                (edges if at_edge else blocks).append((number, text))
    alternatives = (_told(head) for head, _ in objects.values() if b"/StructElem" in head[:40])
    pictures = (_picture(*each) for each in objects.values() if b"/Subtype/Image" in each[0])
    return PdfContent(tuple(blocks), tuple(edges), tuple(filter(None, alternatives)), tuple(pictures))


def _objects(content: bytes) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """Yield each object's number, its own words, and its stream, opened."""
    at = 0
    while found := _OBJECT.search(content, at):
        end = content.index(b"endobj", found.end())
        start = content.find(b"stream", found.end(), end)
        if start < 0 or not content[:start].rstrip().endswith(b">>"):
            yield int(found[1]), (content[found.end() : end], b"")
            at = end
            continue
        head = content[found.end() : start]
        length = _LENGTH.search(head)
        if length is None:
            raise ValueError("a stream without its length")
        first = content.index(b"\n", start) + 1
        body = content[first : first + int(length[1])]
        yield int(found[1]), (head, zlib.decompress(body) if b"/FlateDecode" in head else body)
        at = first + int(length[1])


def _pages(objects: Mapping[int, tuple[bytes, bytes]]) -> list[bytes]:
    """Return the pages in the order in which they are turned."""
    found = [head for head, _ in objects.values() if re.search(rb"/Type\s*/Pages\b", head)]
    if len(found) != 1:
        raise ValueError("pages in a tree")
    return [objects[key][0] for key in _references(found[0], b"Kids")]


def _references(head: bytes, name: bytes) -> list[int]:
    found = re.search(rb"/%s\s*(\[[^\]]*\]|\d+ 0 R)" % name, head)
    return [int(number) for number in re.findall(rb"(\d+) 0 R", found[1])] if found else []


def _fonts(objects: Mapping[int, tuple[bytes, bytes]], page: bytes) -> dict[bytes, dict[bytes, str]]:
    """Return what each code of each font of a page reads as."""
    (key,) = _references(page, b"Resources") or (0,)
    resources = objects[key][0] if key else page
    listed = re.search(rb"/Font\s*<<(.*?)>>", resources, re.DOTALL)
    fonts = re.findall(rb"/(\S+) (\d+) 0 R", listed[1]) if listed else []
    return {b"/" + name: _codes(objects, int(font)) for name, font in fonts}


def _codes(objects: Mapping[int, tuple[bytes, bytes]], font: int) -> dict[bytes, str]:
    (key,) = _references(objects[font][0], b"ToUnicode")
    codes: dict[bytes, str] = {}
    for first, last, words in _LINE.findall(objects[key][1]):
        begin, text = int(first, 16), bytes.fromhex(words.decode()).decode("utf-16-be")
        for step in range(int(last or first, 16) - begin + 1):
            letter = text if not step else text[:-1] + chr(ord(text[-1]) + step)
            codes[(begin + step).to_bytes(len(first) // 2, "big")] = letter
    return codes


def _texts(stream: bytes, fonts: Mapping[bytes, Mapping[bytes, str]]) -> Iterator[tuple[bool, str]]:
    """Yield the words of each marked piece of a page, and whether it stands at the page's edge."""
    waiting: list[bytes] = []
    codes: Mapping[bytes, str] = {}
    marks: list[tuple[bytes, bool]] = []
    words, height = "", b""
    for token in _tokens(stream):
        if not (token[:1].isalpha() or token in (b"'", b'"')):
            waiting.append(token)
            continue
        match token:
            case b"Tf":
                codes = fonts[next(t for t in reversed(waiting) if t.startswith(b"/"))]
            case b"Tj" | b"TJ" if not any(spoken for _, spoken in marks):
                words += "".join(_read(t, codes) for t in waiting if _is_string(t))
            case b"cm":
                words += " " if waiting[-1] != height else ""
                height = waiting[-1]
            case b"BDC" | b"BMC" if b"/ActualText" in waiting:
                # what is drawn in other signs than it reads, such as a joined or an invisible one
                words += _unicode(_string(waiting[waiting.index(b"/ActualText") + 1]))
                marks.append((waiting[0], True))
            case b"EMC" if marks[-1][1]:
                marks.pop()
            case b"BDC" | b"BMC" | b"EMC":
                if words.strip():
                    yield (b"/Artifact", False) in marks, " ".join(words.split())
                words = ""
                marks = marks[:-1] if token == b"EMC" else [*marks, (waiting[0], False)]
        waiting = []
    if words.strip():
        yield False, " ".join(words.split())


def _tokens(stream: bytes) -> Iterator[bytes]:
    at = 0
    while found := _TOKEN.search(stream, at):
        at = found.end() if found[0] != b"(" else _end_of_string(stream, found.start())
        yield stream[found.start() : at]


def _end_of_string(stream: bytes, start: int) -> int:
    """Return where a string in brackets ends; brackets inside need no escape if they are paired."""
    depth = 0
    for found in _IN_STRING.finditer(stream, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    raise ValueError("a string without its end")


def _is_string(token: bytes) -> bool:
    return token[:1] == b"(" or (token[:1] == b"<" and token != b"<<")


def _read(token: bytes, codes: Mapping[bytes, str]) -> str:
    raw = _string(token)
    return "".join(codes.get(raw[at : at + 2], "\ufffd") for at in range(0, len(raw), 2))


def _string(token: bytes) -> bytes:
    if token.startswith(b"<"):
        return bytes.fromhex(token[1:-1].decode())
    return _ESCAPE.sub(_plain, token[1:-1])


def _plain(found: re.Match[bytes]) -> bytes:
    escaped = found[1]
    if escaped.isdigit():
        return bytes([int(escaped, 8) & 255])
    return b"" if escaped.strip(b"\r\n") == b"" else _ESCAPED.get(escaped, escaped)


def _told(head: bytes) -> str:
    tokens = list(_tokens(head))
    return _unicode(_string(tokens[tokens.index(b"/Alt") + 1])) if b"/Alt" in tokens else ""


def _unicode(raw: bytes) -> str:
    return raw[2:].decode("utf-16-be") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


def _picture(head: bytes, body: bytes) -> tuple[str, tuple[int, int], bytes]:
    found = [re.search(rb"/%s (\d+)" % name, head) for name in (b"Width", b"Height")]
    width, height = (int(each[1]) if each else 0 for each in found)
    mode = {width * height: "L", 3 * width * height: "RGB"}.get(len(body))
    if mode is None:
        raise ValueError("a picture in other colours")
    return mode, (width, height), body
