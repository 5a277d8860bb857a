"""The evaluator under each switch of the invented cohort: what it finds, and where it stays silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort
from platform_utils.errors import ContractError
from platform_utils.paths import resource
from platform_utils.pilot.adjusted import Jackknife, inverse_probability
from platform_utils.pilot.checks import check_data, list_designs, select_population
from platform_utils.pilot.cohort import check_cohort
from platform_utils.pilot.decide import decide
from platform_utils.pilot.evaluate import evaluate
from platform_utils.pilot.histories import build_histories, full_follow_up
from platform_utils.pilot.plan import read_plan
from platform_utils.pilot.release import to_json, words
from platform_utils.pilot.series import SeriesResult
from platform_utils.pilot.strategies import clone_censor_weight

PACKAGED = read_plan(resource("pilot.toml"))
QUICK = replace(PACKAGED, power_draws=50)
LARGE = {"persons_per_year": 400, "members": 6}


def histories_of(truth, seed=1, plan=QUICK):
    population, _ = select_population(check_cohort(make_pilot_cohort(truth, seed), plan), plan)
    everybody = build_histories(population, plan)
    return everybody.take(full_follow_up(everybody, plan.primary_window, plan.contact_gap))


@pytest.fixture(scope="module")
def nothing():
    return evaluate(QUICK, make_pilot_cohort())


@pytest.fixture(scope="module")
def half_the_leaving():
    return evaluate(QUICK, make_pilot_cohort(PilotTruth(lost_with=0.15, lost_without=0.5), seed=2))


def test_no_effect_is_insufficient_evidence(nothing):
    assert ["insufficient", "insufficient"] == [report.decision.verdict for report in nothing.outcomes]
    assert "exploratory" == nothing.verdict


def test_an_effect_on_leaving_is_found_and_reports_get_no_verdict(half_the_leaving):
    lost, report = half_the_leaving.outcomes
    assert "fewer" == lost.decision.verdict
    assert lost.found["difference"].values["upper"] < 0
    assert "none" == report.decision.verdict
    assert ("L-pilot-reason-leaving-differs",) == report.decision.reasons


def test_what_surrounds_a_verdict(half_the_leaving):
    lost, report = half_the_leaving.outcomes
    assert {f"window_{day}" for day in (30, 60, 90, 180)} <= lost.found.keys()
    causes = {name.split("_", 1)[1].rsplit("_", 1)[0] for name in lost.found if name.endswith("_without")}
    assert {"lost", "return_or_deportation", "moved_to_mmm", "other_end"} == causes
    curve, lower, upper = (
        lost.found[f"curve_lost_with{end}"].values.values() for end in ("", "_lower", "_upper")
    )
    assert all(low <= value <= high for low, value, high in zip(lower, curve, upper, strict=True))
    assert lost.found["g_computation"].values["upper"] < 0
    assert lost.found["clone"].values["estimate"] < 0
    assert lost.found["e_value"].values["estimate"] > lost.found["e_value"].values["limit"] > 1
    manski, recontact = (report.found[name].values for name in ("manski", "recontact"))
    assert manski["lower"] < report.decision.statistic < manski["upper"]
    assert manski["lower"] <= recontact["lower"] < recontact["upper"] <= manski["upper"]
    left_out = lost.found["leave_one_out"].values
    assert 12 == len(left_out)
    assert min(left_out.values()) < lost.decision.statistic < max(left_out.values())
    assert isinstance(half_the_leaving.series, SeriesResult)


def test_the_flow_accounts_for_everybody(nothing):
    steps = {key: sum(pair) for key, pair in nothing.flow.steps.items()}
    gone = sum(steps.get(key, 0) for key in ("reported_before", "in_mmm", "closed", "before_programme"))
    assert steps["read"] - gone == steps["population"]
    assert 260 == steps["read"]


def test_descriptive_designs_are_said_before_outcomes(nothing):
    lines = {design.key: design for design in nothing.designs}
    assert lines["access_by_member"].testable
    assert {"staggered_none", "rule_change", "historical", "mmm"} == {
        key for key, d in lines.items() if d.role == "words"
    }


def test_the_same_file_gives_the_same_result(nothing):
    assert to_json(nothing) == to_json(evaluate(QUICK, make_pilot_cohort()))


def stopping(evaluation):
    assert "descriptive" == evaluation.verdict
    assert () == evaluation.outcomes
    assert words(evaluation)["stopped_by"] == [check.key for check in evaluation.stopped_by]
    return [check.key for check in evaluation.stopped_by]


def test_different_time_zeros_stop_it():
    cohort = make_pilot_cohort(PilotTruth(immortal_time=True), seed=1)
    assert {"time_zero", "entry_at_zero"} == set(stopping(evaluate(QUICK, cohort)))


def test_an_application_day_disguised_as_eligibility_stops_it():
    cohort = make_pilot_cohort(PilotTruth(immortal_time=True), seed=1).assign(time_zero_kind="eligibility")
    assert ["entry_at_zero"] == stopping(evaluate(QUICK, cohort))


@pytest.mark.parametrize("waited", [0, 1, 5])
def test_one_entrant_who_waited_hides_no_immortal_time(waited):
    # all of them entered on day 0 but for one, or five: that is no waiting time
    cohort = make_pilot_cohort(PilotTruth(immortal_time=True), seed=1).assign(time_zero_kind="eligibility")
    entered = cohort.index[cohort["application_day"] == "0"][:waited]
    cohort.loc[entered, ["application_day", "confirmation_day"]] = "7"
    cohort.loc[entered, ["start_day", "last_contact_day", "follow_up_day"]] = ["9", "40", "200"]
    cohort.loc[entered, ["report_day", "mmm_day"]], cohort.loc[entered, "exit_kind"] = "", "planned"
    assert ["entry_at_zero"] == stopping(evaluate(QUICK, cohort))
    assert [] == [c.key for c in evaluate(replace(QUICK, entered_at_once=1.0), cohort).stopped_by]


def test_entering_is_compared_among_those_who_could():
    # entering early does nothing here, but half of the members give no access: taken in, they would stay for
    # the shorter time that those without access stay
    truth = PilotTruth(lost_with=0.1, lost_without=0.6, persons_per_year=300)
    population, _ = select_population(check_cohort(make_pilot_cohort(truth, 4), QUICK), QUICK)
    histories = build_histories(population, QUICK)
    everybody, able = histories, histories.take(histories.access)
    gaps = [
        clone_censor_weight(
            one.entry_day, one.time["lost"], one.event["lost"], grace=14, horizon=90
        ).difference
        for one in (everybody, able)
    ]
    assert gaps[0].value < -0.2
    assert abs(gaps[1].value) < 0.05


def test_whoever_is_followed_too_shortly_is_the_cause_that_is_named():
    cohort = make_pilot_cohort()
    short = cohort["access"] == "no"
    cohort.loc[short, ["follow_up_day", "last_contact_day"]] = "100", "90"
    cohort.loc[short, ["report_day", "mmm_day"]], cohort.loc[short, "exit_kind"] = "", "in_contact"
    with pytest.raises(ContractError) as caught:
        evaluate(QUICK, cohort)
    assert ("E-729", "no", 120) == (
        caught.value.code,
        caught.value.fields["group"],
        caught.value.fields["days"],
    )


def test_regions_that_got_access_later_are_counted_in_the_file():
    cohort = make_pilot_cohort().assign(access="no", application_day="", confirmation_day="", start_day="")
    later = (cohort["region"] == "nord") & (cohort["first_contact_month"] >= "2022-01")
    cohort.loc[later, "access"] = "yes"
    population, _ = select_population(check_cohort(cohort, QUICK), QUICK)
    line = next(one for one in list_designs(population, QUICK) if one.key == "staggered")
    assert (1, 6, pytest.approx(1 / 7), False) == (line.units_1, line.units_0, line.attainable, line.testable)


def test_reports_before_time_zero_stop_it_when_counted():
    plan = replace(QUICK, exclude_reported_before=False)
    assert ["reported_before"] == stopping(evaluate(plan, make_pilot_cohort()))


def test_comparing_with_mmm_stops_it():
    plan = replace(QUICK, exclude_in_mmm=False)
    assert ["against_mmm"] == stopping(evaluate(plan, make_pilot_cohort()))
    cohort = make_pilot_cohort()
    cohort["programme_at_zero"] = np.where(cohort["access"] == "no", "mmm", "none")
    assert "against_mmm" in stopping(evaluate(QUICK, cohort))


def test_no_dates_leave_descriptive_shares():
    cohort = make_pilot_cohort()
    cohort["reported"] = np.where(cohort["report_day"] != "", "yes", "no")
    cohort["lost"] = np.where(cohort["exit_kind"] == "left", "yes", "no")
    without = cohort.drop(columns=["report_day", "last_contact_day"])
    with pytest.raises(ContractError, match="E-726"):
        evaluate(QUICK, without.assign(person_id="811228-9874"))
    evaluation = evaluate(QUICK, without)
    assert ["dates"] == stopping(evaluation)
    assert int((cohort["reported"] == "yes").sum()) == (
        evaluation.shares["report"].events_1 + evaluation.shares["report"].events_0
    )


def test_too_few_members_stop_it():
    assert ["attainable"] == stopping(evaluate(QUICK, make_pilot_cohort(PilotTruth(members=3), seed=1)))


def test_access_that_varies_inside_members_stops_it():
    cohort = make_pilot_cohort()
    cohort.loc[cohort.index[::9], "access"] = "yes"
    # of which too few units are the consequence, and not another cause
    assert ["constant_access"] == stopping(evaluate(QUICK, cohort))


def test_unequal_follow_up_is_remarked_and_everybody_compared_is_followed():
    evaluation = evaluate(QUICK, make_pilot_cohort(PilotTruth(unequal_follow_up=True), seed=2))
    assert ["follow_up"] == [check.key for check in evaluation.checks if not check.ok]
    assert "L-pilot-deviation-follow-up" in [note.key for note in evaluation.deviations]
    table = evaluation.outcomes[0].decision.table
    assert evaluation.flow.steps["followed"] == (table.n_1, table.n_0)


def test_unequal_contact_is_bounded_and_not_judged():
    evaluation = evaluate(QUICK, make_pilot_cohort(PilotTruth(unequal_contact=True, lost_with=0.1), seed=2))
    assert ["none", "none"] == [report.decision.verdict for report in evaluation.outcomes]
    low, high = evaluation.outcomes[0].found["unequal_contact"].values.values()
    assert low < evaluation.outcomes[0].decision.statistic < high


def test_moving_to_mmm_counts_as_a_report_at_its_own_date():
    cohort = check_cohort(make_pilot_cohort(PilotTruth(report_with=0.6, report_without=0.6), seed=4), QUICK)
    moved = cohort[(cohort["exit_kind"] == "mmm") & (cohort["reported_before"] == "no")]
    histories = build_histories(moved, QUICK)
    assert len(moved) > 20
    assert (histories.event["report"] == 1).all()
    assert (histories.time["report"] == moved["report_day"].to_numpy()).all()
    assert (histories.event["lost"] == 3).all()


def test_a_report_after_contact_ended_is_not_seen():
    cohort = check_cohort(make_pilot_cohort(seed=2), QUICK)
    after = cohort[(cohort["report_day"] > cohort["last_contact_day"]) & (cohort["exit_kind"] == "left")]
    histories = build_histories(after, QUICK)
    assert len(after) > 3
    assert (histories.event["report"] == 2).all()
    assert np.isfinite(histories.any_report).all()


def test_contact_that_stopped_is_lost_whatever_was_written():
    cohort = check_cohort(make_pilot_cohort(seed=2), QUICK)
    silent = cohort[cohort["exit_kind"] == "in_contact"].head(3).copy()
    silent["last_contact_day"] = [20.0, 50.0, silent["follow_up_day"].iloc[2]]
    assert [1, 1, 0] == build_histories(silent, QUICK).event["lost"].tolist()


def test_thirty_days_without_contact_are_lost_and_twenty_nine_are_not():
    # the last contact and what was written must not decide: day 90, followed to day 120 or 119
    cohort = check_cohort(make_pilot_cohort(seed=2), QUICK)
    four = cohort[cohort["exit_kind"] == "in_contact"].head(4).copy()
    four["exit_kind"] = ["in_contact", "left", "in_contact", "left"]
    four["last_contact_day"] = 90.0
    four["follow_up_day"] = [120.0, 120.0, 119.0, 119.0]
    assert [1, 1, 0, 0] == build_histories(four, QUICK).event["lost"].tolist()


def test_entering_mmm_makes_the_report_seen_whatever_ended_contact():
    cohort = check_cohort(make_pilot_cohort(seed=2), QUICK)
    one = cohort[cohort["exit_kind"] == "left"].head(1).copy()
    one["last_contact_day"], one["report_day"], one["mmm_day"], one["follow_up_day"] = 20.0, 30.0, 35.0, 200.0
    history = build_histories(one, QUICK)
    assert (1, 30.0) == (history.event["report"][0], history.time["report"][0])
    assert 2 == build_histories(one.assign(mmm_day=np.nan), QUICK).event["report"][0]


def test_common_time_zero_removes_the_seven_points():
    truth = PilotTruth(persons_per_year=1500)
    fair = histories_of(truth, seed=5)
    shifted = histories_of(replace(truth, immortal_time=True), seed=5)
    entered = ~np.isnan(shifted.entry_day)
    lost = shifted.happened("lost", 90)
    false_gap = lost[entered].mean() - lost[~entered].mean()
    assert -0.10 < false_gap < -0.05
    assert abs(fair.table("lost", 90).difference) < 0.025
    cloned = clone_censor_weight(
        fair.entry_day[fair.access], fair.time["lost"][fair.access], fair.event["lost"][fair.access],
        grace=14, horizon=90,
    )  # fmt: skip
    assert abs(cloned.difference.value) < 0.03


def test_measured_selection_is_adjusted_for_and_hidden_selection_is_not():
    truth = PilotTruth(**LARGE, selection="measured")
    population, _ = select_population(check_cohort(make_pilot_cohort(truth, 3), QUICK), QUICK)
    histories = build_histories(population, QUICK)
    lost, access = histories.happened("lost", 90), histories.access
    threat = (population["threat"] == "yes").to_numpy(dtype=float)
    crude = lost[access].mean() - lost[~access].mean()
    adjusted = inverse_probability(lost, access, threat, Jackknife(histories.unit)).value
    assert crude > 0.05
    assert abs(adjusted) < crude / 2
    hidden = make_pilot_cohort(replace(truth, selection="hidden"), 3)
    assert {"unknown"} == set(hidden["threat"])


def test_informative_loss_lowers_reports_of_leavers_only():
    told = histories_of(PilotTruth(**LARGE, informative_loss=True, other_ends=0.0), seed=6)
    free = histories_of(PilotTruth(**LARGE, other_ends=0.0), seed=6)
    left_told = told.happened("lost", 90)
    left_free = free.happened("lost", 90)
    assert np.isfinite(told.any_report[left_told]).mean() < np.isfinite(free.any_report[left_free]).mean()
    assert (
        abs(told.happened("report", 90)[~left_told].mean() - free.happened("report", 90)[~left_free].mean())
        < 0.03
    )


def test_clustering_makes_members_differ():
    def spread(correlation):
        histories = histories_of(PilotTruth(**LARGE, correlation=correlation), seed=7)
        totals, sizes, _ = histories.by_unit(histories.happened("lost", 90))
        return float(np.var(totals / sizes))

    assert spread(0.1) > 5 * spread(0.0)


def test_person_level_plan_uses_its_test():
    plan = replace(QUICK, unit="person", test="boschloo", interval="newcombe")
    decisions = decide(histories_of(PilotTruth(lost_with=0.1, lost_without=0.5), plan=plan), plan)
    assert ["fewer", "none"] == [decision.verdict for decision in decisions]
    evaluation = evaluate(plan, make_pilot_cohort())
    assert "Newcombe hybrid score" == evaluation.outcomes[0].found["difference"].method


def test_an_outcome_without_events_does_not_halve_the_other():
    truth = PilotTruth(lost_with=0.0, lost_without=0.0, report_with=0.6, report_without=0.2)
    lost, report = decide(histories_of(truth, seed=3), QUICK)
    assert ("insufficient", 1.0) == (lost.verdict, lost.attainable)
    assert ("L-pilot-reason-too-few-events",) == lost.reasons
    assert max(report.p_value, report.p_stay) == pytest.approx(report.p_adjusted)
    assert "more" == report.verdict


def test_an_interval_that_leaves_out_zero_and_gives_no_finding_says_why():
    lost, _ = decide(histories_of(PilotTruth(lost_with=0.2, lost_without=0.42), seed=17), QUICK)
    assert lost.p_value < 0.05 < lost.p_adjusted
    assert ("insufficient", ("L-pilot-reason-together",)) == (lost.verdict, lost.reasons)


def test_how_early_everybody_left_is_no_finding():
    everybody = histories_of(PilotTruth(lost_with=1.0, lost_without=1.0, other_ends=0.0), seed=1)
    everybody.event["lost"][:] = 1
    everybody.time["lost"] = np.where(everybody.access, 80.0, 2.0)
    lost, _ = decide(everybody, QUICK)
    assert 0 == lost.statistic
    assert ("insufficient", 1.0) == (lost.verdict, lost.attainable)


def test_groups_of_different_years_are_remarked():
    cohort = make_pilot_cohort()
    cohort = cohort[(cohort["access"] == "yes") == (cohort["first_contact_month"] < "2019")]
    failed = {check.key: check.stops for check in evaluate(QUICK, cohort).checks if not check.ok}
    assert {"calendar": False} == failed


def test_what_an_answer_of_few_settles_is_not_named():
    cohort = make_pilot_cohort(PilotTruth(lost_with=0.1, lost_without=0.5), seed=3)
    stayed = (cohort["exit_kind"] == "in_contact") & (cohort["reported_before"] == "no")
    cohort["origin_group"] = "third_country"
    cohort.loc[cohort.index[stayed][:2], "origin_group"] = "sweden"
    result = evaluate(QUICK, cohort)
    assert "L-pilot-deviation-separated" in {note.key for note in result.deviations}
    assert "sweden" not in str(words(result)["deviations"])


def test_checks_are_listed_even_when_they_pass():
    cohort = check_cohort(make_pilot_cohort(), QUICK)
    population, _ = select_population(cohort, QUICK)
    assert all(check.ok for check in check_data(cohort, population, QUICK))
