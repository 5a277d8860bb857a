"""The rows that a table counts: persons, rows of any other sheet, and rows that stand on no sheet.

Enters: a clean year, and the one before it. Leaves: frames with ``member_id``, every code that a table counts
by and every number that it sums. Members that hand in totals only are rows of persons with their sex and age;
what their form does not ask is ``not_asked``, so that every table of a population has the same total.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from platform_utils.spec import codebook
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.codebook import SPECIAL_CODES, Derived
from platform_utils.spec.counts import NOT_ASKED
from platform_utils.spec.plan import Population, load_plan

BEHIND = "behind"
"""Column that names who stands behind a row, where that is not to be the member."""

_GROUPS = {"child": "child", "adult": "adult_unspecified"}
"""What a totals-only form says of age: a child is under 18, an adult's band is not given."""


class Declared(Protocol):
    """A declared correction, as far as it is counted."""

    @property
    def action(self) -> str:
        """``"set"``, ``"alias"``, ``"accept"`` or ``"drop"``."""


@dataclass(frozen=True)
class Rows:
    """The rows of one year.

    Attributes
    ----------
    before : CleanYear, optional
        The year before, where it is at hand.
    sides : tuple
        Who came and who went since an edition, from `sides.sides_of`.
    """

    clean: CleanYear
    before: CleanYear | None = None
    corrections: tuple[Declared, ...] = ()
    sides: tuple[tuple[str, str, str, int], ...] = ()

    @cached_property
    def _sheets(self) -> dict[str, Sheet]:
        return {}

    def of(self, grain: str) -> Sheet:
        """Return the rows of a grain."""
        if grain not in self._sheets:
            self._sheets[grain] = Sheet(self._frame(grain))
        return self._sheets[grain]

    def _frame(self, grain: str) -> pd.DataFrame:
        if grain in _BESIDE_SHEETS:
            made, columns = _BESIDE_SHEETS[grain]
            return pd.DataFrame(made(self), columns=["member_id", *columns])
        return self.persons if grain == "case" else _others(self.clean, grain)

    @cached_property
    def persons(self) -> pd.DataFrame:
        """One row per person (or mass case), those of totals-only returns included.

        Computed codes stand beside the clean ones; ``is_total`` (bool) marks rows that stand for a cell of a
        totals-only return.
        """
        clean = self.clean
        totals = _from_totals(clean).assign(is_total=True)
        rows = pd.concat([clean.case.assign(is_total=False), totals], ignore_index=True)
        count = rows["person_count"].astype("Int64").fillna(1).astype("int64")
        plan = load_plan()
        large = count.ge(plan.large_from) & ~rows["is_total"]
        return _with_behind(
            rows.assign(
                person_count=count,
                mass_case=large.map({True: "yes", False: "no"}).astype("str"),
                panel=panel_of(rows, clean, self.before),
                **{one.name: _is_some(rows, one.of) for one in plan.computed.values() if one.of},
            )
        )

    @cached_property
    def in_large_cases(self) -> int:
        """How many persons belong to large cases."""
        return int(self.persons.loc[self.persons["mass_case"].eq("yes"), "person_count"].sum())

    @cached_property
    def a_year_earlier(self) -> _Earlier:
        """The rows of the year before, told by whether their member is back."""
        if self.before is None:
            raise KeyError(self.clean.year - 1)
        return _Earlier(self.before, self.clean)

    def is_defined(self, population: Population) -> bool:
        """Say whether the year asked what marks a population, such as having left."""
        rows = self.of(population.grain)
        if any(column not in rows.frame.columns or rows.is_closed(column) for column in population.where):
            return False
        of_persons = population.grain == "case"
        if population.asked_by is None or (len(rows.frame) and not of_persons):
            return True
        people = self.of("case")
        if population.asked_by not in people.frame.columns:
            return True
        among = rows.select(population) if of_persons else np.ones(len(people.frame), bool)
        return not among.any() or not people.has(population.asked_by, NOT_ASKED)[among].all()


class Sheet:
    """The rows of a grain, of which each column is encoded once, when a table first asks for it."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._encoded: dict[str, tuple[np.ndarray, list[str]]] = {}

    def column(self, name: str) -> tuple[np.ndarray, list[str]]:
        """Return the position of each row's code among the codes of a column, and these, sorted."""
        if name not in self._encoded:
            positions, codes = pd.factorize(self.frame[name], sort=True, use_na_sentinel=False)
            self._encoded[name] = positions, [str(code) for code in codes]
        return self._encoded[name]

    def has(self, name: str, code: str) -> np.ndarray:
        """Return which rows have a code."""
        positions, codes = self.column(name)
        return positions == (codes.index(code) if code in codes else -1)

    def select(self, population: Population) -> np.ndarray:
        """Return which rows belong to a population; none if the year did not ask what defines it."""
        chosen = np.ones(len(self.frame), bool)
        for column, code in population.where.items():
            chosen &= self.has(column, code) if column in self.frame.columns else False
        return chosen

    def is_closed(self, name: str) -> bool:
        """Say whether nobody was asked of those who filled it in: totals-only returns answer no questions."""
        unasked = self.has(name, NOT_ASKED)
        if "is_total" in self.frame.columns:
            unasked = unasked[~self.frame["is_total"].to_numpy(bool)]
        return len(unasked) > 0 and bool(unasked.all())


class _Earlier(Rows):
    @cached_property
    def persons(self) -> pd.DataFrame:
        return super().persons.rename(columns={"panel": "panel_next"})


def members_in(clean: CleanYear | None) -> frozenset[str]:
    """Return the members that handed in a return; nobody of a year that is not there."""
    return frozenset(_forms(clean))


def panel_of(rows: pd.DataFrame, clean: CleanYear, beside: CleanYear | None) -> pd.Series:
    """Return whether each row's member reported in another year too, in the same form."""
    same = {member for member, _ in _forms(clean).items() & _forms(beside).items()}
    return rows["member_id"].isin(same).map({True: "same", False: "other"}).astype("str")


def _forms(clean: CleanYear | None) -> dict[str, bool]:
    """Return whether each member that handed in a return gave totals only."""
    if clean is None:
        return {}
    members = clean.member_year
    there = members[members["has_returned"].astype(bool)]
    return dict(zip(there["member_id"], there["is_totals_only"].astype(bool), strict=True))


def _others(clean: CleanYear, grain: str) -> pd.DataFrame:
    """Return the rows of another sheet, with the derived codes that its own answers give."""
    rows = _with_behind(clean.tables.get(grain, pd.DataFrame(columns=["member_id"])))
    if grain == "organisation":
        form = pd.Series("persons", index=rows.index, dtype="str")
        form = form.mask(rows["is_totals_only"].astype(bool), "totals_only")
        rows = rows.assign(return_form=form.mask(~rows["has_returned"].astype(bool), "not_returned"))
    book = codebook.load()
    for derived in book.derived:
        source = book.source_of(derived, grain)
        if source is not None and source in rows.columns and derived.name not in rows.columns:
            codes = book.codes(book.variable(source, grain))
            parents = {code.code: code.parent_in(clean.year) for code in codes}
            rows = rows.assign(**{derived.name: rows[source].replace(parents)})
    return rows


def _files(rows: Rows) -> Iterable[tuple[Any, ...]]:
    read = (one for one in rows.clean.ledger if one.grain == "case")
    return [(one.file, one.reason, one.rows) for one in read if one.reason != "accepted"]


def _corrections(rows: Rows) -> Iterable[tuple[Any, ...]]:
    return [("", one.action) for one in rows.corrections]


def _panel_members(rows: Rows) -> Iterable[tuple[Any, ...]]:
    now, then = members_in(rows.clean), members_in(rows.before)
    told = (("both", now & then), ("only_now", now - then), ("only_before", then - now))
    return [(member, code) for code, group in told for member in sorted(group)]


def _sides(rows: Rows) -> Iterable[tuple[Any, ...]]:
    return rows.sides


_BESIDE_SHEETS: Mapping[str, tuple[Callable[[Rows], Iterable[tuple[Any, ...]]], tuple[str, ...]]] = {
    "file_row": (_files, ("row_reason", "rows")),
    "correction": (_corrections, ("correction",)),
    "panel_member": (_panel_members, ("panel_member",)),
    "side": (_sides, ("moved_by", "moved_as", "person_count")),
}


def _with_behind(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose member is whoever stands behind them, if they say so."""
    return rows.assign(member_id=rows[BEHIND]) if BEHIND in rows.columns else rows


def _from_totals(clean: CleanYear) -> pd.DataFrame:
    case, total = clean.case, clean.total
    if total.empty:
        return case.iloc[:0]
    lacking = [column for column in case.columns if column not in total.columns]
    filler = pd.DataFrame({c: pd.Series(_nothing(case[c].dtype), total.index) for c in lacking})
    rows = pd.concat([total, filler], axis=1)
    pairs = codebook.load().variable("sex_by_age")
    if isinstance(pairs, Derived):
        groups = rows["adult_or_child"].map(lambda code: _GROUPS.get(code, NOT_ASKED))
        rows = rows.assign(sex_by_age=_paired(rows, pairs), age_group=groups.astype("str"))
    others = {name: kind for name, kind in case.dtypes.items() if rows[name].dtype != kind}
    return rows[list(case.columns)].astype(others)


def _is_some(rows: pd.DataFrame, column: str) -> pd.Series:
    number = rows[column].astype("Int64")
    answer = number.gt(0).fillna(False).astype(bool).map({True: "yes", False: "no"}).astype("str")
    status = rows.get(f"{column}_status", pd.Series("blank", index=rows.index))
    special = status.where(status.isin(SPECIAL_CODES), "blank")
    return answer.mask(number.isna(), special).mask(rows["is_total"].astype(bool), NOT_ASKED)


def _nothing(dtype: Any) -> Any:
    """Return what a totals-only form says in a column that it lacks."""
    if isinstance(dtype, pd.Int64Dtype):
        return pd.NA
    return 0 if pd.api.types.is_numeric_dtype(dtype) else NOT_ASKED


def _paired(rows: pd.DataFrame, rule: Derived) -> pd.Series:
    first, second = rule.sources
    result = pd.Series("unknown", index=rows.index, dtype="str")
    for one, two, code in reversed(rule.pairs):
        fits = (rows[first].eq(one) | (one == "*")) & (rows[second].eq(two) | (two == "*"))
        result = result.mask(fits, code)
    for special in ("blank", NOT_ASKED):
        result = result.mask(rows[first].eq(special) & rows[second].eq(special), special)
    return result
