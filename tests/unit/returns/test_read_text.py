"""Text files: every encoding and delimiter, ragged rows, and long files in batches."""

import pytest

from platform_utils import returns


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
def test_batches_hold_together_what_one_reading_holds(write_text, headings, ragged_at):
    lines = [[f"A-{n}", "direkt utsatt", "man", 1] for n in range(250)]
    lines.insert(100, ["Summa", "", "", 250])
    if ragged_at:
        lines[ragged_at] = lines[ragged_at][:2]
    path = write_text([["Statistik"], headings, *lines])
    whole = returns.read_return(path, year=2023, member_id="M07")
    batches = list(returns.read_batches(path, year=2023, member_id="M07", rows=40))
    assert 7 == len(batches)
    assert whole.tables["case"]["person_code"].tolist() == [
        c for b in batches for c in b.tables["case"]["person_code"]
    ]
    assert list(range(3, 103)) + list(range(104, 254)) == [
        n for b in batches for n in b.tables["case"]["row"]
    ]
    assert whole.findings == tuple(f for b in batches for f in b.findings)
    assert {"title": 1, "total_row": 1} == {e.reason: e.rows for b in batches for e in b.ledger}


def test_a_long_batch_holds_few_spellings_as_categories_and_one_reading_holds_text(write_text, headings):
    path = write_text([headings, *[[f"A-{n}", "direkt utsatt", "man", 1] for n in range(51_000)]])
    (batch,) = returns.read_batches(path, year=2023, member_id="M07")
    whole = returns.read_return(path, year=2023, member_id="M07")
    assert ("category", "str", "str") == (
        batch.tables["case"]["role"].dtype,
        batch.tables["case"]["person_code"].dtype,
        whole.tables["case"]["role"].dtype,
    )


def test_a_row_that_breaks_the_rectangle_late_loses_nothing(write_text, headings):
    lines = [[f"A-{n:06d}", "direkt utsatt", "man", 1] for n in range(60_000)]
    lines[59_000] = ["A-059000", "direkt utsatt"]
    raw = returns.read_return(write_text([headings, *lines]), year=2023, member_id="M07")
    assert [f"A-{n:06d}" for n in range(60_000)] == raw.tables["case"]["person_code"].tolist()
    assert list(range(2, 60_002)) == raw.tables["case"]["row"].tolist()
