"""The last hand on a Word package: no clock in it, and what pandoc does not write.

pandoc's package enters; one leaves with the document's title and mark in header and footer, rows that do
not break across pages, room after tables, and the same bytes for the same input.
"""

from __future__ import annotations

import io
import re
import zipfile
from html import escape

__all__ = ["finish_package"]

# A small empty paragraph: two tables that touch would be one, and a cell may not end in a table.
_GAP = '<w:p><w:pPr><w:pStyle w:val="SmallGap"/></w:pPr></w:p>'
_KEPT_GAP = _GAP.replace("</w:pPr>", "<w:keepNext/></w:pPr>")
_NOTE = r'\s*<w:p>\s*<w:pPr>\s*<w:pStyle w:val="TableNote"'
_TABLE = re.compile(
    rf'(<w:tbl><w:tblPr><w:tblStyle w:val="(?:Dense)?Table" ?/>.*?</w:tbl>)({_NOTE})?', re.DOTALL
)
_END = re.compile(rf"</w:tbl>({_NOTE})?")
_LONG = 15  # rows with the heading; a longer table may break across pages
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_CLOCK = re.compile(r"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_ROW = re.compile(r"<w:tr\b[^>]*>(?:<w:trPr>(.*?)</w:trPr>|<w:trPr\s*/>)?", re.DOTALL)


def finish_package(package: bytes, *, title: str, mark: str, page: str, of: str) -> bytes:
    """Return a Word package without clock, with header and footer filled.

    Parameters
    ----------
    package : bytes
        As pandoc writes it, from our reference document.
    title : str
        Stands in the header.
    mark : str
        Stands in the header of every page; empty for none.
    page, of : str
        The footer's words.

    Returns
    -------
    bytes
    """
    values = {"{{title}}": title, "{{mark}}": mark, "{{page}}": page, "{{of}}": of}
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = source.read(name)
            if name == "word/document.xml":
                data = _document(data.decode()).encode()
            elif re.fullmatch(r"word/(header|footer)\d+\.xml", name):
                text = data.decode()
                for key, value in values.items():
                    text = text.replace(key, escape(value))
                data = text.encode()
            elif name == "docProps/core.xml":
                data = _CLOCK.sub("", data.decode()).encode()
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            target.writestr(entry, data)
    return made.getvalue()


def _document(xml: str) -> str:
    def row(match: re.Match[str]) -> str:
        inner = match[1] or ""
        kept = inner if "<w:cantSplit" in inner else f"<w:cantSplit/>{inner}"
        return f"{match[0].split('<w:trPr')[0]}<w:trPr>{kept}</w:trPr>"

    xml = _TABLE.sub(_together, _ROW.sub(row, xml))
    return _END.sub(lambda end: f"</w:tbl>{_KEPT_GAP if end[1] else _GAP}{end[1] or ''}", xml)


def _together(match: re.Match[str]) -> str:
    """Keep the rows of a short data table on one page, and its notes with them."""
    rows = re.split(r"(?=<w:tr>)", match[1])
    if len(rows) > _LONG + 1:
        return match[0]
    last = len(rows) if match[2] else len(rows) - 1
    kept = [re.sub(r"(<w:pStyle [^>]*/>)", r"\1<w:keepNext/>", row) for row in rows[:last]]
    return "".join([*kept, *rows[last:], match[2] or ""])
