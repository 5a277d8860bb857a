"""The form of 2026: 25 questions, eight musts, the rest folded; filled in by hand, received, checked and counted."""

import csv

import openpyxl
import pytest

from platform_utils import clean, form, returns, validate
from platform_utils.errors import FileError
from platform_utils.paths import Workspace, resource
from platform_utils.spec import codebook
from platform_utils.spec.form_columns import replaced
from platform_utils.spec.form_of_year import form_of

BOOK, YEAR = codebook.load(), 2026
SHEET = {"sv": "Personer", "en": "Persons"}
DIRECT = {
    "Roll": "direkt utsatt", "Kön": "kvinna", "Åldersgrupp": "27–35 år", "Medborgarskap": "tredjeland",
    "Form av exploatering (huvudsaklig)": "prostitution och annan sexuell exploatering",
    "Vem förmedlade första kontakten": "sökte sig själv", "Polisanmälan": "nej", "Antal egna barn under 18": 0,
}  # fmt: skip
CHILD = {"Roll": "medföljande barn", "Kön": "man", "Åldersgrupp": "6–12 år"}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The empty forms by language, written once."""
    folder = tmp_path_factory.mktemp("forms")
    for lang in SHEET:
        desk = {"deadline": "31 mars 2027", "contact": "statistik@example.org"} if lang == "sv" else None
        form.write_template(folder / f"{lang}.xlsx", YEAR, lang, member_id="M07", desk=desk)
    return folder


@pytest.fixture
def fill(empty, tmp_path):
    """Fill in persons, one mapping of headings to answers each, as a person does who opens the workbook."""

    def fill(*persons):
        book = openpyxl.load_workbook(empty / "sv.xlsx")
        sheet = book["Personer"]
        places = {cell.value: cell.column for cell in sheet[4]}
        for row, answers in enumerate(persons, start=6):
            for heading, answer in answers.items():
                sheet.cell(row, places[heading], answer)
        book.save(tmp_path / "svar.xlsx")
        return tmp_path / "svar.xlsx"

    return fill


def check(path):
    return validate.check_return(returns.reduce_return(returns.read_return(path, year=YEAR)))


def visible(sheet):
    hidden = set()
    for letter, dimension in sheet.column_dimensions.items():
        if dimension.hidden:
            hidden.update(range(dimension.min, dimension.max + 1))
            assert dimension.outlineLevel == 1, letter
    return [cell for cell in sheet[4] if cell.value and cell.column not in hidden]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_25_questions_stand_in_26_visible_columns_under_their_bare_labels_and_eight_are_musts(empty, lang):
    sheet = openpyxl.load_workbook(empty / f"{lang}.xlsx")[SHEET[lang]]
    with resource("forms", "2026.csv").open(encoding="utf-8", newline="") as file:
        asked = list(csv.DictReader(file))
    shown = visible(sheet)
    assert 25 == len({row["no"] for row in asked})
    assert [row[lang] for row in asked] == [cell.value for cell in shown]
    assert len(shown) <= 28
    marks = [sheet.cell(3, cell.column).value for cell in shown]
    assert 8 == marks.count({"sv": "måste", "en": "must"}[lang])
    assert [row["must"] == "must" for row in asked] == [mark in ("måste", "must") for mark in marks]


def test_an_example_and_codes_stand_there_before_anybody_writes_and_count_nobody(empty):
    sheet = openpyxl.load_workbook(empty / "sv.xlsx")["Personer"]
    assert ["Exempel", "direkt utsatt", "kvinna"] == [sheet.cell(5, column).value for column in (1, 2, 3)]
    assert ["P001", "P002", "P200", None] == [sheet.cell(row, 1).value for row in (6, 7, 205, 206)]
    with pytest.raises(FileError) as caught:
        returns.read_return(empty / "sv.xlsx", year=YEAR)
    assert "E-115" == caught.value.code


def test_the_folded_groups_can_be_opened_and_headings_cannot_be_typed_over(empty):
    sheet = openpyxl.load_workbook(empty / "sv.xlsx")["Personer"]
    assert not sheet.protection.sheet  # Excel opens no group on a protected sheet
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    (keeping,) = (rule for area, rule in rules.items() if area.startswith("A4:"))
    assert ("custom", "FALSE") == (keeping.type, keeping.formula1)
    assert max(len(rule.prompt or "") for rule in rules.values()) <= 255


def test_the_cover_says_deadline_and_contact_and_leaves_a_blank_where_the_desk_has_not_set_them(empty):
    covers = {lang: openpyxl.load_workbook(empty / f"{lang}.xlsx").worksheets[0] for lang in SHEET}
    said = {
        lang: {row[0]: row[1] for row in sheet.iter_rows(max_col=2, values_only=True)}
        for lang, sheet in covers.items()
    }
    assert ("31 mars 2027", "statistik@example.org") == (
        said["sv"]["Skicka in senast"],
        said["sv"]["Frågor till"],
    )
    assert (None, None) == (said["en"]["Send in by"], said["en"]["Questions to"])


def test_the_commonest_answers_come_first_and_nobody_is_a_citizen_of_an_uninhabited_island(empty):
    book = openpyxl.load_workbook(empty / "sv.xlsx")

    def offered(name):
        sheet, cells = book.defined_names[name].attr_text.split("!")
        return [row[0].value for row in book[sheet][cells.replace("$", "")]]

    assert ["Thailand", "Rumänien", "Ukraina", "Nigeria", "Sverige", "Afghanistan"] == offered(
        "lista_country"
    )[:6]
    assert ["Stockholms län", "Västra Götalands län"] == offered("lista_county")[:2]
    assert "Bouvetön" not in offered("lista_country")
    assert {"medföljande barn", "okänt"} <= set(offered("lista_role"))


def test_relatives_need_three_answers_and_what_is_not_asked_of_them_is_no_gap(fill):
    checked = check(fill(DIRECT, CHILD))
    assert () == checked.findings
    table = checked.tables["case"]
    assert ["third_country", "not_asked"] == table["origin_group"].tolist()
    assert ["no", "not_asked"] == table["police_report"].tolist()
    assert ["P001", "P002"] == table["person_code"].tolist()


@pytest.mark.parametrize("heading", [one.sv for one in form_of(YEAR).values() if one.must == "must"])
def test_a_missing_must_holds_the_row_and_is_named(fill, heading):
    checked = check(fill(DIRECT | {heading: None}, CHILD))
    assert [("E-201", 6, heading)] == [(one.code, one.row, one.column) for one in checked.findings]
    assert 1 == len(checked.tables["case"])


def test_an_unused_row_between_two_persons_is_set_aside(fill):
    raw = returns.read_return(fill(DIRECT, {}, DIRECT), year=YEAR)
    assert [6, 8] == raw.tables["case"]["row"].tolist()
    assert ("blank_row", 1) in [(entry.reason, entry.rows) for entry in raw.ledger]


def crosswalk():
    for column, through in replaced(YEAR).items():
        for asking, gives in through.items():
            for code, answer in gives.items():
                if not column.startswith(("form__", "labour_branch__", "children_")):
                    yield asking, code, column, answer


def test_every_merged_answer_goes_on_as_the_answers_to_the_older_questions(fill):
    cases = sorted({(asking, code) for asking, code, *_ in crosswalk()})
    rows = []
    for asking, code in cases:
        question = form_of(YEAR)[asking]
        variable = BOOK.variable(asking)
        rows.append(DIRECT | {question.sv: BOOK.code(variable, code).label_in(YEAR, "sv")})
    table = check(fill(*rows)).tables["case"]
    assert len(cases) == len(table)
    for asking, code, column, answer in crosswalk():
        assert answer == table[column].iloc[cases.index((asking, code))], (asking, code, column)


def test_main_and_also_become_the_columns_of_the_forms_and_children_go_where_they_are(fill):
    labour, begging = "arbetskraftsexploatering och tvångsarbete", "tiggeri"
    row = DIRECT | {
        "Form av exploatering (huvudsaklig)": labour, "Form av exploatering (även)": begging,
        "Bransch": "skönhet och kroppsvård", "Antal egna barn under 18": 2, "Var barnen finns": "i hemlandet",
    }  # fmt: skip
    table = check(fill(row, DIRECT | {"Form av exploatering (huvudsaklig)": "okänt"})).tables["case"]
    forms = table[[name for name in table if name.startswith("form__")]]
    assert {"form__labour", "form__begging"} == set(forms.columns[forms.iloc[0] == "yes"])
    assert {"no"} == set(forms.iloc[0][forms.iloc[0] != "yes"])
    assert {"unknown"} == set(forms.iloc[1])
    assert ["yes", "not_asked"] == table["labour_branch__beauty"].tolist()
    places = ["children_with_person", "children_home_country", "children_in_care", "children_elsewhere"]
    assert [0, 2, 0, 0] == table[places].iloc[0].tolist()


def test_what_contradicts_itself_is_found_as_the_sheet_check_counts_it(fill):
    row = DIRECT | {
        "Form: prostitution och annan sexuell exploatering": "nej",
        "Läge vid årets slut": "har avvikit",
    }
    assert {("E-227", "form__sexual"), ("W-244", "dropout_stage"), ("W-244", "contact_regained")} == {
        (one.code, one.variable) for one in check(fill(row)).findings
    }


def test_the_form_is_received_cleaned_and_counted_like_any_other(fill, tmp_path):
    place = Workspace(tmp_path / "desk")
    folder = place.returns("members", YEAR)
    folder.mkdir(parents=True)
    (place.root / "_quarto.yml").touch()
    (folder / "members.toml").write_text('[[member]]\nid = "M07"\nname = "Seven"\n', encoding="utf-8")
    reported = DIRECT | {"Polisanmälan": "ja, efter första kontakten", "Stöd genom MMM eller NSP": "båda"}
    path = fill(DIRECT, reported, reported, CHILD)
    (receipt,) = returns.receive([path], workspace=place, source="members", year=YEAR, date="2027-02-01")
    assert ("M07", "2026-sv") == (receipt.member_id, receipt.form_version)
    checked = [validate.check_return(one) for one in returns.read_year(place, "members", YEAR)]
    members = returns.load_members(place, "members", YEAR)
    case = clean.clean_year(checked, year=YEAR, source="members", members=members).case
    assert {"direct": 3, "child": 1} == case["role"].value_counts().to_dict()
    assert {"yes": 2, "no": 1, "not_asked": 1} == case["police_report"].value_counts().to_dict()
    assert {"after": 2, "not_asked": 2} == case["police_report_timing"].value_counts().to_dict()
    assert {"yes": 2, "blank": 1, "not_asked": 1} == case["nsp"].value_counts().to_dict()
    assert {"yes": 3, "not_asked": 1} == case["form__sexual"].value_counts().to_dict()
