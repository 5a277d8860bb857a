"""Rules that hold for any return: order-free, idempotent, exact, and special codes never merge."""

from dataclasses import dataclass

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_utils.clean import clean_year, summarise_ledger
from platform_utils.spec import codebook
from platform_utils.spec.codebook import SPECIAL_CODES
from platform_utils.spec.returns import RawReturn
from platform_utils.validate import check_return

BOOK = codebook.load()
YEAR = 2024
ASKED = (
    "role", "sex", "age_years", "age_band", "origin_group", "origin_country", "form__sexual", "form__labour",
    "labour_branch__car", "police_report", "police_report_timing", "police_report_by", "days_to_report",
    "crime_heading__fraud", "children_count", "children_with_person", "exit_kind", "dropout_stage", "asylum", "dublin",
)  # fmt: skip
ODD = (
    "",
    "okänt",
    "Unknown ",
    "x",
    "1",
    "0",
    "nej",
    "ja",
    "03/04",
    "2024-05-06",
    "1,5",
    "-2",
    "hm?",
    "\u00a0",
)


@dataclass(frozen=True)
class Listed:
    id: str
    membership_form: str = ""
    county: str = ""


MEMBERS = [Listed("M01"), Listed("M02")]


def answers(column):
    variable, code = BOOK.grain_columns("case")[column]
    codes = BOOK.lists["yes_no"] if code else BOOK.codes(variable)[:4]
    good = [c.sv for c in codes] if codes else [str(n) for n in range(3)]
    return st.sampled_from(good) | st.sampled_from(ODD)


ROW = st.fixed_dictionaries(
    {"person_code": st.sampled_from([f"P{n}" for n in range(8)] + ["", "p1"])}
    | {c: answers(c) for c in ASKED}
)
RETURN = st.lists(ROW, min_size=1, max_size=6)


def raw_of(rows, member="M01", file="a.xlsx"):
    frame = pd.DataFrame(rows, columns=["person_code", *ASKED], dtype="str")
    frame = frame.assign(
        member_id=pd.array([member] * len(rows), dtype="str"), year=YEAR, file=pd.array([file] * len(rows), dtype="str"),
        sheet=pd.array(["Personer"] * len(rows), dtype="str"), row=range(5, 5 + len(rows)),
    )  # fmt: skip
    return RawReturn(member, YEAR, file, f"{YEAR}-sv", {"case": frame})


def clean(*raws):
    return clean_year([check_return(raw) for raw in raws], year=YEAR, source="demo", members=MEMBERS)


@settings(max_examples=20, deadline=None)
@given(RETURN, RETURN, RETURN)
def test_every_row_has_exactly_one_fate(first, second, third):
    raws = [raw_of(first), raw_of(second, file="b.xlsx"), raw_of(third, "M02", "c.xlsx")]
    result = clean(*raws)
    summary = summarise_ledger(result.ledger)
    assert [len(first), len(second), len(third)] == summary["read"].tolist()
    assert summary["accepted"].sum() == len(result.case)
    held = {(f.file, f.row) for f in result.findings if f.severity == "error"}
    assert summary["held"].sum() == len(held)


@settings(max_examples=12, deadline=None)
@given(RETURN, RETURN, RETURN, st.permutations([0, 1, 2]))
def test_the_order_of_the_returns_does_not_matter(first, second, third, order):
    raws = [raw_of(first), raw_of(second, file="b.xlsx"), raw_of(third, "M02", "c.xlsx")]
    one, other = clean(*raws), clean(*(raws[place] for place in order))
    for name in ("case", "member_year", "recodes"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.ledger, one.findings) == (other.ledger, other.findings)


@settings(max_examples=20, deadline=None)
@given(RETURN)
def test_clean_answers_typed_again_come_out_the_same(rows):
    once = clean(raw_of(rows)).case
    if not len(once):
        return
    typed = once.loc[:, ["person_code", *ASKED]].copy()
    for column in ASKED:
        values = typed[column].astype("object")
        if f"{column}_status" in once:
            status = once[f"{column}_status"]
            values = values.where(status == "given", status)
        # As the form says it: a bare code is a spelling too, and "child" alone says neither of two roles (E-236).
        labels = {code.code: code.sv for code in BOOK.answers(BOOK.grain_columns("case")[column][0])}
        typed[column] = values.astype("str").replace(labels | {"blank": "", "not_asked": ""})
    again = clean(raw_of(typed.to_dict("records"))).case
    columns = [c for c in once.columns if c not in ("row", "file")]
    pd.testing.assert_frame_equal(once[columns], again[columns])


@settings(max_examples=40, deadline=None)
@given(RETURN)
def test_special_codes_never_merge(rows):
    """What was typed decides which special code comes out, row by row."""
    checked = check_return(raw_of(rows)).tables["case"]
    unknown = {"okänt", "Unknown "}
    for _, row in checked.iterrows():
        typed = rows[row["row"] - 5]
        for column in ASKED:
            variable, _ = BOOK.grain_columns("case")[column]
            value = row[f"{column}_status"] if variable.is_number else row[column]
            if value == "unknown":
                assert typed[column] in unknown
            elif value == "blank":
                assert typed[column].strip() == ""
            elif value == "not_asked":
                assert variable.asked_if or variable.open_if
            else:
                assert value not in SPECIAL_CODES
                assert typed[column].strip() != ""


@settings(max_examples=40, deadline=None)
@given(RETURN)
def test_a_dependent_question_is_not_asked_exactly_where_its_condition_fails(rows):
    checked = check_return(raw_of(rows)).tables["case"]
    for column in ASKED:
        variable, _ = BOOK.grain_columns("case")[column]
        for main, code in variable.asked_if.items():
            value = checked[f"{column}_status" if variable.is_number else column]
            pd.testing.assert_series_equal(value.eq("not_asked"), checked[main].ne(code), check_names=False)


@settings(max_examples=20, deadline=None)
@given(RETURN)
def test_a_recode_is_recorded_for_every_changed_cell_of_the_accepted_rows(rows):
    checked = check_return(raw_of(rows))
    table, recodes = checked.tables["case"], checked.recodes
    for column in ("sex", "police_report"):
        changed = sum(
            rows[place - 5][column] != code and rows[place - 5][column] != ""
            for place, code in zip(table["row"], table[column], strict=True)
        )
        assert changed == recodes.loc[recodes["variable"] == column, "rows"].sum()
