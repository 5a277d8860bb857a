"""A question is one line: tried on invented persons, answered through the gate, run again on the answer."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from platform_utils import ask, cli
from platform_utils import clean as cleaning
from platform_utils.ask.collect import collect, refuse_at_once, request_of, rerun
from platform_utils.ask.question import Question
from platform_utils.ask.table import AskedTable, NoComparison
from platform_utils.errors import ContractError, DisclosureError, FileError, UsageError
from platform_utils.paths import Workspace
from platform_utils.requests import read_request
from platform_utils.requests.tidy import COLUMNS, tidy_answer

YEAR = 2023


@pytest.fixture(scope="module")
def desk():
    return ask.open(lang="en")


@pytest.mark.parametrize("year", [2021, 2024])
def test_the_invented_persons_show_every_code_and_nearly_every_pair(year):
    shown = ask.coverage(year)
    assert 1 == shown["codes"]
    assert shown["pairs"] >= 0.95
    assert 500 == len(ask.invented_year(year).case)
    assert [] == [one for one in ask.invented_year(year).findings if one.severity == "error"]


def test_a_table_has_the_columns_that_were_promised_and_adds_up(desk):
    table = desk.table("police_report", by="sex", population="direct", years=[2022, 2023], why="who reports")
    columns = [
        "year",
        "population",
        "police_report",
        "sex",
        "person_count",
        "mark",
        "share",
        "table",
        "source",
        "edition",
    ]
    assert columns == list(table.frame.columns)
    assert {2022, 2023} == set(table.frame["year"])
    case = ask.invented_year(2023).case
    true = ((case["role"] == "direct") & (case["police_report"] == "yes")).sum()
    assert true == table.count(2023, "yes")
    assert "INVENTED" in table._repr_markdown_()
    assert "Police report" in repr(table)


def test_the_same_question_is_answered_once(desk):
    first = desk.table("sex", population="direct", years=[YEAR])
    assert first is desk.table("sex", population="direct", years=[YEAR])
    assert 1 == sum(question.dimensions == ("sex",) for question in desk.asked)


@pytest.mark.parametrize(
    ("question", "code", "nearest"),
    [
        ({"what": "police_repport"}, "E-870", "police_report"),
        ({"what": "sex", "population": "dirict"}, "E-870", "direct"),
        (
            {"what": "polis"},
            "E-870",
            'what="polis" is not something that is counted. Nearest: police_report,',
        ),
        ({"what": "sex", "years": []}, "E-887", "from 2018"),
        ({"what": "sex", "years": ["2023"]}, "E-887", "from 2018"),
        ({"what": "sex", "years": [2012]}, "E-887", "from 2018"),
        ({"what": "sex", "years": [2100]}, "E-887", "from 2018"),
        ({"what": "form", "by": ["sex", "age_band"]}, "E-886", "two at most"),
        ({"what": "sex", "by": 5}, "E-870", "E-870 by is"),
        ({"what": "sex", "by": "sex"}, "E-871", "sex"),
        ({"what": "form", "by": "support_given"}, "E-871", "form"),
        ({"what": "person_code"}, "E-870", ""),
        ({"what": "__import__('os')"}, "E-870", ""),
    ],
)
def test_what_nobody_can_ask_is_refused_with_the_nearest_words(desk, question, code, nearest):
    asked = {"population": "direct", "years": [YEAR]} | question
    what = asked.pop("what")
    with pytest.raises(UsageError, match=code) as error:
        desk.table(what, **asked)
    assert nearest in str(error.value)
    assert 1 == len(error.value._render_traceback_())


def test_one_year_and_one_list_of_two_are_understood(desk):
    asked = {"population": "direct", "years": YEAR}
    assert desk.table("sex", "police_report", **asked) is desk.table(["sex", "police_report"], **asked)
    with pytest.raises(UsageError, match="E-886"):
        desk.table("sex", "police_report", "form", **asked)


def test_what_is_never_released_is_not_offered(desk):
    offered = set(desk.variables["variable"])
    assert "police_region" in offered
    assert "county" not in offered


def table_of(cells, years=(2022, 2023)):
    """A released table of police reports by sex; None is hidden."""
    rows = [
        ("t", year, "direct", "police_report", report, "sex", sex, count, "" if count is not None else "..", None, "demo", "x")
        for year in years
        for (report, sex), count in cells.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return AskedTable(Question("direct", ("police_report", "sex"), tuple(years)), frame, "en")


def test_a_difference_is_newcombes_of_released_counts_only(desk):
    cells = {("yes", "woman"): 56, ("total", "woman"): 70, ("yes", "man"): 48, ("total", "man"): 80}
    found = desk.difference(table_of(cells), of="yes", between=("woman", "man"))
    # Newcombe (1998), table II, method 10: 56/70 against 48/80 gives 0.20 (0.0524 to 0.3339)
    assert [(80, 60, 20, 5, 33, "")] * 2 == list(
        found[["share_woman", "share_man", "difference", "lower", "upper", "mark"]].itertuples(
            index=False, name=None
        )
    )
    assert "independent" in found["assumes"][0]
    half = table_of(cells, (2022,))
    half.frame = pd.concat([half.frame, table_of({("yes", "woman"): None}, (2023,)).frame])
    half.question = Question("direct", ("police_report", "sex"), (2022, 2023))
    shown = desk.difference(half, of="yes", between=("woman", "man"))
    assert "<NA>" not in shown._repr_html_() + repr(shown)


def test_what_needs_a_hidden_number_prints_why_and_raises_nothing(desk):
    cells = {("yes", "woman"): None, ("total", "woman"): 70, ("yes", "man"): 48, ("total", "man"): 80}
    said = desk.difference(table_of(cells), of="yes", between=("woman", "man"))
    assert isinstance(said, NoComparison)
    assert not said
    assert "hidden" in repr(said)
    assert isinstance(desk.trend(table_of(cells), of="yes"), NoComparison)


@pytest.mark.parametrize(
    ("of", "between", "said"),
    [
        ("yess", ("woman", "man"), 'E-870 of="yess" is not something that is counted. Nearest: yes.'),
        ("yes", ("women", "man"), 'E-870 between="women" is not something that is counted. Nearest: woman'),
        ("yes", "woman", "E-888"),
        ("yes", ("woman", "woman"), "E-888"),
        ("yes", None, "E-888"),
    ],
)
def test_a_code_that_is_no_code_is_never_taken_for_a_hidden_one(desk, of, between, said):
    cells = {("yes", "woman"): None, ("total", "woman"): 70, ("yes", "man"): 48, ("total", "man"): 80}
    with pytest.raises(UsageError, match=said):
        desk.difference(table_of(cells), of=of, between=between)
    if of == "yess":
        with pytest.raises(UsageError, match=said):
            desk.trend(table_of(cells), of=of)
    for code in ("no", "unknown", "yes+no"):
        assert not desk.difference(table_of(cells), of=code, between=("woman", "other"))


def test_a_page_shows_a_table_with_its_source_and_the_total_last(desk):
    cells = {("yes", "woman"): 20, ("yes", "total"): 24, ("total", "total"): 50}
    table = table_of(cells, (2022,))
    later = table_of({("yes", "unknown"): 4, ("unknown", "woman"): 9}, (2022,))
    table.frame = pd.concat([table.frame, later.frame])
    page = table._repr_html_()
    heads = [one.partition("</th>")[0] for one in page.split("<th>")[1:]]
    assert ["Year", "Police report", "woman or girl", "unknown", "total"] == heads
    assert page.index("<td>unknown</td>") < page.index("<td>total</td>")
    assert "<p><strong>Police report × Sex. Directly exploited persons" in page
    assert "Source: the Platform" in page
    assert "<strong>DEMO" in page


def test_a_series_begins_anew_at_a_break_and_says_which(desk):
    cells = {("yes", "total"): 10, ("total", "total"): 40}
    found = desk.trend(table_of(cells, (2021, 2022, 2023)), of="yes")
    assert [2023] == found["year"].tolist()
    assert found["base"][0]
    assert [2020, 2021] == desk.trend(table_of(cells, (2020, 2021)), of="yes")["year"].tolist()[-2:]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A desk whose rows are the invented ones, so that no demo is built."""
    root = tmp_path / "desk"
    (root / "data_raw").mkdir(parents=True)
    (root / "_quarto.yml").touch()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(root))
    monkeypatch.chdir(tmp_path)
    workspace = Workspace(root)
    for year in (2022, YEAR):
        cleaning.write_year(ask.invented_year(year, 300, 7), workspace.restricted("demo", year))
    return workspace


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def numbers_of(path):
    """The numbers of the tables of a workbook, as text."""
    book = pd.read_excel(path, sheet_name=None, header=None, skiprows=5)
    cells = [cell for name, sheet in book.items() if name.isdigit() for cell in sheet.to_numpy().ravel()]
    return [str(int(cell)) for cell in cells if isinstance(cell, int | float) and not pd.isna(cell)]


def test_a_question_goes_to_the_desk_and_its_answer_back_to_the_same_cells(place, tmp_path, capsys):
    assert 0 == cli.main(["request", "new", "thesis", "--lang", "en", "--date", "2026-05-01"])
    assert 11 == cli.main(["request", "new", "thesis", "--lang", "en"])
    notebook, about = tmp_path / "thesis" / "thesis.ipynb", tmp_path / "thesis" / "about.toml"
    about.write_text(about.read_text().replace('purpose = ""', 'purpose = "A thesis on who reports."'))
    made = json.loads(notebook.read_text())
    made["cells"].append(
        made["cells"][-1]
        | {"id": "last", "source": ["if desk.source == 'nowhere':\n", "    desk.table('form')"]}
    )
    notebook.write_text(json.dumps(made))
    capsys.readouterr()
    assert 0 == cli.main(["request", "collect", str(notebook), "--lang", "en"])
    said = capsys.readouterr().out
    assert "police_report_by_sex_direct_without_mass (2022, 2023)" in said
    assert f"Cell {len(made['cells'])}, line 2 never ran" in said

    words = [
        str(notebook.with_suffix(".request.toml")),
        "--notebook",
        str(notebook),
        "--source",
        "demo",
        "--lang",
        "en",
    ]
    words += ["--date", "2026-05-02"]
    assert cli.main(["request", "check", *words]) in (0, 13)
    assert 0 == cli.main(["request", "answer", *words])
    assert 15 == cli.main(["request", "hand-over", *words])
    assert 0 == cli.main(["request", "hand-over", *words, "--demo-readers"])
    folder = place.releases("demo") / "requests" / "thesis"
    capsys.readouterr()
    assert 0 == cli.main(["request", "list", "--source", "demo"])
    assert (
        'thesis,2026-05-02,"student, criminology",A thesis on who reports.,police_report_by_sex_direct_without_mass,'
        in capsys.readouterr().out
    )
    assert "2026-05-02" in (folder / "CITATION.md").read_text(encoding="utf-8")
    crate = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    done = {one["@type"] for one in crate}
    assert {"AskAction", "ReviewAction", "AuthorizeAction", "GiveAction"} <= done
    assert ["2026-05-02"] == [one["datePublished"] for one in crate if one["@id"] == "./"]
    with zipfile.ZipFile(folder / "answer-thesis.zip") as packed:
        names = set(packed.namelist())
        assert {(1980, 1, 1, 0, 0, 0)} == {one.date_time for one in packed.infolist()}
    assert names >= {
        "METHOD.md",
        "CITATION.md",
        "SHA256SUMS",
        "request.toml",
        "notebook.ipynb",
        "codebook.csv",
    }
    assert "1 to 3 persons are hidden" in (folder / "METHOD.md").read_text(encoding="utf-8")
    numbers = numbers_of(folder / "tables.xlsx")
    assert numbers == numbers_of(folder / "tables.ods")

    machines = []
    for zone, lang in (("UTC", "en"), ("Asia/Tokyo", "en")):
        home = tmp_path / f"machine {len(machines)}"
        home.mkdir()
        for path in (notebook, folder / "answer-thesis.zip"):
            shutil.copy(path, home)
        env = {key: value for key, value in os.environ.items() if key != "PLATFORM_UTILS_HOME"}
        command = [
            sys.executable,
            "-m",
            "platform_utils",
            "request",
            "rerun",
            "thesis.ipynb",
            "answer-thesis.zip",
        ]
        done = subprocess.run(
            [*command, "--lang", lang], cwd=home, env=env | {"TZ": zone}, capture_output=True, text=True
        )
        assert (0, "") == (done.returncode, done.stderr)
        machines.append(home / "thesis.answer-thesis.ipynb")
    assert sources(notebook) == sources(machines[0])
    assert 1 == len({hashlib.sha256(path.read_bytes()).hexdigest() for path in machines})
    answered = pd.read_csv(
        folder / "tables.csv",
        dtype=COLUMNS,
        keep_default_na=False,
        na_values={"person_count": [""], "share": [""]},
    )
    shown = answered["person_count"].dropna().astype(str)
    assert sorted(shown) == sorted(numbers)
    text = machines[0].read_text(encoding="utf-8")
    assert len(shown) > 5
    assert all(f"| {number} |" in text for number in shown)
    assert "INVENTED" not in text


ABOUT = """id = "a-1"
asked_by = "student, criminology"
lang = "en"
purpose = "A thesis on who was met."
legal_ground = "Statistics without personal data, for research."
expires = 2027-01-01
"""


def notebook_of(path, *cells):
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell}
        for cell in cells
    ]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})
    path.write_text(text, encoding="utf-8")
    return path


OPEN = 'from platform_utils import ask\n%precision 2\ndesk = ask.open(lang="en")'


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            'desk.table("sexx", years=2023)',
            'in cell 2: E-870 what="sexx" is not something that is counted. N',
        ),
        (
            "class UsageError(Exception): ...\nraise UsageError('E-870 Anna')",
            "in cell 2: UsageError. Nothing",
        ),
        ("raise KeyError('Anna')", "in cell 2: KeyError. Nothing"),
    ],
)
def test_our_own_error_s_text_is_told_and_of_others_the_class(tmp_path, cell, said):
    with pytest.raises(Exception, match="E-885") as error:
        collect(notebook_of(tmp_path / "n.ipynb", OPEN, cell))
    assert said in str(error.value)
    assert "Anna" not in str(error.value)


def test_every_line_that_never_ran_is_named_and_a_table_asked_twice_stands_once(tmp_path):
    (tmp_path / "about.toml").write_text(ABOUT, encoding="utf-8")
    never = 'if 1 > 2:\n    desk.table("form")'
    asked = 'desk.table("sex", years=2022, why="To see how many.")\ndesk.table("sex", years=[2023])'
    made = collect(notebook_of(tmp_path / "n.ipynb", f"{OPEN}\n{never}", never, asked))
    assert ((1, 5), (2, 2)) == made.never_ran
    assert [("sex_all", (2022, 2023))] == [(one.name, one.years) for one in made.questions]


def test_what_the_desk_would_refuse_is_said_at_once_and_the_request_stays(tmp_path):
    about = tmp_path / "about.toml"
    about.write_text(ABOUT, encoding="utf-8")
    with pytest.raises(ContractError, match=r'E-889.*"why" is empty.*why=…\), sex_all'):
        collect(notebook_of(tmp_path / "n.ipynb", OPEN, "desk.table('sex', years=2023, why='')"))
    assert (tmp_path / "n.request.toml").is_file()
    with_why = Question.of("sex", None, "all", [2023], "To see.")
    unsaid = ABOUT.replace("A thesis on who was met.", "")
    (tmp_path / "m.request.toml").write_text(request_of(unsaid, [with_why]), encoding="utf-8")
    with pytest.raises(ContractError, match=r'E-889.*"purpose" is empty.*in about\.toml'):
        refuse_at_once(tmp_path / "m.request.toml", [with_why])


@pytest.mark.parametrize("damage", [slice(0, 9), slice(45, 60), slice(-30, None)])
def test_a_damaged_answer_is_named_before_a_cell_runs(tmp_path, monkeypatch, damage):
    monkeypatch.setattr("platform_utils.ask.collect.run_document", lambda *_, **__: pytest.fail("ran"))
    with zipfile.ZipFile(tmp_path / "answer.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("tables.csv", ",".join(COLUMNS) * 9)
    content = bytearray((tmp_path / "answer.zip").read_bytes())
    content[damage] = bytes(255 - one for one in content[damage])
    (tmp_path / "answer.zip").write_bytes(content)
    with pytest.raises(FileError, match="E-873"):
        rerun(notebook_of(tmp_path / "n.ipynb", OPEN), tmp_path / "answer.zip", is_page=False)


def test_an_answer_that_was_changed_or_does_not_hold_the_table_is_refused(tmp_path):
    with pytest.raises(FileError, match="E-873"):
        tidy_answer(tmp_path / "nowhere.zip")
    table = f"{','.join(COLUMNS)}\r\nt,2023,direct,sex,woman,,,12,,,demo,x\r\n"
    path = tmp_path / "answer.zip"
    for digest, code in (
        (hashlib.sha256(b"other").hexdigest(), "E-873"),
        (hashlib.sha256(table.encode()).hexdigest(), ""),
    ):
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("tables.csv", table)
            packed.writestr("SHA256SUMS", f"{digest}  tables.csv\n")
        if code:
            with pytest.raises(FileError, match=code):
                tidy_answer(path)
    opened = ask.open(lang="en", answer=path)
    assert 12 == opened.table("sex", population="direct", years=[2023]).count(2023, "woman")
    with pytest.raises(UsageError, match="E-872"):
        opened.table("sex", population="direct", years=[2022])
    again = notebook_of(tmp_path / "n.ipynb", OPEN, 'desk.table("form", years=2023)')
    with pytest.raises(UsageError, match=r"E-885.*in cell 2: E-872.*It holds: t\."):
        rerun(again, path, is_page=False)


def test_a_draft_from_own_rows_says_so_and_enters_no_ledger(place):
    drafted = ask.open("demo", lang="sv").table("sex", population="direct", years=[YEAR])
    assert "UTKAST" in drafted._repr_markdown_()
    assert {"draft"} == set(drafted.frame["edition"])
    assert not place.ledger("demo").exists()


def test_a_request_is_checked_before_anybody_looks(place, tmp_path, capsys):
    path = tmp_path / "r.toml"
    path.write_text(
        'id = "a-1"\nasked_by = "student"\nlang = "en"\npurpose = "thesis"\nlegal_ground = "Statistics for research."\n'
        f'expires = {date(2026, 1, 1)}\nyears = [2023]\n[[table]]\nname = "t"\nuniverse = "direct"\n'
        'dimensions = ["origin_country", "police_region"]\nwhy = "To see who comes from where."\n'
    )
    assert 13 == cli.main(
        ["request", "check", str(path), "--source", "demo", "--lang", "en", "--date", "2026-05-01"]
    )
    said = capsys.readouterr().out
    assert {"E-825", "E-875", "E-876"} <= {word for word in said.split() if word.startswith("E-")}


def test_what_was_asked_by_telephone_becomes_a_request_to_be_signed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk = ask.open(lang="en")
    for name in ("phone-2026-03-14", "Phone 1"):
        with pytest.raises(UsageError, match="E-878"):
            desk.release_as(name)
    desk.table("sex", population="direct", years=[YEAR], why="To know how many women there are.")
    made = desk.release_as("phone-2026-03-14")
    text = made.read_text(encoding="utf-8")
    assert "expires = 2027-03-15" in text
    with pytest.raises(ContractError, match="E-821"):
        read_request(made)
    made.write_text(text.replace('purpose = ""', 'purpose = "An article on who was met."'), encoding="utf-8")
    asked = read_request(made)
    assert ("phone-2026-03-14", "sex_direct", (YEAR,)) == (
        asked.id,
        asked.tables[0].name,
        asked.tables[0].years,
    )


def test_a_large_case_that_no_layout_hides_names_the_population_without_it(place):
    columns = ["role", "police_report", "sex", "person_count"]
    desk = ask.open("demo", lang="en")

    def told(persons):
        year = ask.invented_year(YEAR, persons, 7)
        case = year.case.copy()
        case.loc[case.index[0], columns] = ["direct", "yes", "unknown", 237]
        cleaning.write_year(
            replace(year, tables={**year.tables, "case": case}), place.restricted("demo", YEAR)
        )

    told(60)
    assert desk.table("police_report", population="direct_without_mass", years=[YEAR]) is not None
    told(4)
    with pytest.raises(DisclosureError, match="E-877") as error:
        desk.table("police_report", by="sex", population="direct", years=[YEAR])
    assert "direct_without_mass" in str(error.value)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "2024: 500 invented persons have 100.0% of the codes, and 9"),
        ("sv", "2024: 500 påhittade personer har 100,0\u00a0% av koderna och 9"),
    ],
)
def test_the_promise_of_the_invented_persons_is_printed(capsys, lang, said):
    assert 0 == cli.main(["demo", "--coverage", "--years", "2024", "--lang", lang])
    assert said in capsys.readouterr().out


def test_headings_are_in_the_reader_s_language_and_columns_keep_their_names(desk):
    swedish = ask.open(lang="sv")
    multi = swedish.variables.query("kind == 'multi'")
    assert "Form av exploatering" in multi._repr_html_()
    assert "fråga" in multi._repr_html_()
    assert "question" not in repr(multi)
    cells = {("yes", "woman"): 56, ("total", "woman"): 70, ("yes", "man"): 48, ("total", "man"): 80}
    table = table_of(cells)
    table.lang = "sv"
    found = swedish.difference(table, of="yes", between=("woman", "man"))
    assert 20 == found["difference"][0]
    assert "andel, kvinna eller flicka, %" in repr(found)
    assert "vilka" in repr(swedish.populations)


def test_a_figure_over_years_draws_each_number_and_no_mean():
    table = table_of({("yes", "woman"): 20, ("yes", "man"): 40, ("total", "woman"): 50})
    axes = table.figure()
    drawn = {float(y) for line in axes.lines for y in line.get_ydata()}
    assert {20.0, 40.0} == drawn
    assert ("Year", "persons") == (axes.get_xlabel(), axes.get_ylabel())
