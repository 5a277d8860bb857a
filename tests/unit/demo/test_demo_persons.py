"""Invented persons meet every margin, for any seed, and contradict nothing."""

import pytest

from platform_utils.demo.targets import demo_years, load_target
from platform_utils.demo.year import make_years
from platform_utils.spec.codebook import load

SEEDS = (1, 2, 99)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def years(request):
    return {demo.year: demo for demo in make_years(demo_years(), request.param)}


def direct_rows(demo):
    case = demo.tables["case"]
    return case[(case["role"] == "direct") & (case["person_count"] == "")]


def test_margins_are_met_exactly(years):
    for year, demo in years.items():
        direct = direct_rows(demo)
        for variable, counts in load_target(year).margins.items():
            for code, count in counts.items():
                if variable in ("form", "place"):
                    column = (
                        f"{variable}__{code}" if code != "unknown" else f"{variable}__" + next(iter(counts))
                    )
                    found = (direct[column] == ("unknown" if code == "unknown" else "yes")).sum()
                else:
                    found = (direct[variable] == ("" if code == "blank" else code)).sum()
                assert count == found, (year, variable, code)


def test_roles_and_minors_are_met_exactly(years):
    young = {code.code for code in load().lists["age_band"] if code.parent == "under_18"} | {"under_18"}
    for year, demo in years.items():
        target, case = load_target(year), demo.tables["case"]
        persons = case["person_count"].replace("", "1").astype(int)
        totals = demo.tables["total"]
        for role, count in target.role.items():
            in_totals = totals.loc[totals["role"] == role, "person_count"].astype(int).sum()
            assert count == persons[case["role"] == role].sum() + in_totals
        for role, count in target.minors.items():
            is_young = (case["role"] == role) & case["age_band"].isin(young)
            assert count == is_young.sum() + target.in_totals(role, age="child")


def test_every_code_is_one_that_the_year_offered(years):
    book = load()
    for year, demo in years.items():
        for grain, table in demo.tables.items():
            for column, (variable, code) in book.grain_columns(grain, year).items():
                if variable.is_number or variable.kind == "text_code":
                    continue
                offered = book.lists["yes_no"] if code is not None else book.codes(variable, year)
                assert set(table[column]) <= {each.code for each in offered} | {"", "unknown"}, (year, column)


def test_a_code_is_one_person_and_some_persons_continue(years):
    seen, again = {}, 0
    for demo in years.values():
        case = demo.tables["case"]
        assert not case.duplicated(["member_id", "person_code"]).any()
        for row in case.itertuples():
            key, who = (row.member_id, row.person_code), (row.role, row.sex, row.origin_group)
            again += key in seen
            assert seen.setdefault(key, who) == who
    assert again > 20


def test_children_are_counted_where_they_are(years):
    for demo in years.values():
        case = demo.tables["case"]
        places = [
            name
            for name in case
            if name.startswith("children_") and "__" not in name and name != "children_count"
        ]
        numbers = case[["children_count", *places]].replace("", "0").astype(int)
        assert (numbers[places].sum(axis=1) == numbers["children_count"]).all()
    direct = direct_rows(years[2018])
    assert [60, 41] == [direct[name].astype(int).sum() for name in ("children_count", "children_with_person")]


def test_the_programme_has_the_persons_and_the_money_of_the_sources(years):
    persons = {
        year: demo.tables["programme"].groupby("beneficiary")["person_code"].nunique().to_dict()
        for year, demo in years.items()
    }
    assert {} == persons[2019]
    assert 25 == persons[2020]["adult"]
    assert 68 == sum(persons[2023].values())
    assert [63, 7] == [sum(persons[2024].values()), persons[2024]["child_abroad"]]
    assert 2_544_827 == years[2024].tables["programme"]["amount_sek"].astype(int).sum()


def test_one_member_holds_most_rows_and_some_twenty_return(years):
    for demo in years.values():
        shares = demo.tables["case"]["member_id"].value_counts(normalize=True)
        assert 0.60 <= shares.iloc[0] <= 0.73
        assert 18 <= len(demo.tables["organisation"]) <= 23


def test_a_year_is_the_same_whichever_others_are_made():
    for alone in make_years([2022], 1):
        again = next(demo for demo in make_years([2021, 2022], 1) if demo.year == 2022)
        assert all(alone.tables[grain].equals(again.tables[grain]) for grain in alone.tables)
