"""False verdicts, silence and power of the whole procedure, and the biases that it must not have.

Run: python benchmarks/pilot_errors.py [draws]. With 2,000 draws per setting about six minutes on two cores. Each
share is printed with its Monte Carlo error; a promise is kept when it holds within two of these errors.

One is not: with six against six members and correlation 0.05 a true 20 to 44 per cent is found in 0.58 and not
in the 0.60 that is wanted. ``best_possible`` prints that no exact test of members finds it more often.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from math import sqrt

import numpy as np
from scipy import stats

from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort
from platform_utils.paths import resource
from platform_utils.pilot.checks import check_data, select_population
from platform_utils.pilot.cohort import check_cohort
from platform_utils.pilot.decide import FOUND, decide
from platform_utils.pilot.histories import build_histories, full_follow_up
from platform_utils.pilot.permutation import arrangements
from platform_utils.pilot.plan import read_plan
from platform_utils.pilot.power import Scenario, draw_histories, simulate
from platform_utils.pilot.strategies import clone_censor_weight, landmark

PLAN = read_plan(resource("pilot.toml"))
PERSON = replace(PLAN, unit="person", test="boschloo", interval="newcombe")
EVEN = (10,) * 6
ONE_DOMINATES = (35, 5, 5, 5, 5, 5)


def world(**changed):
    """Return a comparison without any effect, 60 + 60 persons in 6 + 6 members, but for what is changed."""
    usual = {"lost": (0.32, 0.32), "report": (0.25, 0.25), "sizes_1": EVEN, "sizes_0": EVEN}
    return Scenario(**(usual | changed))


NULLS = {
    "no clustering": world(),
    "correlation 0.05": world(correlation=0.05),
    "correlation 0.10": world(correlation=0.10),
    "correlation 0.15": world(correlation=0.15),
    "one dominant member": world(sizes_1=ONE_DOMINATES, sizes_0=ONE_DOMINATES, correlation=0.1),
    "one dominant member, in one group only": world(sizes_1=ONE_DOMINATES, correlation=0.15),
    "informative loss": world(left_factor=0.5),
    "informative loss, correlation 0.15": world(left_factor=0.5, correlation=0.15),
}
# being lost is halved here: only what is said of reports is false
HALVED = {
    "half the leaving": world(lost=(0.25, 0.5)),
    "half the leaving, correlation 0.10": world(lost=(0.25, 0.5), correlation=0.1),
    "half the leaving, informative loss": world(lost=(0.25, 0.5), left_factor=0.5),
    "half the leaving, informative loss, correlation 0.15": world(
        lost=(0.25, 0.5), left_factor=0.5, correlation=0.15
    ),
}


def said(share, draws):
    """Return a share with its Monte Carlo error."""
    return f"{share:.4f} ± {sqrt(share * (1 - share) / draws):.4f}"


def within(share, most, draws):
    """Say whether a share is at most so large, but for two Monte Carlo errors."""
    return share <= most + 2 * sqrt(most * (1 - most) / draws)


def false_verdicts(draws):
    """Print how often anything is found where nothing is, and how often reports get no verdict."""
    print(f"\nNo effect, {draws} draws: any finding (at most 0.05), no verdict on reports (at most 0.10)")
    kept = True
    for seed, (name, scenario) in enumerate(NULLS.items()):
        chances = simulate(scenario, PLAN, draws, seed)
        silent = chances.shares["report"].get("none", 0.0)
        kept &= within(chances.any_found, 0.05, draws) and within(silent, 0.10, draws)
        print(f"  {said(chances.any_found, draws)}  {said(silent, draws)}  {name}")
    print(f"\nNo effect on reports, {draws} draws: finding on reports (at most 0.05), no verdict")
    for seed, (name, scenario) in enumerate(HALVED.items()):
        chances = simulate(scenario, PLAN, draws, 20 + seed)
        found, silent = chances.found("report"), chances.shares["report"].get("none", 0.0)
        kept &= within(found, 0.05, draws)
        print(f"  {said(found, draws)}  {said(silent, draws)}  {name}")
    return kept


def power(draws):
    """Print how often a true 20 to 44 per cent is found at 60 a group, and what the command would say."""
    print(f"\nTrue 20 to 44 per cent at 60 a group, {draws} draws: found (wanted)")
    alone = {"lost": (0.0, 0.0), "report": (0.44, 0.20), "other_ends": 0.0}
    rows = [
        ("report, nobody leaves, person by person", PERSON, {"sizes_1": (60,), "sizes_0": (60,)}, 0.75),
        ("report, nobody leaves, 6 + 6 members", PLAN, {}, 0.75),
        ("report, nobody leaves, 6 + 6 members, correlation 0.05", PLAN, {"correlation": 0.05}, 0.60),
    ]
    kept = True
    for seed, (name, plan, changed, wanted) in enumerate(rows):
        share = simulate(world(**(alone | changed)), plan, draws, 40 + seed).found("report")
        kept &= within(wanted, share, draws)
        print(f"  {said(share, draws)} ({wanted})  {name}")
    for outcome in PLAN.outcomes:
        scenario = Scenario.of(PLAN, outcome, EVEN, EVEN)
        printed = simulate(scenario, PLAN).found(outcome)
        share = simulate(scenario, PLAN, draws, 50).found(outcome)
        error = sqrt(share * (1 - share) * (1 / draws + 1 / PLAN.power_draws))
        kept &= abs(printed - share) <= 2 * error
        print(f"  {said(share, draws)}  {outcome}, the plan's scenario; printed {printed:.3f}")
    return kept


def best_possible(draws):
    """Print how often the best exact test of members finds the effect that is too seldom found.

    A test that keeps its level whatever members are like must keep it for each set of members' counts, so it
    orders arrangements, and the best order against one alternative is by its likelihood (Lehmann and Stein 1949).
    """
    p_1, p_0, correlation = 0.44, 0.20, 0.05
    scenario = world(lost=(0.0, 0.0), report=(p_1, p_0), other_ends=0.0, correlation=correlation)
    ways, generator = arrangements(np.arange(12) < 6), np.random.default_rng(60)
    strength, n = 1 / correlation - 1, 10
    x = np.arange(n + 1)
    likely = [stats.betabinom.logpmf(x, n, p * strength, (1 - p) * strength) for p in (p_1, p_0)]
    orders = {"events": x.astype(float), "likelihood": likely[0] - likely[1]}
    # of 924 arrangements, how many in the direction of the effect, and in the other
    tails = {"the same in both directions": (23, 23), "28 + 18": (28, 18)}
    found = {(order, tail): 0 for order in orders for tail in tails}
    for _ in range(draws):
        hits = draw_histories(scenario, PLAN, generator)
        counts = hits.by_unit(hits.happened("report", 90))[0].astype(int)
        broken = 1e-7 * generator.random(12)
        for order, score in orders.items():
            value = ways.groups @ (score[counts] + broken)
            for tail, (up, down) in tails.items():
                above, below = (value >= value[0] - 1e-12).sum(), (value <= value[0] + 1e-12).sum()
                found[order, tail] += above <= up or below <= down
    print(f"\nThe best that an exact test of 6 + 6 members can find at correlation 0.05, {draws} draws")
    for (order, tail), number in found.items():
        print(f"  {said(number / draws, draws)}  by {order}, arrangements that count as extreme: {tail}")
    return True


def immortal_time(draws):
    """Print how often a cohort whose entrants' day 0 is their application passes, but for one who waited."""
    ways, passed, found, honest = arrangements(np.arange(12) < 6), 0, 0, 0
    for seed in range(draws):
        cohort = make_pilot_cohort(PilotTruth(immortal_time=True), seed)
        cohort["time_zero_kind"] = "eligibility"
        waited = cohort.index[cohort["application_day"] == "0"][0]
        cohort.loc[waited, ["application_day", "confirmation_day", "start_day"]] = ["1", "2", ""]
        cohort.loc[waited, "last_contact_day"] = str(max(2, int(cohort.loc[waited, "last_contact_day"])))
        one, checks = checked(cohort)
        if "entry_at_zero" not in {check.key for check in checks if not check.ok}:
            passed += 1
            found += any(item.verdict in FOUND for item in decide(one, PLAN, ways))
        _, checks = checked(make_pilot_cohort(PilotTruth(), seed))
        honest += any(check.stops and not check.ok for check in checks)
    print(f"\nOne entrant who waited, {draws} cohorts: passed {said(passed / draws, draws)}, false verdict "
          f"{said(found / draws, draws)}; honest cohorts stopped {said(honest / draws, draws)}")  # fmt: skip
    return within(found / draws, 0.05, draws) and within(honest / draws, 0.01, draws)


def entering(draws):
    """Print the estimated effect of entering where there is none, at 20,000 persons."""
    gaps = {"clone": [], "landmark": [], "clone, those without access taken in": []}
    for seed in range(draws):
        # effects on access, none on entering
        truth = PilotTruth(
            lost_with=0.2, lost_without=0.45, persons_per_year=2000, in_mmm=0.0, report_before=0.0
        )
        everybody, _ = checked(make_pilot_cohort(truth, seed))
        able = everybody.take(everybody.access)
        for name, one in (("clone", able), ("clone, those without access taken in", everybody)):
            cloned = clone_censor_weight(
                one.entry_day, one.time["lost"], one.event["lost"], grace=14, horizon=90
            )
            gaps[name].append(cloned.difference.value)
        found = landmark(able.entry_day, able.time["lost"], able.event["lost"], day=14, horizon=90)
        gaps["landmark"].append(found.difference)
    print(f"\nEntering within 14 days where it does nothing, 20,000 persons, {draws} draws (at most 0.02)")
    for name, found in gaps.items():
        print(f"  {np.mean(found):+.4f} ± {np.std(found) / sqrt(len(found)):.4f}  {name}")
    return all(abs(np.mean(gaps[name])) <= 0.02 for name in ("clone", "landmark"))


def checked(cohort):
    """Return the histories of persons followed for the primary window, and the checks."""
    typed = check_cohort(cohort, PLAN)
    population, _ = select_population(typed, PLAN)
    histories = build_histories(population, PLAN)
    followed = full_follow_up(histories, PLAN.primary_window, PLAN.contact_gap)
    return histories.take(followed), check_data(typed, population, PLAN)


def main():
    """Run everything and return 1 if a promise is not kept."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    parts = (
        (false_verdicts, draws), (power, draws), (best_possible, 5 * draws), (immortal_time, draws), (entering, min(30, draws)),
    )  # fmt: skip
    kept = [part(count) for part, count in parts]
    for (part, _), one in zip(parts, kept, strict=True):
        print(f"{part.__name__}: {'kept' if one else 'NOT KEPT'}")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    raise SystemExit(main())
