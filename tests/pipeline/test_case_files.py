"""Files of others, told as what they are: counts equal the file's own, in its own words and bands, and nothing is ours."""

import random
import re
from collections import Counter

import pytest

from platform_utils import pipeline, publish
from platform_utils.cli import main
from platform_utils.errors import ContractError, SettingsError, UsageError
from platform_utils.paths import Workspace
from platform_utils.requests import answer_request
from platform_utils.returns import import_cases, load_receipts

GLOBAL = ["yearOfRegistration", "Datasource", "gender", "ageBroad", "citizenship", "isForcedLabour", "isSexualExploit",
          "meansOfControlThreats", "meansOfControlOther", "typeOfLabourConcatenated", "CountryOfExploitation"]  # fmt: skip
SYNTHETIC = ["yearOfRegistration", "gender", "ageBroad", "traffickMonths", "citizenship", "isForcedLabour", "isSexualExploit",
             "meansOfControlThreats", "CountryOfExploitation"]  # fmt: skip
BANDS = ["0--8", "9--17", "18--20", "21--23", "24--26", "27--29", "30--38", "39--47", "48+"]
VALUES = {
    "yearOfRegistration": ["2015", "2016", "2017", ""],
    "gender": ["Female", "Male", ""],
    "ageBroad": [*BANDS, ""],
    "citizenship": ["RO", "PH", "0", ""],
    "CountryOfExploitation": ["SE", "US", ""],
    "meansOfControlOther": [""],
    "traffickMonths": ["0--12 (0-1 yr)", ""],
}
NRM = [
    "First responder type",
    "First responder",
    "Exploitation type",
    "Age at exploitation",
    "Gender",
    "Nationality",
    "People",
]
OURS = re.compile(
    r"platform|plattform|CC.BY|organisation(s|erna) (met|mött)|medlem|members|lägesrapport|situation report",
    re.IGNORECASE,
)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    return Workspace(tmp_path)


def written(path, headings, rows):
    lines = [",".join(headings), *(",".join(f'"{row[name]}"' for name in headings) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ctdc(path, headings, number=400):
    rng = random.Random(3)
    rows = [{name: rng.choice(VALUES.get(name, ["", "0", "1"])) for name in headings} for _ in range(number)]
    return written(path, headings, rows), [row for row in rows if row["yearOfRegistration"] == "2016"]


def nrm(path, police=True):
    """An invented quarter: a total at every level, as in the published tables; the police have only theirs."""
    rng, leaves = random.Random(4), []
    for kind, who in [
        ("NGO and third sector", "Invented Aid"),
        ("NGO and third sector", "Made-up House"),
        ("Police", "Police total"),
    ]:
        for exploitation in (
            "Labour",
            "Labour & Criminal",
            "Sexual, Labour & Domestic",
            "Not specified or unknown",
        ):
            for age in ("Adult (18 or over)", "Child (17 or under)"):
                leaves += [
                    dict(
                        zip(
                            NRM,
                            (kind, who, exploitation, age, gender, nation, rng.choice([0, 0, 1, 2, 12])),
                            strict=True,
                        )
                    )
                    for gender in ("Female", "Male")
                    for nation in ("Albanian", "UK")
                ]
    leaves = leaves if police else [row for row in leaves if row["First responder type"] != "Police"]
    sums = Counter()
    for row in leaves:
        for depth in range(2, 6):
            at = tuple(row[name] if place < depth else "Total" for place, name in enumerate(NRM[:6]))
            sums[at] += row["People"]
        if row["First responder type"] != "Police":
            sums[
                row["First responder type"], "NGO and third sector total", *(row[name] for name in NRM[2:6])
            ] += row["People"]
    rows = [*leaves, *({**dict(zip(NRM, at, strict=False)), "People": n} for at, n in sums.items())]
    return written(path, NRM, rows), [row for row in leaves if row["People"]]


def told(case, workspace, year, lang="en"):
    report = publish.load_cases(year=year, lang=lang, source=case, workspace=workspace)
    blocks = ("about", "headline", "rows", "answers", "never_asked", "compared", "made")
    return {name: getattr(report, name)._repr_markdown_() for name in blocks}


def counts(text, title):
    """Numbers of a table of the report by what stands before them."""
    block = re.search(rf"\| {re.escape(title)} \| Number.*?\n\n", text, re.DOTALL)[0]
    rows = re.findall(r"^\| \**([^|*]+?)\** \| \**([\d,]+)\** \|", block, re.MULTILINE)
    return {label: int(number.replace(",", "")) for label, number in rows}


@pytest.mark.parametrize(
    ("headings", "case", "unit"),
    [(GLOBAL, "external-ctdc", "persons"), (SYNTHETIC, "external-ctdc-synthetic", "rows")],
)
def test_a_case_file_is_counted_in_its_own_bands_and_words(workspace, headings, case, unit):
    path, rows = ctdc(workspace.root / "cases.csv", headings)
    import_cases(path, crosswalk="ctdc", year=2016, workspace=workspace, date="2026-01-31")
    pipeline.count_cases(2016, case, workspace=workspace)
    shown = told(case, workspace, 2016)
    bands = Counter(row["ageBroad"].replace("--", "–") for row in rows)
    bands["not answered"] = bands.pop("")
    assert {**bands, "total": len(rows)} == counts(shown["answers"], "Age group")
    assert ["0–8", "9–17", "18–20"] == list(counts(shown["answers"], "Age group"))[:3]
    kinds = counts(shown["answers"], "Kind of exploitation")
    assert sum(row["isForcedLabour"] == "1" for row in rows) == kinds["Forced labour"]
    assert {"Forced labour", "Sexual exploit", "none of these given", "total"} == set(kinds)
    control = counts(shown["answers"], "Means of control")
    assert {"Threats", "none of these given", "total"} == set(control), (
        "a column without an answer was not asked"
    )
    land = counts(shown["answers"], "Citizenship")
    assert sum(row["citizenship"] == "RO" for row in rows) == land["Romania"]
    assert sum(row["citizenship"] == "0" for row in rows) == land["hidden by the publisher"]
    assert f"the file has {len(rows)} {unit}" in shown["headline"]
    assert 400 == counts(shown["rows"], "Rows of the file")["All rows of the file"]
    assert counts(shown["rows"], "Rows of the file")["rows without a year, which belong to no year"] > 0
    assert "No years of the file are compared" in shown["compared"]
    assert "`cases.csv (SHA-256 " in shown["made"]


def test_quarters_of_the_nrm_are_counted_together_and_totals_are_nobody(workspace):
    leaves = []
    for quarter in ("q1", "q2"):
        path, rows = nrm(workspace.root / f"nrm_referrals_2023_{quarter}.csv", police=quarter == "q1")
        done = import_cases(path, crosswalk="uk_nrm", year=2023, workspace=workspace, date="2026-01-31")
        assert sum(row["People"] for row in rows) == done.tally.persons
        leaves += rows
    case, everybody = "external-uk-nrm", sum(row["People"] for row in leaves)
    pipeline.count_cases(2023, case, workspace=workspace)
    shown = told(case, workspace, 2023)["answers"]
    by = Counter()
    for row in leaves:
        by.update(dict.fromkeys(re.split(", | & ", row["Exploitation type"]), row["People"]))
    by["not answered"] = by.pop("Not specified or unknown")
    assert {**by, "total": everybody} == counts(shown, "Kind of exploitation")
    responders = Counter()
    for row in leaves:
        responders[row["First responder"]] += row["People"]
    assert {**responders, "total": everybody} == counts(shown, "First responder")
    clean = pipeline.clean(2023, case, workspace=workspace)
    assert (everybody, 3) == (clean.case["person_count"].sum(), clean.case["member_id"].nunique())
    assert by["Criminal"] == clean.case.loc[clean.case["form__crime"] == "yes", "person_count"].sum()
    assert {"current"} == {one.status for one in load_receipts(workspace, case, 2023)}


OWN = """
name = "my_list"
source = "invented"
sv = "En påhittad lista"
en = "An invented list"
year_fixed = 2022
count = "n"
member = "who"
blank = ["", "?"]

[[leave_out]]
from = "status"
keep = true
values = ["confirmed"]
sv = "obekräftade"
en = "not confirmed"

[[number]]
to = "age_years"
from = "age"

[[split]]
from = "signs"
parts = { brothel = ["form__sexual"], farm = ["form__labour"] }
"""
DESCRIBED = """
title = { sv = "Listan", en = "The list" }
publisher = "The Invented Office"
row = { sv = "En grupp.", en = "A group." }
covered = { sv = "Påhittade.", en = "Invented people." }
licence = { sv = "Fri.", en = "Free." }
cite = "The Invented Office"
address = "https://example.org/"
guarantees = { sv = "Ingenting.", en = "Nothing." }
never_asked = [{ sv = "något mer", en = "anything else" }]
why_compare = { sv = "Ett år.", en = "One year." }

[[asks]]
name = "age"
sv = "Ålder"
en = "Age"
from = ["age"]
"""


def own(workspace, described=DESCRIBED):
    folder = workspace.root / "desk"
    folder.mkdir(exist_ok=True)
    (folder / "mine.toml").write_text(OWN, encoding="utf-8")
    if described:
        (folder / "source.toml").write_text(described, encoding="utf-8")
    rows = [
        "17,house A,seen at a farm,confirmed,5",
        "30,house B,brothel and farm,confirmed,2",
        "30,house A,?,confirmed,1,",
        "40,house A,farm,rumour,9",
        "50,house A,farm,confirmed,c",
    ]
    (folder / "list.csv").write_text("age,who,signs,status,n\n" + "\n".join(rows) + "\n", encoding="utf-8")
    how = {"crosswalk": str(folder / "mine.toml"), "year": 2022, "workspace": workspace, "date": "2026-01-31"}
    return import_cases(folder / "list.csv", **how)


def test_a_crosswalk_of_ones_own_lies_anywhere(workspace):
    done = own(workspace)
    assert (8, {"taken": 3, "left_out": 1, "unreadable": 1}) == (done.tally.persons, dict(+done.tally.fates))
    clean = pipeline.clean(2022, done.source, workspace=workspace)
    assert [5, 2, 1] == clean.case.sort_values("row")["person_count"].tolist()
    assert [("no", "yes"), ("yes", "yes"), ("blank", "blank")] == list(
        zip(*(clean.case.sort_values("row")[f"form__{name}"] for name in ("sexual", "labour")), strict=True)
    )
    assert [17, 30, 30] == clean.case.sort_values("row")["age_years"].tolist()
    assert {("held", 1), ("left_out", 1), ("accepted", 3)} == {(one.reason, one.rows) for one in clean.ledger}


def test_rows_that_look_like_totals_are_not_counted_with_what_they_sum_up(workspace):
    path = written(
        workspace.root / "cases.csv",
        GLOBAL,
        [
            dict.fromkeys(GLOBAL, "") | {"yearOfRegistration": "2016", "gender": word}
            for word in ("Female", "Total")
        ],
    )
    with pytest.raises(ContractError) as caught:
        import_cases(path, crosswalk="ctdc", year=2016, workspace=workspace, date="2026-01-31")
    assert ("E-328", "gender") == (caught.value.code, caught.value.fields["column"])


def test_of_a_file_that_is_not_public_small_numbers_are_hidden(workspace):
    done = own(workspace)
    pipeline.count_cases(2022, done.source, workspace=workspace)
    shown = told(done.source, workspace, 2022)
    assert "| 30 | ..\u2060 |" in shown["answers"]
    assert "not public" in shown["made"]


def test_years_stand_side_by_side_only_where_the_description_says_that_they_can(workspace):
    for year in (2019, 2022, 2023):
        path, _ = nrm(workspace.root / f"nrm_{year}_q1.csv")
        import_cases(path, crosswalk="uk_nrm", year=year, workspace=workspace, date="2026-01-31")
        pipeline.count_cases(year, "external-uk-nrm", workspace=workspace)
    assert ["2022", "2023"] == re.findall(
        r"^\| (\d{4}) \|", told("external-uk-nrm", workspace, 2023)["compared"], re.MULTILINE
    )
    assert "No other year that can be compared" in told("external-uk-nrm", workspace, 2019)["compared"]


def test_nothing_is_imported_that_nobody_describes(workspace):
    with pytest.raises(SettingsError) as caught:
        own(workspace, described="")
    assert "E-325" == caught.value.code
    assert not (workspace.root / "data_raw").exists()


def test_a_second_file_of_the_year_is_added_to_the_receipts(workspace):
    path, _ = ctdc(workspace.root / "cases.csv", GLOBAL)
    first = import_cases(path, crosswalk="ctdc", year=2016, workspace=workspace, date="2026-01-31")
    other, rows = ctdc(workspace.root / "newer.csv", GLOBAL, 300)
    second = import_cases(other, crosswalk="ctdc", year=2016, workspace=workspace, date="2026-02-01")
    receipts = load_receipts(workspace, first.source, 2016)
    assert [("replaced", first.receipt.file), ("current", second.receipt.file)] == [
        (one.status, one.file) for one in receipts
    ]
    assert (first.receipt.file,) == second.receipt.replaces
    assert len(rows) == len(pipeline.clean(2016, first.source, workspace=workspace).case)


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_no_word_of_the_report_is_ours(workspace, lang):
    path, _ = nrm(workspace.root / "nrm_2023_q1.csv")
    import_cases(path, crosswalk="uk_nrm", year=2023, workspace=workspace, date="2026-01-31")
    pipeline.count_cases(2023, "external-uk-nrm", workspace=workspace)
    text = "\n".join(told("external-uk-nrm", workspace, 2023, lang).values())
    assert "Home Office (United Kingdom)" in text
    assert [] == [found[0] for found in OURS.finditer(text)]
    assert "| 0 | 0" not in text


def test_annual_says_which_report_it_is_instead_and_no_request_is_answered_from_it(workspace, capsys):
    path, _ = ctdc(workspace.root / "cases.csv", GLOBAL)
    import_cases(path, crosswalk="ctdc", year=2016, workspace=workspace, date="2026-01-31")
    for lang in ("sv", "en"):
        for report in ("annual", "casefile"):
            (workspace.reports(lang)).mkdir(parents=True, exist_ok=True)
            (workspace.reports(lang) / f"{report}.qmd").touch()
    assert 2 == main(["report", "annual", "2016", "--source", "external-ctdc", "--lang", "en"])
    assert capsys.readouterr().err.startswith("E-326")
    assert 2 == main(["report", "casefile", "2016", "--source", "demo", "--lang", "en"])
    assert capsys.readouterr().err.startswith("E-327")
    with pytest.raises(UsageError):
        publish.load(year=2016, lang="en", source="external-ctdc", workspace=workspace)
    with pytest.raises(UsageError, match="E-330"):
        answer_request(None, "external-ctdc", workspace=workspace)
