"""Read groups with numbers of persons as sets that nest or are apart: nobody is counted twice.

Enters: the judged sheet of totals. Leaves: findings on it. A group is what its row answers: an empty cell
means "all", ``unknown`` a group of its own. A group that holds smaller ones and has exactly their sum is a
subtotal, and set aside. Everything else that lets a person stand in two rows is held, with the sum that each
reading gives, because nobody here can tell which one the member means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from platform_utils.spec.grains import Grain
from platform_utils.validate.sheet import FAULTY, Sheet

_Group = tuple[str | None, ...]
_FEW = 5
"""One other group and one of unknowns may have the same small number by chance; from here on it is asked."""
_MOST_GROUPS = 500
"""Groups that are compared with each other; there are some forty kinds, so more are repeats."""


def check_totals(sheet: Sheet, grain: Grain) -> None:
    """Find groups that are repeated, overlap, disagree with their parts, or look like a sum of the others."""
    counts = sheet.number(grain.persons)
    usable = sheet.is_answered(grain.persons) & (counts > 0)
    for name in grain.row_key:
        usable &= sheet.columns[name].codes != FAULTY
    rows: dict[_Group, list[int]] = defaultdict(list)
    for row in np.flatnonzero(usable).tolist():
        rows[_group(sheet, grain.row_key, row)].append(row)
    for same in rows.values():
        if len(same) > 1:
            _report(sheet, "E-231", same, counts, once=max(counts[same]))
    groups = {group: same[0] for group, same in rows.items() if len(same) == 1}
    if len(groups) > _MOST_GROUPS:
        return
    crossed = [pair for pair in combinations(groups, 2) if _overlap(*pair)]
    for one, other in crossed:
        both = [groups[one], groups[other]]
        _report(sheet, "E-232", both, counts, once=max(counts[both]))
    plain = set(groups).difference(*crossed) if crossed else set(groups)
    sums = _check_nests(sheet, {group: groups[group] for group in groups if group in plain}, counts)
    _check_unknowns(sheet, {group: row for group, row in groups.items() if group not in sums}, counts)


def _group(sheet: Sheet, key: Iterable[str], row: int) -> _Group:
    answers = (sheet.columns[name].answers[sheet.columns[name].codes[row]] for name in key)
    return tuple(None if answer in ("blank", "not_asked") else answer for answer in answers)


def _overlap(one: _Group, other: _Group) -> bool:
    """Say whether a person may stand in both groups and neither holds the other."""
    meet = all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))
    return meet and not (_holds(one, other) or _holds(other, one))


def _holds(larger: _Group, smaller: _Group) -> bool:
    return larger != smaller and all(a in (None, b) for a, b in zip(larger, smaller, strict=True))


def _check_nests(sheet: Sheet, groups: dict[_Group, int], counts: np.ndarray) -> set[_Group]:
    """Compare each group with the largest of those that it holds; return those that are their sums."""
    sums = set()
    for group, row in groups.items():
        held = [each for each in groups if _holds(group, each)]
        parts = [groups[each] for each in held if not any(_holds(other, each) for other in held)]
        if not parts:
            continue
        within = int(counts[parts].sum())
        if within == counts[row]:
            sums.add(group)
            subtotal = np.isin(np.arange(len(sheet)), [row])
            sheet.report("W-245", subtotal, places=_places(sheet, parts), once=within)
        else:
            _report(sheet, "E-233", [row, *parts], counts, once=max(within, int(counts[row])))
    return sums


def _check_unknowns(sheet: Sheet, groups: dict[_Group, int], counts: np.ndarray) -> None:
    """Find a group of unknowns that has just the number of those that it may sum up."""
    for group, row in groups.items():
        if "unknown" not in group:
            continue
        wide = tuple(None if answer == "unknown" else answer for answer in group)
        others = [at for each, at in groups.items() if at != row and (each == wide or _holds(wide, each))]
        is_sum = counts[others].sum() == counts[row]
        if is_sum and (len(others) > 1 or counts[row] >= _FEW):
            _report(sheet, "E-234", [row, *others], counts, once=int(counts[row]))


def _report(sheet: Sheet, code: str, rows: Sequence[int], counts: np.ndarray, *, once: int) -> None:
    found = np.isin(np.arange(len(sheet)), rows)
    apart = int(counts[list(rows)].sum())
    sheet.report(code, found, places=_places(sheet, rows), apart=apart, once=int(once))


def _places(sheet: Sheet, rows: Sequence[int]) -> str:
    return sheet.places(np.isin(np.arange(len(sheet)), rows))
