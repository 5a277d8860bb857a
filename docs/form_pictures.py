"""Draw every sheet of the form as it is printed: ``docs/form/<year>_<lang>_<sheet>.png``, in both languages.

    python docs/form_pictures.py 2026

Needs LibreOffice and poppler (``pdftotext``, ``pdftoppm``) on PATH. Of each sheet the first page is drawn, of
the sheet of persons all.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

from platform_utils.form import write_template
from platform_utils.messages import LANGUAGES
from platform_utils.spec import grains

FOLDER = Path(__file__).parent / "form"


def run(*words: object) -> str:
    """Return what a program prints."""
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def draw(year: int, lang: str, work: Path) -> None:
    """Draw the sheets of one form."""
    book, persons = work / f"{lang}.xlsx", grains.load()["case"].sheet(lang)
    write_template(book, year, lang)
    profile = f"-env:UserInstallation=file://{work}/profile"
    run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", work, book)
    pages = run("pdftotext", "-layout", book.with_suffix(".pdf"), "-").split("\f")
    drawn: list[str] = []
    for number, page in enumerate(pages, start=1):
        footer = re.search(rf"{year}-{lang}\s+(.+?)\s+\d+/\d+\s*$", page)
        if footer and (footer[1] not in drawn or footer[1] == persons):
            drawn.append(footer[1])
            plain = unicodedata.normalize("NFD", footer[1].lower()).encode("ascii", "ignore").decode()
            name = f"{year}_{lang}_{len(drawn)}_{plain.replace(' ', '_')}"
            run(
                "pdftoppm", "-r", 80, "-png", "-singlefile", "-f", number,
                "-l", number, book.with_suffix(".pdf"), FOLDER / name,
            )  # fmt: skip


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for language in LANGUAGES:
            draw(int(sys.argv[1]), language, Path(folder))
