"""One question: what is counted, in whom, for which years; refused with the nearest names on a miss.

Enters: what somebody types. Leaves: a ``Question`` whose words the codebook and the table plan know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from platform_utils.errors import UsageError
from platform_utils.requests import countable
from platform_utils.spec.plan import load_plan
from platform_utils.spec.text import nearest

FIRST_YEAR = 2018
"""First support year that forms were kept from."""

_LONGEST = 40


@dataclass(frozen=True)
class Question:
    """One table that is asked for.

    Attributes
    ----------
    name : str
        Such as ``"police_report_by_sex_direct"``: what is counted, by what, in whom.
    population : str
        A population of the table plan.
    dimensions : tuple of str
        At most two variables of the codebook; none asks for the number of persons.
    years : tuple of int
        Support years, in order.
    """

    population: str
    dimensions: tuple[str, ...]
    years: tuple[int, ...]
    why: str = ""

    @property
    def name(self) -> str:
        """What it is called in the answer; a long name ends in a hash, so that two never meet."""
        name = "_".join(["_by_".join(self.dimensions) or "persons", self.population])
        if len(name) <= _LONGEST:
            return name
        return f"{name[: _LONGEST - 7]}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"

    @classmethod
    def of(cls, what: str, by: str, population: str, years: Iterable[int], why: str) -> Question:
        """Return a question whose words are known.

        Raises
        ------
        UsageError
            E-870 for a variable, a population or a year that is not there, with the nearest ones; E-871
            for breakdowns that cannot stand in one table.
        """
        dimensions = tuple(name for name in (what, by) if name)
        kinds = countable()
        for name in dimensions:
            _require(name, kinds, "what" if name == what else "by")
        _require(population, load_plan().of_people, "population")
        if len(set(dimensions)) < len(dimensions) or [kinds[name] for name in dimensions].count("multi") > 1:
            raise UsageError("E-871", first=dimensions[0], second=dimensions[-1])
        asked = tuple(sorted({*years}))
        if not asked or min(asked) < FIRST_YEAR:
            raise UsageError("E-870", key="years", nearest=f"[{FIRST_YEAR}, …]")
        return cls(population, dimensions, asked, why.strip())


def _require(word: str, known: Collection[str] | Sequence[str], key: str) -> None:
    if word not in known:
        raise UsageError("E-870", key=key, nearest=", ".join(nearest(word, known)))
