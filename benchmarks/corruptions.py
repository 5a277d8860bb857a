"""Ways in which a return comes to harm: each makes a file and names the code that must meet it.

Person rows hold `MARK`, which no message may repeat. The same random numbers give the same file, but for
the salts of passwords.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

YEAR = 2023
MARK = "Zqx"
"""Stands in every cell that no message may repeat."""
HEADINGS = ["Personkod", "Roll", "Kön", "Åldersgrupp", "Ursprung", "Polisanmälan", "Antal personer"]
NUMBER = "19811228-9874"  # the well-known example of a personal number; it belongs to nobody
PHONE = "070-174 06 05"  # reserved for fiction


@dataclass(frozen=True)
class Case:
    """One corrupted file: its name, its bytes, the code it must meet (empty: none), and the rows in it."""

    kind: str
    name: str
    data: bytes
    code: str
    rows: int | None = None
    password: str | None = None


# ------------------------------------------------------------------ good returns


def good_rows(rng: random.Random) -> list[list[str | int]]:
    return [
        [
            f"{MARK}-{number}",
            rng.choice(["direkt utsatt", "syskon till utsatt"]),
            rng.choice(["kvinna", "man", "okänt"]),
            rng.choice(["18–26 år", "27–35 år", "okänt"]),
            rng.choice(["tredjeland", "övriga EU"]),
            rng.choice(["ja", "nej", "okänt"]),
            1,
        ]
        for number in range(rng.randint(2, 30))
    ]


def xlsx(
    rows: list[list], headings: list[str] = HEADINGS, change: Callable | None = None, **options: bool
) -> bytes:
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True, **options}) as workbook:
        sheet = workbook.add_worksheet("Personer")
        for number, row in enumerate([headings, *rows]):
            sheet.write_row(number, 0, row)
        if change:
            change(workbook, sheet)
    return memory.getvalue()


def xls(rows: list[list]) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Personer")
    for number, row in enumerate([HEADINGS, *rows]):
        for position, value in enumerate(row):
            sheet.write(number, position, value)
    memory = io.BytesIO()
    workbook.save(memory)
    return memory.getvalue()


def csv_text(rows: list[list], headings: list[str] = HEADINGS) -> str:
    return "\n".join(";".join(map(str, row)) for row in [headings, *rows]) + "\n"


def rezip(
    data: bytes, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None
) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return memory.getvalue()


@cache
def ods_of(text: str) -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
            for c in line.split(";")
        )
        + "</table:table-row>"
        for line in text.splitlines()
    )
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}>'
        f'<office:body><office:spreadsheet><table:table table:name="Personer">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
    return memory.getvalue()


@cache
def locked(number: int) -> bytes:
    """A return with a password; making one takes a while, so that a few serve all cases."""
    memory = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx(good_rows(random.Random(number))))).encrypt("rätt", memory)
    return memory.getvalue()


@cache
def bomb() -> bytes:
    """A sheet that unpacks to 300 MB; 290 kB packed."""
    return rezip(xlsx([]), lambda _, content: content, {"xl/worksheets/sheet9.xml": b" " * 300_000_000})


# ------------------------------------------------------------------ corruptions

SHEET = "xl/worksheets/sheet1.xml"


def _cut(rng: random.Random) -> Case:
    rows = good_rows(rng)
    name, data = rng.choice([("a.xlsx", xlsx(rows)), ("a.ods", ods_of(csv_text(rows))), ("a.xls", xls(rows))])
    return Case("truncated", name, data[: int(len(data) * rng.uniform(0.1, 0.9))], "E-106")


def _flipped(rng: random.Random) -> Case:
    data = bytearray(xlsx(good_rows(rng)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        part = archive.getinfo(SHEET)
    start = part.header_offset + 30 + len(SHEET) + 20
    for _ in range(20):
        data[rng.randrange(start, start + part.compress_size - 40)] ^= 1 << rng.randrange(8)
    return Case("flipped bits", "a.xlsx", bytes(data), "E-106")


def _other_kind(rng: random.Random) -> Case:
    word = io.BytesIO()
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    data = rng.choice(
        [
            b"%PDF-1.7\n" + MARK.encode() * 99,
            b"\x89PNG\r\n\x1a\n" + rng.randbytes(900),
            word.getvalue(),
            b"<html><table><tr><td>" + MARK.encode() + b"</td></tr></table></html>",
            b"SQLite format 3\x00" + rng.randbytes(500),
        ]
    )
    return Case("wrong type", rng.choice(["a.xlsx", "a.xls", "a.ods", "a.csv"]), data, "E-105")


def _bomb(rng: random.Random) -> Case:
    return Case("zip bomb", rng.choice(["a.xlsx", "a.xlsm"]), bomb(), "E-107")


def _many_parts(rng: random.Random) -> Case:
    extra = {f"xl/x{number}.xml": b"" for number in range(5001 + rng.randrange(500))}
    return Case(
        "many parts", "a.xlsx", rezip(xlsx(good_rows(rng)), lambda _, content: content, extra), "E-120"
    )


def _entities(rng: random.Random) -> Case:
    bad = b'<!DOCTYPE x [<!ENTITY a "' + MARK.encode() + b'"><!ENTITY b "&a;&a;&a;&a;">]>'
    part = rng.choice(["xl/sharedStrings.xml", SHEET, "xl/workbook.xml", "xl/styles.xml"])
    change = lambda name, content: content.replace(b"?>", b"?>" + bad, 1) if name == part else content  # noqa: E731
    return Case("entities", "a.xlsx", rezip(xlsx(good_rows(rng)), change), "E-108")


def _external(rng: random.Random) -> Case:
    extra = {rng.choice(["xl/externalLinks/externalLink1.xml", "xl/connections.xml"]): b"<externalLink/>"}
    return Case(
        "external link", "a.xlsx", rezip(xlsx(good_rows(rng)), lambda _, content: content, extra), "E-109"
    )


def _command(rng: random.Random) -> Case:
    rows = good_rows(rng)
    text = rng.choice(
        ["=cmd|'/c calc'!A0", "=CMD|'/C notepad'!A1", "=MSEXCEL|'\\..\\x'!A", "+cmd|'/c calc'!A0"]
    )
    if rng.random() < 0.5:
        rows[0][1] = text
        return Case("command formula", "a.csv", csv_text(rows).encode(), "E-110")
    change = lambda _, sheet: sheet.write_formula(1, 1, text.replace("+", "="), None, MARK)  # noqa: E731
    return Case("command formula", "a.xlsx", xlsx(rows, change=change), "E-110")


def _wrong_password(rng: random.Random) -> Case:
    password = rng.choice([MARK, "fel", "Rätt"])
    return Case("wrong password", "a.xlsx", locked(rng.randrange(3)), "E-112", password=password)


def _no_password(rng: random.Random) -> Case:
    return Case("no password", "a.xlsx", locked(rng.randrange(3)), "E-111")


def _right_password(rng: random.Random) -> Case:
    return Case("right password", "a.xlsx", locked(rng.randrange(3)), "", password="rätt")


def _wide(rng: random.Random) -> Case:
    headings = HEADINGS + [f"X{number}" for number in range(300 - len(HEADINGS))]
    rows = [[*row, *[MARK] * (300 - len(row))] for row in good_rows(rng)]
    if rng.random() < 0.5:
        return Case("300 columns", "a.csv", csv_text(rows, headings).encode(), "E-116")
    return Case("300 columns", "a.xlsx", xlsx(rows, headings), "E-116")


def _huge_cell(rng: random.Random) -> Case:
    rows = good_rows(rng)
    rows[rng.randrange(len(rows))][rng.randrange(1, 6)] = MARK * 350_000
    return Case("1 MB in one cell", "a.csv", csv_text(rows).encode(), "E-156", len(rows))


def _no_rows(rng: random.Random) -> Case:
    blank = csv_text([[""] * 7] * 3).encode()
    files = [("a.xlsx", xlsx([])), ("a.csv", csv_text([]).encode()), ("a.xls", xls([])), ("a.csv", blank)]
    return Case("no rows", *rng.choice(files), "E-115")


def _two_headers(rng: random.Random) -> Case:
    rows = good_rows(rng)
    at = rng.randrange(len(rows))
    return Case("heading again", "a.xlsx", xlsx([*rows[:at], HEADINGS, *rows[at:]]), "", len(rows) + 1)


def _other_header(rng: random.Random) -> Case:
    rows = good_rows(rng)
    other = ["Personkod", "Kön", "Roll", *HEADINGS[3:]]
    at = rng.randrange(len(rows))
    return Case(
        "two headings", "a.csv", csv_text([*rows[:at], other, *rows[at:]]).encode(), "E-152", len(rows) + 1
    )


def _mixed(rng: random.Random) -> Case:
    rows = [
        [f"{MARK}-{n}", "släkting eller partner", "kvinna", "okänt", "övriga EU", "nej", 1] for n in range(9)
    ]
    lines = csv_text(rows).splitlines(keepends=True)
    first, second = rng.sample(["utf-8", "cp1252", "mac_roman"], 2)
    at = rng.randrange(1, len(lines) - 1)
    data = "".join(lines[:at]).encode(first) + "".join(lines[at:]).encode(second)
    return Case("mixed encodings", "a.csv", data, "E-117")


def _encoding(rng: random.Random) -> Case:
    rows = good_rows(rng)
    encoding = rng.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
    return Case("encoding", rng.choice(["a.csv", "a.tsv"]), csv_text(rows).encode(encoding), "", len(rows))


def _control(rng: random.Random) -> Case:
    rows = good_rows(rng)
    rows[rng.randrange(len(rows))][2] = f"{MARK}{chr(rng.choice([1, 2, 7, 8, 27, 127, 0x9D]))}"
    data = rng.choice([("a.xlsx", xlsx(rows)), ("a.csv", csv_text(rows).encode())])
    return Case("control characters", *data, "E-155", len(rows))


def _zeros(rng: random.Random) -> Case:
    data = csv_text(good_rows(rng)).encode()
    at = rng.randrange(5000, 6000)
    data = data * 200
    return Case("NUL bytes", "a.csv", data[:at] + b"\0" + data[at:], "E-105")


def _empty(rng: random.Random) -> Case:
    return Case(
        "empty",
        rng.choice(["a.xlsx", "a.csv", "a.ods"]),
        rng.choice([b"", b"\n", b"\xef\xbb\xbf", b"\0" * 600]),
        "E-104",
    )


def _no_headings(rng: random.Random) -> Case:
    rows = good_rows(rng)
    return Case("no headings", "a.xlsx", xlsx(rows[1:], [f"{MARK}{n}" for n in range(7)]), "E-114")


def _lacks_required(rng: random.Random) -> Case:
    rows = [row[1:] for row in good_rows(rng)]
    return Case("required column missing", "a.xlsx", xlsx(rows, HEADINGS[1:]), "E-202", len(rows))


def _twice(rng: random.Random) -> Case:
    rows = [[*row, "kvinna"] for row in good_rows(rng)]
    return Case("heading twice", "a.xlsx", xlsx(rows, [*HEADINGS, "Kön"]), "E-151", len(rows))


def _unknown(rng: random.Random) -> Case:
    rows = [[*row, MARK] for row in good_rows(rng)]
    return Case(
        "unknown heading", "a.csv", csv_text(rows, [*HEADINGS, "Anteckning"]).encode(), "W-150", len(rows)
    )


def _uncalculated(rng: random.Random) -> Case:
    rows = good_rows(rng)
    at = rng.randrange(1, len(rows) + 1)
    result = rng.choice([0, ""])
    change = lambda _, sheet: sheet.write_formula(at, 6, "=1+1", None, result)  # noqa: E731
    return Case("formula without result", "a.xlsx", xlsx(rows, change=change), "E-153", len(rows))


def _calculated(rng: random.Random) -> Case:
    rows = good_rows(rng)
    change = lambda _, sheet: sheet.write_formula(1, 6, "=1+1", None, 2)  # noqa: E731
    return Case("formula with result", "a.xlsx", xlsx(rows, change=change), "W-153", len(rows))


def _error(rng: random.Random) -> Case:
    rows = good_rows(rng)
    shown = rng.choice(["#REF!", "#DIV/0!", "#N/A", "#VALUE!"])
    change = lambda _, sheet: sheet.write_formula(1, 6, "=A0", None, shown)  # noqa: E731
    return Case("error value", "a.xlsx", xlsx(rows, change=change), "E-154", len(rows))


def _merged(rng: random.Random) -> Case:
    rows = good_rows(rng)
    change = lambda _, sheet: sheet.merge_range(1, 1, 2, 1, "direkt utsatt")  # noqa: E731
    return Case("merged cells", "a.xlsx", xlsx(rows, change=change), "E-157", len(rows))


def _shifted(rng: random.Random) -> Case:
    rows = good_rows(rng)
    rows[-1] = ["", *rows[-1]]
    return Case("row shifted", "a.csv", csv_text(rows).encode(), "E-158", len(rows))


def _names(rng: random.Random) -> Case:
    heading = rng.choice(["Namn", "Förnamn", "Efternamn", "Name", "First name", "Adress", "Telefon"])
    rows = [[*row, MARK] for row in good_rows(rng)]
    return Case("name column", "a.xlsx", xlsx(rows, [*HEADINGS, heading]), "W-150", len(rows))


def _identity(rng: random.Random) -> Case:
    rows = good_rows(rng)
    numbers = (NUMBER, NUMBER.replace("-", ""), NUMBER[2:], NUMBER.replace("-", "."))
    text = rng.choice([*numbers, PHONE, "+46701740605", f"{MARK}@example.org", f"{MARK} {MARK}"])
    rows[rng.randrange(len(rows))][rng.randrange(6)] = text
    data = rng.choice(
        [("a.xlsx", xlsx(rows)), ("a.csv", csv_text(rows).encode()), ("a.ods", ods_of(csv_text(rows)))]
    )
    return Case("personal data", *data, "E-159", len(rows))


def _far_cell(rng: random.Random) -> Case:
    change = lambda _, sheet: sheet.write(1_048_575, rng.randrange(9000, 16_384), MARK)  # noqa: E731
    return Case("far cell", "a.xlsx", xlsx(good_rows(rng), change=change), "E-122")


def _quotes(rng: random.Random) -> Case:
    rows = good_rows(rng)
    rows[rng.randrange(len(rows))][2] = '"' + MARK
    return Case("open quotation mark", "a.csv", csv_text(rows).encode(), "E-123")


def _other_year(rng: random.Random) -> Case:
    def change(workbook: xlsxwriter.Workbook, _: object) -> None:
        cover = workbook.add_worksheet("Omslag")
        for number, pair in enumerate([("Medlems-id", "M01"), ("År", YEAR - rng.randint(1, 4))]):
            cover.write_row(number, 0, pair)

    return Case("other year", "a.xlsx", xlsx(good_rows(rng), change=change), "E-133")


def _bad_xml(rng: random.Random) -> Case:
    bad = rng.choice([b"</row></row>", b'<row r="2', b"\x00\x01", b"&nothing;"])
    change = lambda name, content: content.replace(b'<row r="2"', bad, 1) if name == SHEET else content  # noqa: E731
    return Case("bad XML", "a.xlsx", rezip(xlsx(good_rows(rng)), change), "E-106")


def _lost_part(rng: random.Random) -> Case:
    part = rng.choice([SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
    change = lambda name, content: None if name == part else content  # noqa: E731
    return Case("part missing", "a.xlsx", rezip(xlsx(good_rows(rng)), change), "E-106")


def _hidden(rng: random.Random) -> Case:
    rows = good_rows(rng)
    change = lambda _, sheet: sheet.set_row(rng.randint(1, len(rows)), None, None, {"hidden": True})  # noqa: E731
    return Case("hidden row", "a.xlsx", xlsx(rows, change=change), "W-154", len(rows))


def _aside(rng: random.Random) -> Case:
    rows = good_rows(rng)
    more = [[""] * 7, ["Summa", "", "", "", "", "", len(rows)], ["Exempel 1", *rows[0][1:]]]
    titles: list[list] = [[f"Statistik {MARK}"], []]
    data = csv_text([*titles, HEADINGS, *rows, *more], []).encode()
    return Case("titles, blanks, totals", "a.csv", data, "", len(rows) + 6)


KINDS: dict[str, Callable[[random.Random], Case]] = {
    maker.__name__.strip("_"): maker
    for maker in (
        _cut, _flipped, _other_kind, _bomb, _many_parts, _entities, _external, _command,
        _wrong_password, _no_password, _right_password, _wide, _huge_cell, _no_rows, _two_headers,
        _other_header, _mixed, _encoding, _control, _zeros, _empty, _no_headings, _lacks_required,
        _twice, _unknown, _uncalculated, _calculated, _error, _merged, _shifted, _names, _identity,
        _far_cell, _quotes, _other_year, _bad_xml, _lost_part, _hidden, _aside,
    )
}  # fmt: skip
