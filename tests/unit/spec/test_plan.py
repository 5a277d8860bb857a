"""The table plan: one entry is one table, and every word in it is one that something defines."""

from string import Formatter

import pytest

from platform_utils import messages, protect
from platform_utils.count import rows
from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.programme.year import COVERAGE
from platform_utils.publish.claims import FIELD, FORMS
from platform_utils.spec import plan as planning
from platform_utils.spec.plan import load_plan

FILE = resource("table_plan.toml").read_text(encoding="utf-8")


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def load(text, tmp_path, monkeypatch):
    (tmp_path / "table_plan.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(planning, "resource", lambda name: tmp_path / name)
    return load_plan.__wrapped__()


def test_every_population_is_counted_by_a_table_or_may_be_asked_for():
    used = {planned.population.name for planned in load_plan().tables}

    made = {
        name for name in load_plan().populations if name.endswith("_without_mass")
    }  # in years with large cases
    assert set() == set(load_plan().populations) - used - made


def test_every_measure_is_used_and_its_unit_has_a_rule_of_disclosure():
    rule = protect.load_rule()
    units = {measure.unit for measure in load_plan().measures.values()}

    assert set(load_plan().measures) == {planned.measure.name for planned in load_plan().tables}
    assert units <= rule.protected_units | rule.open_units | rule.sum_units


def test_rows_beside_the_sheets_are_those_that_counting_makes():
    assert set(planning._ROWS_BESIDE_SHEETS) == {*rows._BESIDE_SHEETS, COVERAGE}


def test_at_most_two_dimensions_and_no_finer_place_than_police_region():
    refused = protect.load_rule().refused_dimensions
    for planned in load_plan().tables:
        assert len(planned.dimensions) <= 2
        assert not refused & set(planned.dimensions)


def test_sentences_name_facts_that_exist():
    for key, entry in messages.texts("sentences").items():
        for said in entry.values():
            for field in (
                f for text in ([said] if isinstance(said, str) else said) for f in FIELD.finditer(text)
            ):
                form = field[1].removeprefix("if_").lower()
                named = (field[2] or field[1]).partition("=")[0].split(",") if form != "most" else []
                known = {
                    *load_plan().facts,
                    *load_plan().by_key,
                    "year",
                    "year_before",
                    "if_large",
                    "if_large_before",
                }
                assert {name.removesuffix(".all") for name in named} <= known, key
                assert field[2] is None or form in {*FORMS, "most", "first", "of"}, key


def test_a_share_is_of_the_rows_that_its_name_says():
    facts = load_plan().facts
    for name, fact in facts.items():
        count = facts.get(name.removesuffix("_share"))
        if count is not None and count is not fact:
            assert (count.table, count.codes) == (fact.table, fact.codes), name


TABLE = '[[table]]\nkey = "one"\nsv = "En"\nen = "One"\nsection = "nsp"\n'
OF_PERSONS = TABLE + 'universe = "direct"\ndimensions = ["sex"]\n'
OF_MONEY = TABLE + 'universe = "nsp_interventions"\nmeasure = "sek"\ndimensions = ["nsp_intervention"]\n'


def test_a_new_table_is_one_entry(tmp_path, monkeypatch):
    said = OF_PERSONS + 'must_show = ["woman"]\nfacts.first = { codes = ["woman", "man"] }\n'

    made = load(f"{FILE}\n{said}", tmp_path, monkeypatch)

    assert made.by_key["one"].label("sv") == "En"
    assert made.by_key["one"].measure.unit == "persons"
    assert made.facts["first"].codes == ("woman", "man")


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        (OF_PERSONS + 'tittle = "x"', "table.one: tittle", None),
        (OF_PERSONS + 'measure = "amuont"', "table.one.measure: amuont", None),
        (OF_MONEY.replace('"sek"', '"SEK"'), "table.one.measure: SEK", None),
        (OF_MONEY.replace('"sek"', '"children"'), "table.one.measure: children", "interventions, beneficiaries, sek, days_granted, days_used, sek_used, days_beyond"),
        (OF_PERSONS.replace('"direct"', '"dirct"'), "table.one.universe: dirct", "direct"),
        (OF_PERSONS.replace('["sex"]', '["sx"]'), "table.one.dimensions: sx", "sex"),
        (OF_PERSONS.replace('["sex"]', '["beneficiary"]'), "table.one.dimensions: beneficiary", None),
        (OF_PERSONS.replace('["sex"]', '["children_count"]'), "table.one.dimensions: children_count", None),
        (OF_MONEY.replace('["nsp_intervention"]', '["sex"]'), "table.one.dimensions: sex", None),
        (OF_PERSONS.replace('"nsp"', '"npsp"'), "table.one.section: npsp", "nsp"),
        (OF_PERSONS + 'class = "C"', "table.one.class: C", "A, B"),
        (OF_PERSONS + 'merge = "smal"', "table.one.merge: smal", "small"),
        (OF_PERSONS + 'notes = ["panl"]', "table.one.notes: panl", "panel"),
        (OF_PERSONS + 'no_answer = ["womn"]', "table.one.no_answer: womn", "woman"),
        (OF_PERSONS + 'reading = "bth"', "table.one.reading: bth", "both"),
        (OF_PERSONS + 'must_show = ["womn"]', "table.one.must_show: womn", "woman"),
        (OF_MONEY + 'must_show = ["woman"]', "table.one.must_show: woman", None),
        (OF_PERSONS + "present_only = 1", "table.one.present_only", "true, false"),
        (OF_PERSONS.replace('sv = "En"\n', ""), "table.one.sv", '"…"'),
        (OF_PERSONS.replace('"one"', '"sex"'), "table.sex", "one table of that name"),
        (OF_PERSONS + "facts.first = { shwo = 1 }", "facts.first: shwo", "show"),
        (OF_PERSONS + 'facts.first = { show = "shar" }', "facts.first.show: shar", "share"),
        (OF_PERSONS + 'facts.first = { codes = ["womn"] }', "facts.first: womn", "woman"),
        (OF_PERSONS + 'facts.first = { show = "change", of = "al" }', "facts.first.of: al", None),
        (OF_PERSONS + 'facts.first = { show = "change" }', "facts.first.of", "with show"),
        (OF_PERSONS + "facts.women = {}", "fact.women", "one fact of that name"),
        ('[measure.one]\nunit = "stays"', "measure.one.unit: stays", "actors, advice, cases, children, days_beyond, days_granted, days_used, interventions, members, months, needs, persons"),
        ('[measure.one]\nunit = "rows"\ngrain = "cse"', "measure.one.grain: cse", "case"),
        ('[measure.one]\nunit = "rows"\nsum = "sex"', "measure.one.sum: sex", None),
        ('[measure.one]\nunit = "rows"\nsums = "x"', "measure.one: sums", "sum"),
        ('[universe.one]\nsv = "x"\nen = "x"\nwhere = { sex = "womn" }', "universe.one.where.sex: womn", "woman"),
        ('[universe.one]\nsv = "x"\nen = "x"\nwhere = { form__lbour = "yes" }', "universe.one.where.form__lbour: lbour", "labour"),
        ('[universe.one]\nsv = "x"', "universe.one.en", '"…"'),
        ('[computed.one]\nsv = "x"\nen = "x"\ncodes.a = { sv = "x" }', "computed.one.codes.a.en", '"…"'),
        ('[[break]]\nyear = "2020"\nsv = "x"\nen = "x"', "break.2020.year", "0, 1, 2, …"),
        ("[tabel]", "-: tabel", "table"),
    ],
)  # fmt: skip
def test_a_word_that_nothing_defines_is_refused_with_file_and_key(
    said, name, expected, tmp_path, monkeypatch
):
    with pytest.raises(SettingsError) as error:
        load(f"{FILE}\n{said}\n", tmp_path, monkeypatch)

    assert error.value.code == "E-010"
    assert (error.value.fields["name"], error.value.fields["file"]) == (name, "table_plan.toml")
    assert error.value.fields["expected"] == (expected or error.value.fields["expected"])
    assert error.value.fields["expected"]
