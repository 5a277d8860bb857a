"""Rows read of a file = rows handed on + rows set aside, whatever stands in it and in whatever order."""

import tempfile
from pathlib import Path

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_utils import returns

HEADINGS = ["Personkod", "Roll", "Kön", "Antal personer"]
ANSWER = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z", "Nd"), exclude_characters='"=@+-;|'),
    min_size=1,
    max_size=6,
)
ROWS = {
    None: st.builds(lambda code, text: [f"A-{code}", text, text, "1"], st.integers(0, 99), ANSWER),
    "blank_row": st.sampled_from([["", "", "", ""], [" ", "", "\u00a0", ""], ["", "\u200b", "", ""]]),
    "total_row": st.sampled_from([["Summa", "", "", "9"], ["TOTALT:", "", "", ""], ["", "Total", "", "3"]]),
    "example_row": st.sampled_from([["Exempel", "x", "", ""], ["exempel 2", "", "", "1"]]),
    "repeated_header": st.sampled_from([HEADINGS, ["Person code", "Role", "Sex", "Number of persons"]]),
}
SHEET = st.lists(
    st.sampled_from(list(ROWS)).flatmap(lambda kind: st.tuples(st.just(kind), ROWS[kind])), max_size=25
)
TITLES = st.lists(st.sampled_from([["Statistik 2023", "", "", ""], ["", "", "", ""]]), max_size=4)


def write_text(path, lines):
    path.write_text("".join(";".join(line) + "\n" for line in lines), encoding="utf-8")


def write_workbook(path, lines):
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("Personer")
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(titles=TITLES, rows=SHEET, as_text=st.booleans())
def test_every_row_is_handed_on_or_set_aside_under_its_reason(titles, rows, as_text):
    rows = [*rows, (None, ["A-100", "direkt utsatt", "man", "1"])]  # a sheet ends with its last filled row
    lines = [*titles, HEADINGS, *(cells for _, cells in rows)]
    first = len(titles) + 2
    expected = {reason: sum(kind == reason for kind, _ in rows) for reason in ROWS if reason}
    expected["title"] = sum(any(line) for line in titles)
    expected["blank_row"] += len(titles) - expected["title"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.csv" if as_text else "a.xlsx")
        (write_text if as_text else write_workbook)(path, lines)
        raw = returns.read_return(path, year=2023, member_id="M07")
    kept = [first + number for number, (kind, _) in enumerate(rows) if kind is None]
    assert kept == raw.tables["case"]["row"].tolist()
    aside = dict.fromkeys(expected, 0)
    for entry in raw.ledger:
        aside[entry.reason] += entry.rows
    assert expected == aside
    assert len(lines) - 1 == len(kept) + sum(aside.values())
