"""False findings and power of the whole decision, beside the methods that fail.

Run: python benchmarks/pilot_errors.py [draws]. With 5,000 draws per setting about seven minutes on two cores.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from math import sqrt

import numpy as np
from pilot_worlds import World, draw

from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort
from platform_utils.errors import ContractError
from platform_utils.paths import resource
from platform_utils.pilot.competing import cumulative_risk, one_minus_kaplan_meier
from platform_utils.pilot.decide import decide
from platform_utils.pilot.exact import fisher
from platform_utils.pilot.permutation import arrangements
from platform_utils.pilot.plan import read_plan
from platform_utils.pilot.strategies import clone_censor_weight

PLAN = read_plan(resource("pilot.toml"))
FOUND = ("more", "fewer")


def run(world, draws, seed, plan=PLAN):
    """Return shares of draws: per outcome each verdict, any finding, and Fisher's test per outcome."""
    generator = np.random.default_rng(seed)
    ways = None
    if plan.unit != "person":
        ways = arrangements(np.arange(2 * world.members) < world.members, limit=1000, sample=2000)
    counts = {"any": 0, "fisher_lost": 0, "fisher_report": 0}
    for _ in range(draws):
        histories = draw(world, generator)
        if plan.unit == "person":
            histories = replace(histories, unit=np.char.mod("P%05d", np.arange(len(histories))))
        try:
            decisions = decide(histories, plan, ways)
        except ContractError:
            continue
        counts["any"] += any(decision.verdict in FOUND for decision in decisions)
        for decision in decisions:
            key = f"{decision.outcome}_{decision.verdict}"
            counts[key] = counts.get(key, 0) + 1
            counts[f"fisher_{decision.outcome}"] += fisher(decision.table).p_value <= PLAN.level
    return {key: count / draws for key, count in counts.items()}


def found(shares, outcome):
    """Return the share of draws with a finding on an outcome."""
    return sum(shares.get(f"{outcome}_{verdict}", 0.0) for verdict in FOUND)


def type_one(draws):
    """Print the error of the whole procedure without effect, and of Fisher's person-level test."""
    bound = 0.05 + 2 * sqrt(0.05 * 0.95 / draws)
    print(f"\nNo effect, 60 per group in 5 + 5 members, {draws} draws (limit 0.050, with noise {bound:.3f})")
    print("correlation  whole procedure  Fisher, being lost  Fisher, report")
    worst = 0.0
    for seed, correlation in enumerate((0.0, 0.05, 0.1)):
        shares = run(World(correlation=correlation), draws, seed)
        worst = max(worst, shares["any"])
        print(
            f"{correlation:11.2f}  {shares['any']:15.3f}  {shares['fisher_lost']:18.3f}"
            f"  {shares['fisher_report']:14.3f}"
        )
    print("kept" if worst <= bound else "NOT KEPT")
    return worst <= bound


def half_the_leaving(draws):
    """Print verdicts on reports when access halves leaving and does nothing to reporting."""
    print(f"\nNo effect on reporting, half the leaving, {draws} draws")
    print("correlation  report: more  fewer  no verdict  insufficient | Fisher on seen reports")
    largest = 0.0
    for seed, correlation in enumerate((0.0, 0.05, 0.1)):
        shares = run(World(lost_with=0.25, lost_without=0.5, correlation=correlation), draws, 10 + seed)
        more = shares.get("report_more", 0.0)
        largest = max(largest, more)
        row = [shares.get(f"report_{verdict}", 0.0) for verdict in ("fewer", "none", "insufficient")]
        print(
            f"{correlation:11.2f}  {more:12.4f}  {row[0]:5.3f}  {row[1]:10.3f}  {row[2]:12.3f}"
            f" | {shares['fisher_report']:.3f}"
        )
    print("kept" if largest <= 0.005 else "NOT KEPT")
    return largest <= 0.005


def power(draws):
    """Print how often a true 20 to 44 per cent is found at 60 per group without clustering."""
    print(f"\nTrue 20 % to 44 % at 60 per group, no clustering, {draws} draws: share found")
    person = replace(PLAN, unit="person", test="boschloo", interval="newcombe")
    reports = World(0.0, 0.0, 0.44, 0.20, other_ends=0.0)
    lost = World(0.20, 0.44, 0.0, 0.0, other_ends=0.0)
    both = World(0.20, 0.44, 0.25, 0.25, other_ends=0.0)
    rows = [
        ("report, nobody leaves, access person by person", reports, person, "report"),
        ("report, nobody leaves, 10 + 10 members", replace(reports, members=10), PLAN, "report"),
        ("report, nobody leaves, 5 + 5 members", reports, PLAN, "report"),
        ("lost, nobody reports, access person by person", lost, person, "lost"),
        ("lost, reports unchanged (Holm pays for two), person by person", both, person, "lost"),
        (
            "lost, reports unchanged (Holm pays for two), 10 + 10 members",
            replace(both, members=10),
            PLAN,
            "lost",
        ),
        ("lost, reports unchanged (Holm pays for two), 5 + 5 members", both, PLAN, "lost"),
    ]
    first = 0.0
    for place, (words, world, plan, outcome) in enumerate(rows):
        share = found(run(world, draws, 20 + place, plan), outcome)
        first = share if place == 0 else first
        print(f"{share:6.3f}  {words}")
    print("kept" if first >= 0.75 else "NOT KEPT")
    return first >= 0.75


def time_zero(draws):
    """Print the false difference that application-day time zero makes, and that it goes away."""
    years = max(400, draws // 4)
    fair = _cohort(PilotTruth(persons_per_year=years))
    shifted = _cohort(PilotTruth(persons_per_year=years, immortal_time=True))
    entered = shifted["application_day"].notna().to_numpy()
    lost = _lost(shifted)
    print(f"\nLost within 90 days, no effect, {len(fair)} persons")
    print(f"  application day for entrants, eligibility day for the others: "
          f"{lost[entered].mean():.3f} against {lost[~entered].mean():.3f}")  # fmt: skip
    access = (fair["access"] == "yes").to_numpy()
    lost = _lost(fair)
    print(f"  one time zero, by access:                                     "
          f"{lost[access].mean():.3f} against {lost[~access].mean():.3f}")  # fmt: skip
    ended = (fair["exit_kind"] != "in_contact").to_numpy()
    time = np.where(ended, fair["last_contact_day"], fair["follow_up_day"])
    codes = {"left": 1, "in_contact": 0}
    event = fair["exit_kind"].map(lambda kind: codes.get(kind, 2)).to_numpy()
    cloned = clone_censor_weight(
        fair["application_day"].to_numpy()[access], time[access], event[access], grace=14, horizon=90
    )
    print(f"  cloned: enter within 14 days against do not:                  "
          f"{cloned.risk_enter:.3f} against {cloned.risk_stay:.3f}")  # fmt: skip


def kaplan_meier(draws):
    """Print 1 - Kaplan-Meier beside the cumulative incidence and the truth."""
    generator = np.random.default_rng(30)
    world = World(persons=max(1000, draws * 4), members=5)
    histories = draw(world, generator)
    time, event = histories.time["report"], histories.event["report"]
    seen = histories.happened("report", 90).mean()
    right = cumulative_risk(time, event, cause=1, day=90)
    wrong = one_minus_kaplan_meier(time, event, 1, 90)
    print("\nReports seen within 90 days when a third is lost")
    print(f"  share of persons {seen:.3f}, Aalen-Johansen {right:.3f}, 1 - Kaplan-Meier {wrong:.3f}")


def _cohort(truth):
    import pandas as pd

    cohort = make_pilot_cohort(truth, seed=9)
    for name in ("application_day", "last_contact_day", "follow_up_day"):
        cohort[name] = pd.to_numeric(cohort[name])
    closed = cohort["first_contact_month"].between("2019-01", "2020-06")
    return cohort[~closed & (cohort["programme_at_zero"] == "none")]


def _lost(cohort):
    return ((cohort["exit_kind"] == "left") & (cohort["last_contact_day"] <= 90)).to_numpy()


def main():
    """Run everything and return 1 if a promise is not kept."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    kept = [type_one(draws), half_the_leaving(draws), power(draws)]
    time_zero(draws)
    kaplan_meier(draws)
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
