"""Two variables derived from one answer are tied, so that what one table shows no other hides in vain."""

from counts import protect_set, shown, table

from platform_utils.protect import load_rule, packaged_links


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


def test_a_coarser_variable_is_no_link_to_a_finer_one():
    found = {(r.fine, r.coarse) for r in packaged_links(2023).refinements}
    assert ("age_group", "adult_or_child") in found
    assert ("adult_or_child", "age_group") not in found
