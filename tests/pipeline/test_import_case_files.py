"""A year of a published case file through the same stages: every row of the year stands in the clean table."""

import random

import pytest

from platform_utils import count, pipeline
from platform_utils.paths import Workspace
from platform_utils.returns import import_cases
from platform_utils.spec.sources import row_unit

GLOBAL = ["yearOfRegistration", "Datasource", "gender", "ageBroad", "citizenship", "isForcedLabour", "isSexualExploit",
          "typeOfLabourAgriculture", "CountryOfExploitation"]  # fmt: skip
SYNTHETIC = ["yearOfRegistration", "gender", "ageBroad", "traffickMonths", "citizenship", "isForcedLabour",
             "isSexualExploit", "typeOfLabourAgriculture", "CountryOfExploitation"]  # fmt: skip
VALUES = {
    "yearOfRegistration": ["2015", "2016", "2017"],
    "gender": ["Female", "Male", ""],
    "ageBroad": ["", "0--8", "18--20", "30--38", "48+"],
    "citizenship": ["", "0", "NA", "SE", "PH", "RO", "UA"],
    "CountryOfExploitation": ["", "0", "SE", "US"],
}


def invented(path, headings, rows, with_blank_years):
    rng = random.Random(5)
    years = [*VALUES["yearOfRegistration"], *([""] if with_blank_years else [])]
    lines = [",".join(headings)]
    for _ in range(rows):
        cells = {name: rng.choice(VALUES.get(name, ["", "0", "1"])) for name in headings}
        lines.append(",".join((cells | {"yearOfRegistration": rng.choice(years)})[name] for name in headings))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sum(line.startswith("2016,") for line in lines)


@pytest.mark.parametrize(
    ("headings", "source"), [(GLOBAL, "external-ctdc"), (SYNTHETIC, "external-ctdc-synthetic")]
)
def test_every_row_of_the_year_is_there_and_what_is_not_asked_says_so(tmp_path, headings, source):
    (tmp_path / "_quarto.yml").touch()
    workspace = Workspace(tmp_path)
    path = tmp_path / "cases.csv"
    expected = invented(path, headings, 3000, with_blank_years=headings is SYNTHETIC)
    done = import_cases(path, crosswalk="ctdc", year=2016, workspace=workspace, date="2025-01-31")
    clean = pipeline.clean(2016, source, workspace=workspace)
    assert (source, expected, expected) == (done.source, done.tally.fates["taken"], len(clean.case))
    assert 3000 == sum(entry.rows for entry in clean.ledger)
    assert {"direct"} == set(clean.case["role"])
    assert {"not_asked"} == set(clean.case["police_report"])
    assert {"yes", "no", "blank"} == set(clean.case["form__sexual"])
    assert {"NA", "SE", "PH", "RO", "UA", "unknown", "blank"} == set(clean.case["origin_country"])
    namibians = clean.case[clean.case["origin_country"] == "NA"]
    assert {"third_country"} == set(namibians["origin_group"])
    counted = {table.name: table for table in count.annual_tables({2016: clean}, 2016)}
    assert [expected] == counted["headline"].data["count"].tolist()
    assert {False} == {
        counted[name].asked for name in ("police_report", "children_location", "nsp_intervention")
    }
    assert {True} == {
        counted[name].asked for name in ("sex", "origin_country", "form", "labour_branch", "place")
    }
    assert row_unit(source) == counted["sex"].universe.unit
    assert [] == [finding for finding in clean.findings if finding.severity == "error"]


def test_rows_of_the_synthetic_file_are_rows():
    assert ("persons", "rows") == (row_unit("external-ctdc"), row_unit("external-ctdc-synthetic"))
