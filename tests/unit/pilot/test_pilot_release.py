"""From evaluation to document: nothing but the gate's estimates and words gets through."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from platform_utils import pilot, pipeline, publish
from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort, write_pilot_cohort
from platform_utils.errors import DisclosureError, FileError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace, resource
from platform_utils.pilot.release import gate_items, words
from platform_utils.publish.pilot_parts import plan_rows


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    root = tmp_path_factory.mktemp("desk")
    (root / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    workspace = Workspace(root)
    write_pilot_cohort(workspace.data_raw("demo") / "pilot" / "cohort.csv")
    plan = root / "plan.toml"
    text = resource("pilot.toml").read_text(encoding="utf-8")
    quick = text.replace("bootstrap_draws = 200", "bootstrap_draws = 20").replace("draws = 400", "draws = 50")
    plan.write_text(quick, encoding="utf-8")
    pipeline.evaluate_pilot("demo", plan=plan, workspace=workspace)
    return workspace


@pytest.fixture(scope="module")
def evaluation():
    plan = replace(pilot.read_plan(resource("pilot.toml")), bootstrap_draws=20, power_draws=50)
    return pilot.evaluate(plan, make_pilot_cohort())


def numbers_in(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def test_every_item_names_the_cells_it_rests_on(evaluation):
    items = gate_items(evaluation)
    assert len({item.name for item in items}) == len(items) > 60
    for item in items:
        assert item.under or item.kind == "curve"
        assert all(isinstance(count, int) and count >= 0 for count in item.under)
    names = {item.name for item in items}
    assert {"lost_difference", "report_manski", "flow_followed_with", "series_closure"} <= names


def test_words_hold_no_count_of_persons(evaluation):
    said = words(evaluation)
    json.dumps(said)
    steps = {count for _, one, zero in evaluation.flow.steps for count in (one, zero)}
    plan, months = evaluation.plan, {48, 18, 54}
    counts = {count for count in steps if count > 20} - {*plan.windows, plan.contact_gap, *months}
    assert len(counts) > 10
    assert not counts & set(numbers_in(said))


def test_parts_of_a_whole_rest_on_all_of_them(evaluation):
    items = {item.name: item for item in gate_items(evaluation)}
    origin = [item for name, item in items.items() if name.startswith("baseline_origin_group_")]
    here = [item for item in origin if item.name.endswith("_with")]
    assert 3 == len(here) == len(here[0].under)
    assert {here[0].under} == {item.under for item in here}
    steps = {key: (one, zero) for key, one, zero in evaluation.flow.steps}
    for keys in (("entered", "early", "waiting"), ("lost", "other_end", "in_contact")):
        for place in (0, 1):
            assert steps["followed"][place] == sum(steps[key][place] for key in keys)
    assert items["flow_lost_with"].under == items["flow_in_contact_with"].under
    assert (0, 0) == (steps["entered"][1], items["flow_entered_without"].values["estimate"])


def test_a_deviation_stands_on_the_row_of_its_setting(evaluation):
    said = words(evaluation)
    rows = {row[0]: row for row in plan_rows(said, "en")}
    assert ["Test", "permutation of units", "as planned"] == rows["Test"]
    assert "Exploratory: the plan is not in the ledger." == rows["Hash of the plan"][2]
    assert "Identified by, Origin, Threat" == rows["Covariates"][1]
    note = {"key": "L-pilot-deviation-sampled", "fields": {"arrangements": 20_000}}
    other = said | {"deviations": [note], "stopped_by": []}
    assert "20000 drawn" in {row[0]: row[2] for row in plan_rows(other, "en")}["Test"]
    stopped = {row[0]: row[2] for row in plan_rows(said | {"stopped_by": ["time_zero"]}, "sv")}
    assert "inte gjort: data hindrade det" == stopped["Test"]


def test_a_covariate_without_words_of_ours_is_shown_as_it_is(evaluation):
    said = words(evaluation)
    said["plan"]["covariates"] = ["first_language"]
    assert ["first language"] == [row[1] for row in plan_rows(said, "sv") if row[0] == "Kovariater"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_document_finds_everything_it_asks_for(desk, lang):
    shown = publish.load_pilot(lang=lang, source="demo", workspace=desk)
    for name in (
        "origin", "status", "verdict", "question", "plan", "checks", "designs", "flow", "baseline",
        "curve_figure", "forest_figure", "series", "known", "threats", "ethics", "tipping",
    ):  # fmt: skip
        assert getattr(shown, name)._repr_markdown_().strip(), name
    for outcome in ("lost", "report"):
        for table in (shown.curve, shown.effect, shown.persons, shown.sensitivity):
            assert f"#tbl-pilot-{table.__name__}-{outcome}" in table(outcome)._repr_markdown_()


def test_the_verdict_stands_in_words_with_the_gates_rounded_size(desk):
    text = str(publish.load_pilot(lang="en", source="demo", workspace=desk).verdict)
    assert 2 == text.count("INSUFFICIENT EVIDENCE")
    assert "percentage points (95% interval" in text
    assert "What would be needed" in text
    assert "Exploratory" == publish.load_pilot(lang="en", source="demo", workspace=desk).mark


def test_withheld_numbers_are_marked(desk):
    text = publish.load_pilot(lang="en", source="demo", workspace=desk).curve("lost")._repr_markdown_()
    assert "..\u2060" in text


def test_a_withheld_difference_says_fewer_than_four_of_how_many(desk):
    shown = publish.load_pilot(lang="en", source="demo", workspace=desk)
    assert "| fewer than 4 of 179 |" in shown.effect("report")._repr_markdown_()


def test_the_primary_window_is_never_the_day_left_out_for_another(desk):
    shown = publish.load_pilot(lang="en", source="demo", workspace=desk)
    lines = shown.curve("lost")._repr_markdown_().splitlines()
    assert "26%" in next(line for line in lines if line.startswith("| lost, with access"))


def test_pictures_are_the_same_bytes_twice(desk):
    one, two = (publish.load_pilot(lang="sv", source="demo", workspace=desk) for _ in range(2))
    assert one.forest_figure._repr_markdown_() == two.forest_figure._repr_markdown_()
    assert one.curve_figure._repr_markdown_() == two.curve_figure._repr_markdown_()


def test_publish_takes_nothing_but_safe_estimates(tmp_path):
    with pytest.raises(DisclosureError) as caught:
        publish.write_pilot([0.25], {}, tmp_path)
    assert "E-650" == caught.value.code


def test_nothing_evaluated_is_said(tmp_path):
    with pytest.raises(FileError) as caught:
        publish.load_pilot(lang="en", source="demo", workspace=Workspace(tmp_path))
    assert "E-740" == caught.value.code


def test_a_stopped_evaluation_still_makes_a_document(tmp_path):
    workspace = Workspace(tmp_path)
    write_pilot_cohort(workspace.data_raw("demo") / "pilot" / "cohort.csv", PilotTruth(immortal_time=True))
    pipeline.evaluate_pilot("demo", workspace=workspace)
    shown = publish.load_pilot(lang="en", source="demo", workspace=workspace)
    assert "DESCRIPTIVE SHARES ONLY" in str(shown.verdict)
    assert "Time zero is not the first day" in str(shown.verdict)
    for block in (
        shown.curve("lost"),
        shown.effect("report"),
        shown.series,
        shown.forest_figure,
        shown.tipping,
    ):
        assert block._repr_markdown_().strip()
