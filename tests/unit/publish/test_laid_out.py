"""Rows that stand together read well; a table with nothing left is a sentence; the report says which and why."""

import pytest

from platform_utils import publish
from platform_utils.publish.cells import lines, what_is_left
from platform_utils.publish.facts import read_fact
from platform_utils.publish.figure import show_figure
from platform_utils.publish.method import show_left_out
from platform_utils.publish.table import show_table
from platform_utils.publish.words import code_label, in_full
from platform_utils.spec import codebook
from platform_utils.spec.layout import Layout, is_merged

STAGES = [("before_application", 20), ("in_rest", 12), ("in_support+later", 5), ("total", 37)]
COUNTRIES = [
    ("BG", 12), ("other_eu-BG", 14), ("third_country-TH", 17), ("TH", 15), ("blank", 20), ("total", 78),
]  # fmt: skip


@pytest.fixture
def stages(safe):
    return safe("dropout_stage", STAGES, dimension="dropout_stage", universe="left")


@pytest.fixture
def empty(safe):
    """Nothing but the total can be shown."""
    return safe(
        "rows_read", [("accepted", 40), ("held", 2), ("total", 42)], dimension="row_reason", unit="rows"
    )


@pytest.mark.parametrize(
    ("code", "sv", "en"),
    [
        ("in_support+later", "under stöd och skydd + senare", "in support and protection + later"),
        (
            "in_rest+in_support",
            "under initial vila + under stöd och skydd",
            "in the recovery period + in support and protection",
        ),
    ],
)
def test_a_merged_row_names_its_codes(code, sv, en):
    assert sv == code_label("dropout_stage", code, "sv")
    assert en == code_label("dropout_stage", code, "en")
    assert "" == in_full("dropout_stage", code, "en")


def test_a_long_merged_row_is_others_and_the_note_names_them(safe):
    code = "self+outreach+other_ngo+workplace_or_union+regional_coordinator"
    assert "others (5 categories)" == code_label("identified_by", code, "en")
    cells = [("police", 20), (code, 12), ("total", 32)]
    shown = show_table(safe("identified_by", cells, dimension="identified_by"), "en")._repr_markdown_()
    assert "| others (5 categories) | 12 |" in shown
    assert "The row “others (5 categories)” is came by themselves + outreach + another NGO + " in shown
    assert "shown together" in shown


def test_countries_that_are_not_named_stand_after_those_that_are(safe):
    one = safe("origin_country", COUNTRIES, dimension="origin_country")
    labels = [line.label for line in lines(one, "en")]
    assert ["Bulgaria", "Thailand", "other EU countries", "other countries outside the EU"] == labels[:4]
    assert "plus sign" not in show_table(one, "en")._repr_markdown_()


def test_a_number_that_stands_in_a_row_with_others_is_hidden_in_sentences(safe):
    one = safe(
        "return_route",
        [("programme+own_contacts", 20), ("by_decision", 6), ("total", 26)],
        dimension="return_route",
    )
    years = {2023: {"return_route": one}}
    assert "hidden" == read_fact("route_top", years, 2023, "en").state


def test_the_largest_row_is_named_where_no_merged_row_is_larger(stages):
    assert "hidden" != read_fact("stage_top", {2023: {"dropout_stage": stages}}, 2023, "en").state


@pytest.mark.parametrize(
    ("cells", "left"),
    [
        ([("accepted", 40), ("held", 2), ("total", 42)], "total"),
        ([("accepted", 1), ("held", 1), ("total", 2)], "nothing"),
        ([("accepted", 40), ("held", 20), ("total", 60)], "rows"),
        ([("accepted", 0), ("held", 0), ("total", 0)], "rows"),
        ([("accepted", 0), ("held", 0), ("unknown", 60), ("total", 60)], "unanswered"),
    ],
)
def test_a_page_of_dots_is_told_from_a_page_of_zeros(safe, cells, left):
    assert left == what_is_left(safe("rows_read", cells, dimension="row_reason", unit="rows"))


def test_a_table_of_nothing_but_dots_is_a_sentence_with_its_total(empty):
    shown = show_table(empty, "en")._repr_markdown_()
    assert "|" not in shown
    assert "is not shown row by row" in shown
    assert "The total is 42 rows." in shown
    assert "" == show_figure(empty, "en")._repr_markdown_()


def test_a_table_that_nobody_answered_is_a_sentence(safe):
    cells = [("yes", 0), ("no", 0), ("unknown", 20), ("blank", 40), ("total", 60)]
    shown = show_table(safe("nsp", cells, dimension="nsp"), "en")._repr_markdown_()
    assert "|" not in shown
    assert "Nobody answered" in shown and "60 persons: unknown 20, not answered 40" in shown


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_report_lists_what_stands_together_and_what_is_left_out(stages, empty, hidden, lang):
    tables = {"sex": hidden, "dropout_stage": stages, "rows_read": empty}
    said = str(show_left_out({2023: tables}, 2023, lang))
    assert code_label("dropout_stage", "in_support+later", lang) in said
    assert {"sv": "bara totalen visas, 42 rader", "en": "only the total is shown, 42 rows"}[lang] in said
    assert {"sv": "tal är dolt och står som **..\u2060**: 1.", "en": "stand as **..\u2060**: 1."}[
        lang
    ] in said


def test_the_analyst_sees_each_alternative_with_what_it_keeps():
    looked_at = [
        Layout("dropout_stage", "merged", "dropout_stage", ("in_support+later",), 3, 4),
        Layout("return_route", "merged", "return_route", ("programme+own_contacts",), 3, 3, chosen=False),
    ]
    table = str(publish.show_alternatives(looked_at, "en"))
    assert "| in support and protection + later | 3 | 4 | yes |" in table
    assert "| assisted voluntary return + own contacts | 3 | 3 | no |" in table


def test_no_code_of_the_codebook_reads_like_a_merged_one():

    codes = [code.code for listed in codebook.load().lists.values() for code in listed]
    assert [] == [code for code in codes if is_merged(code)]
