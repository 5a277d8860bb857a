"""A new grain costs data alone: a made-up one goes from workbook to stored table on the code as it is."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

SRC = Path(__file__).parents[2] / "src"
GRAIN = """
[[grain]]
name = "stay"
unit = "stay"
sheet_sv = "Vistelser"
sheet_en = "Stays"
sv = "Vistelser: en rad är en bekostad vistelse"
en = "Stays: one row is one funded stay"
rows_sv = "vistelser"
rows_en = "stays"
title = { sv = "Titel", en = "Title" }
lead = { sv = "Ingress", en = "Lead" }
contents = { sv = "Innehåll", en = "Contents" }
person = "person_code"
about_persons = true
"""
CODES = """
[stay_kind]
codes = [
  { code = "shelter", sv = "skyddat boende", en = "shelter" },
  { code = "flat", sv = "lägenhet", en = "flat" },
]
"""
VARIABLES = [
    'name = "person_code"\nkind = "text_code"\nsv = "Personkod"\nen = "Person code"\nrequired = true',
    'name = "stay_kind"\nkind = "code"\ncodes = "stay_kind"\nsv = "Slag av boende"\nen = "Kind of housing"',
    'name = "stay_county"\nkind = "code"\ncodes = "county"\nsv = "Boendets län"\nen = "County of the housing"',
    'name = "nights"\nkind = "count"\nunit = "nights"\nminimum = 1\nmaximum = 366\nsv = "Nätter"\nen = "Nights"',
]
MAP = """column,lang,2018
person_code,sv,Personkod
person_code,en,Person code
stay_kind,sv,Slag av boende
stay_kind,en,Kind of housing
stay_county,sv,Boendets län
stay_county,en,County of the housing
nights,sv,Dygn
nights,en,Nights
"""
STAYS = [
    ["Personkod", "Slag av boende", "Boendets län", "Dygn"],
    ["P1", "Skyddat boende", "Skåne", 30],
    ["P2", "flat", "", "okänt"],
    ["P9", "lägenhet", "Skåne", 4],
    ["P1", "tält", "Skåne", 4],
    ["P1", "lägenhet", "Skåne", 400],
    ["", "lägenhet", "Skåne", 3],
    ["P2", "lagenhet", "Skåne", 5],
    ["Summa", "", "", 446],
]
CORRECTION = """
[[correction]]
member_id = "M01"
file = "M01-2024-FILE.xlsx"
grain = "stay"
row = 8
column = "stay_kind"
action = "set"
expect = "lagenhet"
value = "flat"
reason = "Confirmed by the member."
"""
STORY = """
import json, sys
from pathlib import Path
from platform_utils import clean, returns, validate
from platform_utils.paths import Workspace
from platform_utils.spec.dictionary import data_dictionary

place, sent = Workspace(Path(sys.argv[1])), Path(sys.argv[2])
(receipt,) = returns.receive([sent], workspace=place, source="members", year=2024, date="2025-02-01", member="M01")
file = place.returns("members", 2024) / "corrections.toml"
file.write_text(file.read_text(encoding="utf-8").replace("M01-2024-FILE.xlsx", receipt.file), encoding="utf-8")
corrections = validate.load_corrections(file)
raw = list(returns.read_year(place, "members", 2024))
checked = [validate.check_return(one, corrections=corrections) for one in raw]
validate.require_all_applied(corrections, checked)
listed = returns.load_members(place, "members", 2024)
year = clean.clean_year(checked, year=2024, source="members", members=listed)
written = clean.write_year(year, place.root / "year")
again = clean.read_year(place.root / "year")
assert again.tables["stay"].equals(year.tables["stay"])
stay = again.tables["stay"]
print(json.dumps({
    "grains": receipt.grains,
    "written": [path.name for path in written if "stay" in path.name],
    "stays": stay[["person_code", "stay_kind", "stay_county", "nights", "nights_status", "row"]].astype("object").map(str).values.tolist(),
    "findings": sorted([one.code, one.row, one.column] for one in again.findings if one.sheet == "Vistelser"),
    "ledger": sorted([one.reason, one.detail, one.rows] for one in again.ledger if one.grain == "stay"),
    "said": [[one.sheet, one.row, one.column, *validate.describe(one, "sv").lines("sv")] for one in again.findings if one.code == "E-205"],
    "tables": clean.describe_year(again, "en").astype("object").fillna(-1).values.tolist(),
    "dictionary": "## Stays: one row is one funded stay" in data_dictionary("en"),
}))
"""


def run(source, script, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The package with a grain more: four data files are longer, no module is."""
    copy = tmp_path_factory.mktemp("grain") / "src"
    shutil.copytree(SRC, copy, ignore=shutil.ignore_patterns("__pycache__"))
    data = copy / "platform_utils" / "resources"
    questions = [
        f'\n[[variable]]\ngrain = "stay"\nsensitivity = "quasi"\nmark = "I"\n{said}\n' for said in VARIABLES
    ]
    for name, more in (("grains", GRAIN), ("codes", CODES), ("variables", "".join(questions))):
        file = data / "codebook" / f"{name}.toml"
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    (data / "column_maps" / "stay.csv").write_text(MAP, encoding="utf-8")
    return copy


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "data_raw" / "members" / "2024"
    folder.mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    (folder / "members.toml").write_text('[[member]]\nid = "M01"\nname = "One"\n', encoding="utf-8")
    (folder / "corrections.toml").write_text(CORRECTION, encoding="utf-8")
    return tmp_path


def sent(folder, stays):
    with xlsxwriter.Workbook(folder / "svar.xlsx") as workbook:
        for title, lines in (
            ("Personer", [["Personkod", "Roll"], ["P1", "direkt utsatt"], ["P2", "direkt utsatt"]]),
            ("Vistelser", stays),
        ):
            sheet = workbook.add_worksheet(title)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return folder / "svar.xlsx"


def test_a_made_up_grain_is_read_checked_corrected_cleaned_stored_and_read_back(source, place):
    done = run(source, STORY, place, sent(place, STAYS))
    assert "" == done.stderr
    found = json.loads(done.stdout)
    assert ["case", "stay"] == found["grains"]
    assert ["clean__stay.parquet"] == found["written"]
    assert [
        ["P1", "shelter", "12", "30", "given", "2"],
        ["P2", "flat", "blank", "<NA>", "unknown", "3"],
        ["P1", "unknown", "12", "4", "given", "5"],
        ["P1", "flat", "12", "<NA>", "unknown", "6"],
        ["P2", "flat", "12", "5", "given", "8"],
    ] == found["stays"]
    assert [
        ["E-201", 7, "Personkod"],
        ["E-203", 5, "Slag av boende"],
        ["E-205", 6, "Nätter"],
        ["E-218", 4, "Personkod"],
    ] == found["findings"]
    assert [
        ["accepted", "", 5],
        ["held", "E-201", 1],
        ["held", "E-218", 1],
        ["total_row", "9", 1],
    ] == found["ledger"]
    assert "från 1 till 366" in " ".join(map(str, found["said"][0]))
    assert ["stays", 5, -1] in found["tables"]
    assert found["dictionary"]


def test_a_number_on_the_sheet_of_a_made_up_grain_is_left_out(source, place):
    run(source, STORY, place, sent(place, [*STAYS, ["070-174 06 05", "flat", "Skåne", 3]]))
    kept = {
        path.name: path.read_text(encoding="utf-8")
        for path in (place / "data_raw" / "members" / "2024").iterdir()
    }
    assert 4 == len(kept)
    assert "06 05" not in "".join(kept.values())
    assert "E-159" in "".join(kept.values())
