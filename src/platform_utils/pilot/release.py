"""What leaves an evaluation: words, items for the gate, and the restricted whole.

Enters: an ``Evaluation``. Leaves: words that hold no number of persons; every number with the cells
it rests on, for the gate; JSON with counts, never to be shown. Nothing here decides what may be shown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from platform_utils.pilot.checks import Groups
from platform_utils.pilot.decide import FOUND
from platform_utils.pilot.evaluate import Evaluation, Note
from platform_utils.pilot.outcome import GROUPS
from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import TwoGroups
from platform_utils.pilot.series import SeriesResult
from platform_utils.spec.counts import Estimated

_TOLD = ("units_1", "units_0", "p", "share", "outcome", "arrangements")
_ENTRY = ("entered", "early", "waiting")
_ENDS = ("lost", "other_end", "in_contact")
# what words and documents call a field of the plan
_SAME = (
    "sha256", "question", "windows", "unit", "test", "interval", "level", "outcomes", "covariates", "method",
    "sensitivity", "version", "relevant", "correlation", "risk_with", "risk_without", "programme_from",
    "closed_from", "reopened", "known_reading",
)  # fmt: skip
_PLAN = dict(zip(_SAME, _SAME, strict=True)) | {
    "primary": "primary_window", "gap": "contact_gap", "grace": "grace_days", "entry": "entry_column",
    "review": "ethics_review", "approval": "ethics_approval", "known": "known_outcomes",
}  # fmt: skip


def gate_items(evaluation: Evaluation) -> list[Estimated]:
    """Return everything that documents may ask for, what page one tells first: the gate takes them in order.

    Descriptive shares only where the evaluation stopped.
    """
    items = [item for outcome, table in evaluation.shares.items() for item in _shares(outcome, table)]
    for report in evaluation.outcomes:
        items += report.found.values()
    items += [*_flow(evaluation), *_baseline(evaluation)]
    series = evaluation.series
    if isinstance(series, SeriesResult):
        cells = (int(series.events), int(series.persons - series.events))
        for part, pair in (("level", series.level), ("slope", series.slope)):
            for name, estimate in zip(("closure", "reopening"), pair, strict=True):
                items.append(estimate.item(f"series_{name}_{part}", "ratio", cells))
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
            {"key": check.key, "ok": check.ok, "fields": _kept(check.fields)} for check in evaluation.checks
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
        "deviations": [{"key": note.key, "fields": _kept(note.fields)} for note in evaluation.deviations],
        "years_needed": evaluation.years_needed,
        # a few hundred draws know it to two or three of a hundred
        "power": {name: 5 * round(20 * one.found(name)) for name, one in evaluation.chances.items()},
    }


def plan_words(plan: Plan) -> dict[str, Any]:
    """Return what documents say of a plan, under the names that they use."""
    values = asdict(plan)
    values["question"] = {
        lang: said.replace("{primary}", str(plan.primary_window)) for lang, said in plan.question.items()
    }
    return {key: _plain(values[name]) for key, name in _PLAN.items()}


def to_json(evaluation: Evaluation) -> str:
    """Return the whole evaluation as JSON, counts included: restricted, never to be shown.

    Persons are counted; keys sorted; numbers that do not exist are null, numbers without limit ``"inf"``.
    """
    return json.dumps(_plain(asdict(evaluation)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _baseline(evaluation: Evaluation) -> Iterator[Estimated]:
    for variable in dict.fromkeys(variable for variable, _ in evaluation.baseline):
        parts = {code: who for (name, code), who in evaluation.baseline.items() if name == variable}
        one, zero = (frozenset[int]().union(*side) for side in zip(*parts.values(), strict=True))
        yield from _parts(f"baseline_{variable}", parts, (one, zero))


def _flow(evaluation: Evaluation) -> Iterator[Estimated]:
    steps = dict(evaluation.flow.persons)
    start = steps.pop("read")
    wholes: list[dict[str, Groups]] = [{"read": start}]
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


def _parts(start: str, parts: Mapping[str, Groups], whole: Groups) -> Iterator[Estimated]:
    # parts of one whole: each rests on all of them, or a small one could be had by subtraction
    for place, group in enumerate(GROUPS.values()):
        under = tuple(pair[place] for pair in parts.values())
        for key, pair in parts.items():
            if key and whole[place]:
                values = {"estimate": len(pair[place]) / len(whole[place])}
                yield Estimated(f"{start}_{key}_{group}", "share", values, under)


def _minus(whole: Groups, part: Groups) -> Groups:
    return whole[0] - part[0], whole[1] - part[1]


def _shares(outcome: str, table: TwoGroups) -> Iterator[Estimated]:
    sides = zip(GROUPS.values(), (table.events_1, table.events_0), (table.n_1, table.n_0), strict=True)
    for place, (group, count, total) in enumerate(sides):
        values = {"estimate": count / total} if total else {}
        yield Estimated(f"{outcome}_share_{group}", "share", values, table.cells[2 * place : 2 * place + 2])


def _tipping(evaluation: Evaluation) -> str:
    one = next((one for one in evaluation.outcomes if one.outcome == "report"), None)
    found = None if one is None else one.tipping
    # where there is no verdict there is no finding to overturn
    if one is None or found is None or found.leavers == 0 or one.decision.verdict not in FOUND:
        return "none"
    return "never" if found.leavers is None else "some"


def _kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    # other fields of a text may be counts of persons
    return {name: fields[name] for name in _TOLD if name in fields}


def _series_words(series: SeriesResult | Note | None) -> dict[str, Any] | None:
    if series is None:
        return None
    if isinstance(series, Note):
        return {"refused": series.key, "fields": dict(series.fields)}
    months = {key: getattr(series, f"months_{key}") for key in ("before", "closed", "after")}
    return {"refused": "", "fields": months, "counterfactual": series.counterfactual}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset):
        return len(value)
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value
