"""From evaluation to document: nothing but the gate's estimates and words gets through."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from platform_utils import pilot, pipeline, publish
from platform_utils.demo.pilot import PilotTruth, make_pilot_cohort, write_pilot_cohort
from platform_utils.errors import ContractError, DisclosureError, FileError
from platform_utils.messages import LANGUAGES
from platform_utils.paths import Workspace, resource
from platform_utils.pilot.release import gate_items, words
from platform_utils.protect import protect_estimate
from platform_utils.publish.figure import Look
from platform_utils.publish.pilot import Pilot
from platform_utils.publish.pilot_parts import plan_rows
from platform_utils.spec.counts import Estimated, Universe
from platform_utils.spec.disclosure import load_rule
from platform_utils.spec.safe import SafeEstimate

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    root = tmp_path_factory.mktemp("desk")
    (root / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    workspace = Workspace(root)
    write_pilot_cohort(workspace.data_raw("demo") / "pilot" / "cohort.csv")
    plan = root / "plan.toml"
    text = resource("pilot.toml").read_text(encoding="utf-8")
    plan.write_text(text.replace("draws = 400", "draws = 50"), encoding="utf-8")
    pipeline.evaluate_pilot("demo", plan=plan, workspace=workspace)
    return workspace


@pytest.fixture(scope="module")
def evaluation():
    plan = replace(pilot.read_plan(resource("pilot.toml")), power_draws=50)
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
        assert all(isinstance(cell, frozenset) or cell >= 0 for cell in item.under)
    names = {item.name for item in items}
    assert {
        "lost_difference",
        "report_manski",
        "flow_followed_with",
        "series_closure_level",
        "lost_bayes",
    } <= names


def test_words_hold_no_count_of_persons(evaluation):
    said = words(evaluation)
    json.dumps(said)
    assert all(share % 5 == 0 for share in said.pop("power").values())
    steps = {count for pair in evaluation.flow.steps.values() for count in pair}
    plan, months = evaluation.plan, {48, 18, 54}
    counts = {count for count in steps if count > 20} - {*plan.windows, plan.contact_gap, *months}
    assert len(counts) > 10
    assert not counts & set(numbers_in(said))


def test_parts_of_a_whole_rest_on_all_of_them(evaluation):
    items = {item.name: item for item in gate_items(evaluation)}
    origin = [item for name, item in items.items() if name.startswith("baseline_origin_group_")]
    here = [item for item in origin if item.name.endswith("_with")]
    assert 3 == len(here) == len(here[0].under)
    assert len(set().union(*here[0].under)) == evaluation.flow.steps["followed"][0]
    assert {here[0].under} == {item.under for item in here}
    steps = evaluation.flow.steps
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
    assert "Who identified, Origin, Threat" == rows["Covariates"][1]
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
        "origin", "status", "verdict", "question", "who", "numbers", "meaning", "change", "plan", "checks",
        "designs", "flow", "baseline", "headline_figure", "series", "known", "threats", "ethics", "tipping",
    ):  # fmt: skip
        assert getattr(shown, name)._repr_markdown_().strip(), name
    for outcome in ("lost", "report"):
        for table in (shown.curve, shown.effect, shown.sensitivity):
            assert f"#tbl-pilot-{table.__name__}-{outcome}" in table(outcome)._repr_markdown_()
        for block in (shown.curve_figure, shown.forest_figure, shown.persons):
            assert block(outcome)._repr_markdown_().strip()


def test_page_one_says_verdict_persons_and_sizes_in_plain_words(desk):
    shown = publish.load_pilot(lang="en", source="demo", workspace=desk)
    said = "**Within 90 days: these numbers cannot tell whether access to the programme changes how many"
    assert str(shown.verdict).startswith(said)
    assert str(shown.who).startswith("96 persons (6 members) who could apply")
    assert "(95% interval" in str(shown.numbers)
    assert "would find a rise in reports (from 20 to 44 in 100)" in str(shown.numbers)
    assert "in 80 of 100 such evaluations" in str(shown.change)
    assert "plan plan.toml (version 2" in str(shown.status)
    assert "cohort file cohort.csv" in str(shown.status)
    assert "Exploratory" == shown.mark


def test_withheld_numbers_are_marked(desk):
    text = publish.load_pilot(lang="en", source="demo", workspace=desk).curve("lost")._repr_markdown_()
    assert "..\u2060" in text


def test_rows_that_are_all_hidden_become_a_sentence(desk):
    text = publish.load_pilot(lang="en", source="demo", workspace=desk).effect("report")._repr_markdown_()
    said = next(line for line in text.splitlines() if "Not shown, so that nobody" in line)
    assert "Had entered by day 14 or not" in said
    assert "| .." not in text


def test_answers_of_groups_that_are_not_shown_are_not_named(desk):
    shown = publish.load_pilot(lang="en", source="demo", workspace=desk)
    hidden = {
        name: replace(one, kind="withheld", shown=()) if name.startswith("baseline_origin_group_") else one
        for name, one in shown._estimates.items()
    }
    text = Pilot(hidden, shown._words, "demo", shown._look).baseline._repr_markdown_()
    assert "nobody can be told from them: Origin." in text
    assert "third country" not in text
    assert "Threat: yes" in text


def test_a_zero_cell_has_a_ratio_without_limit(desk):
    shown = publish.load_pilot(lang="sv", source="demo", workspace=desk)
    found = dict(shown._estimates)
    values = {"estimate": math.inf, "lower": 6.5, "upper": math.inf}
    item = Estimated("report_risk_ratio", "ratio", values, [20, 40, 0, 60])
    found["report_risk_ratio"] = protect_estimate(item, Universe("pilot", 2024, "demo"), load_rule())
    other = Pilot(found, shown._words, "demo", Look("sv", "demo", desk.assets, width=4.2))
    assert any(
        line.split("|")[1:4] == [" Riskkvot ", " ∞ ", " 6,5 till ∞\u00a0* "]
        for line in other.effect("report")._repr_markdown_().splitlines()
    )


def test_threats_say_what_was_done_in_this_run(desk):
    shown = publish.load_pilot(lang="en", source="demo", workspace=desk)
    lines = shown.threats._repr_markdown_().splitlines()
    assert "Nothing was done about it in this run" in next(line for line in lines if "own outcome" in line)
    assert "adjusted for who identified, origin, threat" in next(
        line for line in lines if "Selection" in line
    )


OTHER_PLAN = (
    ("days = [30, 60, 90, 180]", "days = [45, 120]"), ("primary = 90", "primary = 120"),
    ("draws = 400", "draws = 50"), ("level = 0.05", "level = 0.01"), ('"gray", ', ""),
    ('outcomes = ["lost", "report"]', 'outcomes = ["lost"]'),
)  # fmt: skip


def test_another_plan_and_file_are_shown_and_replace_the_earlier_ones_when_whole(tmp_path):
    workspace, text = Workspace(tmp_path), resource("pilot.toml").read_text(encoding="utf-8")
    write_pilot_cohort(workspace.cohort("demo"))
    quick, other = tmp_path / "quick.toml", tmp_path / "other.toml"
    quick.write_text(text.replace("draws = 400", "draws = 50"), encoding="utf-8")
    for old, new in OTHER_PLAN:
        assert old in text
        text = text.replace(old, new)
    other.write_text(text, encoding="utf-8")
    pipeline.evaluate_pilot("demo", plan=quick, workspace=workspace)
    data = tmp_path / "sent.csv"
    write_pilot_cohort(data, PilotTruth(lost_with=0.02, lost_without=0.6), seed=8)
    pipeline.evaluate_pilot("demo", plan=other, data=data, workspace=workspace)
    book = workspace.plan_book("demo").read_bytes()
    shown = publish.load_pilot(lang="en", source="demo", workspace=workspace)
    assert "plan other.toml" in str(shown.status)
    assert "sent.csv" in str(shown.status)
    # the plan asks about one outcome: no empty axes, no wrong cause for the other
    assert "The plan does not ask about a police report" in str(shown.curve_figure("report"))
    for block in (shown.forest_figure, shown.curve, shown.effect, shown.persons, shown.sensitivity):
        assert "" == block("report")._repr_markdown_().strip()
    assert "Within 120 days: fewer persons dropped out" in str(shown.verdict)
    assert "within 120 days, the risk of dropping out" in str(shown.question)
    assert "E-value" in str(shown.change)
    heading = shown.curve("lost")._repr_markdown_().splitlines()[0]
    assert ["By day", "day 45", "day 120"] == [cell.strip() for cell in heading.split("|")[1:-1]]
    assert "%" in shown.curve("lost")._repr_markdown_()
    assert "below 0.01" in str(shown.persons("lost"))
    kept = sorted(path.name for path in workspace.evaluation("demo").rglob("*"))
    data.write_text("person_id\n1\n", encoding="utf-8")
    with pytest.raises(ContractError):
        pipeline.evaluate_pilot("demo", plan=other, data=data, workspace=workspace)
    assert kept == sorted(path.name for path in workspace.evaluation("demo").rglob("*"))
    assert book == workspace.plan_book("demo").read_bytes()


def test_the_primary_window_is_never_the_day_left_out_for_another(desk):
    shown = publish.load_pilot(lang="en", source="demo", workspace=desk)
    lines = shown.curve("lost")._repr_markdown_().splitlines()
    assert "26%" in next(line for line in lines if line.startswith("| dropped out, with access"))


def test_pictures_are_the_same_bytes_twice(desk):
    one, two = (publish.load_pilot(lang="sv", source="demo", workspace=desk) for _ in range(2))
    assert one.forest_figure("lost")._repr_markdown_() == two.forest_figure("lost")._repr_markdown_()
    assert one.curve_figure("lost")._repr_markdown_() == two.curve_figure("lost")._repr_markdown_()


PLANS = {
    "persons": (
        ('unit = "member"', 'unit = "person"'), ('test = "permutation"', 'test = "boschloo"'),
        ('interval = "permutation"', 'interval = "miettinen_nurminen"'), ('method = "clone"', 'method = "landmark"'),
    ),
    "regions, one window": (
        ('unit = "member"', 'unit = "region"'), ("days = [30, 60, 90, 180]", "days = [7]"), ("primary = 90", "primary = 7"),
        ("grace_days = 14", "grace_days = 3"), ('entry_column = "application_day"', 'entry_column = "start_day"'),
        ("[strategies]", "[strategies]\nentered_at_once = 0.9"), ("level = 0.05\n", "level = 0.2\n"),
    ),
    "reports first, nothing else": (
        ('outcomes = ["lost", "report"]', 'outcomes = ["report", "lost"]'), ('covariates = ["identified_by", "origin_group", "threat"]', "covariates = []"),
        ('analyses = ["e_value", "manski", "tipping_point", "misclassification", "leave_one_out", "gray", "bayes", "person_level"]', "analyses = []"),
        ('closed_from = "2019-01"', 'closed_from = "2016-01"'),
    ),
    "no dates": (),
}  # fmt: skip


# what the page may and may not say of such a plan
SAID = {
    "persons": {"so persons are compared": True, "persons taken as independent": True, "marked *": False},
    "regions, one window": {
        "whole police regions are compared": True, "(6 police regions)": True, "80% interval": True,
        "95%": False, "members are left out": False,
    },
    "reports first, nothing else": {"E-value": False, "whole members are compared": True},
    "no dates": {"so that nobody can be told": False, "Same calendar": False, "left out in turn": False},
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_whatever_plan_the_schema_allows_is_reported(tmp_path, name):
    workspace, text = Workspace(tmp_path), resource("pilot.toml").read_text(encoding="utf-8")
    for old, new in (*PLANS[name], ("draws = 400", "draws = 50")):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    cohort = make_pilot_cohort(PilotTruth(lost_with=0.1, lost_without=0.6), seed=4)
    if name.startswith("regions"):
        # as regions would be: nobody in one could apply while others there could not
        cohort["region"] = cohort["member_id"].map(lambda member: f"R{member}")
    if name == "no dates":
        cohort["reported"], cohort["lost"] = "yes", np.where(cohort["exit_kind"] == "left", "yes", "no")
        cohort = cohort.drop(columns=["report_day", "last_contact_day"])
    cohort.to_csv(tmp_path / "cohort.csv", index=False)
    pipeline.evaluate_pilot(
        "external-file", plan=tmp_path / "plan.toml", data=tmp_path / "cohort.csv", workspace=workspace
    )
    for lang in LANGUAGES:
        pilot = publish.load_pilot(lang=lang, source="external-file", workspace=workspace)
        page = (ROOT / "reports" / lang / "pilot.qmd").read_text(encoding="utf-8")
        asked = re.findall(r"^(pilot\.[^=\n]+)$|`\{python\} (pilot\.[^`]+)`", page, flags=re.MULTILINE)
        shown = {one or two: str(eval(one or two, {"pilot": pilot})) for one, two in asked}
        assert len(shown) > 30
        assert all(text.strip() for text in shown.values())
        assert "nan" not in " ".join(shown.values()).split()
        assert "cohort.csv" in shown["pilot.status"]
        if lang == "en":
            page = "\n".join(shown.values())
            for told, is_said in SAID[name].items():
                assert is_said == (told in page), told


def test_publish_takes_nothing_but_safe_estimates(tmp_path):
    with pytest.raises(DisclosureError) as caught:
        publish.write_pilot([0.25], {}, tmp_path)
    assert "E-650" == caught.value.code


def test_an_evaluation_that_cannot_be_written_leaves_the_earlier_one_as_it_was(tmp_path, monkeypatch):
    workspace, quick = Workspace(tmp_path), tmp_path / "quick.toml"
    text = resource("pilot.toml").read_text(encoding="utf-8")
    quick.write_text(text.replace("draws = 400", "draws = 50"), encoding="utf-8")
    write_pilot_cohort(workspace.cohort("demo"), PilotTruth(immortal_time=True))

    def stored():
        return {path: path.read_bytes() for path in workspace.results.rglob("*") if path.is_file()}

    pipeline.evaluate_pilot("demo", plan=quick, workspace=workspace)
    before, write, left = stored(), SafeEstimate.write, iter(range(5))

    def full(estimate, path):
        if next(left, None) is None:
            raise FileError("E-014", file=path.name)
        write(estimate, path)

    monkeypatch.setattr(SafeEstimate, "write", full)
    write_pilot_cohort(workspace.cohort("demo"), PilotTruth(immortal_time=True), seed=9)
    with pytest.raises(FileError):
        pipeline.evaluate_pilot("demo", plan=quick, workspace=workspace)
    assert before == stored()


def test_nothing_evaluated_is_said(tmp_path):
    with pytest.raises(FileError) as caught:
        publish.load_pilot(lang="en", source="demo", workspace=Workspace(tmp_path))
    assert "E-740" == caught.value.code


def test_a_stopped_evaluation_still_makes_a_document(tmp_path):
    workspace = Workspace(tmp_path)
    write_pilot_cohort(workspace.data_raw("demo") / "pilot" / "cohort.csv", PilotTruth(immortal_time=True))
    pipeline.evaluate_pilot("demo", workspace=workspace)
    shown = publish.load_pilot(lang="en", source="demo", workspace=workspace)
    assert "Descriptive shares only" in str(shown.verdict)
    assert "Day 0 is not the first day" in str(shown.verdict)
    assert "not shown" not in str(shown.numbers)
    assert "not drawn" not in str(shown.headline_figure).lower()
    assert "| 3 | Immortal time: entrants survived until application | Checked, and not met" in str(
        shown.threats._repr_markdown_()
    )
    for block in (
        shown.curve("lost"),
        shown.effect("report"),
        shown.series,
        shown.forest_figure("lost"),
        shown.numbers,
        shown.who,
        shown.tipping,
    ):
        assert block._repr_markdown_().strip()
