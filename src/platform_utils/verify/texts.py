"""How two versions of a text differ: by sentence in a web page or a Word document, by page in a PDF.

Enters: the bytes then and now. Leaves: sentences, alternative texts and pictures that moved.
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from platform_utils.verify.pdf import PdfContent, read_pdf
from platform_utils.verify.pictures import differing_box, document_pictures, moved_pictures, page_pictures

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_SILENT = ("script", "style", "head")
_BLOCKS = (
    "p", "td", "th", "tr", "li", "h1", "h2", "h3", "h4", "figcaption", "caption", "div", "section",
)  # fmt: skip
_LONGEST = 160


def moved_page(then: bytes, now: bytes) -> Iterator[str]:
    """Yield the sentences and pictures of a web page that moved."""
    yield from _moved(_html_sentences(then), _html_sentences(now))
    yield from moved_pictures(page_pictures(then), page_pictures(now))


def moved_document(then: bytes, now: bytes) -> Iterator[str]:
    """Yield the sentences, alternative texts and pictures of a Word document that moved."""
    yield from _moved(_docx_sentences(then), _docx_sentences(now))
    yield from moved_pictures(document_pictures(then), document_pictures(now))


def moved_pdf(then: bytes, now: bytes) -> Iterator[str]:
    """Yield the sentences, page edges, alternative texts and pictures of a PDF that moved, with the page."""
    try:
        one, other = read_pdf(then), read_pdf(now)
    except (ValueError, KeyError, IndexError, StopIteration):
        yield "other bytes; not a PDF of the embedded engine, so words and pictures were not compared"
        return
    pieces = ((one.blocks, other.blocks, "sentence"), (one.edges, other.edges, "at the edge"))
    for before, after, what in pieces:
        one_side, other_side = ([text for _, text in side] for side in (before, after))
        yield from _moved(one_side, other_side, what, [page for page, _ in before or after])
    yield from _moved(one.alternatives, other.alternatives, "alternative text")
    yield from _moved_points(one, other)


def _moved(
    then: Sequence[str], now: Sequence[str], what: str = "sentence", pages: Sequence[int] = ()
) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, then, now, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            page = f"page {pages[min(a, len(pages) - 1)]}, " if pages else ""
            yield f"{page}{what}: {_shown(then[a:b])} → {_shown(now[c:d])}"


def _shown(sentences: Sequence[str]) -> str:
    return " ".join(sentences)[:_LONGEST] or "–"


def _moved_points(then: PdfContent, now: PdfContent) -> Iterator[str]:
    from PIL import Image

    if len(then.pictures) != len(now.pictures):
        yield f"{len(then.pictures)} pictures → {len(now.pictures)}"
        return
    for number, (one, other) in enumerate(zip(then.pictures, now.pictures, strict=True), 1):
        if one != other:
            before, after = (Image.frombytes(*picture) for picture in (one, other))
            box = f"mode {one[0]} → {other[0]}" if one[0] != other[0] else ""
            box = box or differing_box(before, after, edges=True)
            yield from [f"picture {number}: {box}"] if box else []


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
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
    return _sentences(reader.blocks)


def _docx_sentences(content: bytes) -> list[str]:
    """Return the sentences of the text, of headers, footers and notes, and the alternative texts."""
    found: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(archive.namelist(), key=lambda name: (name != "word/document.xml", name)):
            if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes)\.xml", name):
                tree = ET.fromstring(archive.read(name))  # noqa: S314 - a file that we wrote
                for part in tree.iter():
                    if part.tag == f"{_WORD}p":
                        found.append("".join(run.text or "" for run in part.iter(f"{_WORD}t")))
                    elif part.tag == f"{_DRAWING}docPr":
                        found.append(part.get("descr", ""))
    return _sentences(found)


def _sentences(blocks: Sequence[str]) -> list[str]:
    return [s for block in blocks for s in _SENTENCE.split(" ".join(block.split())) if s]
