"""What estimators return: an estimate with its interval, a test with its convention.

Leaves: plain frozen records that carry the counts they rest on, so that the gate can decide. Nothing here
has passed the gate; nothing here may be shown to a reader as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from platform_utils.errors import ContractError
from platform_utils.spec.counts import Cell, Estimated


@dataclass(frozen=True)
class Estimate:
    """An estimate with its confidence limits.

    Attributes
    ----------
    value, lower, upper : float
        On the scale of the measure; ``nan`` where it does not exist (0/0), ``inf`` where it has no limit.
    method : str
        Which interval, in words that can be looked up.
    """

    value: float
    lower: float
    upper: float
    level: float
    method: str

    def item(self, name: str, kind: str, under: Sequence[Cell]) -> Estimated:
        """Return it for the gate, with the cells that it rests on."""
        values = {"estimate": self.value, "lower": self.lower, "upper": self.upper}
        return Estimated(name, kind, values, under, self.method)


@dataclass(frozen=True)
class TestResult:
    """A p-value with the convention behind it.

    Attributes
    ----------
    p_value : float
        Two-sided unless ``convention`` says otherwise.
    statistic : float
        What the test orders tables or arrangements by.
    convention : str
        What counts as at least as extreme, which margin is fixed, how ties are treated.
    """

    __test__ = False

    p_value: float
    statistic: float
    convention: str

    def item(self, name: str, level: float, under: Sequence[Cell]) -> Estimated:
        """Return it for the gate, with the cells that it rests on."""
        return Estimated(name, "test", {"p": self.p_value, "level": level}, under, self.convention)


@dataclass(frozen=True)
class TwoGroups:
    """Persons with a yes/no outcome, and all persons: with access (1) and in the comparison group (0).

    ``who``, where it is known, says which persons are behind each of the four cells.
    """

    events_1: int
    n_1: int
    events_0: int
    n_0: int
    who: tuple[frozenset[int], ...] = field(default=(), compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        check_counts(self.events_1, self.n_1)
        check_counts(self.events_0, self.n_0)

    @classmethod
    def of(cls, who: tuple[frozenset[int], ...]) -> TwoGroups:
        """Return the table of four sets of persons, in the order of `cells`."""
        events_1, others_1, events_0, others_0 = map(len, who)
        return cls(events_1, events_1 + others_1, events_0, events_0 + others_0, who=who)

    @property
    def risk_1(self) -> float:
        """Share with the outcome in the first group."""
        return self.events_1 / self.n_1

    @property
    def risk_0(self) -> float:
        """Share with the outcome in the second group."""
        return self.events_0 / self.n_0

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Persons with and without the outcome, with access first: what estimates rest on."""
        return self.who or (self.events_1, self.n_1 - self.events_1, self.events_0, self.n_0 - self.events_0)

    @property
    def contrast(self) -> dict[frozenset[int], float]:
        """What the difference tells: a weight for each set of persons with the outcome."""
        return {self.who[0]: 1 / self.n_1, self.who[2]: -1 / self.n_0} if self.who else {}

    @property
    def difference(self) -> float:
        """First share minus second share."""
        return self.risk_1 - self.risk_0


def check_counts(events: int, n: int) -> None:
    """Refuse counts that no group of persons can have.

    Raises
    ------
    ContractError
        E-701 if a count is not whole, ``n`` is below 1 or ``events`` lies outside 0 to ``n``.
    """
    whole = float(events).is_integer() and float(n).is_integer()
    if not whole or n < 1 or not 0 <= events <= n:
        raise ContractError("E-701")
