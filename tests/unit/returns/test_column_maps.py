"""Which heading means which column, in every form version."""

import pytest

from platform_utils import returns
from platform_utils.returns.column_maps import known_headings
from platform_utils.spec import codebook, grains
from platform_utils.spec.codebook import normalise_text


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("grain", grains.load())
def test_the_last_form_has_the_headings_of_the_codebook(grain, lang):
    book = codebook.load()
    expected = {column: book.heading(column, lang, grain) for column in book.grain_columns(grain, 2025)}
    assert expected == returns.column_map(grain, 2025, lang)


@pytest.mark.parametrize("year", range(2018, 2026))
@pytest.mark.parametrize("grain", grains.load())
def test_a_form_has_exactly_the_columns_that_its_year_asked(grain, year):
    assert list(codebook.load().grain_columns(grain, year)) == list(returns.column_map(grain, year, "sv"))


def test_years_beyond_the_forms_take_the_nearest_form():
    assert returns.column_map("case", 2018, "sv") == returns.column_map("case", 2010, "sv")
    assert returns.column_map("case", 2025, "en") == returns.column_map("case", 2040, "en")


def test_an_old_form_has_its_own_headings():
    old = returns.column_map("case", 2018, "sv")
    assert ("Löpnummer", "Typ av exploatering: tiggeri") == (old["person_code"], old["form__begging"])


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("personKOD", "person_code"),
        (" Person\u00adkod*", "person_code"),
        ("Running number", "person_code"),
        ("Klientkod", "person_code"),
        ("form__begging", "form__begging"),
        ("Ko\u0308n", "sex"),
    ],
)
def test_a_heading_is_known_by_its_text_however_it_is_typed(heading, column):
    assert column == known_headings()[normalise_text(heading)]["case"]
