"""The table annex as files: one table a sheet from A1, numbers as numbers, marks where a number is missing."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from platform_utils.paths import Workspace
from platform_utils.publish.report import Report
from platform_utils.publish.workbook import WORKBOOKS


@pytest.fixture
def report(role, hidden, unasked):
    years = {2023: {one.name: one for one in (role, hidden, unasked)}}
    place = Workspace(Path(__file__).parents[3])
    return Report(years, year=2023, lang="en", source="demo", workspace=place, name="annual_tables")


@pytest.fixture(params=["xlsx", "ods"])
def book(request, report):
    made = WORKBOOKS[request.param](report)
    assert made == WORKBOOKS[request.param](report)
    read = CalamineWorkbook.from_filelike(io.BytesIO(made))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def test_cover_contents_and_notes_come_first_then_a_sheet_per_table(book):
    assert ["Cover", "Contents", "Notes", "1", "2", "3"] == list(book)
    assert [["1", "Persons by role, 2019 [note 1]"], "Who: "] == [
        book["Contents"][2][:2],
        book["Contents"][2][2][:5],
    ]
    assert 1 == book["Notes"][2][0] and "Accompanying children" in book["Notes"][2][1]
    assert any("invented" in str(row[0]) for row in book["Cover"])
    assert not [row for row in book["Cover"] if set("*[]") & set(str(row[0]))]


def test_a_column_is_as_wide_as_its_words(report):
    with zipfile.ZipFile(io.BytesIO(WORKBOOKS["ods"](report))) as package:
        content = package.read("content.xml").decode()
    (table,) = re.findall(r'<table:table table:name="1">(.*?)<table:table-row>', content)
    wide = re.findall(r'table:style-name="(w\d+)"', table)
    assert 3 == len(wide) and int(wide[0][1:]) > int(wide[1][1:])
    assert all(f'style:name="{name}"' in content for name in wide)


def test_a_table_has_its_title_and_whom_it_counts_above_it_and_no_empty_row(book):
    title, who, unit, source, heading, first = (row[:3] for row in book["1"][:6])
    assert title[0].startswith("Persons by role") and who[0].startswith("Who: ")
    assert (["Unit: persons"], ["Source: invented demo returns"]) == (unit[:1], source[:1])
    assert [["Role", "Number", "Share (%)"], ["directly exploited", 140, 79]] == [heading, first]
    assert all(any(cell != "" for cell in row) for sheet in book.values() for row in sheet)


def test_a_hidden_number_is_a_mark_and_a_question_not_asked_is_said(book):
    shown = {row[0]: row[1] for row in book["2"]}
    assert ".." == shown["another sex"]
    assert "did not ask" in book["3"][-1][0]


def test_rows_hold_one_cell_each(report):
    rows = list(csv.DictReader(io.StringIO(WORKBOOKS["csv"](report).decode())))
    found = {(row["table"], row["row"], row["column"]): row["value"] for row in rows}
    assert "140" == found["role", "directly exploited", "Number"]
    assert ".." == found["sex", "another sex", "Number"]
    assert "." == next(row["value"] for row in rows if row["table"] == "mmm_access")
