"""Plant identifiers in every place of a return, receive it, and look for them in all that was written or printed.

    python benchmarks/received_identifiers.py [identifiers] [clean returns]

Every file holds one identifier in all places at once. Clean returns are received too, a fifth of them saved by
LibreOffice if it is there: none may be refused, and no answer lost.
"""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import xlsxwriter
from read_validate_clean import invent_rows

from platform_utils import returns
from platform_utils.cli import main as command
from platform_utils.paths import Workspace
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


def plant(path: Path, text: str) -> None:
    """Write a return that holds a text in every place."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        kinds = ("title", "subject", "author", "manager", "company", "category", "keywords", "comments")
        book.set_properties(dict.fromkeys(kinds, text))
        book.set_custom_property("Handläggare", text)
        book.define_name("Register", f'="{text}"')
        cover = book.add_worksheet("Omslag")
        for number, line in enumerate([["Medlems-id", "M07"], ["År", YEAR], ["Kontakt", text]]):
            cover.write_row(number, 0, line)
        sheet = book.add_worksheet("Personer")
        sheet.write_row(0, 0, [text])
        sheet.write_row(1, 0, [*HEADINGS, "Anteckning", text])
        sheet.write_row(2, 0, [*CELLS, text, text, text])
        for number in range(len(HEADINGS)):
            sheet.write_row(3 + number, 0, [text if at == number else cell for at, cell in enumerate(CELLS)])
        sheet.write_row(11, 0, ["Summa", text])
        sheet.write_row(12, 0, ["Exempel", text])
        sheet.set_header(f"&C{text[:50]}")
        sheet.set_footer(f"&C{text[:50]}")
        sheet.write_comment(2, 1, text, {"author": text})
        sheet.insert_textbox(20, 1, text)
        sheet.data_validation(2, 2, 9, 2, {
            "validate": "any", "input_title": text[:30], "input_message": text, "error_message": text,
        })  # fmt: skip
        sheet.write_url(30, 20, f"https://exempel.se/{text}", None, text, text)
        sheet.write_formula(31, 20, f'="{text}"', None, text)
        hidden = book.add_worksheet("".join(c for c in text if c not in "[]:*?/\\")[:31])
        hidden.write(0, 0, text)
        hidden.hide()
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
        for number, text in enumerate(identifiers(count, random.Random(1))):
            path = place / f"{number}.xlsx"
            plant(path, text)
            status, printed = receive(path, "M07")
            path.unlink()
            refused += status != 0
            prints += seen(text, printed)
            written = [each for each in place.rglob("*") if each.is_file()]
            files += sum(seen(text, each.read_text(encoding="utf-8", errors="replace")) for each in written)
            for each in folder.glob("M07-*"):
                each.unlink()
            (folder / "receipts.toml").unlink(missing_ok=True)
        print(f"{count} identifiers, each in {16 + len(PARTS) + len(HEADINGS) + 9} places: in files {files}, "
              f"printed {prints}, files refused {refused}")  # fmt: skip
        lost, rejected = receive_clean(workspace, place, clean)
        print(f"{clean} clean returns: refused {rejected}, answers lost {lost}")
    return int(bool(files or prints or refused or lost or rejected))


def receive_clean(workspace: Workspace, place: Path, count: int) -> tuple[int, int]:
    """Receive clean returns; return how many answers were lost and how many files refused."""
    sent: dict[Path, pd.DataFrame] = {}
    for number in range(count):
        rows = invent_rows(number, 20)
        path = place / f"clean{number}.xlsx"
        returns.write_template(path, YEAR, "sv", member_id="M07", member_name="M07", tables={"case": rows})
        sent[path] = rows
    office = shutil.which("soffice")
    saved = list(sent)[: count // 5]
    if office and saved:
        (place / "saved").mkdir()
        words = [office, "--headless", "--convert-to", "xlsx", "--outdir", "saved", *map(str, saved)]
        subprocess.run(words, cwd=place, check=True, capture_output=True)
        sent |= {path: sent[path] for path in saved}
        for path in saved:
            (place / "saved" / path.name).replace(path)
    lost = rejected = 0
    for path, rows in sent.items():
        status, _ = receive(path, "M07")
        if status:
            rejected += 1
            continue
        *_, raw = returns.read_year(workspace, "members", YEAR)
        got = raw.tables["case"].drop(columns=list(PROVENANCE))
        lost += int((got[list(rows)].to_numpy() != rows.astype(str).to_numpy()).sum())
    return lost, rejected


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in (sys.argv[1:] + ["200", "200"][len(sys.argv) - 1 :]))))
