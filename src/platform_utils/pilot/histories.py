"""From a checked cohort to outcomes as they can be seen: one time and one event code per person and outcome.

Rules, the same in both groups:

- *lost*: contact ended without a planned exit and none followed within the gap of the plan. Moving to MMM,
  return, deportation, transfer, refusal and planned exit compete.
- *report* (A1): a report known to the member while the person is in contact, on the day of the last contact
  included. Being lost and every other end of contact compete. Entering MMM counts at the report's date.
- *any report* (A2): known or not; persons whose contact ended without one are unknown, so bounds only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from platform_utils.pilot.plan import Plan
from platform_utils.pilot.results import TwoGroups
from platform_utils.pilot.sensitivity import KnownAndLeft

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CAUSES: dict[str, dict[int, str]] = {
    "lost": {1: "lost", 2: "return_or_deportation", 3: "moved_to_mmm", 4: "other_end"},
    "report": {1: "report", 2: "lost", 3: "return_or_deportation", 4: "other_end"},
}
_OTHER = {"refused": 4, "planned": 4, "transfer": 4}
_END_IN_LOST = {"left": 1, "return": 2, "deportation": 2, "mmm": 3, **_OTHER}
_END_IN_REPORT = {"left": 2, "return": 3, "deportation": 3, "mmm": 4, **_OTHER}


@dataclass(frozen=True)
class Histories:
    """One entry per person, in the order of the table they came from.

    Attributes
    ----------
    person : ndarray of int
        Place in the file.
    unit : ndarray of str
        Unit of assignment.
    follow_up : ndarray
        Days observed from time zero.
    entry_day : ndarray
        By the plan's rule, ``nan`` if never.
    time, event : dict of ndarray
        Per outcome: first event or end of observation, and its code (`CAUSES`; 0 none).
    any_report : ndarray
        Day of any known report, ``inf`` if none is known.
    """

    person: Ints
    access: Bools
    unit: NDArray[np.str_]
    follow_up: Floats
    entry_day: Floats
    time: dict[str, Floats]
    event: dict[str, Ints]
    any_report: Floats
    recontacted: Bools
    recontact_report: Bools

    def __len__(self) -> int:
        return len(self.access)

    def happened(self, outcome: str, window: int) -> Bools:
        """Return who had the outcome by the end of the window."""
        return np.asarray((self.event[outcome] == 1) & (self.time[outcome] <= window))

    def scores(self, outcome: str, window: int) -> Floats:
        """Return 1 for the outcome within the window, and a millionth at most for how early it came.

        The fraction only breaks ties between arrangements with equal risk differences.
        """
        hit = self.happened(outcome, window)
        early = np.clip((window - self.time[outcome]) / window, 0.0, 1.0)
        return hit * (1 + 1e-6 * early)

    def residuals(self, outcome: str, window: int) -> Floats:
        """Return observed minus expected events when every other end of contact ends observation.

        Expected by the pooled cumulative hazard at the end of each person's time (log-rank scores): they
        compare how often the outcome came while it could be seen, so that staying longer is no advantage.
        """
        time = np.minimum(self.time[outcome], window)
        hit = self.happened(outcome, window)
        # martingale residuals (Therneau, Grambsch and Fleming 1990, Biometrika 77:147-160)
        days, events = np.unique(time[hit], return_counts=True)
        hazard = events / (len(time) - np.searchsorted(np.sort(time), days, side="left"))
        reached = np.searchsorted(days, time, side="right")
        return hit - np.concatenate([[0.0], np.cumsum(hazard)])[reached]

    def table(self, outcome: str, window: int) -> TwoGroups:
        """Return the counts of both groups by the end of the window."""
        return TwoGroups.of(self.cells(self.happened(outcome, window)))

    def cells(self, who: Bools) -> tuple[frozenset[int], ...]:
        """Return which persons of each group are among those chosen and which are not, access first."""
        sides = (self.access, ~self.access)
        return tuple(frozenset(self.person[side & part].tolist()) for side in sides for part in (who, ~who))

    def known_and_left(self, window: int) -> tuple[KnownAndLeft, KnownAndLeft]:
        """Return, per group (access first), reports known by the window and leavers without one.

        Of the leavers also how many were reached again, and how many of those had reported.
        """
        known = self.any_report <= window
        ended = (self.event["report"] > 1) & (self.time["report"] <= window) & ~known
        asked = ended & self.recontacted
        found = asked & self.recontact_report
        first, second = (
            KnownAndLeft(int(group.sum()), *(int(who[group].sum()) for who in (known, ended, asked, found)))
            for group in (self.access, ~self.access)
        )
        return first, second

    def by_unit(self, values: NDArray[np.generic]) -> tuple[Floats, Floats, Bools]:
        """Return sums of ``values``, persons and access per unit, units in alphabetical order."""
        names, place = np.unique(self.unit, return_inverse=True)
        totals = np.bincount(place, weights=np.asarray(values, dtype=float), minlength=len(names))
        sizes = np.bincount(place, minlength=len(names)).astype(float)
        with_access = np.bincount(place, weights=self.access.astype(float), minlength=len(names))
        return np.asarray(totals, dtype=float), sizes, np.asarray(with_access > 0)

    def take(self, chosen: Bools) -> Histories:
        """Return the chosen persons."""
        parts: dict[str, Any] = {
            name: {key: part[chosen] for key, part in value.items()}
            if isinstance(value, dict)
            else value[chosen]
            for name, value in vars(self).items()
        }
        return Histories(**parts)


def build_histories(cohort: pd.DataFrame, plan: Plan) -> Histories:
    """Return outcomes as they can be seen for every row of a checked cohort.

    Parameters
    ----------
    cohort : DataFrame
        From `check_cohort`, persons of the plan's population.
    """
    end = cohort["last_contact_day"].to_numpy(dtype=float)
    follow_up = cohort["follow_up_day"].to_numpy(dtype=float)
    kind = cohort["exit_kind"].to_numpy(dtype=str)
    report = cohort["report_day"].to_numpy(dtype=float)
    silent = follow_up - end
    # the same rule for everybody: no contact for the whole gap is lost, whatever was written
    kind = np.where((kind == "in_contact") & (silent >= plan.contact_gap), "left", kind)
    unconfirmed = (kind == "left") & (silent < plan.contact_gap)
    kind = np.where(unconfirmed, "in_contact", kind)
    observed = np.where(unconfirmed, end, follow_up)
    ended = kind != "in_contact"

    lost_code = np.array([_END_IN_LOST.get(item, 0) for item in kind], dtype=np.int64)
    lost_time = np.where(ended, end, observed)
    # moving to MMM implies a report, which counts at its own date
    moved = (kind == "mmm") | (_column(cohort, "mmm_day", np.nan) >= 0)
    seen = np.isfinite(report) & ((report <= np.where(ended, end, observed)) | moved)
    report_code = np.where(seen, 1, np.array([_END_IN_REPORT.get(item, 0) for item in kind]))
    report_time = np.where(seen, report, lost_time)
    again = _column(cohort, "recontact_report", "").astype(str)
    return Histories(
        person=cohort.index.to_numpy(dtype=np.int64),
        access=np.asarray(cohort["access"] == "yes"),
        unit=cohort[plan.unit_column].to_numpy(dtype=str),
        follow_up=follow_up,
        entry_day=cohort[plan.entry_column].to_numpy(dtype=float),
        time={"lost": lost_time, "report": report_time},
        event={"lost": lost_code, "report": report_code.astype(np.int64)},
        any_report=np.where(np.isnan(report), np.inf, report),
        recontacted=again != "",
        recontact_report=again == "yes",
    )


def full_follow_up(histories: Histories, window: int, gap: int) -> Bools:
    """Return who was observed for the window and the gap after it: the same follow-up for all."""
    return histories.follow_up >= window + gap


def _column(cohort: pd.DataFrame, name: str, missing: str | float) -> NDArray[Any]:
    return cohort[name].to_numpy() if name in cohort else np.full(len(cohort), missing)
