"""Deal codes out to persons so that the counts are met exactly: no drawing, no rejecting.

Enters: how many of each code, and who would rather have it. Leaves: one code per person (or one
yes/no column per code). The seed decides who gets what, never how many.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_LEANING = 0.75
"""How much a preference counts against chance, both on a scale of 0 to 1."""


def seeded(seed: int, *words: object) -> np.random.Generator:
    """Return a generator of its own for one purpose: adding another purpose changes no other."""
    return np.random.default_rng([seed, *(crc32(str(word).encode("utf-8")) for word in words)])


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Share ``total`` out by weight in whole numbers (largest remainders; ties in order).

    Examples
    --------
    >>> apportion(10, {"a": 2, "b": 1})
    {'a': 7, 'b': 3}
    """
    whole = sum(weights.values())
    exact = {code: total * weight / whole for code, weight in weights.items()}
    counts = {code: int(value) for code, value in exact.items()}
    # sorting is stable, so ties keep the order of the weights
    by_remainder = sorted(counts, key=lambda code: counts[code] - exact[code])
    for code in by_remainder[: total - sum(counts.values())]:
        counts[code] += 1
    return counts


def deal(
    counts: Mapping[str, int], rng: np.random.Generator, prefer: Mapping[str, NDArray[np.bool_]] | None = None
) -> NDArray[np.object_]:
    """Return one code per person, each code exactly as often as ``counts`` says.

    Parameters
    ----------
    counts : mapping of str to int
        Persons per code; the sum is the number of persons.
    prefer : mapping of str to array of bool
        Persons who rather get the code; codes with a preference choose first, in order.

    Returns
    -------
    ndarray of str, shape (n_persons,)
    """
    prefer = prefer or {}
    number = sum(counts.values())
    dealt = np.full(number, "", dtype=object)
    free = np.ones(number, dtype=bool)
    for code, wanted in prefer.items():
        score = rng.random(number) + _LEANING * wanted
        score[~free] = -1.0
        chosen = np.argsort(-score, kind="stable")[: counts.get(code, 0)]
        dealt[chosen] = code
        free[chosen] = False
    rest = [code for code, count in counts.items() if code not in prefer for _ in range(count)]
    dealt[free] = rng.permutation(np.array(rest, dtype=object))
    return dealt


def deal_several(
    counts: Mapping[str, int],
    number: int,
    rng: np.random.Generator,
    prefer: Mapping[str, NDArray[np.bool_]] | None = None,
    *,
    everyone: bool = True,
) -> dict[str, NDArray[np.object_]]:
    """Return one yes/no column per code, each code exactly as often yes as ``counts`` says.

    Parameters
    ----------
    counts : mapping of str to int
        Persons who answer yes, per code; ``"unknown"`` answer unknown to all.
    number : int
        Number of persons.
    prefer : mapping of str to array of bool
        Persons who rather get the code.
    everyone : bool
        Whether each person who knows has at least one yes, as far as the counts reach.

    Returns
    -------
    dict of str to ndarray of str, shape (number,)
    """
    unknown = np.zeros(number, dtype=bool)
    unknown[rng.permutation(number)[: counts.get("unknown", 0)]] = True
    codes = [code for code in counts if code != "unknown"]
    answers = {code: np.where(unknown, "unknown", "no").astype(object) for code in codes}
    has_any = unknown.copy()
    for code in codes:
        liked = (prefer or {}).get(code, np.zeros(number, dtype=bool))
        # who has no yes yet outbids whoever merely leans towards the code
        lacking = 3.0 * ~has_any if everyone and code != codes[0] else 0.0
        score = rng.random(number) + _LEANING * liked + lacking
        score[unknown] = -1.0
        chosen = np.argsort(-score, kind="stable")[: min(counts[code], int((~unknown).sum()))]
        answers[code][chosen] = "yes"
        has_any[chosen] = True
    return answers
