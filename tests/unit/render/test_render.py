"""One executed notebook gives three documents that keep what we promise of each."""

import base64
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from platform_utils.errors import ContractError, FileError, PlatformError, UsageError
from platform_utils.render import finish_outputs, render, render_page

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "_extensions" / "platform"
FORMATS = ("html", "pdf", "docx")
MARK = "DEMODATA – påhittade siffror"


def png(across=40, down=20, dpi=200):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\x20\x60\xa0" * across for _ in range(down))
    metre = round(dpi / 0.0254)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", across, down, 8, 2, 0, 0, 0))
    density = chunk(b"pHYs", struct.pack(">IIB", metre, metre, 1))
    return b"\x89PNG\r\n\x1a\n" + head + density + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PNG = base64.b64encode(png()).decode()
FIGURE = f'::: {{#fig-a}}\n\n![](data:image/png;base64,{PNG}){{fig-alt="En blå ruta."}}\n\nBildtext\n\n:::'
TABLE = "| Region | Antal |\n|:--|--:|\n| Öst | 1\u00a0234 |\n| Väst | ..\u2060 |\n\n: Personer {#tbl-a}\n\n::: {.table-note}\n.. dold\n:::"
SAYS = f'::: {{.document-says mark="{MARK}"}}\n:::\n\n'
FRONT = 'title: "Årsrapport 2023"\nsubtitle: "Under"\nauthor: "Plattformen"\nlang: sv\ntoc: true\nnumber-sections: true\n'
TEXT = f"# Första {{#sec-a}}\n\nSe @fig-a, @tbl-a och @sec-a.\n\n{FIGURE}\n\n## Under\n\n{TABLE}\n\n::: {{.callout-note}}\nEn ruta.\n:::\n"


def markdown(source, expressions=()):
    return {"cell_type": "markdown", "source": source, "metadata": {"user_expressions": list(expressions)}}


def code(source, *outputs, count=1):
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": list(outputs),
        "execution_count": count,
    }


def shown(**data):
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {key.replace("_", "/"): value for key, value in data.items()},
    }


def write(folder, *cells, front=FRONT, name="annual"):
    cells = [markdown(cell) if isinstance(cell, str) else cell for cell in cells]
    if front is not None:
        cells.insert(0, {"cell_type": "raw", "source": f"---\n{front}---", "metadata": {}})
    path = folder / f"{name}.ipynb"
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8"
    )
    return path


def made(folder, *cells, formats=FORMATS, front=FRONT, **options):
    return render(write(folder, *cells, front=front), formats, defaults={}, assets=ASSETS, **options)


def html_of(folder, *cells, **options):
    return made(folder, *cells, formats=("html",), **options)[0].read_text(encoding="utf-8")


def part(path, name):
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode("utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return dict(zip(FORMATS, made(folder, SAYS + TEXT), strict=True))


def test_files_stand_where_asked_in_the_order_asked(tmp_path):
    path = write(tmp_path, TEXT)
    written = render(path, ("docx", "html"), tmp_path / "out" / "annual-2023.sv", defaults={}, assets=ASSETS)
    assert (tmp_path / "out" / "annual-2023.sv.docx", tmp_path / "out" / "annual-2023.sv.html") == written
    assert ["annual-2023.sv.docx", "annual-2023.sv.html"] == sorted(
        p.name for p in (tmp_path / "out").iterdir()
    )


def test_two_renderings_give_the_same_bytes(report, tmp_path):
    again = made(tmp_path, SAYS + TEXT)
    assert [report[name].read_bytes() for name in FORMATS] == [path.read_bytes() for path in again]


def test_the_page_is_whole_and_asks_for_nothing(report):
    page = report["html"].read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert "<script" not in page
    assert [] == re.findall(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "url(" not in page
    assert "data:image/png;base64," in page


def test_the_page_has_landmarks_and_a_way_past_them(report):
    page = report["html"].read_text(encoding="utf-8")
    assert 1 == page.count("<main ")
    assert '<a class="skip" href="#main">Till innehållet</a>' in page
    assert '<nav id="TOC" aria-labelledby="toc-title">' in page
    assert '<th scope="col" style="text-align: right;">Antal</th>' in page
    assert '<th scope="row" style="text-align: left;">Öst</th>' in page
    assert 'tabindex="0"' not in page  # a table that a phone shows whole is nothing to stop at
    assert 'alt="En blå ruta."' in page
    assert f'<p class="running-mark">{MARK}</p>' in page


def test_a_table_that_can_scroll_is_a_stop_with_a_name(tmp_path):
    page = html_of(tmp_path, f"# A\n\n{TABLE.replace('Öst', 'Arbetskraftsexploatering')}")
    assert 'role="region" tabindex="0" aria-labelledby="caption-tbl-a"' in page


def test_references_say_word_and_number(report):
    page = report["html"].read_text(encoding="utf-8")
    for label, text in (("fig-a", "Figur"), ("tbl-a", "Tabell"), ("sec-a", "Avsnitt")):
        assert f'<a href="#{label}" class="quarto-xref">{text}\u00a01</a>' in page.replace("&nbsp;", "\u00a0")


def test_the_pdf_is_tagged_archivable_and_has_its_fonts(report):
    data = report["pdf"].read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data
    assert b"<pdfaid:part>2</pdfaid:part>" in data
    assert b"/SourceSans3-Regular" in re.sub(rb"[A-Z]{6}\+", b"", data)
    assert b"En bl" in data or b"FEFF0045006E00200062006C00E500200072" in data


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_the_pdf_says_its_mark_and_page_on_every_page(tmp_path):
    long = "\n\n".join(f"Stycke {i} med lite text som fyller sidan." for i in range(120))
    path = made(tmp_path, f"{SAYS}# Rubrik\n\n{long}", formats=("pdf",))[0]
    text = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = text.split("\f")[:-1]
    assert len(pages) > 2
    assert all(MARK in page for page in pages)
    assert [f"Sida {i} av {len(pages)}" in page for i, page in enumerate(pages, 1)] == [True] * len(pages)


def test_the_first_cell_of_a_row_heads_it_in_the_pdfs_tags_and_the_objects_stand_where_they_are_said_to(
    report,
):
    data = report["pdf"].read_bytes()
    cells = re.findall(rb"/S/(T[HD])/P \d+ 0 R/A\[<</O/Table(/Scope/Row)?", data)
    assert [(b"TH", b"/Scope/Row"), (b"TD", b"")] * 2 == [cell for cell in cells if cell != (b"TH", b"")]
    start = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    count = int(re.match(rb"xref\n0 (\d+)\n", data[start:])[1])
    table = data[data.index(b"\n", start + 5) + 1 :]
    for number in range(1, count):
        place = int(table[20 * number :][:10])
        assert data[place:].startswith(b"%d 0 obj" % number)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_long_table_repeats_its_heading_row(tmp_path):
    rows = "\n".join(f"| Rad {i} | {i} |" for i in range(90))
    path = made(
        tmp_path, f"# Rubrik\n\n| Etikett | Värde |\n|:--|--:|\n{rows}\n\n: Lång {{#tbl-l}}", formats=("pdf",)
    )[0]
    text = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = text.split("\f")[:-1]
    assert [True] * len(pages) == ["Etikett" in page for page in pages]
    assert len(pages) > 1


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_a_chapters_first_words_stay_with_their_figure(tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"></svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    figure = f'### Budskap\n\n![Bildtext]({address}){{#fig-a fig-alt="En ruta."}}'

    def parts(words, lines):
        text = "\n\n".join(["# A", *["Rad."] * lines, "## Kapitel", words, figure])
        path = made(tmp_path, text, formats=("pdf",), front="title: T\nlang: sv\n")[0]
        pages = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout
        at = {
            word: place
            for place, page in enumerate(pages.decode().split("\f"))
            for word in re.findall(r"\w+", page)
        }
        return len({at[word] for word in ("Kapitel", "Inledningen", "Bildtext")})

    assert [1, 1, 1] == [parts("::: {.lead}\nInledningen.\n:::", lines) for lines in (15, 18, 21)]
    assert 2 in [parts("Inledningen.", lines) for lines in (15, 18, 21)]


def test_the_word_document_has_real_styles(report):
    assert 'w:styleId="BigNumber"' in part(ASSETS / "reference.docx", "word/styles.xml")
    document = part(report["docx"], "word/document.xml")
    styles = re.findall(r'<w:pStyle w:val="([^"]+)"', document)
    for style in (
        "Title",
        "Heading1",
        "Heading2",
        "TableCaption",
        "ImageCaption",
        "CaptionedFigure",
        "TableNote",
        "TOC1",
        "CalloutTitle",
    ):
        assert style in styles
    known = set(re.findall(r'w:styleId="([^"]+)"', part(report["docx"], "word/styles.xml")))
    assert set() == set(styles) - known
    assert set() == set(re.findall(r'<w:tblStyle w:val="([^"]+)"', document)) - known
    assert "<w:tblHeader" in document
    assert 'descr="En blå ruta."' in document


def test_the_contents_list_of_the_word_document_is_filled_and_leads_to_its_headings(report):
    document = part(report["docx"], "word/document.xml")
    entries = re.findall(r'<w:hyperlink w:anchor="([^"]+)" w:history="1"><w:r><w:t[^>]*>([^<]*)', document)
    assert [("sec-a", "1. Första"), ("under", "1.1 Under")] == entries
    bookmarks = re.findall(r'<w:bookmarkStart [^>]*w:name="([^"]+)"', document)
    assert {"sec-a", "under"} <= set(bookmarks)


def test_the_word_document_says_title_and_mark_on_every_page_and_no_clock(report):
    header = part(report["docx"], "word/header1.xml")
    assert MARK in header
    assert "Årsrapport 2023" in header
    assert "{{" not in header + part(report["docx"], "word/footer1.xml")
    assert "dcterms:created" not in part(report["docx"], "docProps/core.xml")
    with zipfile.ZipFile(report["docx"]) as package:
        assert {(1980, 1, 1, 0, 0, 0)} == {entry.date_time for entry in package.infolist()}


def test_the_reference_document_is_what_its_script_makes():
    import importlib.util

    spec = importlib.util.spec_from_file_location("build_reference", ASSETS / "build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ASSETS / "reference.docx").read_bytes() == module.build()


def test_a_mark_in_the_front_matter_counts_and_what_the_document_says_goes_before_it(tmp_path):
    front = f'{FRONT}running-mark: "UTKAST"\n'
    assert '<p class="running-mark">UTKAST</p>' in html_of(tmp_path, "# A", front=front)
    page = html_of(tmp_path, f"{SAYS}# A", front=front)
    assert f'<p class="running-mark">{MARK}</p>' in page
    assert "UTKAST" not in page


def test_a_document_says_its_title_and_name_and_defaults_stand_under_it(tmp_path):
    said = '::: {.document-says title="Årsrapport 2023" name="annual-2023.sv"}\n:::\n\n# A'
    path = write(tmp_path, said, front='title: "Årsrapport"\n')
    written = render(path, ("html",), defaults={"lang": "sv", "title": "Under"}, assets=ASSETS)
    page = written[0].read_text(encoding="utf-8")
    assert '<html lang="sv">' in page
    assert '<h1 class="title">Årsrapport 2023</h1>' in page
    assert "<title>Årsrapport 2023</title>" in page
    assert '<meta name="document" content="annual-2023.sv">' in page
    assert "document-says" not in page


def test_a_notebook_without_front_matter_takes_its_title_from_its_first_heading(tmp_path):
    page = html_of(tmp_path, "# Anteckningsbok\n\nText.", front=None)
    assert '<h1 class="title">Anteckningsbok</h1>' in page
    assert 1 == page.count("<h1")


REFUSED = [
    ("Se @fig-borta.", "E-604"),
    (f"# A\n\n![Bildtext](data:image/png;base64,{PNG}){{fig-alt='x'}}", "E-605"),
    ("# A\n\n| a |\n|--|\n| b |\n\n: Rubrik", "E-605"),
    (f"# A\n\n![Bildtext](data:image/png;base64,{PNG}){{#fig-a}}", "E-606"),
    (f"# A\n\n![](data:image/png;base64,{PNG})", "E-606"),
    ("# A\n\n### C", "E-607"),
    (
        "# A\n\n::: {#tbl-a}\n\n| a |\n|--|\n| b |\n\nX\n:::\n\n::: {#tbl-a}\n\n| a |\n|--|\n| b |\n\nX\n:::",
        "E-608",
    ),
    ("# A\n\n![](data:image/png;base64,AAAA){fig-alt='x'}", "E-609"),
    ("# A\n\n![](bild.png){fig-alt='x'}", "E-601"),
    ("# A\n\n![](data:image/jpeg;base64,AAAA){fig-alt='x'}", "E-601"),
    ("# A\n\n$$x$$ {#eq-a}", "E-601"),
    ("# A {.unnumbered}", "E-601"),
    ("# A\n\n::: {.callout-note #nte-a}\nx\n:::", "E-601"),
    (
        f"# A\n\n::: {{#fig-a}}\n::: {{#fig-b}}\n![](data:image/png;base64,{PNG}){{fig-alt='x'}}\n\nB\n:::\n\nA\n:::",
        "E-601",
    ),
    ("# A\n\nRad med {{< pagebreak >}}", "E-601"),
    ("# A\n\n::: {layout-ncol=7}\nx\n:::", "E-601"),
    ("# A\n\n+---+---+\n| a     |\n+===+===+\n| b | c |\n+---+---+", "E-601"),
    ("# A\n\n![](https://example.org/a.png){fig-alt='x'}", "E-601"),
    ("# A\n\n::: {.panel-tabset}\n## B\n:::", "E-601"),
    ("# A\n\n::: {.column-margin}\nx\n:::", "E-601"),
    ("# A\n\n::: {.callout-danger}\nx\n:::", "E-601"),
    ("# A\n\n::: {.callout-note appearance='loud'}\nx\n:::", "E-601"),
    ("# A\n\n::: {layout='[[1,1]]'}\nx\n:::", "E-601"),
    ("# A\n\n::: {layout-ncol=x}\nx\n:::", "E-601"),
    ("# A\n\n::: {#thm-a}\nx\n:::", "E-601"),
    ("# A\n\n::: {.content-visible when-profile='x'}\nx\n:::", "E-601"),
    ("# A\n\n::: {.content-visible when-format='revealjs'}\nx\n:::", "E-601"),
    ("# A\n\n{{< video a.mp4 >}}", "E-601"),
    ("# A\n\nI {{< meta title >}} text.", "E-601"),
    ("# A\n\n`x`{=latex}", "E-601"),
    (code("#| code-fold: true\n1"), "E-601"),
    (code("x", shown(text_html="<b>x</b>", text_plain="x")), "E-601"),
    (code("x", shown(image_png=PNG, text_plain="<Figure>")), "E-601"),
    (code("x", shown(application_javascript="x")), "E-601"),
    (code("x", {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}), "E-601"),
    (code("x", count=None), "E-616"),
]


@pytest.mark.parametrize(("cell", "code_of_error"), REFUSED, ids=lambda value: str(value)[-34:])
def test_what_is_wrong_or_not_supported_is_refused_by_name(tmp_path, cell, code_of_error):
    with pytest.raises(PlatformError) as caught:
        made(tmp_path, cell, formats=("html",))
    assert code_of_error == caught.value.code
    assert "annual" in str(caught.value)
    assert caught.value.text("sv") != caught.value.text("en")
    assert ["annual.ipynb"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    "front",
    [
        "title: x\nfilters: [y]\n",
        "title: x\nhtml-math-method: mathml\n",
        "title: x\nbibliography: kallor.bib\n",
        "title: x\nformat: revealjs\n",
        "title: x\nformat:\n  pdf: default\n",
        "title: x\nformat:\n  html:\n    code-tools: true\n",
        "title: x\ndate: today\n",
        "title: x\nexecute:\n  error: true\n",
        "title: x\nauthor:\n  - name: a\n    affiliation: b\n",
    ],
)
def test_a_front_matter_outside_the_subset_is_refused_by_name(tmp_path, front):
    with pytest.raises(ContractError) as caught:
        made(tmp_path, "# A", formats=("html",), front=front)
    assert "E-601" == caught.value.code


def test_the_list_of_the_subset_names_every_key_and_option():
    from platform_utils.render import assemble, settings

    listed = set(re.findall(r"`([a-z-]+)`", (ROOT / "reports" / "README.md").read_text(encoding="utf-8")))
    assert set() == (settings._USED | settings._PASSED_OVER) - listed
    assert set() == assemble._OPTIONS - listed
    table = (ROOT / "reports" / "README.md").read_text(encoding="utf-8").split("## Where we are stricter")[0]
    rows = dict(re.findall(r"^\| ([A-Z][^|]+?) \| (.+) \|$", table, re.MULTILINE))
    named = {name: set(re.findall(r"`([a-z-]+)`", row)) for name, row in rows.items()}
    assert settings._USED == named["Front matter"]
    assert settings._PASSED_OVER == named["Front matter for Quarto or Jupyter alone"]
    assert assemble._OPTIONS == named["Cells"] - {"true", "false", "asis"}


@pytest.mark.parametrize(
    ("options", "code_of_error"), [({"formats": ("html", "odt")}, "E-610"), ({"engine": "latex"}, "E-615")]
)
def test_an_unknown_format_or_engine_is_refused(tmp_path, options, code_of_error):
    with pytest.raises(UsageError) as caught:
        made(tmp_path, "# A", **options)
    assert (code_of_error, 2) == (caught.value.code, caught.value.exit_status)


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "annual.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        render(path, defaults={}, assets=ASSETS)
    assert "E-620" == caught.value.code


def test_a_missing_asset_is_named(tmp_path):
    with pytest.raises(FileError) as caught:
        render(write(tmp_path, "# A"), defaults={}, assets=tmp_path)
    assert "E-617" == caught.value.code


def test_an_svg_picture_stands_in_all_three(tmp_path):
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#069"/></svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
    written = made(tmp_path, f'# A\n\n![Bildtext]({address}){{#fig-a fig-alt="En ruta."}}')
    with zipfile.ZipFile(written[2]) as package:
        pictures = [name for name in package.namelist() if name.startswith("word/media/")]
        assert [".png"] == [Path(name).suffix for name in pictures]
        assert package.read(pictures[0]).startswith(b"\x89PNG")
    assert "data:image/svg+xml;base64," in written[0].read_text(encoding="utf-8")


def test_anybodys_notebook_is_a_page_whatever_it_holds(tmp_path):
    frame = shown(text_html="<table><tr><th>a</th></tr><tr><td>1</td></tr></table>", text_plain="a 1")
    outside = "![x](https://example.invalid/a.png)"
    path = write(
        tmp_path, f"# Mine\n\n$x = 1$ {outside}", code("frame", frame), code("plot()", shown(image_png=PNG))
    )
    (tmp_path / "_quarto.yml").touch()
    shutil.copytree(ASSETS, tmp_path / "_extensions" / "platform")
    page = render_page(path).read_text(encoding="utf-8")
    assert "<td>1</td>" in page
    assert "data:image/png;base64" in page
    assert "<math" in page
    assert ".running-mark" in page
    assert page == render_page(path).read_text(encoding="utf-8")


def test_hard_spaces_and_marks_reach_all_three(tmp_path):
    expression = {
        "expression": "n",
        "result": {
            "status": "ok",
            "metadata": {},
            "data": {"text/markdown": "1\u00a0234", "text/plain": "x"},
        },
    }
    dots = {
        "expression": "d",
        "result": {"status": "ok", "metadata": {}, "data": {"text/markdown": "..\u2060", "text/plain": "x"}},
    }
    cell = markdown("# A\n\nAntal `{python} n`, dolt `{python} d`.", [expression, dots])
    written = made(tmp_path, cell)
    page = written[0].read_text(encoding="utf-8").replace("&nbsp;", "\u00a0")
    assert "Antal 1\u00a0234, dolt ..\u2060." in page
    assert "Antal 1\u00a0234, dolt ..\u2060." in re.sub(r"<[^>]+>", "", part(written[2], "word/document.xml"))


def test_a_file_that_is_handed_on_links_to_no_file_beside_it(tmp_path):
    page, pdf, word = made(
        tmp_path, "# A\n\n[Bilagan](annex.html#sec-a), [sidan](https://manniskohandel.se/), [här](#a)."
    )
    assert all(address in page.read_text(encoding="utf-8") for address in ("annex.html", "https://", '"#a"'))
    assert b"annex.html" not in pdf.read_bytes()
    assert b"https://manniskohandel.se/" in pdf.read_bytes()
    links = part(word, "word/_rels/document.xml.rels")
    assert "annex.html" not in links
    assert "https://manniskohandel.se/" in links
    assert "Bilagan" in part(word, "word/document.xml")


def test_callouts_that_touch_stay_apart_in_word(tmp_path):
    box = "::: {.callout-note}\nText.\n:::\n\n"
    document = part(made(tmp_path, f"# A\n\n{box}{box}", formats=("docx",))[0], "word/document.xml")
    assert 2 == document.count('<w:tblStyle w:val="CalloutNote"')
    assert re.search(r"</w:tbl>\s*<w:tbl>", document) is None


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for quarto is a POSIX script")
def test_the_other_engine_says_in_quartos_words_why_it_failed(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "quarto"
    program.parent.mkdir()
    said = (
        "pandoc\\n\\033[31mERROR: Template partial $PWD/x.typ was not found.\\033[39m\\nStack trace:\\n at y"
    )
    program.write_text(f'#!/bin/sh\nprintf "{said}" >&2\nexit 3\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    with pytest.raises(ContractError) as caught:
        made(tmp_path, TEXT, engine="quarto")
    assert ("E-614", 3) == (caught.value.code, caught.value.fields["status"])
    assert "Template partial x.typ was not found." in str(caught.value)


def test_the_other_engine_is_refused_where_it_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        made(tmp_path, TEXT, engine="quarto")
    assert "E-613" == caught.value.code


def test_what_quarto_has_rendered_is_kept_under_its_documents_own_name_too(tmp_path):
    said = '::: {.document-says title="Årsrapport 2023" name="annual-2023.sv"}\n:::\n\n'
    files = made(tmp_path, said + TEXT)
    finish_outputs([*files, tmp_path / "site_libs.js"], ASSETS)
    for path in files:
        assert path.read_bytes() == path.with_name(f"annual-2023.sv{path.suffix}").read_bytes()
    assert 7 == len(list(tmp_path.iterdir()))


def test_the_bytes_do_not_follow_the_desk(report, tmp_path):
    path = write(tmp_path, SAYS + TEXT)
    script = (
        "import sys; from pathlib import Path; from platform_utils.render import render\n"
        "render(Path(sys.argv[1]), defaults={}, assets=Path(sys.argv[2]))"
    )
    desk = {
        **os.environ,
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "SOURCE_DATE_EPOCH": "1",
        "HOME": str(tmp_path),
    }
    subprocess.run([sys.executable, "-c", script, path, ASSETS], check=True, env=desk, cwd=tmp_path)
    assert [report[name].read_bytes() for name in FORMATS] == [
        path.with_suffix(f".{name}").read_bytes() for name in FORMATS
    ]


def test_a_short_table_stays_on_one_page_with_its_notes_in_word_and_a_long_one_breaks(report, tmp_path):
    document = part(report["docx"], "word/document.xml")
    rows = re.findall(r"<w:tr>.*?</w:tr>", document, re.DOTALL)
    assert [True] * 3 == ["<w:keepNext/>" in row for row in rows if "Callout" not in row][:3]
    assert [True] * len(rows) == ["<w:cantSplit/>" in row for row in rows]
    many = "\n".join(f"| Rad {i} | {i} |" for i in range(30))
    long = made(tmp_path, f"# A\n\n| A | B |\n|:--|--:|\n{many}\n\n: Lång {{#tbl-l}}", formats=("docx",))[0]
    table = re.search(r"<w:tbl>.*?</w:tbl>", part(long, "word/document.xml"), re.DOTALL)[0]
    assert "keepNext" not in table
