"""The data dictionary is generated, complete, and the committed pages are up to date."""

from pathlib import Path

import pytest

from platform_utils.spec import codebook
from platform_utils.spec.dictionary import data_dictionary, write_data_dictionary

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_committed_page_is_what_the_codebook_says(lang):
    assert (DOCS / f"data_dictionary.{lang}.md").read_text(encoding="utf-8") == data_dictionary(lang)


def test_both_pages_are_written(tmp_path):
    assert ["data_dictionary.sv.md", "data_dictionary.en.md"] == [
        p.name for p in write_data_dictionary(tmp_path)
    ]
    assert (tmp_path / "data_dictionary.en.md").read_bytes().startswith(b"# Data dictionary\n")
    assert b"\r" not in (tmp_path / "data_dictionary.sv.md").read_bytes()


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_variable_code_and_derived_variable_stands_there(lang):
    book, text = codebook.load(), data_dictionary(lang)
    for variable in (*book.variables, *book.derived):
        assert f"`{variable.name}" in text
        assert variable.label(lang) in text
    for name in {v.codes for v in (*book.variables, *book.derived) if v.codes}:
        for code in book.lists[name]:
            assert f"| `{code.code}` | {code.label(lang)} |" in text


def test_a_row_has_as_many_cells_as_its_heading():
    block = []
    for line in [*data_dictionary("en").splitlines(), ""]:
        if line.startswith("|"):
            block.append(line.replace("\\|", "").count("|"))
        elif block:
            assert len(set(block)) == 1
            block = []


def test_what_is_asked_only_sometimes_says_when():
    rows = {
        line.split("|")[1].strip(): line
        for line in data_dictionary("en").splitlines()
        if line.startswith("|")
    }
    assert "Only if `police_report` is “yes”." in rows["`police_report_by`"]
    assert "2021–" in rows["`police_report_by`"]
    assert "`third_country`; `other_eu` up to 2019" in rows["`GB`"]
