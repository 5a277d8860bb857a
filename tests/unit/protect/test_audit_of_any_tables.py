"""Audits of tables as others write them: shares of nobody, countries, circles, and input that cannot be read."""

import pytest

from platform_utils.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("PLATFORM_UTILS_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audited(folder, text, said="", *flags):
    (folder / "z.csv").write_text(text, encoding="utf-8")
    (folder / "d.toml").write_text(f'[[table]]\nfile = "z.csv"\n{said}\n', encoding="utf-8")
    return main(["audit", "z.csv", "--describe", "d.toml", "--lang", "en", *flags])


def test_a_share_of_nobody_is_read_and_still_narrows(folder, capsys):
    assert 13 == audited(folder, "a,count,pc\nx,..,0\ny,10,56\nz,8,44\ntotal,18,100\n", 'share = "pc"')
    assert "z: a = x can be worked out exactly: 0, from" in capsys.readouterr().out
    assert 0 == audited(folder, "a,count,pc\nx,..,0\ny,..,\ntotal,900,100\n", 'share = "pc"')
    assert "1 hidden counts are narrowed" in capsys.readouterr().out
    assert 13 == audited(
        folder, "a,count,pc\nx,..,0.4\ny,..,\ntotal,500,100\n", 'share = "pc"\nshare_decimals = 1'
    )


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('universe = "u"\n[universe.u]\nwithin = "u"', "universe.u.within"),
        ('universe = "u"\n[universe.u]\nwithin = "u"\nwhere = { a = "x" }', "universe.u.within"),
        (
            'universe = "u"\n[universe.u]\nwithin = "v"\n[universe.v]\nwithin = "u"\nwhere = { a = "y" }',
            "universe.u.within",
        ),
        ('[[tree]]\ndimension = "a"\nparents = { x = "y", y = "x" }', "parents"),
    ],
)
def test_what_lies_within_itself_is_refused_and_named(folder, capsys, said, name):
    assert 10 == audited(folder, "a,count\nx,..\ny,10\ntotal,12\n", said)
    said = capsys.readouterr().err
    assert "E-441" in said and f"({name} " in said


def test_a_headline_without_breakdowns_is_read(folder, capsys):
    assert 0 == audited(folder, "count\n12\n")
    assert 13 == audited(folder, "antal\n2\n")


@pytest.mark.parametrize(
    "text", ["a,count\nx,8\n\ntotal,8,\n", "a;count\nx;8\ntotal;8\n", "a\tcount\nx\t8\ntotal\t8\n"]
)
def test_the_usual_kinds_of_csv_are_read(folder, text):
    assert 0 == audited(folder, text)


TOTALS = "y,10,83\ntotal,12,100\n"


@pytest.mark.parametrize(
    ("text", "said", "status", "words"),
    [
        ("", "", 11, "E-444 z.csv"),
        ("a,count\n", "", 11, "E-444 z.csv"),
        ("a,count\nx,3,4\ntotal,3\n", "", 11, "E-444 z.csv"),
        ("a,count\nx,\x00\n", "", 12, "E-401 z 1"),
        ("a,a,count\nx,y,5\n", "", 12, "E-405 z 1 × a"),
        ("a,count,pc\nx,..,<1\n" + TOTALS, 'share = "pc"', 12, "E-449 z 1 pc"),
        ("a,count,pc\nx,..,101\n" + TOTALS, 'share = "pc"', 12, "E-449 z 1 pc"),
        ("a,count,pc\nx,..,1/0\n" + TOTALS, 'share = "pc"', 12, "E-449 z 1 pc"),
        ("a,count,pc\nx,..,17\ny,10,83\n", 'share = "pc"', 12, "E-404 z 1 a"),
        ("count,pc\n12,100\n", 'share = "pc"', 12, "E-405 z share_of"),
        ("a,count,tc\nx,..,abc\n" + TOTALS, 'true_count = "tc"', 12, "E-449 z 1 tc"),
        ("a,count,tc\nx,..,2.5\n" + TOTALS, 'true_count = "tc"', 12, "E-449 z 1 tc"),
        ("a,count,w\nx,2,q\n" + TOTALS, 'weight = "w"', 12, "E-449 z 1 w"),
        ("a,count,w\nx,2,-5\n" + TOTALS, 'weight = "w"', 12, "E-449 z 1 w"),
        ("a,count,w\nx,2,nan1\n" + TOTALS, 'weight = "w"', 12, "E-449 z 1 w"),
        ("a,count,l\nx,2,abc\n" + TOTALS, 'low = "l"', 12, "E-449 z 1 l"),
        ("a,count,l\nx,2,-1\n" + TOTALS, 'high = "l"', 12, "E-449 z 1 l"),
        ("a,count\nx,1" + 30 * "0" + "\ntotal,1" + 30 * "0" + "\n", "", 12, "E-401 z 1"),
    ],
)
@pytest.mark.parametrize("command", ["audit", "protect"])
def test_what_cannot_be_read_is_named_by_place_and_never_shown(
    folder, capsys, command, text, said, status, words
):
    (folder / "z.csv").write_text(text, encoding="utf-8")
    (folder / "d.toml").write_text(f'[[table]]\nfile = "z.csv"\n{said}\n', encoding="utf-8")
    if command == "protect" and ".." in text:
        status, words = (12, "E-401 z 1") if "E-404" in words else (status, words)
    assert status == main([command, "z.csv", "--describe", "d.toml", "--lang", "en"])
    told = capsys.readouterr().err
    assert all(word in told for word in words.split(" ")), told
    assert not any(content in told for content in ("<1", "1/0", "abc", "nan1", "2.5", "-5"))


def test_a_folder_is_no_file(folder, capsys):
    (folder / "x.parquet").mkdir()
    for name in (".", "x.parquet"):
        assert 11 == main(["audit", name, "--lang", "en"])
        assert "E-444" in capsys.readouterr().err


def test_two_files_of_one_name_are_both_named(folder, capsys):
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "t.csv").write_text("a,count\nx,8\ntotal,8\n", encoding="utf-8")
    for command in ("audit", "protect"):
        assert 12 == main([command, "one/t.csv", "two/t.csv", "--lang", "en"])
        told = capsys.readouterr().err
        assert "E-448" in told and "one/t.csv" in told and "two/t.csv" in told


def test_a_country_is_named_from_ten_persons(folder, capsys):
    head = "origin_country,count\n"
    assert 13 == audited(folder, head + "SE,6\nDE,12\nRO,15\ntotal,33\n")
    assert "  z: origin_country = SE shows 6, which the rule hides" in capsys.readouterr().out
    assert 13 == audited(folder, head + "SE,..\nDE,12\nRO,15\ntotal,33\n")
    assert "  z: origin_country = SE can be worked out exactly: 6, from" in capsys.readouterr().out
    assert 0 == audited(folder, head + "SE,..\nDE,12\nRO,..\ntotal,33\n")
    assert 0 == audited(folder, head + "unknown,6\nDE,12\nRO,15\ntotal,33\n")


def test_a_country_is_named_from_ten_persons_where_true_counts_decide(folder):
    head = "origin_country,count,true\n"
    said = 'dimensions = ["origin_country"]\ntrue_count = "true"'
    assert 13 == audited(folder, head + "SE,..,6\nDE,12,12\nRO,15,15\ntotal,33,33\n", said)
    assert 13 == audited(folder, head + "SE,6,6\nDE,12,12\nRO,15,15\ntotal,33,33\n", said)
    assert 0 == audited(folder, head + "SE,..,6\nDE,12,12\nRO,..,15\ntotal,33,33\n", said)
    assert 13 == audited(folder, head + "SE,..,18\nDE,12,12\ntotal,30,30\n", said)
    assert 0 == audited(folder, head + "SE,18,18\nDE,12,12\ntotal,30,30\n", said)


def test_what_protect_hides_of_countries_passes_the_audit(folder):
    (folder / "z.csv").write_text("origin_country,count\nSE,6\nDE,12\nRO,15\ntotal,33\n", encoding="utf-8")
    assert 0 == main(["protect", "z.csv", "--out", "safe", "--lang", "en"])
    assert 0 == main(["audit", "safe/z.csv", "--lang", "en"])


def test_only_small_hidden_knows_how_far_countries_are_hidden(folder):
    said = "[audit]\nonly_small_hidden = true"
    assert 0 == audited(folder, "origin_country,count\nSE,..\nDE,..\nFR,..\nRO,15\ntotal,27\n", said)


@pytest.mark.parametrize("dimension", ["municipality", "county", "person_code"])
def test_a_breakdown_that_is_never_released_is_reported(folder, capsys, dimension):
    for command in ("audit", "protect"):
        (folder / "z.csv").write_text(f"{dimension},count\nx,20\ny,30\ntotal,50\n", encoding="utf-8")
        assert 12 == main([command, "z.csv", "--lang", "en"])
        told = capsys.readouterr().err
        assert "E-408" in told and dimension in told


@pytest.mark.parametrize(
    ("lang", "words"), [("sv", "Inte prövat: 0 % och 100 %"), ("en", "Not checked: 0 % and 100 %")]
)
def test_what_is_not_checked_is_said(folder, capsys, lang, words):
    (folder / "z.csv").write_text("asylum,count\nyes,20\nno,0\ntotal,20\n", encoding="utf-8")
    assert 0 == main(["audit", "z.csv", "--lang", lang])
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(("unit", "status"), [("members", 0), ("sek", 0), ("children", 13), ("visits", 13)])
def test_only_what_counts_people_is_asked_about(folder, unit, status):
    assert status == audited(folder, "a,count\nx,2\ny,8\ntotal,10\n", f'unit = "{unit}"')


def test_a_row_of_a_workbook_that_is_nobody_may_be_alone(folder):
    assert 0 == audited(folder, "row_reason,count\ntitle,2\nused,8\ntotal,10\n", 'unit = "rows"')
    assert 13 == audited(folder, "row_reason,count\ntitle,20\nused,2\ntotal,22\n", 'unit = "rows"')
