"""Files made to exhaust whoever reads them, each with the code that must end it.

Written by hand, byte by byte, by nothing of the package: ``benchmarks/hostile_files.py`` reads them all, each in
a process of its own with a gigabyte; the tests read a dozen.
"""

import io
import struct
import zipfile
from pathlib import Path

HEAD = ("Personkod", "Roll", "Kön", "Antal personer")
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "style", "table", "text")
)


def inline(reference, text):
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADING_ROW = (
    '<row r="1">'
    + "".join(inline(f"{letter}1", text) for letter, text in zip("ABCD", HEAD, strict=True))
    + "</row>"
)


def zipped(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in [content] if isinstance(content, str | bytes) else content:
                    part.write(piece.encode() if isinstance(piece, str) else piece)
    return path


def xlsx(path, body, *, sheets=1, parts=None, before="", after="", same=False):
    """Write a workbook whose sheets hold ``body`` under the headings; ``body`` may come in pieces."""
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{RELATION}/worksheet" Target="worksheets/sheet{1 if same else n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    start = f"<worksheet {NS}>{before}<sheetData>{HEADING_ROW}"
    pieces = [body] if isinstance(body, str) else body
    made = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {NS} xmlns:r="{RELATION}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{targets}</Relationships>',
        "xl/worksheets/sheet1.xml": [start, *pieces, f"</sheetData>{after}</worksheet>"],
    }
    for n in range(2, 1 if same else sheets + 1):
        made[f"xl/worksheets/sheet{n}.xml"] = f"{start}</sheetData></worksheet>"
    return zipped(path, made | (parts or {}))


def ods(path, body, *, tables=1, before="", content=None):
    """Write an .ods whose tables hold ``body`` under the headings."""
    head = "<table:table-row>" + "".join(ods_text(text) for text in HEAD) + "</table:table-row>"
    pieces = [body] if isinstance(body, str) else body
    start = f"<office:document-content {ODF}>{before}<office:body><office:spreadsheet>"
    named = [f'<table:table table:name="S{n}">{head}' for n in range(tables)]
    whole = [start, named[0], *pieces, "</table:table>", *(f"{one}</table:table>" for one in named[1:]),
             "</office:spreadsheet></office:body></office:document-content>"]  # fmt: skip
    return zipped(
        path,
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content or whole},
    )


def ods_text(text, extra=""):
    return f'<table:table-cell office:value-type="string" {extra}><text:p>{text}</text:p></table:table-cell>'


def ods_row(cells, extra=""):
    return f"<table:table-row {extra}>{cells}</table:table-row>"


def xls(path, *, change):
    """Write an old workbook with xlwt, then change its stream of records."""
    import olefile
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Personer")
    for place, text in enumerate(HEAD):
        sheet.write(0, place, text)
        sheet.write(1, place, 1)
    for row in range(2, 400):  # so that the stream is long enough to be kept in sectors of its own
        sheet.write(row, 0, row)
    book.save(str(path))
    with olefile.OleFileIO(io.BytesIO(path.read_bytes()), write_mode=False) as container:
        stream = container.openstream("Workbook").read()
    changed = change(stream)
    data = path.read_bytes().replace(stream[:4096], changed[:4096], 1)
    for at in range(0, len(stream), 512):
        if stream[at : at + 512] != changed[at : at + 512]:
            data = data.replace(stream[at : at + 512], changed[at : at + 512], 1)
    path.write_bytes(data)
    return path


def record(stream, kind, offset, layout, value):
    """Return a stream in which a field of the first record of a kind is another."""
    at = 0
    while at + 4 <= len(stream):
        found, size = struct.unpack_from("<HH", stream, at)
        if found == kind:
            changed = bytearray(stream)
            struct.pack_into(layout, changed, at + 4 + offset, value)
            return bytes(changed)
        at += 4 + size
    raise LookupError(kind)


def locked(path, turns):
    from msoffcrypto.format.ooxml import OOXMLFile

    memory = io.BytesIO()
    xlsx(path, '<row r="2"/>')
    OOXMLFile(io.BytesIO(path.read_bytes())).encrypt("x", memory)
    path.write_bytes(memory.getvalue().replace(b'spinCount="100000"', f'spinCount="{turns}"'.encode()))
    return path


def text(path, *pieces):
    with Path(path).open("wb") as file:
        file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return path


def cells_at(positions):
    return "".join(f'<row r="{row}">{inline(f"{column}{row}", "x")}</row>' for column, row in positions)


LINE = ";".join(HEAD) + "\n"
MANY = 1 << 20
WIDE = ods_text("x", 'table:number-columns-repeated="16384"')

HOSTILE = {
    # cells, rows and columns
    "xlsx_far_cell": ("xlsx", lambda p: xlsx(p, cells_at([("XFD", 1048576)])), "E-122"),
    "xlsx_far_column": ("xlsx", lambda p: xlsx(p, cells_at([("A", 2), ("XFD", 9000)])), "E-122"),
    "xlsx_millions_of_cells": ("xlsx", lambda p: xlsx(p, ['<row r="2">', *["<c/>" * MANY] * 11, "</row>"]), "E-118"),
    "xlsx_millions_with_references": (
        "xlsx", lambda p: xlsx(p, ['<row r="2">', *['<c r="A2"/>' * MANY] * 4, "</row>"]), "E-118"),
    "xlsx_rows_without_numbers": (
        "xlsx", lambda p: xlsx(p, ["<row/>" * 900_000, "<row>", "<c/>" * 2000, "<c><v>1</v></c></row>"]), "E-122"),
    "xlsx_rows_of_one_cell": (
        "xlsx", lambda p: xlsx(p, (f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 400_000))), "E-126"),
    "xlsx_a_reference_of_the_moon": ("xlsx", lambda p: xlsx(p, '<row r="2"><c r="AAAAAAAA99999999"><v>1</v></c></row>'), "E-106"),
    "xlsx_prefixed_cells": (
        "xlsx", lambda p: xlsx(p, "", parts={"xl/worksheets/sheet1.xml": [
            f'<x:worksheet xmlns:x="{NS[7:-1]}"><x:sheetData><x:row>', *["<x:c/>" * MANY] * 3,
            "</x:row></x:sheetData></x:worksheet>"]}), "E-118"),
    "xlsx_merged_over_each_other": (
        "xlsx", lambda p: xlsx(p, "".join(f'<row r="{n}">{inline(f"A{n}", f"A-{n}")}{inline(f"Z{n}", "x")}</row>' for n in range(2, 3000)),
                               after="<mergeCells>" + '<mergeCell ref="A2:Z2900"/>' * 3000 + "</mergeCells>"), "E-118"),
    # sheets and parts
    "xlsx_two_thousand_sheets_of_one_part": ("xlsx", lambda p: xlsx(p, cells_at([("D", 2)]), sheets=2000, same=True), "E-120"),
    "xlsx_ninety_large_sheets_of_one_part": (
        "xlsx", lambda p: xlsx(p, (f'<row r="{n}"><c r="D{n}"><v>1</v></c></row>' for n in range(2, 200_000)), sheets=90, same=True), "E-118"),
    "xlsx_six_thousand_parts": ("xlsx", lambda p: xlsx(p, "", parts={f"xl/media/{n}.png": "" for n in range(6000)}), "E-120"),
    "xlsx_bomb_in_a_picture": ("xlsx", lambda p: xlsx(p, "", parts={"xl/media/a.png": (bytes(MANY) for _ in range(300))}), "E-107"),
    "xlsx_bomb_in_a_sheet": ("xlsx", lambda p: xlsx(p, (" " * MANY for _ in range(300))), "E-107"),
    "xlsx_many_strings": (
        "xlsx", lambda p: xlsx(p, "", parts={"xl/sharedStrings.xml": [f"<sst {NS}>", *["<si/>" * MANY] * 12, "</sst>"]}), "E-118"),
    "xlsx_many_styles": (
        "xlsx", lambda p: xlsx(p, "", parts={"xl/styles.xml": [f"<styleSheet {NS}><cellXfs>", *["<xf/>" * MANY] * 14, "</cellXfs></styleSheet>"]}), "E-118"),
    "xlsx_many_relations": (
        "xlsx", lambda p: xlsx(p, "", parts={"xl/_rels/workbook.xml.rels": ["<Relationships>", "<Relationship " * MANY]}), "E-106"),
    # nesting and tags
    "xlsx_nested_deep": ("xlsx", lambda p: xlsx(p, "<f>" + "<a>" * 100_000), "E-119"),
    "xlsx_unclosed_tags": ("xlsx", lambda p: xlsx(p, "<row " * 2_000_000), "E-106"),
    "xlsx_unclosed_formulas": ("xlsx", lambda p: xlsx(p, '<row r="2"><c r="A2"><f>|' + "<f " * 2_000_000), "E-106"),
    "xlsx_bars_in_one_text": (
        "xlsx", lambda p: xlsx(p, f'<row r="2">{inline("A2", "|" * 8_000_000)}<c r="B2"><f>1</f></c></row>'), "E-115"),
    "xlsx_entities": ("xlsx", lambda p: xlsx(p, "", parts={"xl/worksheets/sheet1.xml": '<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'}), "E-108"),
    "xlsx_formula_that_starts_a_program": ("xlsx", lambda p: xlsx(p, "<row><c><f>cmd&#124;'/c calc'!A0</f></c></row>"), "E-110"),
    "xlsx_password_stirred_for_hours": ("xlsx", lambda p: locked(p, 100_000_000), "E-113"),
    # ods
    "ods_repeated_rows_and_columns": ("ods", lambda p: ods(p, ods_row(WIDE, 'table:number-rows-repeated="1048576"')), "E-122"),
    "ods_repeated_columns": ("ods", lambda p: ods(p, ods_row(ods_text("x", 'table:number-columns-repeated="999999999"'))), "E-122"),
    "ods_many_wide_rows": ("ods", lambda p: ods(p, ods_row(WIDE) * 2000), "E-122"),
    "ods_far_row": (
        "ods", lambda p: ods(p, ods_row("<table:table-cell/>", 'table:number-rows-repeated="999999999"') + ods_row(ods_text("x"))), "E-122"),
    "ods_nested_deep": ("ods", lambda p: ods(p, ods_row("<table:table-cell><text:p>" + "<text:span>" * 200_000)), "E-119"),
    "ods_nested_tables": ("ods", lambda p: ods(p, ods_row("<table:table-cell><table:table><table:table-row>" * 100_000)), "E-119"),
    "ods_many_cells": ("ods", lambda p: ods(p, [*["<table:table-row><table:table-cell/></table:table-row>" * MANY] * 5]), "E-118"),
    "ods_thousand_tables": ("ods", lambda p: ods(p, "", tables=1000), "E-120"),
    "ods_spaces_of_spaces": (
        "ods", lambda p: ods(p, ods_row("<table:table-cell><text:p>" + '<text:s text:c="999999"/>' * 300_000 + "</text:p></table:table-cell>")), "E-115"),
    "ods_cut_off": ("ods", lambda p: ods(p, "", content="<office:document-content"), "E-106"),
    # xls
    "xls_claims_a_billion_strings": ("xls", lambda p: xls(p, change=lambda s: record(s, 0xFC, 4, "<I", 0x7FFFFFFF)), "E-118"),
    "xls_claims_four_billion_rows": ("xls", lambda p: xls(p, change=lambda s: record(s, 0x200, 4, "<I", 0xFFFFFFFF)), "E-122"),
    # text
    "csv_one_line_of_two_million": ("csv", lambda p: text(p, LINE, ";" * 2_000_000), "E-118"),
    "csv_blank_lines": ("csv", lambda p: text(p, LINE, "\n" * 2_000_000), "E-126"),
    "csv_one_long_line_among_short": ("csv", lambda p: text(p, LINE, "x\n" * 200_000, ";" * 1_500_000, "\n"), "E-118"),
    "csv_wide_headings": ("csv", lambda p: text(p, LINE[:-1], ";x" * 60_000, "\n1;2\n"), "E-116"),
    "csv_open_quotes": ("csv", lambda p: text(p, LINE, '"' + "x" * 30_000_000), "E-123"),
    "csv_nothing_but_bytes": ("csv", lambda p: text(p, LINE, b"\xff\x00" * 5_000_000), "E-114"),
}  # fmt: skip
