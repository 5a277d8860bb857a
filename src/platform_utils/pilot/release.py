"""What leaves an evaluation: words on a screen, items for the gate, and the restricted whole.

Enters: an ``Evaluation``. Leaves: lines and words that hold no number of persons; every number with the cells
it rests on, for the gate; JSON with counts, never to be shown. Nothing here decides what may be shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from platform_utils.messages import label
from platform_utils.pilot.evaluate import Evaluation, Note
from platform_utils.pilot.outcome import OutcomeReport
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import Estimate, TestResult, TwoGroups
from platform_utils.pilot.series import SeriesResult
from platform_utils.spec.counts import Estimated

__all__ = ["gate_items", "plan_words", "summary_lines", "to_json", "words"]

_GROUPS = {True: "with", False: "without"}
_ENTRY = ("entered", "early", "waiting")
_ENDS = ("lost", "other_end", "in_contact")
# what words and documents call a field of the plan
_SAME = (
    "sha256", "question", "windows", "unit", "test", "interval", "level", "outcomes", "covariates", "method",
    "sensitivity", "version", "relevant", "correlation", "risk_with", "risk_without", "programme_from",
    "closed_from", "reopened",
)  # fmt: skip
_PLAN = dict(zip(_SAME, _SAME, strict=True)) | {
    "primary": "primary_window", "gap": "contact_gap", "grace": "grace_days", "entry": "entry_column",
    "review": "ethics_review", "approval": "ethics_approval", "known": "known_outcomes",
}  # fmt: skip


def gate_items(evaluation: Evaluation) -> list[Estimated]:
    """Return everything that documents may ask for, in a fixed order.

    Descriptive shares only where the evaluation stopped.
    """
    items = [*_flow(evaluation), *_baseline(evaluation)]
    for outcome, table in evaluation.shares.items():
        items.append(_share(f"{outcome}_share_with", table.events_1, table.n_1))
        items.append(_share(f"{outcome}_share_without", table.events_0, table.n_0))
    for report in evaluation.outcomes:
        items += _outcome(report, evaluation.plan)
    series = evaluation.series
    if isinstance(series, SeriesResult):
        cells = (int(series.events), int(series.persons - series.events))
        for part, pair in (("level", series.level), ("slope", series.slope)):
            for name, estimate in zip(("closure", "reopening"), pair, strict=True):
                items.append(_limits(f"series_{name}_{part}", "ratio", estimate, cells))
    return [item for item in items if item.values]


def words(evaluation: Evaluation) -> dict[str, Any]:
    """Return what the evaluation says without numbers of persons: keys of the catalogue and the plan.

    Plain values, ready for JSON.
    """
    outcomes = [report.decision for report in evaluation.outcomes]
    return {
        "verdict": evaluation.verdict,
        "stopped_by": [check.key for check in evaluation.stopped_by],
        "plan": plan_words(evaluation.plan),
        "registration": asdict(evaluation.registration),
        "outcomes": [
            {"outcome": one.outcome, "verdict": one.verdict, "reasons": list(one.reasons)} for one in outcomes
        ],
        "checks": [
            {
                "key": check.key,
                "ok": check.ok,
                "fields": _kept(check.fields, "units_1", "units_0", "p", "share"),
            }
            for check in evaluation.checks
        ],
        "designs": [
            {
                "key": design.key,
                "role": design.role,
                "attainable": None if math.isnan(design.attainable) else f"{design.attainable:.2g}",
                "needed": f"{design.needed:.2g}",
                "units": [design.units_1, design.units_0],
                "testable": design.testable,
            }
            for design in evaluation.designs
        ],
        "series": _series_words(evaluation.series),
        "tipping": _tipping(evaluation),
        "deviations": [
            {"key": note.key, "fields": _kept(note.fields, "outcome", "columns", "arrangements", "settings")}
            for note in evaluation.deviations
        ],
        "years_needed": evaluation.years_needed,
        "power": {name: _of_a_hundred(found.found(name)) for name, found in evaluation.chances.items()},
    }


def plan_words(plan: Plan) -> dict[str, Any]:
    """Return what documents say of a plan, under the names that they use."""
    values = asdict(plan)
    return {key: _plain(values[name]) for key, name in _PLAN.items()}


def summary_lines(evaluation: Evaluation, lang: str) -> list[str]:
    """Return the evaluation in words: what each design could attain, checks, verdict, deviations.

    No line holds a number of persons.
    """
    plan, registered = evaluation.plan, evaluation.registration
    status = registered.reason or "L-pilot-planned"
    lines = [
        label("L-pilot-title", lang, sha256=plan.sha256[:12]),
        label(status, lang, **asdict(registered)),
        "",
    ]
    if evaluation.designs:
        lines += [label("L-pilot-section-designs", lang), *_design_lines(evaluation, lang), ""]
    lines.append(label("L-pilot-section-checks", lang))
    for check in evaluation.checks:
        fields = _said(check.fields, lang)
        mark = label("L-pilot-check-passed" if check.ok else "L-pilot-check-failed", lang)
        lines.append(f"- {label(f'L-pilot-check-{check.key}', lang, **fields)}: {mark}")
        if not check.ok:
            lines.append("  " + label(f"L-pilot-check-{check.key}-no", lang, **fields))
    lines += ["", label("L-pilot-section-verdict", lang), *_verdict_lines(evaluation, lang)]
    deviations = [_note(note, lang) for note in evaluation.deviations] or [
        label("L-pilot-no-deviations", lang)
    ]
    lines += ["", label("L-pilot-section-deviations", lang), *(f"- {said}" for said in deviations)]
    approval = plan.ethics_approval or label("L-pilot-ethics-missing", lang)
    lines += ["", label(f"L-pilot-ethics-{plan.ethics_review}", lang, approval=approval)]
    return [*lines, label("L-pilot-nobody-checked", lang)]


def to_json(evaluation: Evaluation) -> str:
    """Return the whole evaluation as JSON, counts included: restricted, never to be shown.

    Keys sorted; numbers that do not exist are null, numbers without limit ``"inf"``.
    """
    return json.dumps(_plain(asdict(evaluation)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _outcome(report: OutcomeReport, plan: Plan) -> Iterator[Estimated]:
    name, decision = report.outcome, report.decision
    under = _cells(decision.table)
    tested = {"p": decision.p_adjusted, "level": plan.level}
    yield _limits(f"{name}_difference", "difference", report.difference, under)
    yield Estimated(f"{name}_test", "test", tested, under, "permutation, Holm")
    yield _limits(f"{name}_risk_ratio", "ratio", report.risk_ratio, under)
    yield _limits(f"{name}_odds_ratio", "ratio", report.odds_ratio, under)
    for key, result in report.person_level.items():
        if isinstance(result, TestResult):
            values = {"p": result.p_value, "level": plan.level}
            yield Estimated(f"{name}_person_{key}", "test", values, under, result.convention)
        else:
            yield _limits(f"{name}_person_{key}", "difference", result, under)
    for row in report.windows:
        yield _limits(f"{name}_window_{row.window}", "difference", row.difference, _cells(row.table))
    adjusted = report.adjusted
    for key, estimate in (
        ("g_computation", adjusted.g_computation),
        ("inverse_probability", adjusted.inverse_probability),
        ("stratified", adjusted.stratified),
    ):
        if estimate is not None:
            yield _limits(f"{name}_{key}", "difference", estimate, under)
    if adjusted.clone is not None:
        cells = (adjusted.clone.entered, adjusted.clone.not_entered, *under)
        yield _limits(f"{name}_clone", "difference", adjusted.clone.difference, cells)
    if adjusted.landmark is not None:
        found, estimate = adjusted.landmark
        yield _limits(f"{name}_landmark", "difference", estimate, _cells(found.table))
    for cause, access in dict.fromkeys((point.cause, point.access) for point in report.curve):
        points = [point for point in report.curve if (point.cause, point.access) == (cause, access)]
        limits = {"": "value", "_lower": "lower", "_upper": "upper"} if cause == name else {"": "value"}
        # the same persons and events under each, so that the gate shows the same days of all three
        for ending, part in limits.items():
            yield Estimated(
                f"{name}_curve_{cause}_{_GROUPS[access]}{ending}",
                "curve",
                {point.day: getattr(point.estimate, part) for point in points},
                (),
                points[0].estimate.method,
                {point.day: point.at_risk for point in points},
                {point.day: point.events for point in points},
                plan.primary_window,
            )
    yield from _sensitivity(report, under, plan.level)


def _sensitivity(report: OutcomeReport, under: Sequence[int], level: float) -> Iterator[Estimated]:
    name, found = report.outcome, report.sensitivity
    for key, strength in (("e_value", found.e_value), ("e_value_relevant", found.e_value_relevant)):
        if strength is not None:
            yield Estimated(f"{name}_{key}", "ratio", vars(strength), under, "E-value")
    if found.gray is not None:
        values = {"p": found.gray.p_value, "level": level}
        yield Estimated(f"{name}_person_gray", "test", values, under, found.gray.convention)
    if found.bayes is not None:
        posterior = found.bayes
        values = {"estimate": posterior.mean, "lower": posterior.lower, "upper": posterior.upper}
        yield Estimated(f"{name}_bayes", "difference", values, under, "posterior, members as random effects")
        above = posterior.above_zero if name == "report" else 1 - posterior.above_zero
        for key, chance in (("bayes_effect", above), ("bayes_relevant", posterior.above_relevant)):
            yield Estimated(f"{name}_{key}", "share", {"estimate": _chance(chance)}, under, "posterior")
    pairs = {"recontact": found.recontact, "unequal_contact": found.unequal_contact}
    for key, bounds in (("manski", found.manski), ("manski_limits", found.manski_limits)):
        pairs[key] = (bounds.lower, bounds.upper) if bounds is not None else None
    for key, pair in pairs.items():
        if pair is not None:
            values = {"lower": pair[0], "upper": pair[1]}
            yield Estimated(f"{name}_{key}", "difference", values, under, "bounds")
    tipping = found.tipping_point
    if tipping is not None and tipping.leavers:
        yield replace(_share(f"{name}_tipping", tipping.leavers, tipping.of), method="tipping point")
    if found.misclassification is not None:
        values = {"estimate": found.misclassification}
        yield Estimated(f"{name}_misclassification", "difference", values, under, "Rogan-Gladen")
    if found.leave_one_out:
        left_out: dict[Any, float] = dict(enumerate(found.leave_one_out))
        yield Estimated(f"{name}_leave_one_out", "range", left_out, under, "each member left out in turn")


def _chance(probability: float) -> float:
    # in steps of five of a hundred and never 0 or 1: finer, it would tell counts and say more than it knows
    return min(0.95, max(0.05, round(20 * probability) / 20))


def _of_a_hundred(share: float) -> int:
    # a few hundred draws know it to two or three of a hundred
    return 5 * round(20 * share)


def _baseline(evaluation: Evaluation) -> Iterator[Estimated]:
    for variable in dict.fromkeys(row.variable for row in evaluation.baseline):
        rows = [row for row in evaluation.baseline if row.variable == variable]
        counts = {row.code: (row.with_access, row.without_access) for row in rows}
        totals = sum(row.with_access for row in rows), sum(row.without_access for row in rows)
        yield from _parts(f"baseline_{variable}", counts, totals)


def _flow(evaluation: Evaluation) -> Iterator[Estimated]:
    steps = {key: (one, zero) for key, one, zero in evaluation.flow.steps}
    start = steps.pop("read")
    wholes = [{"read": start}]
    if "population" in steps:
        later = ("followed", "reported", *_ENTRY, *_ENDS)
        followed = steps["followed"]
        wholes += [
            {key: steps[key] for key in steps if key not in later},
            {"followed": followed, "": _minus(steps["population"], followed)},
            {"reported": steps["reported"], "": _minus(followed, steps["reported"])},
            *({key: steps[key] for key in keys} for keys in (_ENTRY, _ENDS)),
        ]
    for parts in wholes:
        yield from _parts("flow", parts, start)


def _parts(start: str, counts: Mapping[str, tuple[int, int]], totals: tuple[int, int]) -> Iterator[Estimated]:
    # parts of one whole: each rests on all of them, or a small one could be had by subtraction
    for place, group in enumerate(_GROUPS.values()):
        under = tuple(pair[place] for pair in counts.values())
        for key, pair in counts.items():
            if key and totals[place]:
                values = {"estimate": pair[place] / totals[place]}
                yield Estimated(f"{start}_{key}_{group}", "share", values, under)


def _minus(whole: tuple[int, int], part: tuple[int, int]) -> tuple[int, int]:
    return whole[0] - part[0], whole[1] - part[1]


def _share(name: str, count: int, total: int) -> Estimated:
    values = {"estimate": count / total} if total else {}
    return Estimated(name, "share", values, (count, total - count))


def _limits(name: str, kind: str, estimate: Estimate, under: Sequence[int]) -> Estimated:
    values = {"estimate": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
    return Estimated(name, kind, values, under, estimate.method)


def _cells(table: TwoGroups) -> tuple[int, int, int, int]:
    return (table.events_1, table.n_1 - table.events_1, table.events_0, table.n_0 - table.events_0)


def _tipping(evaluation: Evaluation) -> str:
    found = [report.sensitivity.tipping_point for report in evaluation.outcomes if report.outcome == "report"]
    if not found or found[0] is None or found[0].leavers == 0:
        return "none"
    return "never" if found[0].leavers is None else "some"


def _kept(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    # other fields of a text may be counts of persons
    return {name: fields[name] for name in names if name in fields}


def _months(series: SeriesResult) -> dict[str, int]:
    return {"before": series.months_before, "closed": series.months_closed, "after": series.months_after}


def _series_words(series: SeriesResult | Note | None) -> dict[str, Any] | None:
    if series is None:
        return None
    if isinstance(series, Note):
        return {"refused": series.key, "fields": dict(series.fields)}
    return {"refused": "", "fields": _months(series), "counterfactual": series.counterfactual}


def _verdict_lines(evaluation: Evaluation, lang: str) -> list[str]:
    if evaluation.stopped_by:
        stopped = [
            "- " + label(f"L-pilot-check-{check.key}-no", lang, **_said(check.fields, lang))
            for check in evaluation.stopped_by
        ]
        return [label("L-pilot-verdict-descriptive", lang), *stopped]
    lines = []
    for decision in (report.decision for report in evaluation.outcomes):
        outcome = label(f"L-pilot-outcome-{decision.outcome}", lang)
        key = f"L-pilot-summary-{decision.verdict}"
        lines.append(label(key, lang, outcome=outcome, window=evaluation.plan.primary_window))
        lines += ["- " + label(reason, lang) for reason in decision.reasons]
    years = evaluation.years_needed
    if evaluation.outcomes and years != 0:
        key = "L-pilot-needed-more" if years is None else "L-pilot-needed-years"
        lines.append(label(key, lang, years=years))
    return lines


def _design_lines(evaluation: Evaluation, lang: str) -> Iterator[str]:
    for design in evaluation.designs:
        months = _kept(plan_words(evaluation.plan), "closed_from", "reopened")
        said = "- " + label(f"L-pilot-design-{design.key}", lang, units=design.units_1, **months)
        if not math.isnan(design.attainable):
            numbers = _said({"p": design.attainable, "needed": design.needed}, lang)
            state = "L-pilot-design-testable" if design.testable else "L-pilot-design-descriptive"
            said += f": {label('L-pilot-design-attainable', lang, **numbers)}, {label(state, lang)}"
        yield said
        if design.key == "series" and evaluation.series is not None:
            yield f"  {_series_line(evaluation.series, lang)}"


def _series_line(series: SeriesResult | Note, lang: str) -> str:
    if isinstance(series, Note):
        return _note(series, lang)
    return f"{label('L-pilot-series-fitted', lang, **_months(series))} {label(series.counterfactual, lang)}"


def _note(note: Note, lang: str) -> str:
    fields = dict(note.fields)
    if "outcome" in fields:
        fields["outcome"] = label(f"L-pilot-outcome-{fields['outcome']}", lang)
    return label(note.key, lang, **fields)


def _said(fields: Mapping[str, int | float | str], lang: str) -> dict[str, str]:
    texts = {name: f"{x:.2g}" if isinstance(x, float) else str(x) for name, x in fields.items()}
    return {name: text.replace(".", ",") if lang == "sv" else text for name, text in texts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value
