"""What neither pandoc, Typst nor Quarto writes into a page, a PDF or a Word file; the same for both engines.

A rendered file's content enters; the same content leaves with what readers who listen need, a header and
footer that are filled, a contents list that is filled, and no clock.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

_HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)
_CELL = re.compile(r"<th(?=[ >])")
_ROW_HEAD = re.compile(r"(<tr[^>]*>\s*)<th(?= |>)(?! scope)")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_CLOCK = re.compile(r"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
# A small empty paragraph: two tables that touch would be one, and a cell may not end in a table.
_GAP = '<w:p><w:pPr><w:pStyle w:val="SmallGap"/></w:pPr></w:p>'
_KEPT_GAP = _GAP.replace("</w:pPr>", "<w:keepNext/></w:pPr>")
_NOTE = r'\s*<w:p>\s*<w:pPr>\s*<w:pStyle w:val="TableNote"'
_TABLE = re.compile(
    rf'(<w:tbl><w:tblPr><w:tblStyle w:val="(?:Dense)?Table" ?/>.*?</w:tbl>)({_NOTE})?', re.DOTALL
)
_END = re.compile(rf"</w:tbl>({_NOTE})?")
_LONG = 15  # rows with the heading; a longer table may break across pages
_ROW = re.compile(r"<w:tr\b[^>]*>(?:<w:trPr>(.*?)</w:trPr>|<w:trPr\s*/>)?", re.DOTALL)
_PROPERTY = re.compile(r'<property [^>]*name="([^"]*)"[^>]*><vt:lpwstr>([^<]*)</vt:lpwstr></property>')
_SAID = ("document-name", "running-mark")
_HEADING = re.compile(
    r'<w:bookmarkStart [^>]*w:name="([^"]+)" ?/>\s*<w:p>\s*<w:pPr>\s*<w:pStyle w:val="Heading(\d)" ?/>'
    r"(.*?)</w:p>",
    re.DOTALL,
)
_SOURCE = re.compile(r'(<pic:cNvPr descr=)"[^"]*"')  # a path of this desk, or the whole picture again
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")
_CONTENTS = re.compile(
    r'<w:p>\s*<w:r>\s*<w:fldChar w:fldCharType="begin" w:dirty="true" ?/>\s*'
    r"(<w:instrText[^>]*>[^<]*1-(\d)[^<]*</w:instrText>).*?</w:p>(?=\s*</w:sdtContent>)",
    re.DOTALL,
)


_OBJECTS = re.compile(rb"xref\n0 (\d+)\n")
_ENTRY = 20  # bytes of an object's line in the table at a PDF's end
_ELEMENT = re.compile(rb"\d+ 0 obj\n<</Type/StructElem/S/(\w+)/P (\d+) 0 R(?:.*?)/K\[(.*?)\]", re.DOTALL)


def finish_page(page: str, back: str) -> str:
    """Return a web page whose heading cells say what they head.

    Parameters
    ----------
    back : str
        What a footnote's link back to the text is called.
    """
    page = _HEAD.sub(lambda head: _CELL.sub('<th scope="col"', head[0]), page)
    page = _ROW_HEAD.sub(r'\1<th scope="row"', page)
    return page.replace('role="doc-backlink"', f'role="doc-backlink" aria-label="{back}"')


def finish_pdf(pdf: bytes) -> bytes:
    """Return a PDF in which the first cell of each row of a table heads the row.

    Typst tags heading rows but no heading columns. Its PDF is one plain object after another, with a table of
    where each begins, which is written anew; anything else comes back as it is.
    """
    start = int(pdf[pdf.rindex(b"startxref") + len(b"startxref") :].split()[0])
    found = _OBJECTS.match(pdf, start)
    if found is None:
        return pdf
    entries = [pdf[found.end() + _ENTRY * i :][:_ENTRY] for i in range(int(found[1]))]
    places = sorted((int(entry[:10]), number) for number, entry in enumerate(entries) if entry[17:18] == b"n")
    ends = [place for place, _ in places[1:]] + [start]
    objects = {number: pdf[place:end] for (place, number), end in zip(places, ends, strict=True)}
    elements = {number: kind for number, data in objects.items() if (kind := _ELEMENT.match(data))}
    made = bytearray(pdf[: places[0][0]])
    heads = _row_heads(elements)
    for _, number in places:
        entries[number] = b"%010d" % len(made) + entries[number][10:]
        data = objects[number]
        made += _as_head(data) if number in heads else data
    last = pdf[found.end() + _ENTRY * len(entries) :].replace(b"\n%d\n" % start, b"\n%d\n" % len(made))
    return bytes(made) + found[0] + b"".join(entries) + last


def _row_heads(elements: Mapping[int, re.Match[bytes]]) -> set[int]:
    """Return the first cell of each row with several cells, in the body of a table that has a head."""
    heads = set()
    headed = {element[2] for element in elements.values() if element[1] == b"THead"}
    for element in elements.values():
        body = elements.get(int(element[2]))
        cells = element[3].split(b" 0 R")
        if element[1] == b"TR" and body and body[1] == b"TBody" and body[2] in headed and len(cells) > 2:
            heads.add(int(cells[0]))
    return {number for number in heads if elements[number][1] == b"TD"}


def _as_head(cell: bytes) -> bytes:
    cell = cell.replace(b"/S/TD/", b"/S/TH/", 1)
    if b"<</O/Table" in cell:
        return cell.replace(b"<</O/Table", b"<</O/Table/Scope/Row", 1)
    return cell.replace(b"/K[", b"/A[<</O/Table/Scope/Row>>]/K[", 1)


def finish_package(package: bytes, words: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return a Word package without clock, with header, footer and contents list filled.

    Parameters
    ----------
    package : bytes
        As pandoc writes it from our reference document: title, language and mark stand in its properties.
    words : mapping
        The house style's words by language: ``page`` and ``of`` for the footer.
    """
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    core = parts["docProps/core.xml"].decode()
    said = dict(_PROPERTY.findall(parts.get("docProps/custom.xml", b"").decode()))
    lang = (re.search(r"<dc:language>(\w\w)", core) or ["", "en"])[1]
    title = re.search(r"<dc:title>([^<]*)", core)
    values = {
        "title": title[1] if title else "",
        "mark": said.get("running-mark", ""),
        **words.get(lang, words["en"]),
    }
    changes = {
        r"word/document\.xml": _document,
        r"word/(?:header|footer)\d+\.xml": lambda text: _filled(text, values),
        r"docProps/core\.xml": lambda text: _CLOCK.sub("", text),
        # Every other property is a leaf of the front matter that nobody asked to send along.
        r"docProps/custom\.xml": lambda text: _PROPERTY.sub(
            lambda one: one[0] if one[1] in _SAID else "", text
        ),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            change = next(
                (change for pattern, change in changes.items() if re.fullmatch(pattern, name)), None
            )
            data = parts[name] if change is None else change(parts[name].decode()).encode()
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            target.writestr(entry, data)
    return made.getvalue()


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Put what a header or footer says in the place of its names; the values are XML already."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)


def _document(xml: str) -> str:
    def row(match: re.Match[str]) -> str:
        inner = match[1] or ""
        kept = inner if "<w:cantSplit" in inner else f"<w:cantSplit/>{inner}"
        return f"{match[0].split('<w:trPr')[0]}<w:trPr>{kept}</w:trPr>"

    xml = _SOURCE.sub(r'\1""', xml)
    xml = _CONTENTS.sub(lambda field: _contents(xml, field[1], int(field[2])), xml)
    xml = _TABLE.sub(_together, _ROW.sub(row, xml))
    return _END.sub(lambda end: f"</w:tbl>{_KEPT_GAP if end[1] else _GAP}{end[1] or ''}", xml)


def _contents(xml: str, instruction: str, depth: int) -> str:
    """Fill a contents list from the headings; Word can still bring it up to date with page numbers."""

    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    start = f"{mark('begin')}<w:r>{instruction}</w:r>{mark('separate')}"
    lines: list[str] = []
    for name, level, inner in _HEADING.findall(xml):
        if int(level) <= depth:
            text = "".join(_TEXT.findall(inner))
            lines.append(
                f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{"" if lines else start}'
                f'<w:hyperlink w:anchor="{name}" w:history="1">'
                f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:hyperlink></w:p>'
            )
    end = f'<w:p><w:pPr><w:pStyle w:val="SmallGap"/></w:pPr>{"" if lines else start}{mark("end")}</w:p>'
    return "".join([*lines, end])


def _together(match: re.Match[str]) -> str:
    """Keep the rows of a short data table on one page, and its notes with them."""
    rows = re.split(r"(?=<w:tr>)", match[1])
    if len(rows) > _LONG + 1:
        return match[0]
    last = len(rows) if match[2] else len(rows) - 1
    kept = [re.sub(r"(<w:pStyle [^>]*/>)", r"\1<w:keepNext/>", row) for row in rows[:last]]
    return "".join([*kept, *rows[last:], match[2] or ""])
