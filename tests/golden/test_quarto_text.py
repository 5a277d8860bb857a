"""Both engines give the text that real Quarto gave, in three formats; what the text does not tell is listed."""

import importlib.util
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from platform_utils.execute import run_document
from platform_utils.render import render

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "quarto_text"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.qmd"))
FORMATS = ("html", "pdf", "docx")
ENGINES = ["embedded", pytest.param("quarto", marks=pytest.mark.quarto)]


def load(path):
    spec = importlib.util.spec_from_file_location("quarto_text_extract", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXTRACT = load(FOLDER / "extract.py")


@pytest.fixture(scope="session")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quarto_text")
    done = {}

    def give(name, engine):
        if (name, engine) not in done:
            source, stem = FOLDER / "executed" / f"{name}.ipynb", folder / engine / name
            written = render(source, FORMATS, stem, engine=engine)
            done[name, engine] = dict(zip(FORMATS, written, strict=True))
        return done[name, engine]

    return give


def stored(name, form):
    return (FOLDER / f"{name}.{form}.txt").read_text(encoding="utf-8").splitlines()


KEPT_STYLES = re.compile(r"heading \d|Title|Subtitle|Author|TOC Heading|toc \d|Footnote Text|Block Text")


def comparable_docx(lines):
    """Text with the styles that carry meaning: Quarto puts floats and boxes into tables of one cell."""
    made = []
    for line in lines:
        match = re.fullmatch(r"(\[\^\d+\] )?\[([^\]]+)\] (.*)", line)
        if match:
            note, style, text = match.groups()
            listed = re.search(r" list\d", style)
            kept = f"[{style}] " if KEPT_STYLES.fullmatch(style) else ""
            made.append(f"{note or ''}{kept}{listed[0] if listed else ''}{text}")
    return made


def comparable_pdf(lines):
    """One string: lines and pages end elsewhere, so page numbers in the contents list are left out."""
    kept = [line for line in lines if not re.fullmatch(r"--- \d+ ---|\d+", line)]
    text = EXTRACT.flat([re.sub(r" \{leader\}.*", "", line) for line in kept])
    return re.sub(r"Sida \d+ av \d+|Page \d+ of \d+", "", text)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_html_and_docx_have_the_text_that_quarto_gave(name, engine, rendered):
    files = rendered(name, engine)
    assert stored(name, "html") == EXTRACT.html_text(files["html"])
    assert comparable_docx(stored(name, "docx")) == comparable_docx(EXTRACT.docx_text(files["docx"]))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_pdf_has_the_text_that_quarto_gave(name, engine, rendered):
    found = EXTRACT.pdf_text(rendered(name, engine)["pdf"])
    assert comparable_pdf(stored(name, "pdf")) == comparable_pdf(found)


@pytest.mark.parametrize("engine", ENGINES)
def test_pictures_have_their_alternative_texts_in_all_three(engine, rendered):
    files = rendered("04-rapport", engine)
    page = files["html"].read_text(encoding="utf-8")
    with zipfile.ZipFile(files["docx"]) as package:
        word = package.read("word/document.xml").decode()
    pdf = files["pdf"].read_bytes()
    for alt in ("En blå ruta.", "En blå rektangel."):
        assert f'alt="{alt}"' in page
        assert f'descr="{alt}"' in word
        assert b"<FEFF" + alt.encode("utf-16-be").hex().upper().encode() + b">" in pdf


@pytest.mark.parametrize("name", NAMES)
def test_running_a_document_again_gives_the_stored_notebook(name, tmp_path):
    made = run_document(FOLDER / f"{name}.qmd", {}, tmp_path / f"{name}.ipynb")
    expected = (FOLDER / "executed" / f"{name}.ipynb").read_text(encoding="utf-8")
    assert expected == made.read_text(encoding="utf-8")
