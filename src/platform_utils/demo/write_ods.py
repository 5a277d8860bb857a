"""Write a plain ``.ods``: the four parts that an OpenDocument sheet of texts and numbers needs.

Enters: grids. Leaves: bytes that depend on nothing else.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from platform_utils.demo.pages import Cell

__all__ = ["ods_bytes"]

_MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMES = " ".join(f'xmlns:{name}="{_OFFICE}{name}:1.0"' for name in ("office", "table", "text", "style"))
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<manifest:manifest xmlns:manifest="{_OFFICE}manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_MIMETYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def ods_bytes(
    sheets: Mapping[str, Sequence[Sequence[Cell]]], hidden: Mapping[str, Sequence[int]] | None = None
) -> bytes:
    """Return a workbook of texts and numbers.

    Parameters
    ----------
    sheets : mapping of str to rows
        Cells from A1 on; ``""`` is an empty cell.
    hidden : mapping of str to row numbers, optional
        Rows that are hidden, 1-based, per sheet.

    Returns
    -------
    bytes
    """
    tables = "".join(_table(name, rows, set((hidden or {}).get(name, ()))) for name, rows in sheets.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {_NAMES} office:version="1.3">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    styles = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-styles {_NAMES} office:version="1.3"/>'
    )
    parts = {
        "mimetype": _MIMETYPE,
        "META-INF/manifest.xml": _MANIFEST,
        "content.xml": content,
        "styles.xml": styles,
    }
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8"), kind)
    return memory.getvalue()


def _table(name: str, rows: Sequence[Sequence[Cell]], hidden: set[int]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        state = ' table:visibility="collapse"' if number in hidden else ""
        lines.append(f"<table:table-row{state}>" + "".join(map(_cell, row)) + "</table:table-row>")
    return f"<table:table table:name={quoteattr(name)}>" + "".join(lines) + "</table:table>"


def _cell(value: Cell) -> str:
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, str):
        text = f"<text:p>{escape(value)}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )
