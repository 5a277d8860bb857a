"""A PDF is read as a reader meets it: the letters that pdftotext finds, alternative texts, pictures; or refused."""

import collections
import shutil
import subprocess

import pytest
import typst

from platform_utils.verify import compare_files
from platform_utils.verify.pdf import read_pdf

TEXT = r"""
#set document(title: "Years", date: none)
#set page(width: 300pt, height: 200pt, header: [Demo head])
= Years (and) \\ signs
Under 2023 mötte vi *520 personer* (469 direkt, 36 barn); affär, fika.
#table(columns: 2, [Roll], [Antal], [direkt], [469], [barn], [..])
#pagebreak()
#figure(image("box.png", alt: "Bar chart: direct 469"))
Slut.
"""


@pytest.fixture
def make(tmp_path):
    def made(text=TEXT, colour=(0, 114, 178)):
        from PIL import Image

        Image.new("RGB", (40, 20), colour).save(tmp_path / "box.png")
        path = tmp_path / "x.typ"
        path.write_text(text, encoding="utf-8")
        return typst.compile(str(path), timestamp=0)

    return made


def places(then, now):
    return [each.place for each in compare_files("reports/a.pdf", then, now)]


def test_words_are_read_by_page_with_headers_apart(make):
    content = read_pdf(make())
    assert {1: "Years (and) \\ signs", 2: "Slut."} == {
        1: content.blocks[0][1],
        content.blocks[-1][0]: content.blocks[-1][1],
    }
    assert ((1, "Demo head"), (2, "Demo head")) == content.edges
    assert ("Bar chart: direct 469",) == content.alternatives
    assert [("RGB", (40, 20))] == [picture[:2] for picture in content.pictures]


@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler is not installed: nothing to read beside"
)
def test_the_letters_are_those_that_pdftotext_finds(make, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(make())
    theirs = subprocess.run(
        ["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, check=True
    ).stdout.decode()
    content = read_pdf(path.read_bytes())
    ours = "".join(text for _, text in (*content.blocks, *content.edges))
    letters = [collections.Counter(c for c in text if not c.isspace()) for text in (theirs, ours)]
    assert letters[0] == letters[1]


def test_a_changed_number_is_named_with_its_page(make):
    found = places(make(), make(TEXT.replace("Slut.", "Slut 2.")))
    assert ["page 2, sentence: Slut. → Slut 2."] == found


def test_a_changed_head_picture_or_alternative_text_is_named(make):
    heads = places(make(), make(TEXT.replace("Demo head", "Head")))
    assert ["page 1, at the edge: Demo head Demo head → Head Head"] == heads
    assert ["picture 1: points 0,0 to 40,24"] == places(make(), make(colour=(213, 94, 0)))
    told = places(make(), make(TEXT.replace("direct 469", "direct 470")))
    assert ["alternative text: Bar chart: direct 469 → Bar chart: direct 470"] == told


def test_other_fonts_or_places_are_none(make):
    assert [] == places(make(), make(TEXT.replace("height: 200pt", "height: 210pt")))
    assert [] == places(make(), make('#set text(font: "New Computer Modern")' + TEXT))


def test_a_pdf_of_another_program_is_said_not_to_have_been_compared(make):
    other = b"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/Length 0>>\nstream\n\nendstream\nendobj\n"
    expected = ["other bytes; not a PDF of the embedded engine, so words and pictures were not compared"]
    assert expected == places(make(), other)
    with pytest.raises(ValueError, match="objects in streams"):
        read_pdf(other)
