"""The data dictionary is complete, and its tables are tables."""

import pytest

from platform_utils.spec import codebook
from platform_utils.spec.dictionary import data_dictionary


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
