import hashlib
from dataclasses import dataclass

import pandas as pd
import pytest

from platform_utils import clean as cleaning
from platform_utils.errors import FileError
from platform_utils.validate import check_return


@dataclass(frozen=True)
class Listed:
    id: str
    membership_form: str = ""
    county: str = ""


@pytest.fixture
def year(make_return):
    rows = [
        {},
        {"person_code": "P2", "sex": "x"},
        {
            "person_code": "P3",
            "children_count": "okänt",
            "children_with_person": "",
            "children_home_country": "",
        },
    ]
    checked = [
        check_return(make_return(*rows, programme=[{}])),
        check_return(make_return(member="M02", file="t.xlsx", total=[{}])),
    ]
    return cleaning.clean_year(checked, year=2024, source="demo", members=[Listed("M01"), Listed("M02")])


def test_what_is_read_back_equals_what_was_written(year, tmp_path):
    cleaning.write_year(year, tmp_path)
    again = cleaning.read_year(tmp_path)
    for name in ("case", "programme", "total", "member_year", "recodes"):
        pd.testing.assert_frame_equal(getattr(year, name), getattr(again, name))
    assert (year.year, year.source, year.findings, year.ledger) == (
        again.year,
        again.source,
        again.findings,
        again.ledger,
    )


def test_an_empty_year_comes_back_too(tmp_path):
    empty = cleaning.clean_year([], year=2019, source="members", members=[])
    cleaning.write_year(empty, tmp_path)
    again = cleaning.read_year(tmp_path)
    pd.testing.assert_frame_equal(empty.case, again.case)
    assert ((), ()) == (again.findings, again.ledger)


def test_the_same_rows_give_the_same_bytes_and_nothing_else_is_left_behind(year, tmp_path):
    first = cleaning.write_year(year, tmp_path / "a")
    second = cleaning.write_year(year, tmp_path / "b")
    assert [hashlib.sha256(p.read_bytes()).hexdigest() for p in first] == [
        hashlib.sha256(p.read_bytes()).hexdigest() for p in second
    ]
    assert sorted(p.name for p in first) == sorted(p.name for p in (tmp_path / "a").iterdir())


def test_a_folder_that_holds_no_clean_year_is_said_so(year, tmp_path):
    with pytest.raises(FileError, match="E-306"):
        cleaning.read_year(tmp_path)
    cleaning.write_year(year, tmp_path)
    (tmp_path / "clean__case.parquet").write_bytes(b"half")
    with pytest.raises(FileError, match="E-306"):
        cleaning.read_year(tmp_path)


def test_batches_of_one_file_are_one_return(make_return, tmp_path):
    whole = make_return({}, {"person_code": "P2"}, {"sex": ""}, {"person_code": "P4"})
    table = whole.tables["case"]
    parts = [
        type(whole)("M01", 2024, "svar.xlsx", "2024-sv", {"case": part.reset_index(drop=True)})
        for part in (table[:2], table[2:])
    ]
    result = cleaning.clean_year(
        [check_return(part) for part in parts], year=2024, source="demo", members=[Listed("M01")]
    )
    assert ["P2", "P4"] == result.case["person_code"].tolist()
    assert [("accepted", 2), ("held", 2)] == [(e.reason, e.rows) for e in result.ledger]
    assert [("E-310", 5, 7), ("E-310", 7, 5)] == [
        (f.code, f.row, f.fields["other_row"]) for f in result.findings
    ]
