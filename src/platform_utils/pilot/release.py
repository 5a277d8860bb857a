"""What an evaluation asks the gate to release: every number with the cells it rests on, and the words.

Enters: an ``Evaluation``. Leaves: items for the gate, and words that hold no number of persons. Nothing here
decides what may be shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from platform_utils.pilot.differences import newcombe
from platform_utils.pilot.evaluation import Evaluation, Note, OutcomeReport
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups
from platform_utils.pilot.series import SeriesResult

__all__ = ["GateItem", "gate_items", "words"]

_GROUPS = {True: "with", False: "without"}
_ENTRY = ("entered", "early", "waiting")
_ENDS = ("lost", "other_end", "in_contact")


@dataclass(frozen=True)
class GateItem:
    """One estimate for the gate.

    Parameters
    ----------
    name : str
        Key, such as ``"lost_difference"``.
    kind : {"difference", "share", "ratio", "test", "curve", "range"}
        What it is.
    values : mapping
        Numbers by key (``"p"`` for a test, days for a curve, places for a range).
    under : sequence of int
        Cells that it rests on, in persons.
    method : str
        Which interval or test.
    at_risk, events : mapping of int to int
        By day, for curves only.
    first : int, optional
        Day of a curve that matters most: the primary window.
    """

    name: str
    kind: str
    values: Mapping[Any, float]
    under: Sequence[int]
    method: str = ""
    at_risk: Mapping[int, int] = field(default_factory=dict)
    events: Mapping[int, int] = field(default_factory=dict)
    first: int | None = None


def gate_items(evaluation: Evaluation) -> list[GateItem]:
    """Return everything that documents may ask for, in a fixed order.

    Parameters
    ----------
    evaluation : Evaluation
        From `evaluate`.

    Returns
    -------
    list of GateItem
        Descriptive shares only where the evaluation stopped.
    """
    items = [*_flow(evaluation), *_baseline(evaluation)]
    for outcome, table in evaluation.shares.items():
        items.append(_share(f"{outcome}_share_with", table.events_1, table.n_1))
        items.append(_share(f"{outcome}_share_without", table.events_0, table.n_0))
    for report in evaluation.outcomes:
        items += _outcome(report, evaluation.plan)
    if isinstance(evaluation.series, SeriesResult):
        series = evaluation.series
        cells = (int(series.events), int(series.persons - series.events))
        items += [
            _ratio("series_closure", series.closure, cells),
            _ratio("series_reopening", series.reopening, cells),
        ]
    return [item for item in items if item.values]


def words(evaluation: Evaluation) -> dict[str, Any]:
    """Return what the evaluation says without numbers of persons: keys of the catalogue and the plan.

    Parameters
    ----------
    evaluation : Evaluation
        From `evaluate`.

    Returns
    -------
    dict
        Plain values, ready for JSON.
    """
    plan, registered = evaluation.plan, evaluation.registration
    power = evaluation.seen_by_these_numbers
    return {
        "verdict": evaluation.verdict,
        "stopped_by": [check.key for check in evaluation.stopped_by],
        "plan": {
            "sha256": plan.sha256,
            "question": dict(plan.question),
            "windows": list(plan.windows),
            "primary": plan.primary_window,
            "gap": plan.contact_gap,
            "grace": plan.grace_days,
            "unit": plan.unit,
            "test": plan.test,
            "interval": plan.interval,
            "level": plan.level,
            "outcomes": list(plan.outcomes),
            "covariates": list(plan.covariates),
            "method": plan.method,
            "entry": plan.entry_column,
            "sensitivity": list(plan.sensitivity),
            "review": plan.ethics_review,
            "approval": plan.ethics_approval,
            "known": [vars(item) for item in plan.known_outcomes],
        },
        "registration": {**vars(registered)},
        "outcomes": [
            {
                "outcome": report.outcome,
                "verdict": report.decision.verdict,
                "reasons": list(report.decision.reasons),
            }
            for report in evaluation.outcomes
        ],
        "checks": [
            {"key": check.key, "ok": check.ok, "fields": _units_only(check.fields)}
            for check in evaluation.checks
        ],
        "designs": [
            {
                "key": design.key,
                "role": design.role,
                "attainable": None if math.isnan(design.attainable) else f"{design.attainable:.2g}",
                "needed": f"{design.needed:.2g}",
                "testable": design.testable,
            }
            for design in evaluation.designs
        ],
        "series": _series(evaluation),
        "tipping": _tipping(evaluation),
        "deviations": [
            {"key": note.key, "fields": dict(note.fields)} for note in _safe(evaluation.deviations)
        ],
        "years_needed": evaluation.years_needed,
        "power_tenths": None if power is None else round(power.share * 10),
    }


def _outcome(report: OutcomeReport, plan: Plan) -> Iterator[GateItem]:
    name, decision, level = report.outcome, report.decision, plan.level
    under = _cells(decision.table)
    yield _difference(f"{name}_difference", report.difference, under)
    yield GateItem(
        f"{name}_test", "test", {"p": decision.p_adjusted, "level": level}, under, "permutation, Holm"
    )
    yield _ratio(f"{name}_risk_ratio", report.risk_ratio, under)
    yield _ratio(f"{name}_odds_ratio", report.odds_ratio, under)
    for key, result in report.person_level.items():
        if isinstance(result, TestResult):
            values = {"p": result.p_value, "level": level}
            yield GateItem(f"{name}_person_{key}", "test", values, under, result.convention)
        else:
            yield _difference(f"{name}_person_{key}", result, under)
    for row in report.windows:
        yield _difference(f"{name}_window_{row.window}", row.newcombe, _cells(row.table))
    adjusted = report.adjusted
    clone = adjusted.clone.difference if adjusted.clone is not None else None
    for key, estimate in (
        ("g_computation", adjusted.g_computation),
        ("inverse_probability", adjusted.inverse_probability),
        ("stratified", adjusted.stratified),
        ("clone", clone),
    ):
        if estimate is not None:
            yield _difference(f"{name}_{key}", estimate, under)
    if adjusted.landmark is not None:
        table = adjusted.landmark.table
        yield _difference(f"{name}_landmark", newcombe(table, 1 - level), _cells(table))
    yield from _curves(report, plan.primary_window)
    yield from _sensitivity(report, under)


def _curves(report: OutcomeReport, primary: int) -> Iterator[GateItem]:
    keys = dict.fromkeys((point.cause, point.access) for point in report.curve)
    for cause, access in keys:
        points = [point for point in report.curve if (point.cause, point.access) == (cause, access)]
        yield GateItem(
            f"{report.outcome}_curve_{cause}_{_GROUPS[access]}",
            "curve",
            {point.day: point.estimate.value for point in points},
            (),
            points[0].estimate.method,
            {point.day: point.at_risk for point in points},
            {point.day: point.events for point in points},
            primary,
        )


def _sensitivity(report: OutcomeReport, under: Sequence[int]) -> Iterator[GateItem]:
    name, found = report.outcome, report.sensitivity
    if found.e_value is not None:
        values = {"estimate": found.e_value.estimate, "limit": found.e_value.limit}
        yield GateItem(f"{name}_e_value", "ratio", values, under, "E-value")
    pairs = (
        ("manski", None if found.manski is None else (found.manski.lower, found.manski.upper)),
        ("recontact", found.recontact),
        ("unequal_contact", found.unequal_contact),
    )
    for key, pair in pairs:
        if pair is not None:
            values = {"lower": pair[0], "upper": pair[1]}
            yield GateItem(f"{name}_{key}", "difference", values, under, "bounds")
    tipping = found.tipping_point
    if tipping is not None and tipping.leavers:
        yield replace(_share(f"{name}_tipping", tipping.leavers, tipping.of), method="tipping point")
    if found.misclassification is not None:
        values = {"estimate": found.misclassification}
        yield GateItem(f"{name}_misclassification", "difference", values, under, "Rogan-Gladen")
    if found.leave_one_out:
        left_out: dict[Any, float] = dict(enumerate(found.leave_one_out))
        yield GateItem(f"{name}_leave_one_out", "range", left_out, under, "each member left out in turn")


def _baseline(evaluation: Evaluation) -> Iterator[GateItem]:
    for variable in dict.fromkeys(row.variable for row in evaluation.baseline):
        rows = [row for row in evaluation.baseline if row.variable == variable]
        counts = {row.code: (row.with_access, row.without_access) for row in rows}
        totals = sum(row.with_access for row in rows), sum(row.without_access for row in rows)
        yield from _parts(f"baseline_{variable}", counts, totals)


def _flow(evaluation: Evaluation) -> Iterator[GateItem]:
    steps = {key: (one, zero) for key, one, zero in evaluation.flow.steps}
    start = steps.pop("read")
    yield from _parts("flow", {"read": start}, start)
    if "population" not in steps:
        return
    later = ("followed", "reported", *_ENTRY, *_ENDS)
    yield from _parts("flow", {key: steps[key] for key in steps if key not in later}, start)
    cut = _minus(steps["population"], steps["followed"])
    yield from _parts("flow", {"followed": steps["followed"], "": cut}, start)
    silent = _minus(steps["followed"], steps["reported"])
    yield from _parts("flow", {"reported": steps["reported"], "": silent}, start)
    for keys in (_ENTRY, _ENDS):
        yield from _parts("flow", {key: steps[key] for key in keys}, start)


def _parts(start: str, counts: Mapping[str, tuple[int, int]], totals: tuple[int, int]) -> Iterator[GateItem]:
    # parts of one whole: each rests on all of them, or a small one could be had by subtraction
    for place, group in enumerate(("with", "without")):
        under = tuple(pair[place] for pair in counts.values())
        for key, pair in counts.items():
            if key and totals[place]:
                values = {"estimate": pair[place] / totals[place]}
                yield GateItem(f"{start}_{key}_{group}", "share", values, under)


def _minus(whole: tuple[int, int], part: tuple[int, int]) -> tuple[int, int]:
    return whole[0] - part[0], whole[1] - part[1]


def _share(name: str, count: int, total: int) -> GateItem:
    values = {"estimate": count / total} if total else {}
    return GateItem(name, "share", values, (count, total - count))


def _difference(name: str, estimate: Estimate, under: Sequence[int]) -> GateItem:
    values = {"estimate": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
    return GateItem(name, "difference", values, under, estimate.method)


def _ratio(name: str, estimate: Estimate, under: Sequence[int]) -> GateItem:
    values = {"estimate": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
    return GateItem(name, "ratio", values, under, estimate.method)


def _cells(table: TwoGroups) -> tuple[int, int, int, int]:
    return (table.events_1, table.n_1 - table.events_1, table.events_0, table.n_0 - table.events_0)


def _tipping(evaluation: Evaluation) -> str:
    found = [report.sensitivity.tipping_point for report in evaluation.outcomes if report.outcome == "report"]
    if not found or found[0] is None or found[0].leavers == 0:
        return "none"
    return "never" if found[0].leavers is None else "some"


def _units_only(fields: Mapping[str, int | str]) -> dict[str, int | str]:
    return {key: fields[key] for key in ("units_1", "units_0", "p") if key in fields}


def _safe(notes: Sequence[Note]) -> list[Note]:
    kept = ("outcome", "columns", "arrangements")
    return [Note(note.key, {key: note.fields[key] for key in kept if key in note.fields}) for note in notes]


def _series(evaluation: Evaluation) -> dict[str, Any] | None:
    series = evaluation.series
    if series is None:
        return None
    if isinstance(series, Note):
        return {"refused": series.key, "fields": dict(series.fields)}
    months = {"before": series.months_before, "closed": series.months_closed, "after": series.months_after}
    return {"refused": "", "fields": months, "counterfactual": series.counterfactual}
