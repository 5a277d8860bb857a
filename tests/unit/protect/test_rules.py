"""Limits are data: they can be tightened and never loosened."""

import pytest

from platform_utils.errors import SettingsError
from platform_utils.paths import resource
from platform_utils.protect import load_rule
from platform_utils.protect.foreign.elsewhere import read_elsewhere
from platform_utils.protect.links import packaged_links


def test_the_packaged_limits_are_those_of_the_platform():
    rule = load_rule()
    assert (4, 5) == tuple(rule.classes[name].min_released for name in "AB")
    assert (3, 4) == (rule.classes["B"].min_contributors, rule.classes["B"].min_without_largest)
    assert all(rule.classes[name].source and rule.classes[name].decided for name in "AB")


@pytest.mark.parametrize(
    ("dimensions", "declared", "name"),
    [
        ((), "A", "A"),
        (("sex", "role"), "A", "A"),
        (("sex", "role", "nsp"), "A", "B"),
        (("police_region",), "A", "B"),
        (("age_group",), "A", "B"),
        (("sex_by_age",), "A", "B"),
        (("residence_status_group",), "A", "A"),
        (("sex",), "B", "B"),
    ],
)
def test_the_class_is_the_strictest_that_applies(dimensions, declared, name):
    assert name == load_rule().class_of(declared, dimensions, "direct").name


@pytest.mark.parametrize(("least", "expected"), [(4, (4, 5)), (5, (5, 5)), (7, (7, 7)), (10, (10, 10))])
def test_a_profile_tightens(least, expected):
    rule = load_rule().tighten(min_released=least)
    assert expected == tuple(rule.classes[name].min_released for name in "AB")


@pytest.mark.parametrize("least", [0, 1, 3, 11])
def test_a_profile_never_loosens(least):
    with pytest.raises(SettingsError) as caught:
        load_rule().tighten(min_released=least)
    assert "E-407" == caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "[A]\nmin_released = 3",
        "[B]\nmin_released = 4",
        "[B]\nmin_contributors = 2",
        "[A]\nmaximum_dimensions = 3",
        "[A]\nrefused_beyond = 4",
        "[no_condition]\nnames = ['role', 'mass_case', 'sex']",
        "[minimum_by_dimension]\norigin_country = 5",
        "[never_primary]\ncodes = ['unknown', 'blank', 'not_asked', 'yes']",
        "[sensitive]\nnames = []",
        "[sensitive]\npresumed = { asylum = 'police_report' }",
        "[refused_dimensions]\nnames = []",
        "[class_b_dimensions]\nnames = ['county']",
        "[units]\nprotected = ['persons']",
        "[units]\nopen = ['members', 'persons']",
        "[identifies_nobody]\nsex = ['other']",
        "[limits]\nmax_min_released = 5",
        "[new]\nkey = 1",
    ],
)
def test_a_rule_file_that_loosens_is_refused(text, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_rule(path)
    assert "E-407" == caught.value.code


def test_a_rule_file_that_tightens_is_taken_and_a_broken_one_named(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("[A]\nmin_released = 6\n[minimum_by_dimension]\norigin_country = 20", encoding="utf-8")
    rule = load_rule(path)
    assert (6, 20) == (rule.classes["A"].min_released, rule.minimum_by_dimension["origin_country"])
    path.write_text("[A", encoding="utf-8")
    with pytest.raises(SettingsError, match="E-406"):
        load_rule(path)


def test_what_others_published_has_a_source_and_an_address():
    lines = resource("known_elsewhere.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert all(line.rsplit(",", 1)[1].startswith("https://") for line in lines)
    told = read_elsewhere(packaged_links(2021))
    bounds = {(group[1], tuple(sorted(group[2]))): (seen.low, seen.high) for group, seen, _ in told}
    assert (205, None) == bounds[2021, ()]
    assert (32, None) == bounds[2021, (("role", "child"),)]


def test_a_bad_list_of_what_others_published_is_named(tmp_path):
    path = tmp_path / "known.csv"
    path.write_text(
        "universe,year,codes,relation,count,source,address\nall,2021,,nearby,3,x,y\n", encoding="utf-8"
    )
    with pytest.raises(SettingsError, match="E-406"):
        read_elsewhere(packaged_links(2021), path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[A]\nmin_relased = 9", "(A.min_relased;"),
        ("[B]\nmaximum_dimensions = 1", "(B.maximum_dimensions;"),
        ("[sensitive]\nname = ['sex']", "(sensitive.name;"),
        ("[limits]\nmin_released = 5", "(limits.min_released;"),
        ("[A]\nmin_released = 50", "(A.min_released; allowed from 4 to 10)"),
        ("[B]\nmin_released = 11", "(B.min_released; allowed from 5 to 10)"),
    ],
)
def test_a_misspelt_or_overly_strict_line_is_refused_and_named(text, words, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_rule(path)
    assert "E-407" == caught.value.code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "A = 3",
        "[A]\nmin_released = '9'",
        "[A]\nmin_released = true",
        "[A]\nmin_released = nan",
        "[A]\nmin_released = 9.5",
        "[minimum_by_dimension]\na = 'x'",
        "[minimum_by_dimension]\na = -1",
        "[sensitive]\nnames = 'police_report,asylum'",
    ],
)
def test_a_rule_of_the_wrong_kind_is_refused(text, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="E-406"):
        load_rule(path)


def test_a_class_may_get_a_limit_of_members(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text("[A]\nmin_contributors = 2\nmin_without_largest = 3", encoding="utf-8")
    limits = load_rule(path).classes["A"]
    assert (2, 3) == (limits.min_contributors, limits.min_without_largest)
