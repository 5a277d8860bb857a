"""The release ledger: one chain, what the attacker knows from it, one method, corrected editions."""

import json
import tomllib
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from counts import DIRECT, protect_tables, shown, table

from platform_utils.books.year import SOURCE
from platform_utils.errors import DisclosureError
from platform_utils.paths import Workspace, resource
from platform_utils.protect import (
    Cell,
    Demand,
    Ledger,
    as_published,
    beside,
    load_rule,
    protect,
    protect_estimate,
)
from platform_utils.protect.editions import refuse_moved
from platform_utils.spec.counts import Estimated

RULE = load_rule()
TOTAL = Cell.named("direct", 2021)
DAY = date(2024, 5, 2)
FIRST = {"woman": 60, "man": 50, "other": 2, "unknown": 5, "total": 117}


@pytest.fixture
def ledger(tmp_path):
    book = Ledger(tmp_path / "ledger.jsonl")
    book.add(
        protect_tables([table(FIRST, "sex", name="sex")], RULE, must_show=[TOTAL]), release="annual", day=DAY
    )
    return book


def test_what_is_entered_is_read_back_and_chained(ledger):
    again = Ledger(ledger.path)
    assert ledger.head == again.head
    assert [("annual/sex", "table", 1)] == [(e.name, e.kind, e.edition) for e in again.entries]
    (seen,) = again.seen()
    assert (60, None) == (seen.cells["woman",].high, seen.cells["other",].high)


def test_hidden_counts_are_nowhere_in_the_ledger(ledger):
    line = json.loads(ledger.path.read_text(encoding="utf-8"))
    assert [60, 50, None, None, 117] == line["content"]["counts"]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace('"annual"', '"annuax"'), *lines[1:]],
        lambda lines: [lines[0].replace("60", "61"), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0]],
        lambda lines: [lines[0], lines[0], *lines[1:]],
        lambda lines: [lines[0], lines[1][:-20]],
        lambda lines: ["nonsense\n"],
    ],
)
def test_any_change_of_the_ledger_is_seen(ledger, change):
    estimate = protect_estimate(Estimated("d", "share", {"estimate": 0.5}, [20, 20]), DIRECT, RULE)
    ledger.add([estimate], release="study", day=DAY)
    lines = ledger.path.read_text(encoding="utf-8").splitlines(keepends=True)
    ledger.path.write_text("".join(change(lines)), encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        Ledger(ledger.path)
    assert "E-436" == caught.value.code


def test_a_release_name_is_used_once_and_a_method_for_ever(ledger):
    more = protect_tables([table(FIRST, "sex", name="sex")], RULE, must_show=[TOTAL])
    with pytest.raises(DisclosureError, match="E-437"):
        ledger.add(more, release="annual", day=DAY)
    with pytest.raises(DisclosureError, match="E-437"):
        ledger.add(more, release="rounded", day=DAY, method="rounding")


def test_published_figures_are_the_first_entries_and_small_ones_stand(tmp_path):
    figures = pd.DataFrame(
        [("nsp", "2024", "persons", "all", "63", "persons", "Annual report", "https://example.org/a"),
         ("nsp", "2015", "persons", "left", "a handful", "persons", "Slides", "https://example.org/b"),
         ("nsp", "2015", "persons", "returned", "2", "persons", "Slides", "https://example.org/b")],
        columns=["series", "year", "measure", "category", "value", "unit", "source", "source_url"],
    )  # fmt: skip
    (safe,) = as_published(figures)
    assert [63, None, 2] == shown(safe)
    assert ["", "", ""] == safe.data["mark"].tolist()
    book = Ledger(tmp_path / "ledger.jsonl")
    book.add([safe], release="published", day=DAY)
    assert ["published"] == [entry.kind for entry in Ledger(book.path).entries]
    for column, bad in (("source", " "), ("source_url", "somewhere")):
        with pytest.raises(DisclosureError) as caught:
            as_published(figures.assign(**{column: ["x", bad, "y"] if column == "source" else [bad] * 3}))
        assert "E-438" == caught.value.code


def test_a_printed_document_without_an_address_is_declared_or_refused():
    figures = pd.read_csv(
        Workspace.find().published / "published_figures.csv", dtype="str", keep_default_na=False
    )
    without = figures[figures["source_url"] == ""]
    sealed = pd.concat([one.data for one in as_published(figures)])
    of_those = sealed[sealed["source"].isin(set(without["source"]))]
    addresses = of_those.groupby("source")["source_url"].agg(set).to_dict()
    declared = set(tomllib.loads(resource("not_on_web.toml").read_text("utf-8")))
    for source, found in addresses.items():
        (address,) = found
        assert address.startswith("not on the web: ") == (source in declared)
        assert "https://" in address
    assert SOURCE in declared  # the books write it themselves
    assert declared - {SOURCE} <= set(addresses)
    with pytest.raises(DisclosureError) as caught:
        as_published(without.assign(source="Leaflet"))
    assert ("E-438", 1) == (caught.value.code, caught.value.fields["position"])


def test_a_finer_table_that_gives_an_earlier_hidden_count_away_is_refused_or_hidden(ledger):
    finer = {"woman": 60, "man": 50, "trans": 2, "no_sex": 0, "unknown": 5, "total": 117}
    one = table(finer, "sex_finer", name="finer")
    (safe,) = protect_tables(
        [one],
        RULE,
        must_show=[TOTAL],
        earlier=ledger.seen(),
        context=[table(FIRST, "sex", name="annual/sex")],
    )
    assert safe.count(sex_finer="trans") is None
    again = table(FIRST, "sex", name="again")
    (safe,) = protect_tables([again], RULE, earlier=ledger.seen())
    assert [60, 50, None, None, 117] == shown(safe)


def test_a_table_that_must_show_what_gives_it_away_collides_with_the_earlier_release(ledger):
    one = table(FIRST, "sex", name="again")
    must = [TOTAL, *(Cell.named("direct", 2021, sex=code) for code in ("woman", "man", "unknown"))]
    with pytest.raises(DisclosureError) as caught:
        protect_tables([one], RULE, must_show=must, earlier=ledger.seen())
    assert "E-433" == caught.value.code


SECOND = {"woman": 61, "man": 56, "other": 2, "unknown": 5, "total": 124}
MOVED = {"woman": (1, 0), "man": (6, 0), "total": (7, 0)}


def corrected(counts, moved, since=1, name="sex"):
    """The table of a corrected year; ``moved`` says how many came and went by code since an edition."""
    rows = [
        (code, since, way, way, sign * number)
        for code, both in moved.items()
        for way, sign, number in zip(("came", "went"), (1, -1), both, strict=True)
    ]
    one = table(counts, "sex", name=name)
    return replace(one, moved=pd.DataFrame(rows, columns=["sex", "since", "person", "pool", "count"]))


def demanded(one, ledger, **options):
    return beside(Demand([one], RULE, must_show=[TOTAL], **options), ledger)


def edition(one, ledger, **options):
    return protect(demanded(one, ledger, **options)).tables


def test_a_corrected_edition_hides_what_changed_by_too_few(ledger):
    one = corrected(SECOND, MOVED)
    (safe,) = edition(one, ledger)
    assert safe.count(sex="woman") is None
    assert safe.count(sex="man") in (56, None)
    refuse_moved([safe], demanded(one, ledger))
    plain = protect_tables([one], RULE, must_show=[TOTAL])
    with pytest.raises(DisclosureError) as caught:
        refuse_moved(plain, demanded(one, ledger))
    assert ("E-439", "sex") == (caught.value.code, caught.value.fields["tables"])


def test_came_and_went_are_both_counted(ledger):
    plain = protect_tables([table(SECOND, "sex", name="sex")], RULE, must_show=[TOTAL])
    few = corrected(SECOND, {"woman": (2, 1), "man": (6, 0), "total": (8, 1)})
    with pytest.raises(DisclosureError, match="E-439"):
        refuse_moved(plain, demanded(few, ledger))
    enough = corrected(SECOND, {"woman": (3, 2), "man": (6, 0), "total": (9, 2)})
    refuse_moved(plain, demanded(enough, ledger))


def test_a_headline_that_changed_by_too_few_is_corrected_in_words(ledger):
    one = corrected(dict(FIRST, woman=62, total=119), {"woman": (2, 0), "total": (2, 0)})
    with pytest.raises(DisclosureError, match="E-439"):
        edition(one, ledger)


def test_an_edition_without_its_movements_is_refused(ledger):
    with pytest.raises(DisclosureError, match="E-446"):
        edition(table(SECOND, "sex", name="sex"), ledger)


def test_another_year_is_another_population(ledger):
    other = table(dict(FIRST, other=9, total=124), "sex", name="sex", universe=replace(DIRECT, year=2022))
    (safe,) = protect_tables([other], RULE, earlier=ledger.seen())
    assert 9 == safe.count(sex="other")


def test_the_same_people_under_another_name_are_compared_too(ledger):
    """What an answer or a report called something else has been released all the same."""
    (safe,) = edition(corrected(SECOND, MOVED, name="renamed"), ledger)
    assert safe.count(sex="woman") is None
    with pytest.raises(DisclosureError, match="E-446"):
        edition(table(SECOND, "sex", name="renamed"), ledger)


def test_a_third_edition_is_held_against_the_first_too(ledger):
    """The second hid the women, since one came; the third, in which nobody came, may not show them either."""
    ledger.add(edition(corrected(SECOND, MOVED), ledger), release="annual-2", day=DAY, edition=2)
    (third,) = edition(corrected(SECOND, dict.fromkeys(MOVED, (0, 0)), since=2), ledger)
    assert [third.count(sex=code) for code in ("woman", "total")] == [None, 124]
    many = dict(SECOND, woman=70, total=133)
    (third,) = edition(corrected(many, {"woman": (9, 0), "total": (9, 0)}, since=2), ledger)
    assert 70 == third.count(sex="woman")


def test_a_cell_in_sight_that_changed_by_too_few_waits(ledger):
    with pytest.raises(DisclosureError, match="E-439"):
        edition(corrected(SECOND, MOVED), ledger, in_sight=[Cell.named("direct", 2021, sex="woman")])


def test_only_the_newest_edition_of_a_year_is_counted_with_what_comes_after(ledger):
    before = table(dict(FIRST, woman=70, total=127), "sex", name="last_year")
    now = table({"woman": 9, "man": 8, "total": 17}, "sex", name="sex", universe=replace(DIRECT, year=2022))
    done = protect_tables([table(dict(FIRST, woman=70, total=127), "sex", name="sex")], RULE)
    ledger.add(done, release="annual-2", day=DAY, edition=2)
    assert {"direct@1", "direct"} == {one.universe for one in ledger.seen()}
    assert {1: ["annual/sex"]} == {n: [t.name for t in ts] for n, ts in ledger.superseded([2021]).items()}
    next_year = protect_tables([now, before], RULE, earlier=ledger.seen(), must_show=[TOTAL])
    ledger.add(next_year, release="annual-2022", day=DAY)
    assert [(2021, 1), (2021, 2), (2022, 1), (2021, 2)] == [
        (entry.population[1], entry.edition) for entry in ledger.entries
    ]


def test_another_count_of_the_same_people_names_the_release_that_said_otherwise(ledger):
    with pytest.raises(DisclosureError) as caught:
        protect_tables([table(SECOND, "sex", name="again")], RULE, earlier=ledger.seen())
    assert ("E-446", "annual/sex") == (caught.value.code, caught.value.fields["earlier"])
