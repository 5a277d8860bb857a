from pathlib import Path

import pandas as pd
import pytest

from platform_utils.errors import DisclosureError, UsageError
from platform_utils.paths import Workspace
from platform_utils.publish.method import show_overview
from platform_utils.publish.report import Report
from platform_utils.publish.table import markdown_table, show_crossing, show_table
from platform_utils.spec.counts import CountTable, Universe

NBSP = "\N{NO-BREAK SPACE}"
HIDDEN = "..\N{WORD JOINER}"


def rows(markdown):
    return [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("|")]


def test_a_table_has_labels_numbers_and_shares_in_the_order_of_the_codebook(role):
    shown = rows(show_table(role, "sv")._repr_markdown_())

    assert [
        ["Roll", "Antal", "Andel"],
        ["direkt utsatt", "140", f"79{NBSP}%"],
        ["medföljande barn", "28", f"16{NBSP}%"],
        ["syskon", "5", f"3{NBSP}%"],
        ["släkting eller partner", "4", f"2{NBSP}%"],
        ["**totalt**", "**177**", f"**100{NBSP}%**"],
    ] == [shown[0], *shown[2:]]


def test_the_caption_states_title_unit_population_period_and_source(role):
    assert (
        ": Persons by role, 2019. Who: all persons whom the organisations met, exploited persons and people close to "
        "them. Unit: persons. Source: invented demo returns. {#tbl-role}"
    ) in show_table(role, "en")._repr_markdown_()


def test_notes_stand_under_the_table_and_a_legend_where_it_has_a_mark(role, hidden):
    markdown = show_table(role, "en")._repr_markdown_()

    assert "::: {.table-note}" in markdown
    assert "counts as directly exploited" in markdown
    assert "not shown" not in markdown
    markdown = show_table(hidden, "en")._repr_markdown_()
    for mark in (f"**{HIDDEN}** not shown", "not asked", "**–** nobody could answer", "**0** nobody"):
        assert mark in markdown


def test_a_hidden_count_has_no_share_and_cannot_turn_into_an_ellipsis(hidden):
    shown = {row[0]: row[1:] for row in rows(show_table(hidden, "en")._repr_markdown_())}

    assert [HIDDEN, HIDDEN] == shown["another sex"]
    assert ["80", "78%"] == shown["woman or girl"] or [HIDDEN, HIDDEN] == shown["woman or girl"]


def test_what_a_year_did_not_ask_is_said_in_words(unasked):
    shown = show_table(unasked, "en")._repr_markdown_()

    assert "*The form for 2018 did not ask for “support through the NRM”.*\n" == shown


def test_hidden_countries_are_not_named_and_stand_as_one_line(safe):
    cells = [("NG", 30), ("RO", 20), ("SE", 40), ("AL", 2), ("IQ", 3), ("blank", 9), ("total", 104)]
    table = safe("origin_country", cells, dimension="origin_country")

    shown = [row[0] for row in rows(show_table(table, "en")._repr_markdown_())[2:]]

    assert ["other countries", "not answered", "**total**"] == shown[-3:]
    assert not {"Albania", "Iraq"} & set(shown)


def test_money_is_in_kronor(safe):
    table = safe(
        "nsp_money",
        [("rest", 44827), ("integration", 2500000), ("total", 2544827)],
        dimension="nsp_intervention",
        universe="nsp_interventions",
        unit="sek",
    )

    shown = rows(show_table(table, "sv")._repr_markdown_())

    assert "Kronor" == shown[0][1]
    assert f"**2{NBSP}544{NBSP}827**" == shown[-1][1]


def test_a_number_alone_has_no_share(safe):
    shown = rows(show_table(safe("headline", [((), 177)], universe="all"), "sv")._repr_markdown_())

    assert [["Personer", "Antal"], ["totalt", "177"]] == [shown[0], shown[2]]


def test_two_dimensions_become_columns(safe):
    from platform_utils import protect

    cells = [
        ("woman", "yes", 30),
        ("woman", "no", 20),
        ("woman", "total", 50),
        ("man", "yes", 10),
        ("man", "no", 15),
    ]
    cells += [("man", "total", 25), ("total", "yes", 40), ("total", "no", 35), ("total", "total", 75)]
    data = pd.DataFrame(cells, columns=["sex", "police_report", "count"])
    table = CountTable("sex", Universe("direct", 2023, "demo"), ("sex", "police_report"), data)

    shown = rows(
        show_table(
            protect.protect(protect.Demand([table], protect.load_rule())).tables[0], "en"
        )._repr_markdown_()
    )

    assert [["Sex", "yes", "no", "total"], ["woman or girl", "30", "20", "50"]] == [shown[0], shown[2]]


def test_a_crossing_has_a_column_for_each_form_that_there_is(safe):
    cells = [("woman", 80), ("man", 40), ("total", 120)]
    alone = safe("sex_sexual", cells, dimension="sex", universe="sexual")
    markdown = show_crossing([alone, safe("sex", cells, dimension="sex")], "en")._repr_markdown_()
    assert [3] * 5 == [len(row) for row in rows(markdown)]


@pytest.mark.parametrize(
    "kind", [CountTable("role", Universe("all", 2019, "demo"), (), pd.DataFrame()), {}, None, 5]
)
def test_anything_but_a_safe_table_is_refused(kind):
    with pytest.raises(DisclosureError) as refused:
        show_table(kind, "sv")

    assert "E-650" == refused.value.code
    with pytest.raises(DisclosureError):
        show_overview([kind], "sv")


def test_a_wide_table_keeps_its_columns_apart():
    head = markdown_table(["a", "b", "c", "d"], [["1", "2", "3", "4"]]).splitlines()[1]

    assert len(head) > 72


def test_the_overview_counts_shown_and_hidden_cells(role, hidden, unasked):
    shown = rows(show_overview([role, hidden, unasked], "en")._repr_markdown_())

    assert ["Persons by role", "A4", "5", "0"] == shown[2]
    assert shown[4][0] == "Support through the National Referral Mechanism (NRM)"


def report_of(*tables):
    """Return a report of 2023 on tables."""
    years = {2023: {table.name: table for table in tables}}
    return Report(years, year=2023, lang="sv", source="demo", workspace=Workspace(Path(__file__).parents[3]))


def test_a_section_is_every_table_that_the_plan_has_there_and_its_notes_once(safe):
    cells = [("yes", 80), ("no", 40), ("total", 120)]
    report = report_of(
        safe("nsp", cells, dimension="nsp"),
        safe("police_report", cells, dimension="police_report", notes=("police_report",)),
        safe("formal_identification", cells, dimension="formal_identification", notes=("police_report",)),
    )

    nsp, police = report.section("nsp")._repr_markdown_(), report.section("police")._repr_markdown_()

    assert "{#tbl-nsp}" in nsp and "visas inte" in nsp  # what the plan has and the year cannot show is said
    assert "tbl-police-report" not in nsp and "{#tbl-police-report}" in police
    assert 1 == police.count("även dem vars svar är okänt")  # notes once, at the end
    assert police.rindex("{#tbl-") < police.index("::: {.table-note}")


def test_a_section_that_no_plan_has_is_refused(safe):
    with pytest.raises(UsageError) as error:
        report_of(safe("nsp", [("yes", 80), ("no", 40), ("total", 120)], dimension="nsp")).section("nps")

    assert ("E-652", "section") == (error.value.code, error.value.fields["kind"])


def test_which_counts_are_hidden_is_said_by_the_rules_that_the_tables_were_held_to(safe):
    cells = [("yes", 80), ("no", 40), ("total", 120)]
    ages = [("child", 30), ("adult", 90), ("total", 120)]

    by_age = report_of(
        safe("nsp", cells, dimension="nsp"), safe("adult_or_child", ages, dimension="adult_or_child")
    )
    national = report_of(safe("nsp", cells, dimension="nsp"))

    unknown = (
        "Okänt, obesvarat och ej efterfrågat visas också när antalet är litet, men bara i en fråga om alla som räknas, "
        "och bara om minst 3 organisationer står bakom."
    )
    assert repr(by_age.hidden_counts) == (
        "Därför visas inte antal mellan 1 och 3, och i tabeller efter ”ålder” inte antal mellan 1 och 4. "
        "I sådana tabeller står minst 3 organisationer bakom varje antal som visas, och utan någon enda av dem "
        "återstår minst 4 personer eller ingen. Detsamma gäller tabeller med 3 indelningar; ett villkor för vilka som "
        f"räknas är också en indelning, utom att vara direkt utsatt eller stå utanför stora ärenden. {unknown}\n"
    )
    assert repr(national.hidden_counts) == f"Därför visas inte antal mellan 1 och 3. {unknown}\n"
