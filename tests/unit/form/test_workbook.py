"""The form that members fill in: what stands where, what can be typed, and that its bytes repeat."""

import openpyxl
import pandas as pd
import pytest

from platform_utils.errors import ContractError, UsageError
from platform_utils.form import write_template
from platform_utils.spec import codebook

BOOK = codebook.load()
SHEETS = {
    "sv": [
        "Omslag",
        "Vägledning",
        "Personer",
        "Insatser",
        "Organisation",
        "Endast totaler",
        "Kodlistor",
        "Kontroll",
    ],
    "en": ["Cover", "Guidance", "Persons", "Programme", "Organisation", "Totals only", "Code lists", "Check"],
}
GRAINS = ("case", "programme", "organisation", "total")


def form(folder, year, lang, **given):
    path = folder / f"{year}_{lang}.xlsx"
    write_template(path, year, lang, **given)
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_sheets_and_the_cover(tmp_path, lang):
    book = form(tmp_path, 2025, lang, member_id="M07", member_name="Exempelföreningen")
    assert SHEETS[lang] == book.sheetnames
    pairs = {
        row[0]: row[1]
        for row in book[SHEETS[lang][0]].iter_rows(min_row=4, max_row=7, max_col=2, values_only=True)
    }
    names = {
        "sv": ("Medlems-id", "Medlem", "År", "Formulärversion"),
        "en": ("Member id", "Member", "Year", "Form version"),
    }
    assert dict(zip(names[lang], ("M07", "Exempelföreningen", 2025, f"2025-{lang}"), strict=True)) == pairs


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("year", [2018, 2020, 2022, 2025])
def test_headings_are_the_codebooks_with_one_column_per_multiple_answer(tmp_path, year, lang):
    book = form(tmp_path, year, lang)
    for grain, sheet in zip(GRAINS, SHEETS[lang][2:6], strict=True):
        expected = [BOOK.heading(column, lang, grain) for column in BOOK.grain_columns(grain, year)]
        assert expected == [cell.value for cell in book[sheet][4]]


def test_every_data_column_is_checked_and_no_message_is_too_long(tmp_path):
    book = form(tmp_path, 2025, "sv")
    for grain, sheet in zip(GRAINS, SHEETS["sv"][2:6], strict=True):
        rules = book[sheet].data_validations.dataValidation
        assert len(BOOK.grain_columns(grain, 2025)) == len(rules)
        assert {"list", "whole", "custom"} >= {rule.type for rule in rules}
        assert max(len(rule.prompt) for rule in rules) <= 255
        assert max(len(rule.promptTitle) for rule in rules) <= 32


def test_drop_downs_read_named_ranges_that_hold_the_answers(tmp_path):
    book = form(tmp_path, 2025, "sv")
    for name, expected in {
        "lista_yes_no": ["ja", "nej", "okänt"],
        "lista_role": [
            "direkt utsatt",
            "barn till utsatt",
            "syskon till utsatt",
            "släkting eller partner till utsatt",
            "okänt",
        ],
    }.items():
        sheet, cells = book.defined_names[name].attr_text.split("!")
        assert expected == [row[0].value for row in book[sheet][cells.replace("$", "")]]
    used = {
        rule.formula1
        for sheet in SHEETS["sv"][2:6]
        for rule in book[sheet].data_validations.dataValidation
        if rule.type == "list"
    }
    assert used <= set(book.defined_names)


def test_countries_stand_in_alphabetical_order_with_swedish_letters_last(tmp_path):
    book = form(tmp_path, 2025, "sv")
    sheet, cells = book.defined_names["lista_country"].attr_text.split("!")
    names = [row[0].value for row in book[sheet][cells.replace("$", "")]]
    assert names[0] == "Afghanistan"
    assert names[-4:] == ["Åland", "Österrike", "Östtimor", "okänt"]


def test_proposed_questions_are_told_apart(tmp_path):
    sheet = form(tmp_path, 2025, "sv")["Personer"]
    look = {cell.value: (cell.font.i, cell.border.top.style) for cell in sheet[4]}
    assert look["Roll"] == (False, "thin")
    assert look["Relation till förövaren"] == (True, "dashed")
    prompts = {rule.promptTitle: rule.prompt for rule in sheet.data_validations.dataValidation}
    assert prompts["Relation till förövaren"].startswith("FÖRESLAGEN fråga.")
    assert "FÖRESLAGEN" not in prompts["Roll"]


def test_headings_and_lists_are_locked_and_data_cells_are_not(tmp_path):
    book = form(tmp_path, 2025, "sv")
    for name in SHEETS["sv"]:
        assert book[name].protection.sheet
    persons = book["Personer"]
    assert persons.freeze_panes == "B5"
    assert all(cell.protection.locked for cell in persons[4])
    assert not any(persons.column_dimensions[letter].protection.locked for letter in ("A", "B", "D"))
    assert not book["Omslag"]["B4"].protection.locked


def test_the_same_form_has_the_same_bytes(tmp_path):
    tables = {"case": pd.DataFrame({"person_code": ["p1"], "role": ["direkt utsatt"], "age_years": [30]})}
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for path in (first, second):
        write_template(path, 2023, "sv", member_id="M01", tables=tables)
    assert first.read_bytes() == second.read_bytes()


def test_cells_stand_as_given_and_a_text_is_never_a_formula(tmp_path):
    given = pd.DataFrame(
        {
            "person_code": ["p1", "=1+1", None],
            "person_count": [1, float("nan"), 7],
            "role": ["", " direkt", "x"],
        }
    )
    sheet = form(tmp_path, 2020, "sv", tables={"case": given})["Personer"]
    places = [list(BOOK.grain_columns("case", 2020)).index(name) + 1 for name in given]
    found = [[sheet.cell(row, place).value for place in places] for row in (5, 6, 7)]
    assert [["p1", 1, None], ["=1+1", None, " direkt"], [None, 7, "x"]] == found
    assert sheet["A6"].data_type == "s"


def test_a_long_return_gets_a_longer_form(tmp_path):
    rows = pd.DataFrame({"person_code": [f"p{n}" for n in range(1200)]})
    sheet = form(tmp_path, 2023, "en", tables={"case": rows})["Persons"]
    assert {"A5:A1254"} == {
        str(rule.sqref) for rule in sheet.data_validations.dataValidation if rule.promptTitle == "Person code"
    }


def test_what_the_form_of_the_year_lacks_is_refused(tmp_path):
    with pytest.raises(ContractError) as caught:
        write_template(tmp_path / "x.xlsx", 2018, "sv", tables={"case": pd.DataFrame({"dublin": ["ja"]})})
    assert caught.value.code == "E-191"
    with pytest.raises(ContractError) as caught:
        write_template(tmp_path / "x.xlsx", 2018, "sv", tables={"persons": pd.DataFrame()})
    assert caught.value.code == "E-191"
    with pytest.raises(UsageError) as caught:
        write_template(tmp_path / "x.xlsx", 1999, "sv")
    assert caught.value.code == "E-190"
    with pytest.raises(UsageError) as caught:
        write_template(tmp_path / "x.xlsx", 2020, "fi")
    assert caught.value.code == "E-001"
    assert [] == list(tmp_path.iterdir())
