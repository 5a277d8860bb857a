"""The evaluation in words: verdicts, reasons, checks and designs, without a single count of persons.

Enters: an ``Evaluation``. Leaves: lines that may stand on a screen; numbers on persons go through the gate.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np

from platform_utils.messages import label
from platform_utils.pilot.evaluation import Evaluation, Note
from platform_utils.pilot.series import SeriesResult

__all__ = ["summary_lines", "to_json"]


def summary_lines(evaluation: Evaluation, lang: str) -> list[str]:
    """Return the evaluation in words: what each design could attain, checks, verdict, deviations.

    Parameters
    ----------
    evaluation : Evaluation
        From `evaluate`.
    lang : {"sv", "en"}
        Language.

    Returns
    -------
    list of str
        No line holds a number of persons.
    """
    plan = evaluation.plan
    lines = [label("L-pilot-title", lang, sha256=plan.sha256[:12]), _status(evaluation, lang), ""]
    if evaluation.designs:
        lines += [label("L-pilot-section-designs", lang), *_designs(evaluation, lang), ""]
    lines.append(label("L-pilot-section-checks", lang))
    for check in evaluation.checks:
        fields = {key: _number(value, lang) for key, value in check.fields.items()}
        said = label(f"L-pilot-check-{check.key}", lang, **fields)
        mark = label("L-pilot-check-passed" if check.ok else "L-pilot-check-failed", lang)
        lines.append(f"- {said}: {mark}")
        if not check.ok:
            lines.append("  " + label(f"L-pilot-check-{check.key}-no", lang, **fields))
    lines += ["", label("L-pilot-section-verdict", lang), *_verdicts(evaluation, lang)]
    lines += ["", label("L-pilot-section-deviations", lang)]
    lines += [f"- {_note(note, lang)}" for note in evaluation.deviations] or [
        "- " + label("L-pilot-no-deviations", lang)
    ]
    approval = plan.ethics_approval or label("L-pilot-ethics-missing", lang)
    lines += ["", label(f"L-pilot-ethics-{plan.ethics_review}", lang, approval=approval)]
    lines.append(label("L-pilot-nobody-checked", lang))
    return lines


def to_json(evaluation: Evaluation) -> str:
    """Return the whole evaluation as JSON, counts included: restricted, never to be shown.

    Parameters
    ----------
    evaluation : Evaluation
        From `evaluate`.

    Returns
    -------
    str
        Keys sorted; numbers that do not exist are null, numbers without limit ``"inf"``.
    """
    return json.dumps(_plain(asdict(evaluation)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _status(evaluation: Evaluation, lang: str) -> str:
    registered = evaluation.registration
    if registered.exploratory:
        return label(registered.reason, lang)
    return label("L-pilot-planned", lang, **asdict(registered))


def _verdicts(evaluation: Evaluation, lang: str) -> list[str]:
    if evaluation.stopped_by:
        reasons = [f"L-pilot-check-{check.key}-no" for check in evaluation.stopped_by]
        said = [
            "- " + label(key, lang, **{name: _number(value, lang) for name, value in check.fields.items()})
            for key, check in zip(reasons, evaluation.stopped_by, strict=True)
        ]
        return [label("L-pilot-verdict-descriptive", lang), *said]
    lines = []
    for report in evaluation.outcomes:
        decision = report.decision
        outcome = label(f"L-pilot-outcome-{decision.outcome}", lang)
        key = f"L-pilot-verdict-{decision.verdict}"
        lines.append(label(key, lang, outcome=outcome, window=evaluation.plan.primary_window))
        lines += ["- " + label(reason, lang) for reason in decision.reasons]
    if any(report.decision.verdict in ("insufficient", "none") for report in evaluation.outcomes):
        years = evaluation.years_needed
        key = "L-pilot-needed-more" if years is None else "L-pilot-needed-years"
        lines.append(label(key, lang, years=years))
    return lines


def _designs(evaluation: Evaluation, lang: str) -> list[str]:
    lines = []
    for design in evaluation.designs:
        said = "- " + label(f"L-pilot-design-{design.key}", lang)
        if not math.isnan(design.attainable):
            words = {"p": _number(design.attainable, lang), "needed": _number(design.needed, lang)}
            state = "L-pilot-design-testable" if design.testable else "L-pilot-design-descriptive"
            said += f": {label('L-pilot-design-attainable', lang, **words)}, {label(state, lang)}"
        lines.append(said)
        if design.key == "series" and evaluation.series is not None:
            lines.append("  " + _series(evaluation.series, lang))
    return lines


def _series(series: SeriesResult | Note, lang: str) -> str:
    if isinstance(series, Note):
        return _note(series, lang)
    months = {
        "before": series.months_before,
        "closed": series.months_closed,
        "after": series.months_after,
    }
    return label("L-pilot-series-fitted", lang, **months) + " " + label(series.counterfactual, lang)


def _note(note: Note, lang: str) -> str:
    fields = dict(note.fields)
    if "outcome" in fields:
        fields["outcome"] = label(f"L-pilot-outcome-{fields['outcome']}", lang)
    return label(note.key, lang, **fields)


def _number(value: float | str, lang: str) -> str:
    text = f"{value:.2g}" if isinstance(value, float) else str(value)
    return text.replace(".", ",") if lang == "sv" else text


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value
