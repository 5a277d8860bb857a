"""A request is read, answered beside what is out, signed by two, and handed over once."""

import io
import zipfile
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
import signing

from platform_utils import clean as cleaning
from platform_utils import cli, count, pipeline
from platform_utils.errors import ContractError, DisclosureError, FileError, NotSignedOff, UsageError
from platform_utils.messages import label
from platform_utils.paths import Workspace
from platform_utils.protect import Demand, Ledger, load_rule, protect
from platform_utils.requests import answer_request, hand_over, read_request
from platform_utils.spec import codebook, grains
from platform_utils.spec.clean import CleanYear
from platform_utils.spec.plan import load_plan

YEAR = 2023
DAY = date(2026, 5, 1)
FILES = {"tables.csv", "tables.xlsx", "tables.ods", "codebook.csv", "README.md", "METHOD.md"}
ON_THE_DAY = {"SHA256SUMS", "release.toml", "CITATION.md", "ro-crate-metadata.json", "answer-2026-01.zip"}
REQUEST = """
id = "2026-01"
asked_by = "doctoral student, criminology"
lang = "en"
purpose = "A thesis."
legal_ground = "Statistics for research."
expires = 2026-12-31
years = [2023]

[[table]]
name = "report_by_sex"
universe = "direct"
dimensions = ["police_report", "sex"]
why = "Who reports."
"""


def case(number, **answers):
    book = codebook.load()
    row = {
        "member_id": f"M0{number % 4 + 1}",
        "year": YEAR,
        "file": "a.xlsx",
        "sheet": "Personer",
        "row": number,
    }
    for column, (variable, _) in book.grain_columns("case").items():
        row[column] = pd.NA if variable.is_number else "no"
    row |= {one.name: "unknown" for one in book.derived}
    return row | {"person_count": 1, "role": "direct", "is_possible_duplicate": False} | answers


def clean_year():
    cells = {("yes", "woman"): 60, ("yes", "man"): 30, ("no", "woman"): 20, ("no", "man"): 2}
    kinds = [kind for kind, number in cells.items() for _ in range(number)]
    rows = pd.DataFrame(
        [case(number, police_report=report, sex=sex) for number, (report, sex) in enumerate(kinds)]
    )
    numbers = {
        name for name, (variable, _) in codebook.load().grain_columns("case").items() if variable.is_number
    }
    for column in rows.columns:
        if column in numbers:
            rows[column] = rows[column].astype("Int64")
            rows[f"{column}_status"] = "blank"
    return CleanYear(
        year=YEAR,
        source="demo",
        tables={
            **{
                name: pd.DataFrame(columns=["member_id", *codebook.load().grain_columns(name)], dtype="str")
                for name in grains.load()
            },
            "case": rows,
            "total": pd.DataFrame(columns=["member_id", "role", "sex", "adult_or_child", "person_count"]),
            "organisation": pd.DataFrame(
                {"member_id": ["M01"], "has_returned": [True], "is_totals_only": [False]}
            ),
        },
        recodes=pd.DataFrame({"file": pd.Series([], dtype="str")}),
    )


@pytest.fixture
def place(tmp_path):
    (tmp_path / "_quarto.yml").touch()
    workspace = Workspace(tmp_path)
    cleaning.write_year(clean_year(), workspace.restricted("demo", YEAR))
    return workspace


def asked(place, text=REQUEST):
    path = place.root / "request.toml"
    path.write_text(text, encoding="utf-8")
    return read_request(path)


def sign(answer, place, name, decision="approve"):
    signing.sign(place, name, answer.candidate, decision=decision)


def test_an_answer_hides_what_is_small_and_what_gives_it_away(place):
    answer = answer_request(asked(place), "demo", workspace=place)
    (table,) = answer.tables
    assert [90, 22] == [table.count(police_report=report) for report in ("yes", "no")]
    assert [None, None, None, None] == [
        table.count(police_report=report, sex=sex) for report in ("yes", "no") for sex in ("woman", "man")
    ]
    assert FILES == set(answer.files)
    assert answer.files == {path.name: path.read_bytes() for path in answer.folder.iterdir()}


def text_of(content):
    if not content.startswith(b"PK"):
        return content.decode("utf-8-sig")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "".join(packed.read(n).decode("utf-8") for n in packed.namelist() if n.endswith(".xml"))


def test_each_file_of_demo_data_says_so_in_the_language_asked_for(place):
    for lang in ("sv", "en"):
        answer = answer_request(asked(place, REQUEST.replace('"en"', f'"{lang}"')), "demo", workspace=place)
        mark = label("L-mark-demo", lang)
        assert [] == [name for name, content in answer.files.items() if mark not in text_of(content)]


def test_the_same_request_gives_the_same_answer(place):
    first = answer_request(asked(place), "demo", workspace=place)
    assert first.digest == answer_request(asked(place), "demo", workspace=place).digest


def test_two_people_let_an_answer_go_once(place):
    answer = answer_request(asked(place), "demo", workspace=place)
    sign(answer, place, "A. Ett")
    with pytest.raises(NotSignedOff, match="E-804"):
        hand_over(answer, day=DAY, workspace=place)
    assert () == Ledger(place.ledger("demo")).entries
    sign(answer, place, "B. Två")
    folder = hand_over(answer, day=DAY, workspace=place)
    assert {*answer.files, *ON_THE_DAY} == {path.name for path in folder.iterdir()}
    assert ["request-2026-01"] == [entry.release for entry in Ledger(place.ledger("demo")).entries]
    with pytest.raises(UsageError, match="E-826"):
        answer_request(asked(place), "demo", workspace=place)


def test_a_no_stops_it_and_so_does_the_last_day(place):
    answer = answer_request(asked(place), "demo", workspace=place)
    for name in ("A. Ett", "B. Två"):
        sign(answer, place, name)
    with pytest.raises(UsageError, match="E-825"):
        hand_over(answer, day=date(2027, 1, 1), workspace=place)
    sign(answer, place, "C. Tre", "reject")
    with pytest.raises(NotSignedOff, match="E-805"):
        hand_over(answer, day=DAY, workspace=place)


def let_go(place, answer):
    for name in ("A. Ett", "B. Två"):
        sign(answer, place, name)
    hand_over(answer, day=DAY, workspace=place)


def test_an_answer_killed_between_ledger_and_folder_is_out_at_the_next_run(place, monkeypatch):
    answer = answer_request(asked(place), "demo", workspace=place)

    def kill(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("platform_utils.release.outgoing._name", kill)
        with pytest.raises(KeyboardInterrupt):
            let_go(place, answer)
    folder = place.releases("demo") / "requests" / "2026-01"
    assert not folder.exists()
    with pytest.raises(UsageError, match="E-826"):
        answer_request(asked(place), "demo", workspace=place)
    assert {*answer.files, *ON_THE_DAY} == {path.name for path in folder.iterdir()}


def test_what_an_earlier_answer_hid_stays_hidden_in_another_universe(place):
    let_go(place, answer_request(asked(place), "demo", workspace=place))
    other = REQUEST.replace("2026-01", "2026-02").replace('"police_report", "sex"', '"sex"')
    other = other.replace('universe = "direct"', 'universe = "reported"')
    (table,) = answer_request(asked(place, other), "demo", workspace=place).tables
    assert [None, None, 90] == [table.count(sex="woman"), table.count(sex="man"), table.count()]


def test_rows_that_changed_since_an_earlier_answer_are_refused_and_it_is_named(place, monkeypatch, capsys):
    let_go(place, answer_request(asked(place), "demo", workspace=place))
    fewer = clean_year().with_tables(case=clean_year().case.iloc[:-1])
    cleaning.write_year(fewer, place.restricted("demo", YEAR))
    other = REQUEST.replace("2026-01", "2026-02").replace('"police_report", "sex"', '"sex"')
    with pytest.raises(DisclosureError, match=r"E-827.*request-2026-01"):
        answer_request(asked(place, other), "demo", workspace=place)
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    assert 13 == cli.main(["request", "answer", str(place.root / "request.toml"), "--source", "demo"])
    assert not place.controlled("demo", "requests").joinpath("2026-02").exists()


def test_an_answer_without_the_large_case_names_the_one_with_it_that_it_collides_with(place):
    """Nobody else's sex is unknown: without the case there is no such row, so with it the row is the case."""
    year = clean_year()
    case = year.case.copy()
    case.loc[case.index[0], ["police_report", "sex", "person_count"]] = ["yes", "unknown", 237]
    cleaning.write_year(year.with_tables(case=case), place.restricted("demo", YEAR))
    let_go(place, answer_request(asked(place), "demo", workspace=place))
    other = REQUEST.replace("2026-01", "2026-02").replace('"direct"', '"direct_without_mass"')
    with pytest.raises(DisclosureError, match=r"E-435.*request-2026-01.*request-2026-02-report_by_sex"):
        answer_request(asked(place, other), "demo", workspace=place)


COUNTRIES = {"NG": ("third_country", {"M01": 20, "M02": 1, "M03": 1}),
             "RO": ("other_eu", {"M01": 10, "M02": 10, "M03": 10}),
             "SE": ("sweden", {"M01": 6, "M02": 6, "M03": 6})}  # fmt: skip


def test_an_answer_tells_no_member_what_an_earlier_class_b_answer_hid_from_it(place):
    """Of 22 from Nigeria M01 met 20; the only third country, so the answer by group would say the other two."""
    people = [
        {"origin_country": country, "origin_group": group, "member_id": member}
        for country, (group, by_member) in COUNTRIES.items()
        for member, count in by_member.items()
        for _ in range(count)
    ]
    rows = clean_year().case.iloc[: len(people)].reset_index(drop=True).assign(**pd.DataFrame(people))
    cleaning.write_year(clean_year().with_tables(case=rows), place.restricted("demo", YEAR))
    first = answer_request(
        asked(place, REQUEST.replace('"police_report", "sex"', '"origin_country"')), "demo", workspace=place
    )
    assert "NG" not in first.tables[0].codes()["origin_country"]
    let_go(place, first)
    other = REQUEST.replace("2026-01", "2026-02").replace('"police_report", "sex"', '"origin_group"')
    (table,) = answer_request(asked(place, other), "demo", workspace=place).tables
    assert [None, 70] == [table.count(origin_group="third_country"), table.count()]


DECLARED = """
[[correction]]
member_id = "M01"
file = "a.xlsx"
person_code = "P1"
action = "drop"
reason = "Registered twice."
"""


FEW_TABLES = replace(
    load_plan(),
    tables=tuple(one for one in load_plan().tables if one.key in ("corrections", "sex")),
)


def test_an_answer_stands_beside_the_report_of_a_year_with_corrections(place, monkeypatch):
    folder = place.returns("demo", YEAR)
    folder.mkdir(parents=True)
    (folder / "corrections.toml").write_text(DECLARED, encoding="utf-8")
    monkeypatch.setattr(count.annual, "load_plan", lambda: FEW_TABLES)
    reported = pipeline.count_year(YEAR, "demo", workspace=place)
    assert [1] == [int(t.data["count"].max()) for t in reported if t.name == "corrections"]
    tables = protect(Demand(reported, load_rule(), elsewhere=())).tables
    signing.enter(place, tables, release=f"{YEAR}-1", day=DAY)
    (table,) = answer_request(asked(place, BY_SEX), "demo", workspace=place).tables
    assert [80, 32, 112] == [table.count(sex="woman"), table.count(sex="man"), table.count()]


def corrected_edition(place):
    """Ten persons more, released as a second edition."""
    more = pd.concat([clean_year().case, clean_year().case.iloc[:10]], ignore_index=True)
    cleaning.write_year(clean_year().with_tables(case=more), place.restricted("demo", YEAR))
    before = Workspace(place.root / "apart")
    cleaning.write_year(clean_year().with_tables(case=more), before.restricted("demo", YEAR))
    tables = answer_request(asked(place), "demo", workspace=before).tables
    signing.enter(place, tables, release="request-second-edition", day=DAY, edition=2)


def test_an_answer_after_a_corrected_edition_stands_beside_that_edition(place):
    let_go(place, answer_request(asked(place), "demo", workspace=place))
    corrected_edition(place)
    other = REQUEST.replace("2026-01", "2026-02").replace('"police_report", "sex"', '"sex"')
    answer = answer_request(asked(place, other), "demo", workspace=place)
    assert 122 == answer.tables[0].count()
    let_go(place, answer)
    assert [1, 2, 2] == [entry.edition for entry in Ledger(place.ledger("demo")).entries]


def second_edition(place, dimension, **more):
    """Some persons more, released as a second edition of the year by one dimension."""
    people = [{"police_report": "yes", "sex": sex} for sex, count in more.items() for _ in range(count)]
    added = clean_year().case.iloc[: len(people)].assign(**{k: [p[k] for p in people] for k in people[0]})
    rows = pd.concat([clean_year().case, added], ignore_index=True)
    apart = Workspace(place.root / "apart")
    for workspace in (place, apart):
        cleaning.write_year(clean_year().with_tables(case=rows), workspace.restricted("demo", YEAR))
    text = REQUEST.replace('"police_report", "sex"', f'"{dimension}"')
    tables = answer_request(asked(place, text), "demo", workspace=apart).tables
    signing.enter(place, tables, release="request-second", day=DAY, edition=2)


BY_SEX = REQUEST.replace('"police_report", "sex"', '"sex"')


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ({"woman": 3, "man": 2}, [None, None, 117]),
        ({"woman": 10, "man": 4}, [90, 36, 126]),
        ({"woman": 10, "man": 1}, [None, None, 123]),
        ({"woman": 9}, [None, None, 121]),
    ],
)
def test_an_answer_differs_from_an_older_edition_by_enough_persons_or_is_hidden(place, came, expected):
    """By sex the first edition said 80 and 32; the second says nothing by sex."""
    let_go(place, answer_request(asked(place, BY_SEX), "demo", workspace=place))
    second_edition(place, "police_report", **came)
    other = BY_SEX.replace("2026-01", "2026-02")
    (table,) = answer_request(asked(place, other), "demo", workspace=place).tables
    assert expected == [table.count(sex="woman"), table.count(sex="man"), table.count()]


def test_what_the_newest_edition_shows_may_be_said_again(place):
    let_go(place, answer_request(asked(place, BY_SEX), "demo", workspace=place))
    second_edition(place, "sex", woman=3, man=2)
    other = BY_SEX.replace("2026-01", "2026-02")
    (table,) = answer_request(asked(place, other), "demo", workspace=place).tables
    assert [83, 34, 117] == [table.count(sex="woman"), table.count(sex="man"), table.count()]


def test_years_of_different_editions_are_answered_each_as_its_newest(place):
    let_go(place, answer_request(asked(place), "demo", workspace=place))
    corrected_edition(place)
    cleaning.write_year(replace(clean_year(), year=2022), place.restricted("demo", 2022))
    both = REQUEST.replace("2026-01", "2026-02").replace("[2023]", "[2022, 2023]")
    let_go(place, answer_request(asked(place, both), "demo", workspace=place))
    said = [(entry.population[1], entry.edition) for entry in Ledger(place.ledger("demo")).entries]
    assert [(2023, 1), (2023, 2), (2022, 1), (2023, 2)] == said


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('purpose = "A thesis."', "", "E-821"),
        ('purpose = "A thesis."', 'purpose = " "', "E-821"),
        ('lang = "en"', 'lang = "de"', "E-821"),
        ('id = "2026-01"', 'id = "../x"', "E-821"),
        ("years = [2023]", "years = [2023, 2023]", "E-821"),
        ("expires = 2026-12-31", 'expires = "later"', "E-821"),
        ('lang = "en"', 'lang = "en"\nname = "x"', "E-821"),
        ('why = "Who reports."', "", "E-821"),
        ('universe = "direct"', 'universe = "everybody"', "E-822"),
        ('universe = "direct"', 'universe = "children_of_direct"', "E-822"),
        ('universe = "direct"', 'universe = "nsp_persons"', "E-822"),
        ('"sex"]', '"shoe_size"]', "E-822"),
        ('"sex"]', '"age_years"]', "E-822"),
        ('"sex"]', '"person_code"]', "E-822"),
        ('"sex"]', '"sex", "age_band"]', "E-822"),
        ('["police_report", "sex"]', '["form", "movement", "support_given"]', "E-822"),
        ("doctoral student, criminology", "somebody@example.org", "E-823"),
    ],
)
def test_a_bad_request_is_refused(place, old, new, code):
    assert old in REQUEST
    with pytest.raises(ContractError, match=code):
        asked(place, REQUEST.replace(old, new))


def test_a_file_that_is_no_request_is_refused(place):
    with pytest.raises(FileError, match="E-820"):
        asked(place, "id = [")


def test_the_example_is_a_request():
    root = Workspace.find()
    assert "example-1" == read_request(root.root / "docs" / "request_example.toml").id


def test_the_command_answers_signs_and_hands_over(place, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    asked(place)
    words = [str(place.root / "request.toml"), "--source", "demo", "--lang", "sv", "--date", "2026-05-01"]
    assert 0 == cli.main(["request", "answer", *words])
    assert "data_clean/demo/controlled/requests/2026-01" in capsys.readouterr().out
    assert 15 == cli.main(["request", "hand-over", *words])
    assert 2 == cli.main(["request", words[0]])
    assert "answer" in capsys.readouterr().err
    monkeypatch.setenv("PLATFORM_UTILS_PASSPHRASE", "a hound under seven stars")
    for name in ("A. Ett", "B. Två"):
        assert 0 == cli.main(["reader", "add", name, "--source", "demo", "--date", "2026-04-01"])
    sent = place.root / "question.qmd"
    sent.write_text("---\ntitle: Who reports\n---\n", encoding="utf-8")
    assert 0 == cli.main(["request", "answer", *words, "--notebook", str(sent)])
    for name in ("A. Ett", "B. Två"):
        assert 0 == cli.main(["request", "sign", *words, "--name", name, "--reason", "sett"])
    assert 0 == cli.main(["request", "hand-over", *words])
    assert "releases/demo/requests/2026-01" in capsys.readouterr().out
    gone = place.root / "releases/demo/requests/2026-01"
    assert sent.read_bytes() == (gone / "notebook.qmd").read_bytes(), "what was shown went out"
