import tomllib
from string import Formatter

import pytest

from platform_utils.count import load_plan
from platform_utils.paths import resource
from platform_utils.spec import codebook

I18N = ("beside", "computed", "notes", "report", "sentences", "tables", "universes", "words")


def texts(name):
    return tomllib.loads(resource("i18n", f"{name}.toml").read_text(encoding="utf-8"))


def test_every_planned_table_has_a_title_and_every_population_a_name():
    keys = {planned.key for planned in load_plan().tables}
    populations = {planned.population.name for planned in load_plan().tables}

    assert set() == keys - set(texts("tables"))
    assert set() == populations - set(texts("universes"))


def test_every_population_is_counted_by_a_table_or_links_two():
    used = {planned.population.name for planned in load_plan().tables}

    assert {"direct_without_mass"} >= set(load_plan().populations) - used


def test_every_dimension_is_in_the_codebook_or_computed():
    book = codebook.load()
    known = {one.name for one in (*book.variables, *book.derived)} | set(load_plan().computed)

    assert set() == {name for planned in load_plan().tables for name in planned.dimensions} - known


def test_computed_variables_have_a_label_for_every_code():
    labels = texts("computed")

    for name, codes in load_plan().computed.items():
        assert set(codes) == set(labels[name]["codes"])


def test_notes_of_tables_exist():
    notes = {note for planned in load_plan().tables for note in planned.notes}

    assert set() == notes - set(texts("notes"))


def test_no_table_key_stands_twice():
    keys = [planned.key for planned in load_plan().tables]

    assert sorted(set(keys)) == sorted(keys)


def test_at_most_two_dimensions_and_no_finer_place_than_police_region():
    for planned in load_plan().tables:
        assert len(planned.dimensions) <= 2
        assert not {"county", "person_code", "case_id"} & set(planned.dimensions)


@pytest.mark.parametrize("name", I18N)
def test_both_languages_say_everything(name):
    def check(entry, place):
        if "sv" in entry or "en" in entry:
            assert {"sv", "en"} <= set(entry), place
            assert fields(entry["sv"]) == fields(entry["en"]), place
            for variant in ("without", "hidden", "zero"):
                assert (f"{variant}_sv" in entry) == (f"{variant}_en" in entry), place
        for key, value in entry.items():
            if isinstance(value, dict):
                check(value, f"{place}.{key}")

    check(texts(name), name)


def test_sentences_name_facts_that_exist():
    facts = texts("facts")
    for key, entry in texts("sentences").items():
        for text in (value for name, value in entry.items() if name != "zero_if"):
            named = fields(text) - {"year", "year_before"}
            assert set() == {n for n in named if not n.startswith(("see_", "fig_"))} - set(facts), key


def test_facts_name_tables_and_codes_of_the_plan():
    book, plan = codebook.load(), load_plan()
    for key, fact in texts("facts").items():
        planned = plan.table(fact["table"])
        for cell in [fact.get("cell", {}), *fact.get("plus", ())]:
            for name, code in cell.items():
                assert name in planned.dimensions, key
                known = plan.computed.get(name) or [c.code for c in book.codes(_variable(book, name))]
                assert code in (*known, *book.special), key
        assert fact.get("of", "all") in texts("facts"), key


def test_a_share_is_of_the_cell_that_its_name_says():
    facts = texts("facts")
    for key, fact in facts.items():
        name = key.removesuffix("_share")
        if name != key and name in facts:
            assert (facts[name]["table"], facts[name].get("cell")) == (fact["table"], fact.get("cell")), key


def _variable(book, name):
    return next(one for one in (*book.derived, *book.variables) if one.name == name)


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}
