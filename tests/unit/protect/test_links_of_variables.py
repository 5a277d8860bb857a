"""What the codebook says of several answers ties their tables, so that what one shows no other hides in vain."""

import pandas as pd
import pytest
from counts import protect_set, protect_tables, shown, table

from platform_utils.protect import load_rule, packaged_links
from platform_utils.protect.model import build_system, is_rest
from platform_utils.protect.primaries import find_primaries
from platform_utils.spec.counts import Universe

ALL, WOMEN = Universe("all", 2021, "demo"), Universe("women_direct", 2021, "demo")
UNMET = Universe("unmet_shelter", 2021, "demo")


def test_children_by_age_group_are_the_children_of_the_other_table():
    adults = table({"child": 15, "adult": 85, "total": 100}, "adult_or_child", name="adults")
    ages = table(
        {"child": 15, "18_26": 40, "27_35": 43, "51_plus": 2, "total": 100}, "age_group", name="ages"
    )
    done = protect_set([adults, ages], load_rule(), elsewhere=()).tables
    by_age = dict(zip(ages.data["age_group"], shown(done[1]), strict=True))
    assert [15, 85, 100] == shown(done[0])
    assert by_age["51_plus"] is None
    assert [None] == [by_age[code] for code in ("18_26", "27_35") if by_age[code] is None]


def test_children_of_two_roles_leave_the_few_of_the_others_though_two_questions_tell_of_the_first():
    """Exploited children stand under two names, accompanying ones in a role of their own: two are siblings."""
    ages = {"child": 15, "adult": 85, "total": 100}
    direct = [
        table(ages, "adult_or_child", name="a"),
        table({"child": 15, "adult": 85, "total": 100}, "age_group", name="g"),
    ]
    children = table({"child": 53, "adult": 100, "total": 153}, "adult_or_child", name="c", universe=ALL)
    roles = table(
        {"direct": 100, "child": 36, "sibling": 9, "relative": 8, "total": 153},
        "role",
        name="r",
        universe=ALL,
    )
    done = protect_set(
        [*direct, children, roles], load_rule(), elsewhere=(), links=packaged_links(2021)
    ).tables
    told = [
        done[0].count(adult_or_child="child"),
        done[2].count(adult_or_child="child"),
        done[3].count(role="child"),
    ]
    assert None in told


def test_large_cases_are_told_apart_whatever_the_question_about_the_others_is_called():
    """Children by age group, and by adult or child without the large case: what is between them is the case."""
    behind = [("M01", "child", 17), *((f"M0{at}", "child", 15) for at in (2, 3, 4))]

    def of(dimension, counts, rows, **more):
        own = pd.DataFrame(rows, columns=["member_id", dimension, "count"])
        return table(counts, dimension, contributors=own, **more)

    direct = of("age_group", {"child": 62, "adult": 40, "total": 102}, behind, name="g")
    outside = {"name": "w", "universe": Universe("direct_without_mass", 2021, "demo")}
    without = of("adult_or_child", {"child": 45, "adult": 40, "total": 85}, behind[1:], **outside)
    system = build_system([direct, without], packaged_links(2021))
    found = find_primaries(system, load_rule())
    (rest,) = [at for at in system.rests if system.values[at] == 17 and is_rest(system.cells[at])][:1]
    assert rest not in found


def test_a_coarser_variable_is_no_link_to_a_finer_one():
    found = {(r.fine, r.coarse) for r in packaged_links(2023).refinements}
    assert ("age_group", "adult_or_child") in found
    assert ("adult_or_child", "age_group") not in found


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        (  # a Union citizen's status says her citizenship: two of them have another status
            [
                table({"other_eu": 30, "third_country": 70, "total": 100}, "origin_group", name="a"),
                table(
                    {"eu_citizen": 28, "undocumented": 72, "total": 100}, "residence_status_group", name="b"
                ),
            ],
            [("a", 0), ("b", 0)],
        ),
        (  # the country of two Union citizens is not known
            [
                table({"other_eu": 30, "third_country": 70, "total": 100}, "origin_group", name="a"),
                table({"RO": 28, "TH": 70, "unknown": 2, "total": 100}, "origin_country", name="b"),
            ],
            [("a", 0), ("b", 0)],
        ),
        (  # the age of two women is not known
            [
                table({"woman": 50, "man": 30, "total": 80}, "sex", name="a"),
                table(
                    {"woman": 40, "girl": 8, "man": 20, "boy": 10, "unknown": 2, "total": 80},
                    "sex_by_age",
                    name="b",
                ),
            ],
            [("a", 0), ("b", 0), ("b", 1)],
        ),
        (  # 30 needed it and 12 of them were not given it: two were given it without a need
            [
                table({"shelter": 30, "legal": 40, "total": 60}, "support_needed", name="a", multiple=True),
                table({"shelter": 20, "legal": 40, "total": 60}, "support_given", name="b", multiple=True),
                table({(): 12}, name="c", universe=UNMET),
            ],
            [("a", 0), ("b", 0), ("c", 0)],
        ),
        (  # two who have children, of those without one at home
            [
                table({"yes": 20, "no": 40, "total": 60}, "has_children", name="a"),
                table({"yes": 18, "no": 42, "total": 60}, "children_home", name="b"),
            ],
            [("a", 0), ("b", 0)],
        ),
    ],
)
def test_who_is_left_of_a_group_by_what_its_codes_say_is_guarded(tables, told):
    done = {one.name: one for one in protect_tables(tables, load_rule(), elsewhere=())}
    assert None in [done[name].counts[row] for name, row in told]


def test_there_are_at_least_as_many_children_and_interventions_as_persons_who_have_them():
    parents = table({"yes": 5, "no": 40, "total": 45}, "has_children", name="a", universe=WOMEN)
    children = Universe("children_of_direct", 2021, "demo", "children")
    located = table({"home_country": 6, "with_person": 3, "total": 9}, "children_location", universe=children)
    persons = Universe("nsp_persons", 2021, "demo")
    covered = table({"adult": 7, "total": 7}, "beneficiary", name="b", universe=persons)
    done = Universe("nsp_interventions", 2021, "demo", "interventions")
    made = table({"rest": 9, "total": 9}, "nsp_intervention", name="c", universe=done)
    system = build_system([parents, located, covered, made], packaged_links(2021))
    tied = {
        (system.cells[r.whole].universe, system.cells[part].universe)
        for r in system.relations
        for part in r.parts
        if system.cells[part].universe != system.cells[r.whole].universe
    }
    assert tied == {("all:children", "all"), ("nsp_interventions:interventions", "nsp_persons")}


def test_the_year_less_the_same_organisations_is_not_what_two_others_met():
    whose = [
        ("M1", "same", 100),
        ("M2", "same", 91),
        ("M3", "same", 80),
        ("M4", "other", 3),
        ("M5", "other", 9),
    ]
    rows = [(m, code, n) for m, own, n in whose for code in (own, "total")]
    behind = pd.DataFrame(rows, columns=["member_id", "panel", "count"])
    panel = table(
        {"same": 271, "other": 12, "total": 283},
        "panel",
        universe=ALL,
        contributors=behind,
        disclosure_class="B",
    )
    (safe,) = protect_tables([panel], load_rule(), elsewhere=())
    assert (safe.count(panel="same"), safe.count(panel="other")) == (None, None)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (("residence_status_group", "eu_citizen"), ("origin_eu", "eu")),  # through both trees
        (("reflection_period_granted", "yes"), ("reflection_period_applied", "yes")),  # never beside "no"
        (("children_situation__threat", "yes"), ("has_children", "yes")),  # not asked where there are none
        (("labour_branch__car", "yes"), ("form__labour", "yes")),  # asked only there
        (("children_where", "home_country"), ("children_home", "yes")),  # gives all of them
    ],
)
def test_a_code_says_what_follows_from_how_its_question_is_put(code, said):
    assert said in packaged_links(2026).says([code])
