"""Fill the variables that no target fixes: by invented weights, dealt out exactly.

Enters: the answers so far and who is asked. Leaves: the same dictionary with one more variable.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from platform_utils.demo.deal import apportion, deal, deal_several
from platform_utils.demo.targets import weights_for
from platform_utils.spec.codebook import load

__all__ = ["Answers", "fill", "fill_several", "place_columns"]

Answers = dict[str, NDArray[np.object_]]
"""One array of codes per column, all of the same length."""


def fill(
    answers: Answers, variable: str, who: NDArray[np.bool_], among: str, year: int, rng: np.random.Generator,
    prefer: Mapping[str, NDArray[np.bool_]] | None = None,
) -> None:  # fmt: skip
    """Deal a variable out by its invented weights to the persons in ``who``; the rest stay empty."""
    column = answers.setdefault(variable, np.full(len(who), "", dtype=object))
    weights = weights_for(variable, among, year)
    if weights is not None and who.any():
        chosen = {code: wanted[who] for code, wanted in (prefer or {}).items()}
        column[who] = deal(apportion(int(who.sum()), weights), rng, chosen)


def fill_several(
    answers: Answers, variable: str, who: NDArray[np.bool_], among: str, year: int,
    rng: np.random.Generator, *, everyone: bool = False,
) -> None:  # fmt: skip
    """Deal a multi-select variable out by its invented shares; all others answer no."""
    shares = weights_for(variable, among, year, "shares")
    if shares is None:
        return
    number = int(who.sum())
    counts = {code: round(number * share / 100) for code, share in shares.items()}
    if everyone:
        counts[next(iter(counts))] += max(0, number - sum(counts.values()))
    place_columns(answers, variable, deal_several(counts, number, rng, everyone=everyone), who)


def place_columns(
    answers: Answers, variable: str, columns: Mapping[str, NDArray[np.object_]], who: NDArray[np.bool_]
) -> None:
    """Enter yes/no columns of a multi-select variable for the persons in ``who``; all others answer no."""
    for code in load().codes(load().variable(variable)):
        column = answers.setdefault(f"{variable}__{code.code}", np.full(len(who), "no", dtype=object))
        if code.code in columns:
            column[who] = columns[code.code]
