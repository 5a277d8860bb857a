"""A table of a new sheet of the form is data: its rows and its numbers are counted by any of its variables."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from platform_utils.count.rows import Rows
from platform_utils.count.tally import count_table
from platform_utils.paths import resource
from platform_utils.spec import codebook, grains, plan
from platform_utils.spec.clean import CleanYear

GRAIN = """
[[grain]]
name = "stay"
unit = "stay"
sheet_sv = "Boenden"
sheet_en = "Stays"
sv = "ett boende"
en = "one stay"
rows_sv = "boenden"
rows_en = "stays"
title = { sv = "Titel", en = "Title" }
lead = { sv = "Ingress", en = "Lead" }
contents = { sv = "Innehåll", en = "Contents" }
person = "person_code"
"""
VARIABLES = """
[[variable]]
name = "stay_place"
grain = "stay"
kind = "code"
codes = "place"
sv = "Var"
en = "Where"
mark = "I"
sensitivity = "plain"

[[variable]]
name = "stay_needs"
grain = "stay"
kind = "multi"
codes = "sex"
sv = "Behov"
en = "Needs"
mark = "I"
sensitivity = "plain"

[[variable]]
name = "nights"
grain = "stay"
kind = "count"
sv = "Nätter"
en = "Nights"
mark = "I"
sensitivity = "plain"
"""
PLAN = """
[measure.stays]
grain = "stay"
unit = "interventions"

[measure.nights]
grain = "stay"
unit = "interventions"
sum = "nights"

[universe.stays]
sv = "boenden"
en = "stays"
grain = "stay"

[universe.stays_abroad]
sv = "boenden utomlands"
en = "stays abroad"
grain = "stay"
where = { stay_place = "abroad" }
"""
TABLE = """
[[table]]
key = "{key}"
sv = "x"
en = "x"
universe = "{universe}"
measure = "{measure}"
dimensions = {dimensions}
section = "nsp"
"""


@pytest.fixture
def counted(tmp_path, monkeypatch):
    """Return what counts one table of the new sheet."""
    shutil.copytree(resource("codebook"), tmp_path / "codebook")
    shutil.copy(resource("table_plan.toml"), tmp_path)
    for module in (codebook, grains, plan):
        monkeypatch.setattr(module, "resource", tmp_path.joinpath)

    def add(file, said):
        with (tmp_path / file).open("a", encoding="utf-8") as opened:
            opened.write(said)

    def count(universe, measure, dimensions):
        add(
            "table_plan.toml",
            TABLE.format(key="new", universe=universe, measure=measure, dimensions=dimensions),
        )
        made = plan.load_plan.__wrapped__()
        return count_table(made.by_key["new"], made, Rows(clean_year()))

    add("codebook/grains.toml", GRAIN)
    add("codebook/variables.toml", VARIABLES)
    add("table_plan.toml", PLAN)
    sheets = grains.load.__wrapped__()
    monkeypatch.setattr(grains, "load", lambda: sheets)
    book = codebook.load.__wrapped__()
    monkeypatch.setattr(codebook, "load", lambda: book)
    return count


def clean_year():
    stays = pd.DataFrame(
        [
            ("M01", "P1", "sweden", "yes", "no", 10),
            ("M01", "P1", "abroad", "yes", "yes", 3),
            ("M02", "P9", "abroad", "blank", "blank", 4),
        ],
        columns=["member_id", "person_code", "stay_place", "stay_needs__woman", "stay_needs__man", "nights"],
    )
    return CleanYear(2024, "demo", {"stay": stays}, recodes=pd.DataFrame())


def cells(table):
    rows = table.data.set_index(list(table.dimensions))["count"]
    return {code: int(count) for code, count in rows.items() if count}


def test_its_rows_are_counted_by_any_of_its_codes(counted):
    table = counted("stays", "stays", '["stay_place"]')

    assert cells(table) == {"sweden": 1, "abroad": 2, "total": 3}
    behind = table.contributors.set_index(["stay_place", "member_id"])["count"]
    assert behind["abroad"].to_dict() == {"M01": 1, "M02": 1}


def test_a_number_of_it_is_summed(counted):
    assert cells(counted("stays", "nights", '["stay_place"]')) == {"sweden": 10, "abroad": 7, "total": 17}


def test_several_answers_and_two_breakdowns_work_as_they_do_for_persons(counted):
    table = counted("stays", "stays", '["stay_place", "stay_needs"]')

    assert table.multiple
    assert cells(table) == {
        ("sweden", "woman"): 1, ("sweden", "total"): 1, ("abroad", "woman"): 1, ("abroad", "man"): 1,
        ("abroad", "blank"): 1, ("abroad", "total"): 2, ("total", "woman"): 2, ("total", "man"): 1,
        ("total", "blank"): 1, ("total", "total"): 3,
    }  # fmt: skip


def test_its_codes_are_conditions_too(counted):
    assert cells(counted("stays_abroad", "nights", '["stay_place"]')) == {"abroad": 7, "total": 7}


def test_a_year_that_did_not_ask_it_has_an_empty_table(counted, monkeypatch):
    book = codebook.load()
    later = [replace(one, since=2030) if one.name == "stay_place" else one for one in book.variables]
    monkeypatch.setattr(codebook, "load", lambda: replace(book, variables=tuple(later)))

    assert not counted("stays", "stays", '["stay_place"]').asked
