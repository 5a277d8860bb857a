"""Plant identifiers in every place of a return, receive it, and look for them in all that was written or printed.

    python benchmarks/received_identifiers.py [identifiers] [clean returns]

Every file holds one identifier in all places at once, as workbook, old workbook, OpenDocument and text. Clean
returns are received too, a fifth of them saved by LibreOffice if it is there: none may be refused, no answer lost.
"""

from __future__ import annotations

import contextlib
import csv
import io
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import xlsxwriter
import xlwt
from read_validate_clean import invent_rows

from platform_utils import form, returns
from platform_utils.cli import main as command
from platform_utils.paths import Workspace
from platform_utils.spec import codebook
from platform_utils.spec.returns import PROVENANCE

YEAR = 2023
HEADINGS = [
    "Personkod",
    "Roll",
    "Kön",
    "Ålder (år)",
    "Antal personer",
    "Kvartal för första kontakt",
    "Ärende-id",
]
CELLS = ["A-1", "direkt utsatt", "kvinna", 31, 1, "kv1", "B-1"]
PARTS = (
    "docProps/custom.xml", "xl/persons/person.xml", "xl/threadedComments/threadedComment1.xml", "xl/embeddings/a.bin",
    "xl/printerSettings/printerSettings1.bin", "xl/revisions/userNames.xml", "customXml/item1.xml",
    "xl/pivotCache/pivotCacheDefinition1.xml", "xl/media/image1.png", "xl/ctrlProps/ctrlProp1.xml",
    "xl/charts/chart1.xml", "xl/diagrams/data1.xml", "xl/slicers/slicer1.xml", "xl/calcChain.xml", "docProps/thumb.txt",
)  # fmt: skip


def identifiers(count: int, rng: random.Random) -> list[str]:
    """Return invented identifiers in many forms: wrong check digits, other dashes, hidden characters, names."""
    made = []
    for number in range(count):
        birth = f"{rng.randrange(50, 100)}{rng.randrange(1, 13):02d}{rng.randrange(61, 90)}"
        last = f"{rng.randrange(1000, 10_000)}"
        forms = (
            f"{birth}-{last}", f"{birth}.{last}", f"{birth}/{last}", f"{birth} {last}", f"{birth}\u2014{last}",
            f"19{birth}{last}", f"{birth}\u200b{last}", f"{birth}\u2060-{last}", f"TF{birth}{last}", f"T {birth}-{last}",
            f"LMA {birth}{last[:2]}", f"07{rng.randrange(10**7, 10**8)}", f"+46 70 {last[:3]} {last[:2]} {last[2:]}",
            f"zqx{number}.b@exempel.se", f"Zqxanna Zqxson{'abcdefgh'[number % 8]}", f"Zqxson, Zqx {number}",
        )  # fmt: skip
        made.append(forms[number % len(forms)])
    return made


def rows_with(text: str) -> list[list[object]]:
    """Return the rows of a sheet of persons that holds a text above, in and below every column, and beside them."""
    rows: list[list[object]] = [[text], [*HEADINGS, "Anteckning", text], [*CELLS, text, text, text]]
    rows += [
        [text if at == number else cell for at, cell in enumerate(CELLS)] for number in range(len(HEADINGS))
    ]
    return [*rows, [], ["Summa", text], ["Exempel", text], [text, *CELLS[1:]], [text]]


def cover_with(text: str) -> list[list[object]]:
    """Return the rows of a cover that holds a text beside what is read of it."""
    return [
        ["Medlems-id", "M07"],
        ["Medlem", text],
        ["År", YEAR],
        ["Formulärversion", text],
        ["Kontakt", text],
    ]


def sheet_name(text: str) -> str:
    """Return a text as a sheet may be called."""
    return "".join(c for c in text if c not in "[]:*?/\\'")[:31]


def plant_text(path: Path, text: str) -> None:
    """Write a text file that holds a text in every place."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows_with(text))


def plant_old(path: Path, text: str) -> None:
    """Write an old workbook that holds a text in every place."""
    book = xlwt.Workbook(encoding="utf-8")
    book.set_owner(text.encode("ascii", "ignore").decode())
    for name, rows in (
        ("Omslag", cover_with(text)),
        ("Personer", rows_with(text)),
        (sheet_name(text), [[text]]),
    ):
        sheet = book.add_sheet(name)
        sheet.set_header_str(text.encode("ascii", "ignore"))
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write(number, at, cell)
    book.save(str(path))


def plant_open(path: Path, text: str) -> None:
    """Write an OpenDocument workbook that holds a text in every place."""
    said = escape(text, {'"': "&quot;"})

    def table(name: str, rows: list[list[object]]) -> str:
        note = (
            f"<office:annotation><dc:creator>{said}</dc:creator><text:p>{said}</text:p></office:annotation>"
        )
        cells = (
            "".join(
                f'<table:table-cell office:value-type="string">{note}<text:p>{escape(str(cell))}</text:p></table:table-cell>'
                for cell in row
            )
            for row in rows
        )
        lines = "".join(
            f"<table:table-row>{line or '<table:table-cell/>'}</table:table-row>" for line in cells
        )
        return f'<table:table table:name="{escape(name)}">{lines}</table:table>'

    spaces = " ".join(
        f'xmlns:{short}="{name}"'
        for short, name in (
            ("office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"),
            ("table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"),
            ("text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"), ("dc", "http://purl.org/dc/elements/1.1/"),
        )
    )  # fmt: skip
    sheets = (("Omslag", cover_with(text)), ("Personer", rows_with(text)), (sheet_name(text), [[text]]))
    body = "".join(table(name, rows) for name, rows in sheets)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet><table:tracked-changes>{said}"
            f"</table:tracked-changes>{body}</office:spreadsheet></office:body></office:document-content>",
        )
        for part in (
            "meta.xml",
            "settings.xml",
            "Thumbnails/thumbnail.png",
            "Pictures/a.png",
            "Object 1/content.xml",
        ):
            archive.writestr(part, text)


def plant(path: Path, text: str) -> None:
    """Write a workbook that holds a text in every place."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        kinds = ("title", "subject", "author", "manager", "company", "category", "keywords", "comments")
        book.set_properties(dict.fromkeys(kinds, text))
        book.set_custom_property("Handläggare", text)
        book.define_name("Register", f'="{text}"')
        cover = book.add_worksheet("Omslag")
        for number, line in enumerate(cover_with(text)):
            cover.write_row(number, 0, line)
        sheet = book.add_worksheet("Personer")
        for number, line in enumerate(rows_with(text)):
            sheet.write_row(number, 0, line)
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column(3, 3, None, None, {"hidden": True})
        sheet.set_header(f"&C{text[:50]}")
        sheet.set_footer(f"&C{text[:50]}")
        sheet.write_comment(2, 1, text, {"author": text})
        sheet.insert_textbox(20, 1, text)
        sheet.data_validation(2, 2, 9, 2, {
            "validate": "any", "input_title": text[:30], "input_message": text, "error_message": text,
        })  # fmt: skip
        sheet.write_url(30, 20, f"https://exempel.se/{text}", None, text, text)
        sheet.write_formula(31, 20, f'="{text}"', None, text)
        hidden = book.add_worksheet(sheet_name(text))
        hidden.write(0, 0, text)
        hidden.hide()
        again = book.add_worksheet("Personer (2)")
        again.write_row(0, 0, HEADINGS)
        again.write_row(1, 0, [text] * len(HEADINGS))
    with zipfile.ZipFile(path, "a") as archive:
        for part in PARTS:
            archive.writestr(part if part not in archive.namelist() else f"{part}.x", text)


def seen(text: str, content: str) -> bool:
    """Say whether a text, or its digits, stand in what was written."""
    digits = "".join(filter(str.isdigit, text))
    return text in content or "zqx" in content.casefold() or (len(digits) > 8 and digits in content)


def receive(path: Path, member: str) -> tuple[int, str]:
    """Receive a file as the command does; return its status and all that it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        words = ["--year", str(YEAR), "--source", "members", "--date", "2024-03-15", "--member", member]
        status = command(["receive", str(path), *words])
    return status, out.getvalue()


PLANTED = {".xlsx": plant, ".csv": plant_text, ".xls": plant_old, ".ods": plant_open}


def main(count: int, clean: int) -> int:
    """Print what was found; 0 if no identifier stands anywhere and no clean return lost anything."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        place = Path(name)
        (place / "_quarto.yml").touch()
        workspace = Workspace(place)
        folder = workspace.returns("members", YEAR)
        folder.mkdir(parents=True)
        (folder / "members.toml").write_text('[[member]]\nid = "M07"\nname = "M07"\n', encoding="utf-8")
        files = prints = refused = 0
        for text in identifiers(count, random.Random(1)):
            for suffix, write in PLANTED.items():
                path = place / f"Svar {text.replace('/', '-')}{suffix}"
                write(path, text)
                status, printed = receive(path, "M07")
                path.unlink()
                refused += status != 0
                prints += seen(text, printed)
                written = [each for each in place.rglob("*") if each.is_file()]
                files += sum(
                    seen(text, each.read_text(encoding="utf-8", errors="replace")) for each in written
                )
                for each in folder.glob("M07-*"):
                    each.unlink()
                (folder / "receipts.toml").unlink(missing_ok=True)
        print(f"{count} identifiers, each in {24 + len(PARTS) + len(HEADINGS) + 9} places of a workbook and in {len(PLANTED) - 1} "
              f"other kinds of files: in files {files}, printed {prints}, files refused {refused}")  # fmt: skip
        lost, rejected, saved = receive_clean(workspace, place, clean)
        print(
            f"{clean} clean returns, {saved} of them saved by LibreOffice: refused {rejected}, answers lost {lost}"
        )
    return int(bool(files or prints or refused or lost or rejected))


def typed(number: int, grain: str) -> pd.DataFrame:
    """Return invented answers of a sheet, numbers, amounts and quarters typed as people type them."""
    rng, book = np.random.default_rng(number), codebook.load()
    rows = (
        invent_rows(number, 20)
        if grain == "case"
        else pd.DataFrame({"person_code": [f"M07-{n}" for n in range(1, 9)]})
    )
    forms = {
        "count": (1, 2, "3"), "days": (14, "30", "ca 20"), "sek": (4500, 12.5, "12 500 kr", "1 234,50", "10 000–12 000 kr"),
    }  # fmt: skip
    for name, (variable, _) in book.grain_columns(grain, YEAR).items():
        said = forms.get(variable.kind)
        if name == "first_contact_quarter":
            said = ("kv1", "2023-04-03", "jan-mars", "3 apr")
        if said is not None and name not in ("person_count", "first_contact_month"):
            rows[name] = [said[at] for at in rng.integers(0, len(said), len(rows))]
    return rows


def receive_clean(workspace: Workspace, place: Path, count: int) -> tuple[int, int, int]:
    """Receive clean returns; return answers lost, files refused, and how many LibreOffice had saved."""
    sent: dict[Path, dict[str, pd.DataFrame]] = {}
    for number in range(count):
        tables = {"case": typed(number, "case"), "programme": typed(number, "programme")}
        lang = "en" if number % 5 == 2 else "sv"
        path = place / f"clean{number}.xlsx"
        if number % 5 == 1:
            path = path.with_suffix(".csv")
            tables.pop("programme")
            headings = [codebook.load().heading(name, lang, "case") for name in tables["case"]]
            tables["case"].to_csv(path, sep=";", index=False, header=headings, encoding="utf-8-sig")
        else:
            form.write_template(path, YEAR, lang, member_id="M07", member_name="M07", tables=tables)
        sent[path] = tables
    saved = save_with_office(place, [path for path in sent if int(path.stem[5:]) % 5 == 0])
    sent = {saved.get(path, path): tables for path, tables in sent.items()}
    lost = rejected = 0
    for path, tables in sent.items():
        status, _ = receive(path, "M07")
        if status:
            rejected += 1
            continue
        *_, raw = returns.read_year(workspace, "members", YEAR)
        for grain, rows in tables.items():
            got = raw.tables[grain].drop(columns=list(PROVENANCE))
            lost += int((got[list(rows)].to_numpy() != rows.astype(str).to_numpy()).sum())
    return lost, rejected, len(saved)


def save_with_office(place: Path, files: list[Path]) -> dict[Path, Path]:
    """Let LibreOffice open and save workbooks, half of them as OpenDocument; return where they stand then."""
    office = shutil.which("soffice")
    saved: dict[Path, Path] = {}
    for kind, some in (("xlsx", files[::2]), ("ods", files[1::2])):
        if office and some:
            words = [
                office,
                f"-env:UserInstallation={(place / 'profile').as_uri()}",
                "--headless",
                "--convert-to",
                kind,
            ]
            subprocess.run(
                [*words, "--outdir", "saved", *map(str, some)], cwd=place, check=True, capture_output=True
            )
            saved |= {path: place / "saved" / f"{path.stem}.{kind}" for path in some}
    return saved


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in (sys.argv[1:] + ["200", "200"][len(sys.argv) - 1 :]))))
