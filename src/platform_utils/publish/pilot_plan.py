"""The plan beside what was done, setting by setting.

Enters: the words of an evaluation. Leaves: rows of text. Whatever was done otherwise stands on the row of the
setting that it touches, so that nothing planned can be read past.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platform_utils.messages import label
from platform_utils.publish.pilot_numbers import as_decimal, named

__all__ = ["plan_rows"]

# where each deviation belongs
_PLACES = {
    "L-pilot-deviation-follow-up": "windows",
    "L-pilot-deviation-sampled": "test",
    "L-pilot-deviation-left-out": "correction",
    "L-pilot-deviation-positivity": "covariates",
    "L-pilot-deviation-separated": "covariates",
    "L-pilot-deviation-not-adjusted": "covariates",
}
# what is not done when the evaluation stops at the data
_STOPPED = ("strategies", "estimand", "interval", "test", "correction", "covariates", "sensitivity", "series")


def plan_rows(words: Mapping[str, Any], lang: str) -> list[list[str]]:
    """Return one row per setting of the plan: its name, what was planned, what was done.

    Parameters
    ----------
    words : mapping
        As the evaluation stored them.
    lang : {"sv", "en"}
        Language.

    Returns
    -------
    list of list of str, shape (n_settings, 3)
    """
    done = _deviations(words, lang)
    as_planned = label("L-pilot-as-planned", lang)
    rows = []
    for key, planned in _planned(words["plan"], lang).items():
        if words["stopped_by"] and key in _STOPPED:
            happened = label("L-pilot-not-done", lang)
        else:
            happened = " ".join(done.get(key, [as_planned]))
        rows.append([label(f"L-pilot-plan-{key}", lang), planned, happened])
    return rows


def _planned(plan: Mapping[str, Any], lang: str) -> dict[str, str]:
    def listed(kind: str, codes: list[str]) -> str:
        return ", ".join(named(kind, code, lang) for code in codes)

    fields = {key: plan[key] for key in ("primary", "gap", "grace")}
    return {
        "population": label("L-pilot-plan-population-is", lang),
        "time-zero": label("L-pilot-plan-time-zero-is", lang),
        "strategies": label(f"L-pilot-plan-strategies-{plan['method']}", lang, **fields),
        "unit": named("unit", plan["unit"], lang),
        "outcomes": label(
            "L-pilot-plan-outcomes-are", lang, outcomes=listed("outcome", plan["outcomes"]), **fields
        ),
        "windows": label(
            "L-pilot-plan-windows-are", lang, windows=", ".join(map(str, plan["windows"])), **fields
        ),
        "estimand": label("L-pilot-plan-estimand-is", lang),
        "interval": named("interval", plan["interval"], lang),
        "test": named("test-kind", plan["test"], lang),
        "correction": label("L-pilot-plan-correction-is", lang, level=as_decimal(lang, plan["level"])),
        "covariates": listed("variable", plan["covariates"]) or "–",
        "sensitivity": listed("analysis", plan["sensitivity"]) or "–",
        "series": label("L-pilot-plan-series-is", lang),
        "sha256": plan["sha256"][:12],
    }


def _deviations(words: Mapping[str, Any], lang: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in words["deviations"]:
        fields = dict(note["fields"])
        if "outcome" in fields:
            fields["outcome"] = label(f"L-pilot-outcome-{fields['outcome']}", lang)
        found.setdefault(_PLACES[note["key"]], []).append(label(note["key"], lang, **fields))
    reason = words["registration"]["reason"]
    if reason:
        found["sha256"] = [label(reason, lang)]
    series = words["series"]
    if series is not None and series["refused"]:
        found["series"] = [label(series["refused"], lang, **series["fields"])]
    return found
