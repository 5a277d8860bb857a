"""One row per member on the year's list: who returned, in which form, and how many persons were accepted.

Enters: the list of members, checked returns, clean rows. Leaves: ``clean__member_year``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from platform_utils.clean.combine import dtypes_of
from platform_utils.errors import ContractError
from platform_utils.spec import codebook, grains
from platform_utils.spec.returns import PROVENANCE, CheckedReturn, Member
from platform_utils.spec.text import normalise_text


def member_rows(
    members: Iterable[Member], checked: Sequence[CheckedReturn], rows: Mapping[str, pd.DataFrame], year: int
) -> pd.DataFrame:
    """Return ``clean__member_year``, sorted by ``member_id``.

    What the organisation sheet leaves open is taken from the list of members; the rest of a member that has
    not returned is ``blank``.

    Parameters
    ----------
    rows : mapping of grain to DataFrame
        Combined rows that are left.

    Raises
    ------
    ContractError
        E-313 if a return comes from a member that is not on the list.
    """
    listed = {member.id: member for member in members}
    for one in sorted(checked, key=lambda item: item.file):
        if one.member_id not in listed:
            raise ContractError("E-313", file=one.file, year=year)
    ids = sorted(listed)
    handed_in = sorted((one for one in checked if one.tables), key=lambda item: item.file)
    versions = {one.member_id: one.form_version for one in handed_in}
    has_case = {one.member_id for one in checked if len(one.tables.get("case", ()))}
    has_total = {one.member_id for one in checked if len(one.tables.get("total", ()))}
    counted = [
        rows[grain.name].set_index("member_id")[grain.persons]
        for grain in grains.load().values()
        if grain.persons
    ]
    persons = pd.concat(counted).groupby(level=0).sum()
    answers = rows["organisation"].drop_duplicates("member_id").set_index("member_id").reindex(ids)
    columns: dict[str, object] = {
        "member_id": pd.array(ids, dtype="str"),
        "year": year,
        "has_returned": [one in versions for one in ids],
        "form_version": pd.array([versions.get(one, "") for one in ids], dtype="str"),
        "is_totals_only": [one in has_total and one not in has_case for one in ids],
        "person_count": persons.reindex(ids).fillna(0).astype("int64").to_numpy(),
    }
    fallbacks = {"membership_form": "membership_form", "member_county": "county"}
    for name, dtype in dtypes_of("organisation").items():
        if name in PROVENANCE:
            continue
        column = answers[name]
        if not pd.api.types.is_integer_dtype(column.dtype):
            column = column.astype("str").fillna("blank")
        if name in fallbacks:
            known = {one: _code(name, getattr(listed[one], fallbacks[name])) for one in ids}
            column = column.mask(column.isin(["blank", "not_asked"]), pd.Series(known).reindex(ids))
        columns[name] = column.astype(dtype if pd.api.types.is_integer_dtype(dtype) else "str").array
    return pd.DataFrame(columns)


def _code(name: str, spelling: str) -> str:
    variable = codebook.load().grain_columns("organisation")[name][0]
    return codebook.load().spellings(variable).get(normalise_text(spelling), "blank")
