"""One question: what is counted, in whom, for which years; refused with the nearest names on a miss.

Enters: what somebody types. Leaves: a ``Question`` whose words the codebook and the table plan know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from numbers import Integral
from typing import Any

from platform_utils.errors import UsageError
from platform_utils.messages import LANGUAGES
from platform_utils.publish.words import population_of, variable_label
from platform_utils.requests import countable
from platform_utils.spec.plan import load_plan
from platform_utils.spec.text import nearest

FIRST_YEAR = 2018
"""First support year that forms were kept from."""

_LONGEST, _SHORTEST, _MOST, _NEAR = 40, 2, 2, 5


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
    def of(cls, what: object, by: object, population: str, years: object, why: str) -> Question:
        """Return a question whose words are known; what stands alone is read as a list of one.

        Raises
        ------
        UsageError
            E-870 for a variable or a population that is not there, with the nearest ones; E-887 for a year
            that no form is kept from; E-871, E-886 for breakdowns that cannot stand in one table.
        """
        given = [("what", one) for one in several(what)] + [("by", by)]
        said = [(key, name) for key, each in given for name in several(each) if name]
        if len(said) > _MOST:
            raise UsageError("E-886", number=len(said))
        kinds = countable()
        known = {name: " ".join(variable_label(name, lang) for lang in LANGUAGES) for name in kinds}
        for key, name in said:
            require(name, known, key)
        people = load_plan().of_people
        labels = {name: " ".join(population_of(name, lang) for lang in LANGUAGES) for name in people}
        require(population, labels, "population")
        dimensions = tuple(name for _, name in said)
        if len(set(dimensions)) < len(dimensions) or [kinds[name] for name in dimensions].count("multi") > 1:
            raise UsageError("E-871", first=dimensions[0], second=dimensions[-1])
        asked, last = several(years), datetime.now(UTC).year
        if not asked or any(not isinstance(y, Integral) or not FIRST_YEAR <= int(y) <= last for y in asked):
            raise UsageError("E-887", first=FIRST_YEAR, last=last)
        return cls(population, dimensions, tuple(sorted({*map(int, asked)})), why.strip())


def require(word: object, known: Mapping[str, str], key: str) -> None:
    """Refuse a word that nothing defines.

    Parameters
    ----------
    known : mapping of str to str
        Labels by name: a name that holds the word, or whose label does, is nearer than one that is like it.

    Raises
    ------
    UsageError
        E-870 with the nearest names, and the word if it can be nothing but a name.
    """
    if isinstance(word, str) and word in known:
        return
    low = str(word).casefold()
    said = {name: f" {name} {label}".casefold() for name, label in known.items()}
    near = sorted((name for name in said if low in said[name]), key=lambda name: f" {low}" not in said[name])
    near = near[:_NEAR] if len(low) > _SHORTEST and near else nearest(low, known)
    typed = f'{key}="{word}"' if low.isidentifier() and len(low) <= _LONGEST else key
    raise UsageError("E-870", key=typed, nearest=", ".join(near))


def several(said: object) -> tuple[Any, ...]:
    """Return what was said as a list; what stands alone as a list of one."""
    return tuple(said) if isinstance(said, Iterable) and not isinstance(said, str) else (said,)
