"""Differences planted in copies of a real build: each that matters is named with its place, none that does not."""

import base64
import copy
import io
import json
import re
import zipfile

import pandas as pd
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from platform_utils.verify import compare_files

YEAR = 2018
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def files(demo_years):
    """What one year's report leaves: page, Word document, evidence, tables, facts."""
    page = demo_years.report(YEAR, "sv")
    place = demo_years.workspace
    from platform_utils import pipeline

    demo_years.once(
        "planted-docx",
        lambda: pipeline.render_report("annual", YEAR, "demo", "sv", ["docx"], "embedded", workspace=place),
    )
    controlled = place.controlled("demo", YEAR)
    return {
        "html": page.read_bytes(),
        "docx": page.with_suffix(".docx").read_bytes(),
        "ipynb": (place.restricted("demo", YEAR) / "notebooks" / "annual.sv.ipynb").read_bytes(),
        "parquet": (controlled / "tables" / "role.parquet").read_bytes(),
        "share": _share(),
        "csv": b"table,role,count,unit\nrole,direct,120,persons\nrole,child,12,persons\n",
        "json": (controlled / "facts.json").read_bytes(),
    }


def _share():
    made = io.BytesIO()
    pd.DataFrame({"role": ["direct", "child"], "value": [0.8125, 0.1875]}).to_parquet(made)
    return made.getvalue()


# ------------------------------------------------------------------ changes of each kind of file


def text(pattern, new, number=0):
    """Replace one match in a page; what stands before the words (``(?<=…)``) is kept."""

    def change(content):
        found = list(re.finditer(pattern, content.decode()))[number]
        whole = content.decode()
        return (whole[: found.start()] + found.expand(new) + whole[found.end() :]).encode()

    return change


def word(pattern, new):
    def change(content):
        return rezip(
            content, lambda name, part: text(pattern, new)(part) if name == "word/document.xml" else part
        )

    return change


def rezip(content, edit=lambda name, part: part, level=zipfile.ZIP_DEFLATED, **options):
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", level, **options) as new:
        for item in old.infolist():
            new.writestr(item.filename, edit(item.filename, old.read(item.filename)))
    return made.getvalue()


def cells(change):
    def apply(content):
        notebook = json.loads(content)
        change(notebook)
        return json.dumps(notebook).encode()

    return apply


def shown(notebook, mark):
    """The first code cell whose output holds a text."""
    return next(
        c
        for c in notebook["cells"]
        if c["cell_type"] == "code" and mark in json.dumps(c["outputs"], ensure_ascii=False)
    )


def in_output(mark, pattern, new):
    def change(notebook):
        data = shown(notebook, mark)["outputs"][0]["data"]
        before = data["text/markdown"]
        data["text/markdown"] = re.sub(pattern, new, before, count=1)
        assert before != data["text/markdown"]

    return cells(change)


def output(extra):
    return cells(lambda notebook: shown(notebook, "#tbl-")["outputs"].append(extra))


def inline(notebook):
    cell = next(c for c in notebook["cells"] if c["metadata"].get("user_expressions"))
    data = cell["metadata"]["user_expressions"][0]["result"]["data"]
    data["text/markdown"] = f"{data.get('text/markdown', '')}1"


def painted(paint):
    """Change the points of the first picture of a page."""

    def change(content):
        found = PICTURE.search(content.decode())
        picture = Image.open(io.BytesIO(base64.b64decode(found[1])))
        made = io.BytesIO()
        paint(picture).save(made, "png")
        return content.decode().replace(found[1], base64.b64encode(made.getvalue()).decode()).encode()

    return change


def recoloured(picture):
    red, green, blue, *rest = picture.convert("RGBA").split()
    return Image.merge("RGBA", (blue, green, red, *rest))


def one_bar(picture):
    made = picture.copy()
    made.paste((0, 0, 0, 255) if picture.mode == "RGBA" else 0, (40, 40, 80, 60))
    return made


def axes(picture):
    return picture.resize((picture.width, picture.height)).transform(
        picture.size, Image.Transform.AFFINE, (1, 0, 3, 0, 1, 0)
    )


def encoded_anew(content):
    found = PICTURE.search(content.decode())
    picture, made, about = Image.open(io.BytesIO(base64.b64decode(found[1]))), io.BytesIO(), PngInfo()
    about.add_text("Software", "another")
    picture.save(made, "png", compress_level=1, pnginfo=about)
    assert made.getvalue() != base64.b64decode(found[1])
    return content.decode().replace(found[1], base64.b64encode(made.getvalue()).decode()).encode()


def table(change, **options):
    def apply(content):
        made = io.BytesIO()
        change(pd.read_parquet(io.BytesIO(content))).to_parquet(made, **options)
        return made.getvalue()

    return apply


def shifted(by):
    """Shares moved by a relative difference."""
    return lambda frame: frame.assign(value=frame["value"] * (1 + by))


def record(change):
    def apply(content):
        facts = json.loads(content)
        return json.dumps(change(facts)).encode()

    return apply


def first_number(value, by):
    """Add to the first number that stands in a record."""
    made = copy.deepcopy(value)
    waiting = [made]
    while waiting:
        held = waiting.pop(0)
        for key, item in held.items() if isinstance(held, dict) else enumerate(held):
            if isinstance(item, dict | list):
                waiting.append(item)
            elif isinstance(item, int | float) and not isinstance(item, bool):
                held[key] = item + by
                return made
    raise AssertionError("no number in the record")


def stream(name, said):
    return {"output_type": "stream", "name": name, "text": said}


MATTERS = {
    "a count in a sentence of the page": ("html", text(r"(?<=<p>)([^<]*?)\d+", r"\g<1>9999"), "sentence"),
    "rounding in prose": ("html", text(r"\d(\d?)(?=(</strong>)?\u00a0%)", r"0\1"), "sentence"),
    "a sentence left out of the page": ("html", text(r"<p>[^<]{40,}</p>", ""), "sentence"),
    "a cell of a table of the page": ("html", text(r"(<td[^>]*>)\d+", r"\g<1>9999"), "sentence: "),
    "a heading": ("html", text(r"(<h2[^>]*>)", r"\g<1>Ny "), "sentence"),
    "an alt text": ("html", text(r'(<img [^>]*alt=")', r"\g<1>Annan "), "sentence"),
    "the unit of a table of the page": ("html", text(r"Antal", "Andel"), "sentence"),
    "a colour of a figure of the page": ("html", painted(recoloured), "picture 1: points"),
    "one bar of a figure of the page": ("html", painted(one_bar), "picture 1: points"),
    "axis limits of a figure of the page": ("html", painted(axes), "picture 1: points"),
    "a picture left out": ("html", text(r"<img [^>]*data:image/png[^>]*>", ""), "pictures →"),
    "a count in the Word document": ("docx", word(r"(<w:t[^>]*>[^<]*?)\d+", r"\g<1>9999"), "sentence"),
    "a paragraph left out of the Word document": ("docx", word(r"<w:t[^>]*>[^<]{40,}</w:t>", ""), "sentence"),
    "a number under a figure of the evidence": ("ipynb", in_output("#fig-", r'(fig-alt="[^"]*?)\d+', r"\g<1>9999"), "fig-"),
    "one bar of a figure of the evidence": ("ipynb", painted(one_bar), "fig-"),
    "a colour of a figure of the evidence": ("ipynb", painted(recoloured), "fig-"),
    "a cell of a table of the evidence": ("ipynb", in_output("#tbl-", r"\| *\d+", "| 9999"), "tbl-"),
    "an inline figure": ("ipynb", cells(inline), "metadata"),
    "the clock": ("ipynb", output(stream("stdout", "2026-01-01 12:00\n")), "tbl-"),
    "a set in another order": ("ipynb", output(stream("stdout", "{'b', 'a'}\n")), "tbl-"),
    "unseeded chance": ("ipynb", output(stream("stdout", "0.7364\n")), "tbl-"),
    "a warning": ("ipynb", output(stream("stderr", "RuntimeWarning\n")), "tbl-"),
    "a question asked otherwise": ("ipynb", cells(lambda n: shown(n, "#tbl-").update(source="1")), "source"),
    "a cell left out": ("ipynb", cells(lambda n: n["cells"].pop()), "cells →"),
    "a count of a table": ("parquet", table(lambda f: f.assign(count=f["count"] + 1)), "table role, cell direct"),
    "a cell hidden": ("parquet", table(lambda f: f.assign(count=f["count"].astype("Int64").where(f["role"] != "child"))), "cell child: "),
    "a row left out": ("parquet", table(lambda f: f.iloc[1:]), "cell direct: "),
    "a label of a row": ("parquet", table(lambda f: f.assign(role=f["role"].replace("child", "kid"))), "cell kid"),
    "a relative drift of 1e-6": ("share", table(shifted(1e-6)), "cell direct"),
    "a column left out": ("parquet", table(lambda f: f.drop(columns="role")), "columns"),
    "the unit of open data": ("csv", lambda c: c.replace(b"persons", b"cases"), "table x"),
    "a fact": ("json", record(lambda facts: first_number(facts, 1)), "→"),
}  # fmt: skip

HARMLESS = {
    "another compression of a table": ("parquet", table(lambda f: f, compression="gzip")),
    "rows written in other groups": ("parquet", table(lambda f: f, row_group_size=1)),
    "a relative drift of 1e-12": ("share", table(shifted(1e-12))),
    "quotes around open data": ("csv", lambda c: c.replace(b"role,direct", b'"role","direct"')),
    "line ends of open data": ("csv", lambda c: c.replace(b"\n", b"\r\n")),
    "a record with other spaces": ("json", lambda c: json.dumps(json.loads(c), indent=3).encode()),
    "a picture of the page encoded anew": ("html", encoded_anew),
    "a picture of the evidence encoded anew": ("ipynb", encoded_anew),
    "white space of the page": ("html", lambda c: c.replace(b"</p>", b"</p>\n\n")),
    "a style of the page": ("html", lambda c: c.replace(b"<style", b"<style data-x='1'", 1)),
    "a notebook with other spaces": ("ipynb", lambda c: json.dumps(json.loads(c), indent=4).encode()),
    "a Word document packed otherwise": ("docx", lambda c: rezip(c, level=zipfile.ZIP_STORED)),
}  # fmt: skip


NAMES = {"parquet": "role.parquet", "share": "share.parquet"}


def compared(files, kind, change):
    then = files[kind]
    now = change(then)
    assert then != now
    return [found.place for found in compare_files(NAMES.get(kind, f"x.{kind}"), then, now)]


@pytest.mark.parametrize("fault", MATTERS)
def test_a_difference_that_matters_is_named_with_its_place(files, fault):
    kind, change, place = MATTERS[fault]
    found = compared(files, kind, change)
    assert found
    assert any(place in one for one in found), found[:3]


@pytest.mark.parametrize("fault", HARMLESS)
def test_a_difference_that_does_not_matter_is_none(files, fault):
    kind, change = HARMLESS[fault]
    assert [] == compared(files, kind, change)
