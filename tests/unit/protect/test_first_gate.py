"""What the gate hides for its own sake, before anything is hidden for another cell's."""

import pandas as pd
import pytest

from platform_utils.errors import ContractError, DisclosureError
from platform_utils.protect import Cell, load_rule, protect_tables
from platform_utils.schemas.counts import CountTable, Universe

DIRECT = Universe("direct", 2021, "demo")


def table(counts: dict, *dimensions: str, name: str = "t", **options: object) -> CountTable:
    rows = [(key if isinstance(key, tuple) else (key,)) for key in counts]
    data = pd.DataFrame(rows, columns=list(dimensions)).assign(count=list(counts.values()))
    return CountTable(name, DIRECT, dimensions, data, **options)


def shown(safe) -> list:
    return [None if pd.isna(value) else int(value) for value in safe.data["count"]]


def test_a_multi_select_row_is_hidden_when_few_people_do_not_have_it():
    counts = {"sexual": 98, "labour": 20, "total": 100}
    (safe,) = protect_tables([table(counts, "form", multiple=True)], load_rule())
    assert [None, 20, 100] == shown(safe)
    assert {"complement": 1} == safe.hidden


def test_unknown_is_never_hidden_for_its_own_sake():
    counts = {"yes": 40, "no": 60, "unknown": 2, "total": 102}
    (safe,) = protect_tables([table(counts, "police_report")], load_rule())
    assert [40, 60, 2, 102] == shown(safe)


def test_a_must_show_cell_that_the_rule_hides_is_refused():
    counts = {"woman": 2, "man": 60, "total": 62}
    with pytest.raises(DisclosureError) as caught:
        protect_tables([table(counts, "sex")], load_rule(), must_show=[Cell.named("direct", 2021, sex="woman")])
    assert "E-432" == caught.value.code


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({"woman": -1, "man": 5, "total": 4}, "E-401"),
        ({"woman": 1.5, "man": 5, "total": 6.5}, "E-401"),
        ({"woman": 4, "man": 5, "total": 10}, "E-403"),
        ({"woman": 4, "man": 5}, "E-404"),
    ],
)
def test_bad_tables_are_refused_without_their_counts(counts, code):
    with pytest.raises(ContractError) as caught:
        protect_tables([table(counts, "sex")], load_rule())
    assert code == caught.value.code
    assert "table t, " in caught.value.text("en")
