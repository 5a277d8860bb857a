"""Plain Quarto renders our documents with no tool of ours: three formats, house style, nothing left behind."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from platform_utils.messages import label
from platform_utils.render import render

pytestmark = pytest.mark.quarto

YEAR = 2018
FORMATS = ("html", "docx", "pdf")
MARK = "DEMODATA – påhittade siffror, inte statistik"


@pytest.fixture(scope="module")
def place(demo_years, tmp_path_factory):
    """A workspace of its own in which the year is protected and reported, and git watches the rest."""
    demo_years.report(YEAR, "sv")
    root = tmp_path_factory.mktemp("quarto") / "place"
    shutil.copytree(demo_years.made().root, root)
    for name in ("notebooks", ".gitignore"):
        source = Path(__file__).parents[2] / name
        shutil.copytree(source, root / name) if source.is_dir() else shutil.copy(source, root)
    subprocess.run("git init -q && git add -A", shell=True, cwd=root, check=True)
    return root


def quarto(root, *words):
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable, "PLATFORM_UTILS_HOME": str(root)}
    command = [shutil.which("quarto"), "render", *words]
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def changed(root):
    """What git would show after a render: nothing that is tracked, nothing that is new."""
    said = subprocess.run(["git", "status", "--short"], cwd=root, capture_output=True, text=True, check=True)
    return [line for line in said.stdout.splitlines() if not line.startswith("A ")]


@pytest.fixture(scope="module")
def report(place):
    done = quarto(place, "reports/sv/annual.qmd", "-P", f"year:{YEAR}")
    assert 0 == done.returncode, done.stderr[-2000:]
    folder = place / "data_clean/demo/controlled/quarto/reports/sv"
    return {form: folder / f"annual-{YEAR}.sv.{form}" for form in FORMATS}


def test_a_report_is_rendered_under_its_years_name_and_git_sees_nothing(place, report):
    assert dict.fromkeys(FORMATS, True) == {form: path.is_file() for form, path in report.items()}
    assert [] == changed(place)
    kept = sorted(path.name for path in (Path(__file__).parents[2] / "reports/sv").glob("[!.]*.qmd"))
    assert kept == sorted(path.name for path in (place / "reports/sv").iterdir())


def test_the_page_is_whole_says_its_title_and_mark_and_asks_nobody(report, demo_years):
    page = report["html"].read_text(encoding="utf-8")
    title = f"Civilsamhällets lägesrapport {YEAR}"
    assert f"<title>{title}</title>" in page
    assert f'<h1 class="title">{title}</h1>' in page
    assert f'<p class="running-mark">{MARK}</p>' in page
    assert "<script" not in page
    # a reader may follow a source's address; a page that is opened asks for nothing
    assert [] == re.findall(r'<(?!a )\w+ [^>]*(?:src|href)="(?:https?:)?//|url\([\'"]?(?:https?:)?//', page)
    assert 'scope="row"' in page


def test_the_word_document_says_its_mark_on_every_page_and_describes_its_pictures(report):
    with zipfile.ZipFile(report["docx"]) as package:
        header = package.read("word/header1.xml").decode()
        document = package.read("word/document.xml").decode()
    assert MARK in header
    assert "{{" not in header
    assert len(re.findall(r'<w:pStyle w:val="TOC\d"/>', document)) >= 10
    described = re.findall(r'<wp:docPr descr="([^"]*)"', document)
    assert described
    assert all(len(text) > 20 and "base64" not in text for text in described)
    assert "base64" not in document


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_every_page_of_the_pdf_says_its_mark_and_the_pdf_is_accessible(report):
    said = subprocess.run(["pdftotext", "-enc", "UTF-8", report["pdf"], "-"], capture_output=True, check=True)
    pages = said.stdout.decode("utf-8").split("\f")[:-1]
    assert len(pages) > 3
    assert all(MARK in page for page in pages)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in report["pdf"].read_bytes()


def test_the_other_engine_renders_what_papermill_executed(place, demo_years):
    executed = demo_years.made().restricted("demo", YEAR) / "notebooks" / "annual.sv.ipynb"
    before = executed.read_bytes()
    written = render(executed, FORMATS, place / "data_clean" / "other", engine="quarto")
    assert before == executed.read_bytes()
    assert MARK in written[0].read_text(encoding="utf-8")
    assert [f"other.{form}" for form in FORMATS] == [path.name for path in written]


def test_a_notebook_is_rendered_as_it_was_executed(place):
    path = place / "notebooks" / "20_annual_statistics.ipynb"
    before = path.read_bytes()
    done = quarto(place, "notebooks/20_annual_statistics.ipynb")
    assert 0 == done.returncode, done.stderr[-2000:]
    assert before == path.read_bytes()
    folder = place / "data_clean/demo/controlled/quarto/notebooks"
    assert {f"20_annual_statistics.{form}" for form in FORMATS} <= {each.name for each in folder.iterdir()}
    page = (folder / "20_annual_statistics.html").read_text(encoding="utf-8")
    assert "<h1" in page
    assert f'<p class="running-mark">{label("L-mark-demo", "en")}</p>' in page
    assert [] == re.findall(r'src="(?:https?:)?//', page)
    assert [] == changed(place)


def test_what_members_profile_renders_stands_where_only_its_owner_may_read(place):
    done = quarto(place, "notebooks/90_verify.ipynb", "--profile", "members", "--to", "platform-html")
    assert 0 == done.returncode, done.stderr[-2000:]
    folder = place / "data_clean/members/restricted/quarto"
    page = folder / "notebooks/90_verify.html"
    assert page.is_file()
    if os.name != "nt":
        assert [0o700, 0o600] == [path.stat().st_mode & 0o777 for path in (folder, page)]
    assert [] == changed(place)


REFUSED = {
    "E-504": ("-P", "yaer:2018"),
    "E-505": ("-P", "year:last"),
    "E-664": ("-P", "source:members"),
    "E-651": ("--profile", "members", "-P", "source:members"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_the_documents_refuse_what_quarto_lets_pass(code, place):
    done = quarto(place, "reports/sv/annual.qmd", "--to", "platform-html", *REFUSED[code])
    assert 0 != done.returncode
    assert code in done.stderr + done.stdout
