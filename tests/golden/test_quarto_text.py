"""The embedded engine gives the text that real Quarto gave; every difference is listed with its reason."""

import importlib.util
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from platform_utils.execute import run_document
from platform_utils.render import render

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "quarto_text"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9]*.qmd"))
DIFFERENCES = tomllib.loads((FOLDER / "differences.toml").read_text(encoding="utf-8"))
# These make tables with packages that the project does not install; their executed notebooks are stored.
NEEDS_MORE = {"06-tabeller-markdown", "07-tabeller-html", "16-report-en", "19-undvik"}


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

    def give(name):
        if name not in done:
            done[name] = render(
                FOLDER / "executed" / f"{name}.ipynb",
                ("html", "pdf", "docx"),
                folder / name,
                resources=FOLDER,
                defaults={},
                assets=ROOT / "_extensions" / "platform",
                strict=False,
            )
        return dict(zip(("html", "pdf", "docx"), done[name], strict=True))

    return give


def quarto(name, form):
    return (FOLDER / f"{name}.{form}.txt").read_text(encoding="utf-8").splitlines()


def with_differences(text, name, form):
    for entry in DIFFERENCES["difference"]:
        if entry["document"] == name and entry["format"] == form:
            assert entry["quarto"] in text, f"this difference is no more: {entry['quarto']}"
            text = text.replace(entry["quarto"], entry["ours"])
    return text


@pytest.mark.parametrize("name", NAMES)
def test_html_has_the_text_that_quarto_gave(name, rendered):
    expected = with_differences("\n".join(quarto(name, "html")), name, "html")
    assert expected == "\n".join(EXTRACT.html_text(rendered(name)["html"]))


KEPT_STYLES = re.compile(
    r"heading \d|Title|Subtitle|Author|Date|Abstract.*|TOC Heading|Bibliography|Footnote Text|Definition.*|Block Text"
)


def comparable_docx(lines):
    """Text with the styles that carry meaning; rules docx_floats, docx_alt, docx_contents, callout_icons."""
    made = []
    for line in lines:
        match = re.fullmatch(r"(\[\^\d+\] )?\[([^\]]+)\] (.*)", line)
        if not match:
            continue
        note, style, text = match.groups()
        text = re.sub(r"^\{image alt=[^}]*\} ?|\{field TOC[^}]*\}| \{span \d+\}$", "", text)
        if not text or re.match(r"toc \d", style):
            continue
        listed = re.search(r" list\d", style)
        kept = f"[{style}] " if KEPT_STYLES.fullmatch(style) else ""
        made.append(f"{note or ''}{kept}{listed[0] if listed else ''}{text}")
    return made


@pytest.mark.parametrize("name", NAMES)
def test_docx_has_the_text_that_quarto_gave(name, rendered):
    expected = with_differences("\n".join(comparable_docx(quarto(name, "docx"))), name, "docx")
    assert expected == "\n".join(comparable_docx(EXTRACT.docx_text(rendered(name)["docx"])))


def comparable_pdf(lines):
    """One string; rules page_breaks and callout_icons."""
    kept = [line for line in lines if not re.fullmatch(r"--- \d+ ---|\d+", line)]
    text = EXTRACT.flat([re.sub(r" \{leader\}.*", "", line) for line in kept])
    text = re.sub(r"[\ue000-\uf8ff] ?|(?<= )! (?=Viktigt|Important|Demodata)", "", text)
    return re.sub(r"(?<=\d– )?(?<=\d–) (?=\d)", "", text)


def pdf_lines(path):
    """The text between header and footer."""
    command = [
        "pdftotext",
        "-raw",
        "-enc",
        "UTF-8",
        "-x",
        "0",
        "-y",
        "65",
        "-W",
        "600",
        "-H",
        "715",
        str(path),
        "-",
    ]
    done = subprocess.run(command, capture_output=True, check=True)
    lines = [EXTRACT.squeeze(line) for line in re.split("[\n\f]", done.stdout.decode("utf-8"))]
    return [re.sub(r"(?: \.){6,} ?\u2060?", " {leader} ", line) for line in lines if line]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_pdf_has_the_text_that_quarto_gave(name, rendered):
    expected = with_differences(comparable_pdf(quarto(name, "pdf")), name, "pdf")
    assert expected == comparable_pdf(pdf_lines(rendered(name)["pdf"]))


def facts_of(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def with_listed_facts(facts, name, form):
    for entry in DIFFERENCES["fact"]:
        place, key = entry["fact"].split(".")
        if entry["document"] == name and place == form:
            assert entry["ours"] != facts[key], f"this difference is no more: {entry['fact']}"
            facts[key] = entry["ours"]
    return facts


@pytest.mark.parametrize("name", NAMES)
def test_html_has_the_headings_captions_references_and_alt_texts_that_quarto_gave(name, rendered):
    expected = with_listed_facts(facts_of(name)["html"], name, "html")
    found = EXTRACT.html_facts(rendered(name)["html"])
    for key in ("scripts", "jquery_or_require"):
        del expected[key]
    expected["requested"] = []
    assert 0 == found.pop("scripts")
    assert not found.pop("jquery_or_require")
    assert expected == found


@pytest.mark.parametrize("name", NAMES)
def test_docx_has_the_headings_references_and_header_rows_that_quarto_gave(name, rendered):
    facts = facts_of(name)
    expected = with_listed_facts(facts["docx"], name, "docx")
    found = EXTRACT.docx_facts(rendered(name)["docx"])
    in_contents = len(found["xrefs"]) - len(expected["xrefs"])  # the filled contents list comes first
    assert expected["headings"] == found["headings"]
    assert expected["xrefs"] == found["xrefs"][in_contents:]
    assert in_contents <= len(found["headings"])
    assert expected["anchors"] == found["anchors"]
    assert expected["lang"] == found["lang"]
    assert expected["chars"] == found["chars"]
    assert [t["header"] for t in expected["tables"] if t["header"]] == [
        t["header"] for t in found["tables"] if t["header"]
    ]
    assert [figure["alt"] for figure in facts["html"]["figures"]] == [
        figure["alt"] for figure in found["figures"]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_pdf_is_tagged_and_has_the_alt_texts_that_quarto_gave(name, rendered):
    data = rendered(name)["pdf"].read_bytes()
    assert b"/MarkInfo" in data
    for alt in facts_of(name)["typst"]["alts"]:
        assert _pdf_string(alt) in data


def _pdf_string(text):
    if text.isascii():
        return b"(" + text.encode() + b")"
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


@pytest.mark.parametrize("name", sorted(set(NAMES) - NEEDS_MORE))
def test_running_a_document_again_gives_the_stored_notebook(name, tmp_path):
    made = run_document(FOLDER / f"{name}.qmd", {}, tmp_path / f"{name}.ipynb")
    stored = (FOLDER / "executed" / f"{name}.ipynb").read_text(encoding="utf-8")
    assert stored == made.read_text(encoding="utf-8")


def test_every_difference_has_a_reason_and_a_document():
    for entry in (*DIFFERENCES["difference"], *DIFFERENCES["fact"]):
        assert entry["document"] in NAMES
        assert len(entry["reason"]) > 5
