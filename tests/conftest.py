"""Rows of returns as literal cells: what is not named stands as in one good row."""

import pandas as pd
import pytest

from platform_utils import codebook
from platform_utils.schemas.returns import RawReturn

GOOD = {
    "case": {
        "person_code": "P1", "role": "direkt utsatt", "sex": "kvinna", "age_years": "31", "age_band": "27–35 år",
        "origin_group": "tredjeland", "origin_country": "Nigeria", "identified_by": "polis", "police_report": "ja",
        "police_report_timing": "efter", "police_report_by": "den utsatta", "crime_heading__trafficking": "ja",
        "form__sexual": "ja", "form__labour": "nej", "place__sweden": "ja", "children_count": "2",
        "children_with_person": "1", "children_home_country": "1", "nsp": "ja",
    },
    "programme": {"person_code": "P1", "beneficiary": "vuxen", "nsp_intervention": "viloperiod", "days_granted": "30", "days_used": "12", "amount_sek": "4 500"},
    "organisation": {"membership_form": "fullt", "certified": "ja", "member_county": "Skåne"},
    "total": {"role": "direkt utsatt", "sex": "kvinna", "adult_or_child": "vuxen", "person_count": "7"},
}  # fmt: skip
SHEETS = {"case": "Personer", "programme": "Insatser", "organisation": "Organisation", "total": "Endast totaler"}


def table_of(grain, rows, year, file, member, leave_out=()):
    columns = [name for name in codebook.load().grain_columns(grain, year) if name not in leave_out]
    extra = sorted({name for row in rows for name in row} - set(columns) - set(leave_out))
    cells = [GOOD[grain] | row for row in rows]
    frame = pd.DataFrame({name: [row.get(name, "") for row in cells] for name in (*columns, *extra)}, dtype="str")
    return frame.assign(
        member_id=pd.array([member] * len(rows), dtype="str"),
        year=year,
        file=pd.array([file] * len(rows), dtype="str"),
        sheet=pd.array([SHEETS[grain]] * len(rows), dtype="str"),
        row=range(5, 5 + len(rows)),
    )


@pytest.fixture
def make_return():
    """Return a function that makes a `RawReturn` of good rows, with the cells that are named."""

    def make(*case, year=2024, file="svar.xlsx", member="M01", leave_out=(), findings=(), ledger=(), **others):
        grains = {"case": case} if case else {}
        tables = {
            grain: table_of(grain, rows, year, file, member, leave_out) for grain, rows in {**grains, **others}.items()
        }
        return RawReturn(member, year, file, f"{year}-sv", tables, tuple(findings), tuple(ledger))

    return make
