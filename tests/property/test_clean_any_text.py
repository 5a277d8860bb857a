"""Whatever stands in the cells, a row is accepted as codes or held with a code, and nothing of it is repeated."""

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_utils.spec import codebook, grains
from platform_utils.spec.returns import RawReturn
from platform_utils.validate import check_return, describe
from platform_utils.validate.judge import values_of

BOOK = codebook.load()
GRAINS = tuple(grains.load())
TEXT = (
    st.text(max_size=12)
    | st.from_regex(r"[-+]?[0-9 ,./:T-]{1,14}", fullmatch=True)
    | st.sampled_from(["ja", "x", ""])
)


@st.composite
def tables(draw):
    grain = draw(st.sampled_from(GRAINS))
    columns = draw(
        st.lists(st.sampled_from(list(BOOK.grain_columns(grain))), min_size=1, max_size=6, unique=True)
    )
    rows = draw(st.lists(st.tuples(*[TEXT] * len(columns)), min_size=1, max_size=4))
    return grain, pd.DataFrame(rows, columns=columns, dtype="str")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.sampled_from([2018, 2021, 2025]))
def test_any_text_is_accepted_as_codes_or_held(drawn, year):
    grain, cells = drawn
    frame = cells.assign(
        member_id=pd.array(["M01"] * len(cells), dtype="str"), year=year,
        file=pd.array(["a.csv"] * len(cells), dtype="str"), sheet=pd.array([""] * len(cells), dtype="str"),
        row=range(2, 2 + len(cells)),
    )  # fmt: skip
    checked = check_return(RawReturn("M01", year, "a.csv", "", {grain: frame}))
    assert len(cells) == sum(entry.rows for entry in checked.ledger)
    for column, (variable, _) in BOOK.grain_columns(grain).items():
        values = checked.tables[grain][f"{column}_status" if variable.is_number else column]
        if variable.kind != "text_code":
            assert set(values) <= set(values_of(grain, column))
    for finding in checked.findings:
        assert describe(finding, "sv").what
        typed = [
            text
            for row in cells.itertuples(index=False)
            for text in row
            if len(text) > 6 and not text.isascii()
        ]
        assert not any(text in repr(finding) for text in typed)
