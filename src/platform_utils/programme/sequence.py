"""The steps of a case, checked: what must stand before what, what ends a case, and that days go forward.

Enters: the steps that a case has taken, and the day of some. Leaves: missteps, in the order of the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from platform_utils.messages import say
from platform_utils.programme.rules import Rules
from platform_utils.spec import codebook


@dataclass(frozen=True, order=True)
class Misstep:
    """A step that does not fit.

    Attributes
    ----------
    why : str
        ``before`` (none of the steps that must stand before it does), ``not_with`` (excluded by another),
        ``two_ends``, or ``day`` (earlier than a step that it must follow).
    others : tuple of str
        The steps that it is held against.
    """

    step: str
    why: str
    others: tuple[str, ...] = ()

    def trace(self, lang: str) -> str:
        """Return it in plain words."""
        called = {code.code: code.label(lang) for code in codebook.load().lists["nsp_step"]}
        others = ", ".join(called[one] for one in self.others)
        return say("nsp", f"misstep_{self.why}", lang, step=called[self.step], others=others)


def check_steps(taken: Collection[str], days: Mapping[str, int], rules: Rules) -> tuple[Misstep, ...]:
    """Return what is wrong with the steps of a case.

    Parameters
    ----------
    days : mapping of str to int
        Days since the application, of the steps whose day is known.
    """
    found: list[Misstep] = []
    order = [step for step in rules.steps if step.name in taken]
    for step in order:
        if step.after and not set(step.after) & set(taken):
            found.append(Misstep(step.name, "before", step.after))
        found += [Misstep(step.name, "not_with", (one,)) for one in step.not_with if one in taken]
    ends = tuple(step.name for step in order if step.ends)
    if len(ends) > 1:
        found.append(Misstep(ends[-1], "two_ends", ends[:-1]))
    dated = [step.name for step in order if step.name in days]
    found += [
        Misstep(after, "day", (before,)) for before, after in pairwise(dated) if days[after] < days[before]
    ]
    return tuple(found)
