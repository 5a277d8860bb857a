"""Two hundred pairs of sentence and numbers: every false claim fails, and hardly a true one is refused."""

from fractions import Fraction

import pytest

from platform_utils.errors import ContractError
from platform_utils.paths import Workspace
from platform_utils.publish import write_words
from platform_utils.publish.claims import FORMS, Numbers, fill

WORLDS = [  # with a report, without, unknown; this year and the year before
    ((40, 60, 10), (30, 60, 10)), ((60, 40, 10), (60, 40, 10)), ((50, 50, 5), (25, 50, 25)),
    ((45, 48, 7), (90, 48, 7)), ((20, 70, 10), (10, 80, 10)), ((80, 10, 10), (41, 40, 19)),
    ((55, 45, 0), (55, 40, 5)), ((33, 33, 33), (32, 34, 34)), ((9, 81, 10), (8, 82, 10)), ((70, 20, 10), (30, 60, 10)),
]  # fmt: skip
HALF = (Fraction(45, 100), Fraction(55, 100))
STATEMENTS = {  # by its text: whether it is true of (yes, no, unknown) and those of the year before
    "{More:report_yes,report_no} har anmält än inte": lambda now, then: now[0] > now[1],
    "{More:report_no,report_yes} have not reported": lambda now, then: now[1] > now[0],
    "{Fewer:report_yes,report_no} har anmält": lambda now, then: now[0] < now[1],
    "{Fewer:report_no,report_yes} have not": lambda now, then: now[1] < now[0],
    "{As_many:report_yes,report_no} på båda sidor": lambda now, then: now[0] == now[1],
    "{More:report_yes_share,report_no_share} by share": lambda now, then: now[0] > now[1],
    "Anmälningarna {increased:report_yes}": lambda now, then: now[0] > then[0],
    "Reports {decreased:report_yes}": lambda now, then: now[0] < then[0],
    "Antalet {unchanged:report_yes}": lambda now, then: now[0] == then[0],
    "Those without {increased:report_no}": lambda now, then: now[1] > then[1],
    "Andelen {increased:report_yes_share}": lambda now, then: Fraction(now[0], sum(now)) > Fraction(then[0], sum(then)),
    "The share {decreased:report_yes_share}": lambda now, then: Fraction(now[0], sum(now)) < Fraction(then[0], sum(then)),
    "Anmälningarna {doubled:report_yes}": lambda now, then: now[0] >= 2 * then[0],
    "{Majority:report_yes} have reported": lambda now, then: 2 * now[0] > sum(now),
    "{Minority:report_yes} har anmält": lambda now, then: 2 * now[0] < sum(now),
    "{Majority:report_no} have not": lambda now, then: 2 * now[1] > sum(now),
    "{About_half:report_yes} har anmält": lambda now, then: HALF[0] <= Fraction(now[0], sum(now)) <= HALF[1],
    "{About_half:report_no} have not": lambda now, then: HALF[0] <= Fraction(now[1], sum(now)) <= HALF[1],
    "{Tenths:report_yes} har anmält": lambda now, then: True,
    "{Some:report_yes} have reported": lambda now, then: now[0] > 0,
}  # fmt: skip


@pytest.fixture
def numbers(safe):
    def make(now, then, lang="sv"):
        def table(year, counts):
            cells = [*zip(("yes", "no", "unknown"), counts, strict=True), ("total", sum(counts))]
            return {"police_report": safe("police_report", cells, dimension="police_report", year=year)}

        return Numbers({2020: table(2020, then), 2021: table(2021, now)}, 2021, lang)

    return make


def test_two_hundred_pairs_of_sentence_and_numbers(numbers):
    judged = []
    for world in WORLDS:
        told = numbers(*world)
        judged += [
            (text, world, bool(fill(text, told, both=True)[0]), holds(*world))
            for text, holds in STATEMENTS.items()
        ]
    assert 200 == len(judged)
    assert [] == [each for each in judged if each[2] and not each[3]]
    assert 2 >= len([each for each in judged if each[3] and not each[2]])
    assert 60 < sum(each[3] for each in judged) < 140  # neither all true nor all false


def test_every_form_is_among_them():
    assert set(FORMS) - {"none"} <= {text.partition("{")[2].partition(":")[0].lower() for text in STATEMENTS}


def test_words_are_printed_where_they_are_true(numbers):
    assert ("Fler har anmält", "") == fill("{More:report_yes,report_no} har anmält", numbers(*WORLDS[1]))
    assert "Fyra av tio" == fill("{Tenths:report_yes}", numbers(*WORLDS[0]))[0]
    assert "Four in ten" == fill("{Tenths:report_yes}", numbers(*WORLDS[0], "en"))[0]


# ------------------------------------------------------------------ the year's own words

REFUSED = {
    "Vi mötte 12 personer.": "digit", "Vi mötte １２ personer.": "digit", "½ av dem": "digit", "Fler anmälde.": "word",
    "Fl**er** anmälde.": "word", "Fle\u00adr anmälde.": "word", "De flesta anmälde.": "word", "Hälften anmälde.": "word",
    "Antalet ökade.": "word", "Anmälningarna fördubblades.": "word", "Tre personer anmälde.": "word",
    "<b>Fler</b>": "markup", "`12`": "markup", "&#49; person": "markup", "# Rubrik": "markup", "![x](y.png)": "markup",
    "{if_more:report_yes,report_no}Ja": "form", "{report_yes} anmälde": "form", "{fact:nobody}": "form",
    "{mer:report_yes,report_no}": "form", "{more:report_yes}": "form", "{more:report_yes,report_no} anmälde": "untrue",
    "Ring Anna på 070-174 06 05.": "identity", "Skriv till anna@exempel.se.": "identity",
}  # fmt: skip


@pytest.fixture
def place(tmp_path, numbers):
    """A workspace whose year 2021 has more without a report than with one."""
    (tmp_path / "_quarto.yml").touch()
    workspace = Workspace(tmp_path)
    for year, tables in numbers(*WORLDS[0]).years.items():
        for table in tables.values():
            table.write(workspace.controlled("demo", year) / "tables" / f"{table.name}.parquet")
    return workspace


def write(place, text, name="police.sv.md"):
    folder = place.own_words("demo", 2021)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return write_words(place, "demo", 2021)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_bound_or_not_true_is_refused_with_its_place(place, text):
    with pytest.raises(ContractError) as refused:
        write(place, f"Ett stycke.\n\n{text}\n")
    fields = refused.value.fields
    assert ("E-663", "police.sv.md", 3, REFUSED[text]) == (
        refused.value.code,
        fields["file"],
        fields["line"],
        fields["why"],
    )


LEFT_OUT = {
    "{fact:women}": "Direkt utsatta efter kön",
    "{more:report_yes,women}": "Direkt utsatta efter kön",
    "{most:form}": "Form av exploatering",
    "{most:form=sexual}": "Form av exploatering",
}


@pytest.mark.parametrize("field", LEFT_OUT)
def test_a_number_of_a_table_that_is_left_out_is_refused_by_the_name_of_the_table(place, field):
    with pytest.raises(ContractError) as refused:
        write(place, f"Ord {field}.")
    assert ("E-665", LEFT_OUT[field]) == (refused.value.code, refused.value.fields["table"])


@pytest.mark.parametrize(
    ("name", "why"), [("polis.sv.md", "chapter"), ("police.fi.md", "chapter"), ("edition.toml", "edition")]
)
def test_a_file_that_is_no_chapter_or_no_edition_is_refused(place, name, why):
    with pytest.raises(ContractError) as refused:
        write(place, "Ord.", name)
    assert ("E-663", why) == (refused.value.code, refused.value.fields["why"])


def test_bound_words_are_filled_and_stored(place):
    write(place, "edition = 2\ndate = 2024-08-15\n", "edition.toml")
    stored = write(
        place, "{Fewer:report_yes,report_no} har anmält: {fact:report_yes} under {year}.\n"
    ).read_text(encoding="utf-8")
    assert "Färre har anmält: 40 under 2021." in stored
    assert '"date": "2024-08-15"' in stored


def test_a_year_without_words_has_none(place):
    assert '"chapters": {}' in write_words(place, "demo", 2021).read_text(encoding="utf-8")


def test_nothing_is_claimed_across_a_break_of_the_base(numbers):
    told = numbers(*WORLDS[0])
    moved = Numbers({year + 2: tables for year, tables in told.years.items()}, 2023, "sv")
    assert ("", "{increased:report_yes}") == fill("{increased:report_yes}", moved)
