"""Open the zip archive that an .xlsx, .xlsm or .ods is, before any reader does, and refuse what is unsafe.

Enters: bytes. Leaves: the inflated parts that reading needs. Rule: inflation is counted as it happens and
stopped at `LIMIT`; document types, links to other workbooks and formulas that start programs are refused.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from html import unescape
from types import MappingProxyType

from platform_utils.errors import FileError
from platform_utils.returns.budget import MOST_BYTES, MOST_CELLS

LIMIT = MOST_BYTES
"""Bytes that the parts of one workbook may inflate to, all together."""

DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError,
)  # fmt: skip
"""What the library raises for a damaged archive."""
_PARTS = 5_000
_CHUNK = 1 << 20
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|mimetype|content\.xml|META-INF/manifest\.xml|(?:.*/)?_rels/.*\.rels"
    r"|(?:.*/)?(?:workbook[^/]*\.xml|workbook\.bin)"
    r"|(?:.*/)?worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_LINKED = re.compile(r"(?:.*/)?(?:externalLinks?/.+|connections\.xml|queryTables/.+)", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>([^<]*)|\bformula=(?:\"([^\"<]*)\"|'([^'<]*)')")
_QUOTED = re.compile(r"\"[^\"]*\"")
_PROGRAM = re.compile(r"\w\||\bDDE\s*\(|WEBSERVICE\s*\(", re.IGNORECASE)
_LINK = re.compile(rb"<(?:\w+:)?(?:ddeLink|dde-link|dde-source)\b")
_SIGNS = (b"|", b"DDE", b"WEBSERVICE", b"&#")
_MOST_TAGS = 6 * MOST_CELLS
"""Tags of all parts: a cell has some four."""
_READ = re.compile(
    r"\[Content_Types\]\.xml|mimetype|content\.xml|styles\.xml|META-INF/.*|.*\.rels|.*/$"
    r"|xl/(?:workbook[^/]*|styles|sharedStrings|calcChain|metadata)\.xml|xl/(?:worksheets/[^/]+\.xml|theme/.+)",
    re.IGNORECASE,
)
_LEFT_OUT = {
    "printer settings": r"printerSettings", "properties": r"docProps/|meta\.xml",
    "comments": r"comment|person", "drawings": r"drawing|chart|diagram",
    "pictures": r"media/|Pictures/|Thumbnails/",
    "embedded files": r"embeddings?/|Object|activeX|ctrlProps|\.bin$",
    "settings": r"settings|Configurations2|manifest\.rdf", "macros": r"vba|macro|Basic/|Scripts/",
    "tracked changes": r"revision", "tables": r"tables?/", "pivot tables": r"pivot|slicer|timeline",
    "custom data": r"customXml|customUI",
}  # fmt: skip
"""Kinds of parts that nothing reads, by what their names say; a name itself is never repeated."""


def open_archive(data: bytes, file: str) -> Mapping[str, bytes]:
    """Return the parts of a workbook that reading needs, inflated and looked at.

    Parts that reading does not need are inflated, counted and not kept.

    Raises
    ------
    FileError
        E-106 damaged or cut off, E-107, E-118, E-120 larger than any return, E-108 holds a document type,
        E-109 links to other files, E-110 holds a formula that starts a program.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _PARTS:
                raise FileError("E-120", file=file, count=len(members), most=_PARTS)
            kept: dict[str, bytes] = {}
            total = tags = 0
            for member in members:
                content, total, tags = _inflate(archive, member, total, tags, file)
                if content is not None:
                    kept[member.filename] = content
    except DAMAGED as error:
        raise FileError("E-106", file=file) from error
    if any(_LINKED.fullmatch(name) for name in archive.namelist()):
        raise FileError("E-109", file=file)
    if any(_starts_a_program(content) for content in kept.values()):
        raise FileError("E-110", file=file, sheet="-", row="-", column="-")
    return MappingProxyType(kept)


def parts_left_out(data: bytes) -> tuple[str, ...]:
    """Return the kinds of parts of a workbook that nothing reads, so that none of them is kept."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unread = [name for name in archive.namelist() if not _READ.fullmatch(name)]
    kinds = {
        next(
            (kind for kind, sign in _LEFT_OUT.items() if re.search(sign, name, re.IGNORECASE)), "other parts"
        )
        for name in unread
    }
    return tuple(sorted(kinds))


def _starts_a_program(content: bytes) -> bool:
    """Look for single signs first, then into each formula: hardly any workbook has them."""
    end = content.rfind(b"</sheetData")
    content = content if end < 0 else content[content.find(b"<sheetData") : end]
    if not (holds(content, b"<f") or holds(content, b":f") or holds(content, b"dde")):
        return False
    capitals = content.upper()
    for sign in _SIGNS:
        done, at = 0, capitals.find(sign) if holds(capitals, sign) else -1
        while at >= 0:  # from one tag to the next, so that no part is looked at twice
            start, end = max(content.rfind(b"<", done, at), done), content.find(b"<", at)
            end = end if end >= 0 else len(content)
            if _LINK.match(content, start) or any(map(_is_program, _FORMULA.findall(content, start, end))):
                return True
            done, at = end, capitals.find(sign, end)
    return False


def _is_program(formula: tuple[bytes, ...]) -> bool:
    text = unescape(b"".join(formula).decode("utf-8", "replace"))
    return _PROGRAM.search(_QUOTED.sub("", text)) is not None


def _inflate(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: int, tags: int, file: str
) -> tuple[bytes | None, int, int]:
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    is_strings = member.filename.lower().endswith("sharedstrings.xml")
    keep = _KEPT.fullmatch(member.filename) is not None
    chunks: list[bytes] = []
    tail, strings = b"", 0
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > LIMIT:
                raise FileError("E-107", file=file, limit=LIMIT >> 20)
            tags += chunk.count(b"<") if is_xml else 0
            strings += chunk.count(b"<si") if is_strings else 0
            if tags > _MOST_TAGS or strings > MOST_CELLS:
                raise FileError("E-118", file=file, most=MOST_CELLS)
            if is_xml and holds(tail + chunk, b"<!") and _DOCTYPE.search(tail + chunk):
                raise FileError("E-108", file=file)
            if is_xml and b"\x00" in chunk[:100]:  # a wide encoding would hide what is looked for
                raise FileError("E-106", file=file)
            tail = chunk[-16:]
            if keep:
                chunks.append(chunk)
    return (b"".join(chunks) if keep else None), total, tags


def holds(content: bytes, sign: bytes, start: int = 0, end: int | None = None) -> bool:
    """Say whether a sign stands in a part of ``content``.

    Most parts hold none of what is looked for: a text is not there if one of its letters is not, and one
    letter is looked for thirty times faster than a text.

    Examples
    --------
    >>> holds(b"<row><c/></row>", b"<f"), holds(b"<c><f>1+1</f></c>", b"<f")
    (False, True)
    """
    letters = (sign[position : position + 1] for position in range(len(sign)))
    return all(content.find(letter, start, end) >= 0 for letter in letters) and (
        content.find(sign, start, end) >= 0
    )
