"""The plan refuses what it does not know; its hash must be in the ledger and lodged with somebody else."""

from __future__ import annotations

import pytest

from platform_utils.errors import FileError, NotSignedOff, SettingsError
from platform_utils.paths import resource
from platform_utils.pilot.plan import freeze_plan, note_opening, read_plan, read_registration


@pytest.fixture
def text():
    return resource("pilot.toml").read_text(encoding="utf-8")


def written(folder, text, name="plan.toml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_packaged_plan_says_what_the_page_asks_for():
    plan = read_plan(resource("pilot.toml"))
    assert ("lost", "report") == plan.outcomes
    assert ((30, 60, 90, 180), 90, 14, 30) == (
        plan.windows, plan.primary_window, plan.grace_days, plan.contact_gap,
    )  # fmt: skip
    assert ("permutation", "permutation", "member") == (plan.test, plan.interval, plan.unit)
    assert len(plan.covariates) <= 3
    assert "owed" == plan.ethics_review
    assert {"2010–2014", "2017", "2018", "2019", "2021", "2022"} == {
        item.years for item in plan.known_outcomes
    }


def test_one_changed_character_is_another_plan(tmp_path, text):
    first = read_plan(written(tmp_path, text))
    other = read_plan(written(tmp_path, text.replace("level = 0.05", "level = 0.06", 1)))
    same = read_plan(written(tmp_path, text.replace("\n", "\r\n")))
    assert first.windows == read_plan(written(tmp_path, "\ufeff" + text)).windows
    assert first.sha256 != other.sha256
    assert first.sha256 == same.sha256


@pytest.mark.parametrize(
    ("old", "new", "code", "name"),
    [
        ('test = "permutation"', 'test = "t_test"', "E-703", None),
        ('test = "permutation"', 'test = "boschloo"', "E-703", None),
        ("level = 0.05\n", "level = 0.5\n", "E-702", "analysis.level"),
        ("grace_days = 14", "", "E-702", "strategies.grace_days"),
        ("grace_days = 14", "grace_dayz = 14\ngrace_days = 14", "E-702", "strategies.grace_dayz"),
        ("grace_days = 14", 'grace_days = "14"', "E-702", "strategies.grace_days"),
        ("primary = 90", "primary = 91", "E-702", "windows.primary"),
        ('"threat"]', '"threat", "sex"]', "E-702", "analysis.covariates"),
        ('"identified_by", ', '"threat", ', "E-702", "analysis.covariates"),
        ("grace_days = 14", "grace_days = 91", "E-702", "strategies.grace_days"),
        ('unit = "member"', 'unit = "shelter"', "E-702", "groups.unit"),
        ('correction = "holm"', 'correction = "none"', "E-702", "analysis.correction"),
        ('interval = "permutation"', 'interval = "newcombe"', "E-702", "analysis.interval"),
        ('closed_from = "2019-01"', 'closed_from = "2019"', "E-702", "second_design.closed_from"),
        ("min_before = 24", "min_before = 12", "E-702", "second_design.min_before"),
        ('years = "2017"', "year = 2017", "E-702", "known_outcomes"),
    ],
)
def test_a_plan_that_is_not_one_is_refused_by_name(tmp_path, text, old, new, code, name):
    assert old in text
    with pytest.raises(SettingsError) as caught:
        read_plan(written(tmp_path, text.replace(old, new, 1)))
    assert code == caught.value.code
    assert name == caught.value.fields.get("name")
    assert "plan.toml" in caught.value.text("sv")


@pytest.mark.parametrize("test", ["permutation", "magic"])
def test_a_test_that_does_not_fit_the_unit_is_refused(tmp_path, text, test):
    changed = text.replace('unit = "member"', 'unit = "person"').replace(
        'test = "permutation"', f'test = "{test}"'
    )
    with pytest.raises(SettingsError) as caught:
        read_plan(written(tmp_path, changed))
    assert ("E-703", "boschloo, barnard, fisher") == (caught.value.code, caught.value.fields["allowed"])


def test_what_has_a_default_may_be_left_out(tmp_path, text):
    old = text
    for name in ("relevant = 0.10", "risk_lost = 0.20"):
        assert name in old
        old = old.replace(name, "")
    plan = read_plan(written(tmp_path, old))
    assert (0.10, 0.20, None) == (plan.relevant, plan.risk_lost, plan.entered_at_once)


def test_persons_may_be_tested_by_boschloo(tmp_path, text):
    changed = text.replace('unit = "member"', 'unit = "person"').replace(
        'test = "permutation"', 'test = "boschloo"'
    )
    plan = read_plan(written(tmp_path, changed.replace('interval = "permutation"', 'interval = "newcombe"')))
    assert ("boschloo", "person", "newcombe") == (plan.test, plan.unit, plan.interval)


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    with pytest.raises(FileError) as caught:
        read_plan(written(tmp_path, "= nothing"))
    assert "E-700" == caught.value.code
    with pytest.raises(FileError):
        read_plan(tmp_path / "missing.toml")


def receipt(folder, plan, by="Second Person", name="receipt.toml"):
    return written(folder, f'plan_sha256 = "{plan.sha256}"\nby = "{by}"\ndate = "2026-02-02"\n', name)


def test_planned_needs_ledger_and_a_second_person(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    assert "L-pilot-not-frozen" == read_registration(plan, ledger, None).reason
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    assert "L-pilot-not-lodged" == read_registration(plan, ledger, None).reason
    same = receipt(tmp_path, plan, by="first person ", name="same.toml")
    assert "L-pilot-lodged-same-person" == read_registration(plan, ledger, same).reason
    registered = read_registration(plan, ledger, receipt(tmp_path, plan))
    assert ("Second Person", "2026-02-02", False) == (
        registered.lodged_with, registered.lodged_on, registered.exploratory,
    )  # fmt: skip


def test_a_registry_receipt_counts_as_outside(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    path = written(
        tmp_path,
        f'plan_sha256 = "{plan.sha256}"\nregistry = "OSF"\nid = "abc12"\ndate = "2026-02-02"\n',
        "osf.toml",
    )
    assert "OSF abc12" == read_registration(plan, ledger, path).lodged_with


def test_a_changed_plan_is_exploratory_again(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    lodged = receipt(tmp_path, plan)
    changed = read_plan(written(tmp_path, text.replace("grace_days = 14", "grace_days = 15")))
    assert "L-pilot-not-frozen" == read_registration(changed, ledger, lodged).reason
    freeze_plan(changed, ledger, "First Person", "2026-02-03")
    assert "L-pilot-lodged-other-plan" == read_registration(changed, ledger, lodged).reason


def test_freezing_twice_and_changing_the_ledger_are_refused(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    with pytest.raises(NotSignedOff) as caught:
        freeze_plan(plan, ledger, "First Person", "2026-02-01")
    assert "E-730" == caught.value.code
    ledger.write_text(
        ledger.read_text(encoding="utf-8").replace("2026-02-01", "2025-02-01"), encoding="utf-8"
    )
    with pytest.raises(NotSignedOff) as caught:
        read_registration(plan, ledger, None)
    assert "E-731" == caught.value.code


def test_outcomes_read_before_a_plan_was_lodged_leave_it_exploratory(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    lodged = receipt(tmp_path, plan)
    note_opening(plan, ledger, read_registration(plan, ledger, lodged))
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    assert "L-pilot-opened-before" == read_registration(plan, ledger, lodged).reason
    assert not read_registration(plan, ledger, lodged, invented=True).exploratory


def test_a_planned_evaluation_stays_planned_and_spoils_the_next_plan(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    lodged = receipt(tmp_path, plan)
    for _ in range(2):
        note_opening(plan, ledger, read_registration(plan, ledger, lodged))
    assert not read_registration(plan, ledger, lodged).exploratory
    assert 2 == len(ledger.read_text(encoding="utf-8").splitlines())
    changed = read_plan(written(tmp_path, text.replace("grace_days = 14", "grace_days = 15")))
    freeze_plan(changed, ledger, "First Person", "2026-02-03")
    assert "L-pilot-opened-before" == read_registration(changed, ledger, receipt(tmp_path, changed)).reason


def test_an_unusable_receipt_is_refused(tmp_path, text):
    plan = read_plan(written(tmp_path, text))
    ledger = tmp_path / "plans.jsonl"
    freeze_plan(plan, ledger, "First Person", "2026-02-01")
    with pytest.raises(FileError) as caught:
        read_registration(plan, ledger, written(tmp_path, 'by = "x"\n', "bad.toml"))
    assert "E-732" == caught.value.code
