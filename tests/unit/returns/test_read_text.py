"""Text files: every encoding and delimiter, ragged rows, and files in batches."""

import pytest

from platform_utils import returns
from platform_utils.errors import FileError
from platform_utils.returns import delimited
from platform_utils.returns.delimited import open_text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"]
)
def test_letters_survive_every_encoding(write_text, read, headings, rows, encoding):
    path = write_text([headings, *rows, ["A-3", "släkting", "å ä ö Å Ä Ö é", 1]], encoding=encoding)
    assert ["kvinna", "man", "å ä ö Å Ä Ö é"] == read(path).tables["case"]["sex"].tolist()


@pytest.mark.parametrize(
    ("delimiter", "name"), [(";", "a.csv"), (",", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt")]
)
def test_the_delimiter_is_seen(write_text, read, headings, rows, delimiter, name):
    table = read(write_text([headings, *rows], name=name, delimiter=delimiter)).tables["case"]
    assert [["A-1", "1"], ["A-2", "2"]] == table[["person_code", "person_count"]].to_numpy().tolist()


def test_decimal_commas_stay_text(write_text, read, headings):
    raw = read(write_text([headings, ["A-1", "direkt utsatt", "man", "1,5"]]))
    assert "1,5" == raw.tables["case"]["person_count"].item()


def test_quoted_cells_may_hold_delimiters_and_lines(tmp_path, read):
    (tmp_path / "a.csv").write_text(
        'Personkod;Roll;Kön\nA-1;"a;b";"c\nd"\nA-2;e;"f ""g"""\n', encoding="utf-8"
    )
    table = read(tmp_path / "a.csv").tables["case"]
    assert [["a;b", "c\nd", 2], ["e", 'f "g"', 3]] == table[["role", "sex", "row"]].to_numpy().tolist()


def test_short_rows_are_filled_long_rows_are_reported_and_every_row_keeps_its_number(
    write_text, read, headings, found
):
    lines = [
        ["Statistik"],
        [],
        headings,
        ["A-1"],
        ["A-2", "direkt utsatt", "man", 1, "x"],
        [],
        ["A-3", "a", "b", 1],
    ]
    raw = read(write_text(lines))
    assert [("A-1", 4), ("A-2", 5), ("A-3", 7)] == list(
        raw.tables["case"][["person_code", "row"]].itertuples(index=False, name=None)
    )
    assert [("E-158", "", 5, "E")] == found(raw)
    assert {"title": 1, "blank_row": 2} == {entry.reason: entry.rows for entry in raw.ledger}


def test_a_file_name_is_composed(write_text, read, headings, rows):
    raw = read(write_text([headings, *rows], name="a\u030a.csv"))
    assert ("å.csv", "å.csv") == (raw.file, raw.tables["case"]["file"].iloc[0])


@pytest.mark.parametrize("ragged_at", [None, 5, 120])
def test_batches_hold_every_row_of_a_table_with_its_number(write_text, headings, ragged_at):
    lines = [[f"A-{n}", "direkt utsatt", "man", 1] for n in range(250)]
    if ragged_at:
        lines[ragged_at] = lines[ragged_at][:2]
    path = write_text([["Statistik"], headings, *lines])
    batches = list(open_text(path, path.name).batches(2, 40))
    assert 7 == len(batches)
    assert [f"A-{n}" for n in range(250)] == [
        code for columns, _ in batches for code in columns[0].to_pylist()
    ]
    assert list(range(3, 253)) == [number for _, numbers in batches for number in numbers.tolist()]


def test_a_file_with_more_rows_than_anybody_has_is_refused(write_text, headings, monkeypatch):
    monkeypatch.setattr(delimited, "MOST_ROWS", 99)
    path = write_text([headings, *[[f"A-{n}", "direkt utsatt", "man", 1] for n in range(100)]])
    with pytest.raises(FileError, match=r"E-126 .* 99 "):
        list(open_text(path, path.name).batches(1, 40))


def test_a_row_that_breaks_the_rectangle_late_loses_nothing(write_text, headings):
    lines = [[f"A-{n:06d}", "direkt utsatt", "man", 1] for n in range(60_000)]
    lines[59_000] = ["A-059000", "direkt utsatt"]
    raw = returns.read_return(write_text([headings, *lines]), year=2023, member_id="M07")
    assert [f"A-{n:06d}" for n in range(60_000)] == raw.tables["case"]["person_code"].tolist()
    assert list(range(2, 60_002)) == raw.tables["case"]["row"].tolist()
