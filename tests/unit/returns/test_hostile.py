"""Files made to exhaust the reader end with a code of their own; honest ones cost what their size costs."""

import time

import pytest
import xlsxwriter
from hostile import HOSTILE

CHEAP = [
    "xlsx_far_cell", "xlsx_rows_without_numbers", "xlsx_two_thousand_sheets_of_one_part", "xlsx_nested_deep",
    "xlsx_unclosed_tags", "xlsx_merged_over_each_other", "xlsx_formula_that_starts_a_program",
    "xlsx_password_stirred_for_hours", "ods_repeated_rows_and_columns", "ods_far_row", "ods_nested_deep",
    "ods_thousand_tables", "xls_claims_a_billion_strings", "xls_claims_four_billion_rows", "csv_one_line_of_two_million",
    "csv_blank_lines", "csv_one_long_line_among_short", "csv_wide_headings",
]  # fmt: skip


@pytest.mark.parametrize("name", CHEAP)
def test_a_hostile_file_ends_with_a_code_of_its_own(tmp_path, refuse, name):
    suffix, make, code = HOSTILE[name]
    path = tmp_path / f"a.{suffix}"
    make(path)
    assert code == refuse(path).code


def test_there_are_forty_of_them():
    assert len(HOSTILE) >= 40


def test_four_times_as_many_formulas_take_at_most_six_times_as_long(tmp_path, read, headings):
    def seconds(rows):
        path = tmp_path / f"{rows}.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Personer")
            sheet.write_row(0, 0, headings)
            for row in range(1, rows + 1):
                sheet.write_row(row, 0, [f"P{row}", "direkt utsatt"])
                sheet.write_formula(row, 2, "=IF(1=1,1,0)", None, "kvinna")
                sheet.write_formula(row, 3, "=1+1", None, 2)
        taken = []
        for _ in range(3):
            start = time.process_time()
            assert rows == len(read(path).tables["case"])
            taken.append(time.process_time() - start)
        return min(taken)

    assert seconds(12_000) < 6 * seconds(3_000)
