"""Thirty faults planted in copies of our notebook and of what is made of it, and ten harmless differences.

Each fault is named with its place: cell, table, figure and part, sentence, page. None of the harmless ones is.
One base for all: a copy of the notebook runs once without and once with the faults, all in cells of their own.
"""

import base64
import io
import json
import re
import shutil
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import planted_cells
import pytest
from PIL import Image

from platform_utils.execute import run_document
from platform_utils.spec.reports import Period
from platform_utils.verify import compare_files
from platform_utils.workflow.actions import render_report

YEAR = 2018
ROOT = Path(__file__).parents[2]
READING = ("title", "parameters", "imports", "report-text", "load", "role", "figure", "headline")
PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def files(demo_years):
    """What one year's report leaves: page, Word document, PDF, a table; and two small tables."""
    page = demo_years.report(YEAR, "sv")
    place = demo_years.workspace
    demo_years.once(
        "planted-documents",
        lambda: render_report(
            "annual", Period.of(YEAR), "demo", "sv", ["docx", "pdf"], "embedded", workspace=place
        ),
    )
    share = io.BytesIO()
    pd.DataFrame({"role": ["direct", "child"], "value": [0.8125, 0.1875]}).to_parquet(share)
    return {
        "html": page.read_bytes(),
        "docx": page.with_suffix(".docx").read_bytes(),
        "pdf": page.with_suffix(".pdf").read_bytes(),
        "parquet": (place.controlled("demo", YEAR) / "tables" / "role.parquet").read_bytes(),
        "share": share.getvalue(),
        "csv": b"table,role,count,unit\nrole,direct,120,persons\nrole,child,12,persons\n",
    }


# ------------------------------------------------------------------ faults in cells of a copy of our notebook


@pytest.fixture(scope="module")
def runs(demo_years, tmp_path_factory):
    """Run a copy of the notebook of annual figures twice, without and with the faults; return what moved, by cell."""
    demo_years.safe(YEAR)
    folder = tmp_path_factory.mktemp("copies")
    copy = folder / "copy.ipynb"
    notebook = json.loads((ROOT / "notebooks" / "20_annual_statistics.ipynb").read_text(encoding="utf-8"))
    kept = [c for c in notebook["cells"] if c["id"] in READING]
    setting = next(c for c in kept if c["id"] == "imports")
    paths = (str(Path(planted_cells.__file__).parent),)
    setting["source"] = [*setting["source"], f"\nimport sys\nsys.path += {paths}\nimport planted_cells"]
    for name in (*planted_cells.MATTERS, *planted_cells.HARMLESS):
        source = [f"planted_cells.show({name!r}, report)"]
        kept.append(
            {
                "cell_type": "code",
                "id": name,
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
        )
    copy.write_text(json.dumps({**notebook, "cells": kept}), encoding="utf-8")
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        for planted in ("no", "yes", "again"):
            patch.setenv("PLANTED", planted)
            (folder / planted).mkdir()
            made[planted] = run_document(
                Path(shutil.copy(copy, folder / planted)),
                {"year": YEAR, "source": "demo", "lang": "sv"},
                folder / f"{planted}.ipynb",
                home=demo_years.workspace.root,
                kernels="forked",
            ).read_bytes()
    return made


@pytest.fixture(scope="module")
def moved(runs):
    return [each.place for each in compare_files("x.ipynb", runs["no"], runs["yes"])]


@pytest.mark.parametrize("fault", planted_cells.MATTERS)
def test_a_fault_in_a_cell_is_named_with_the_cell_and_the_part(moved, fault):
    _, part = planted_cells.MATTERS[fault]
    found = [place for place in moved if f"({fault})" in place]
    assert found, "not noticed"
    assert any(part in place for place in found), found


@pytest.mark.parametrize("harmless", planted_cells.HARMLESS)
def test_a_harmless_difference_in_a_cell_is_none(moved, harmless):
    assert [] == [place for place in moved if f"({harmless})" in place]


def test_no_cell_is_named_but_those_with_a_fault(moved, runs):
    cells = {re.match(r"cell \d+ \(([\w-]+)\)", place)[1] for place in moved}
    assert set(planted_cells.MATTERS) == cells
    assert runs["no"] == runs["again"]


# ------------------------------------------------------------------ faults in what is made of a notebook


def text(pattern, new):
    """Replace the first match in a text."""

    def change(content):
        whole = content.decode()
        found = re.search(pattern, whole)
        return (whole[: found.start()] + found.expand(new) + whole[found.end() :]).encode()

    return change


def rezip(content, edit=lambda name, part: part, level=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", level) as new:
        for item in old.infolist():
            new.writestr(item.filename, edit(item.filename, old.read(item.filename)))
    return made.getvalue()


def word(pattern, new):
    change = text(pattern, new)
    return lambda content: rezip(
        content, lambda name, part: change(part) if name == "word/document.xml" else part
    )


def picture(pattern, new):
    """Write the first picture of a page anew, with all that it says about itself."""

    def change(content):
        found = PICTURE.search(content.decode())
        made = text(pattern, new)(base64.b64decode(found[1]))
        assert made != base64.b64decode(found[1])
        return content.decode().replace(found[1], base64.b64encode(made).decode()).encode()

    return change


def word_picture(content):
    """Put a black box on every picture of a Word document."""

    def change(name, part):
        if not name.startswith("word/media/"):
            return part
        shown, made = Image.open(io.BytesIO(part)).convert("RGBA"), io.BytesIO()
        shown.paste((0, 0, 0, 255), (40, 40, 80, 60))
        shown.save(made, "png")
        return made.getvalue()

    return rezip(content, change)


def table(change, **options):
    def apply(content):
        made = io.BytesIO()
        change(pd.read_parquet(io.BytesIO(content))).to_parquet(made, **options)
        return made.getvalue()

    return apply


def drifted(by):
    return table(lambda frame: frame.assign(value=frame["value"] * (1 + by)))


def stream(wanted, edit):
    """Change what the first stream of a PDF that is wanted says, and its length."""

    def change(content):
        for found in re.finditer(rb"<<([^\n]*?)/Length (\d+)([^\n]*?)>>\nstream\n", content):
            body = content[found.end() : found.end() + int(found[2])]
            if b"FlateDecode" in found[0] and wanted(found[0], opened := zlib.decompress(body)):
                made = zlib.compress(edit(opened))
                head = b"<<%s/Length %d%s>>\nstream\n" % (found[1], len(made), found[3])
                return content[: found.start()] + head + made + content[found.end() + len(body) :]
        raise AssertionError("no such stream")

    return change


def is_page(_, body):
    return b"BT" in body and b"TJ" in body


def letters_swapped(body):
    """Show other letters on a page: the third text of it backwards."""
    found = list(re.finditer(rb"\[\((\\\d{3}\\\d{3})(\\\d{3}\\\d{3})", body))[2]
    return body[: found.start()] + b"[(" + found[2] + found[1] + body[found.end() :]


def renumbered(content):
    """Give every object of a PDF another number."""
    parts = re.split(rb"(stream\n.*?endstream)", content, flags=re.DOTALL)
    shift = lambda found: b"%d 0 %s" % (int(found[1]) + 7000, found[2])  # noqa: E731
    return b"".join(
        part if part.startswith(b"stream\n") else re.sub(rb"\b(\d+) 0 (obj|R)\b", shift, part)
        for part in parts
    )


FILES = {
    "a count of a table": ("parquet", table(lambda f: f.assign(count=f["count"] + 1)), "table role, cell direct: "),
    "1e-9 in a table": ("share", drifted(1e-9), "table share, cell direct: 0.8125 → 0.81250000"),
    "the unit of open data": ("csv", lambda c: c.replace(b"child,12,persons", b"child,12,cases"), "cell role, child, cases: "),
    "rounding in prose": ("html", text(r"\d\d?(?=(</strong>)?\u00a0%)", "0,1"), "sentence: "),
    "one bar of a picture of the page": ("html", picture("</svg>", '<rect x="40" y="40" width="40" height="20"/></svg>'), "fig-series: points "),
    "a count in the Word document": ("docx", word(r"(<w:t[^>]*>[^<]*?)\d+", r"\g<1>9999"), "9999"),
    "a word of the PDF": ("pdf", stream(is_page, letters_swapped), "page 1, sentence: "),
    "a picture of the Word document": ("docx", word_picture, "picture 1: points 40,40"),
}  # fmt: skip

HARMLESS = {
    "another compression of a table": ("parquet", table(lambda f: f, compression="gzip")),
    "a relative drift of 1e-12": ("share", drifted(1e-12)),
    "white space and styles of the page": ("html", lambda c: c.replace(b"</p>", b"</p>\n\n").replace(b"<style", b"<style data-x='1'", 1)),
    "a picture of the page packed otherwise": ("html", picture(r"<defs>", r"\n<defs>")),
    "a Word document packed otherwise": ("docx", lambda c: rezip(c, level=zipfile.ZIP_STORED)),
    "other numbers of a PDF's objects": ("pdf", renumbered),
}  # fmt: skip


def compared(files, kind, change):
    then = files[kind]
    now = change(then)
    assert then != now
    name = {"parquet": "role.parquet", "share": "share.parquet"}.get(kind, f"x.{kind}")
    return [found.place for found in compare_files(name, then, now)]


@pytest.mark.parametrize("fault", FILES)
def test_a_fault_in_a_file_is_named_with_its_place(files, fault):
    kind, change, place = FILES[fault]
    found = compared(files, kind, change)
    assert found, "not noticed"
    assert any(place in one for one in found), found[:3]


@pytest.mark.parametrize("harmless", HARMLESS)
def test_a_harmless_difference_of_a_file_is_none(files, harmless):
    kind, change = HARMLESS[harmless]
    assert [] == compared(files, kind, change)


def test_there_are_thirty_faults_and_ten_harmless_differences():
    assert (30, 10) == (len(planted_cells.MATTERS) + len(FILES), len(planted_cells.HARMLESS) + len(HARMLESS))
