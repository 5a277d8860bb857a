"""The two commands on anybody's tables: what they answer, in both languages, and with which exit status."""

import pandas as pd
import pytest
from counts import DIRECT, protect_tables, table

from platform_utils.cli import main
from platform_utils.protect import load_rule

NAIVE = """sex,region,count
woman,north,..
woman,south,30
woman,total,32
man,north,9
man,south,40
man,total,49
total,north,11
total,south,70
total,total,81
"""
WHOLE = NAIVE.replace("..", "2")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("PLATFORM_UTILS_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "naive.csv").write_text(NAIVE, encoding="utf-8")
    (tmp_path / "whole.csv").write_text(WHOLE, encoding="utf-8")
    return tmp_path


def test_a_lone_gap_breaks_the_rule_and_the_numbers_are_named(folder, capsys):
    assert 13 == main(["audit", "naive.csv", "--lang", "en"])
    assert [
        "1 tables, 1 hidden cells attacked together.",
        "1 counts are given away, 1 of them exactly:",
        "  naive: sex = woman, region = north can be worked out exactly: 2, from",
        "    · naive: sex = man, region = north         9",
        "    · naive: sex = total, region = north      11",
    ] == capsys.readouterr().out.splitlines()[:5]


def test_ranges_stand_in_a_column_in_either_language(folder, capsys):
    rows = "form,count\nsexual,10\nlabour,8\nbegging,..\nsoldier in a war of others,..\ntotal,20\n"
    (folder / "f.csv").write_text(rows, encoding="utf-8")
    (folder / "f.toml").write_text('[[table]]\nfile = "f.csv"\nmultiple = ["form"]\n', encoding="utf-8")
    for lang, words in (("en", "What each hidden cell can be:"), ("sv", "Vad varje dold cell kan vara:")):
        assert 0 == main(["audit", "f.csv", "--describe", "f.toml", "--ranges", "--lang", lang])
        lines = capsys.readouterr().out.splitlines()
        at = lines.index(words)
        assert [
            "  f: form = begging                          0–20",
            "  f: form = soldier in a war of others       0–20",
        ] == lines[at + 1 : at + 3]


FLOOR = "form,count\nsexual,10\nlabour,8\nbegging,..\n{}total,20\n"


@pytest.mark.parametrize(
    ("rows", "status", "words"),
    [
        (FLOOR.format(""), 13, "begging can be narrowed to 2–20"),
        (FLOOR.format("unknown,2\n"), 0, "Nothing that is hidden"),
        (FLOOR.format("unknown,1\n"), 0, "Nothing that is hidden"),
        (FLOOR.format("").replace("8", "10"), 0, "Nothing that is hidden"),
        (FLOOR.format("").replace("10", "0").replace("8", "0"), 13, "begging can be worked out exactly: 20"),
        (FLOOR.format("").replace("20", "30"), 0, "Nothing that is hidden"),
        ("form,count\nsexual,10\nlabour,5\nbegging,2\ntotal,20\n", 13, "begging shows 2"),
    ],
)
def test_who_answered_has_ticked_something(rows, status, words, folder, capsys):
    (folder / "f.csv").write_text(rows, encoding="utf-8")
    (folder / "f.toml").write_text('[[table]]\nfile = "f.csv"\nmultiple = ["form"]\n', encoding="utf-8")
    assert status == main(["audit", "f.csv", "--describe", "f.toml", "--lang", "en"])
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "said", "words"),
    [
        ("a,count\nx,..\ny,30\ntotal,75\n", "", "a = x can be worked out exactly: 45, from"),
        ("a,count\nx,..\ny,30\ntotal,30\n", "", "a = x can be worked out exactly: 0, from"),
        ("a,count\nunknown,..\ny,30\ntotal,75\n", "", "a = unknown can be worked out exactly: 45, from"),
        ("a,count\nx,..\ny,30\ntotal,75\n", 'unit = "members"', "a = x can be worked out exactly: 45"),
        (
            "a,count,pc\nx,..,..\ny,..,100\ntotal,20,..\n",
            'share = "pc"',
            "a = y can be worked out exactly: 20",
        ),
        (
            "a,count,pc\nx,..,33.3\ny,..,..\nz,..,..\ntotal,15,\n",
            'share = "pc"',
            "a = x can be worked out exactly: 5",
        ),
        ("a,count\nx,..\ny,..\nz,20\ntotal,22\n", "", "a = x can be narrowed to 0–2"),
        ("a,b,count\nx,p,..\nx,q,12\ny,p,9\ny,q,13\ntotal,p,19\n", "", "b = p can be worked out exactly: 10"),
    ],
)
def test_whatever_is_hidden_and_known_is_named_with_its_value(rows, said, words, folder, capsys):
    (folder / "z.csv").write_text(rows, encoding="utf-8")
    (folder / "d.toml").write_text(f'[[table]]\nfile = "z.csv"\n{said}\n', encoding="utf-8")
    assert 13 == main(["audit", "z.csv", "--describe", "d.toml", "--lang", "en"])
    assert words in capsys.readouterr().out


def test_a_ring_of_four_is_followed_and_one_too_large_is_no_pass(folder, capsys):
    """Whoever is a1 is b1, c1 and d1 by three tables; the fourth hides the four cells that say so."""
    for x, y in ("ab", "bc", "cd"):
        rows = [f"{x}1,{y}1,20", f"{x}1,{y}2,0", f"{x}2,{y}1,0", f"{x}2,{y}2,30", "total,total,50"]
        (folder / f"{x}{y}.csv").write_text("\n".join([f"{x},{y},count", *rows, ""]), encoding="utf-8")
    rows = "d,a,count\nd1,a1,..\nd1,a2,..\nd2,a1,..\nd2,a2,..\ntotal,total,50\n"
    (folder / "da.csv").write_text(rows, encoding="utf-8")
    ring = [f"{name}.csv" for name in ("ab", "bc", "cd", "da")]
    assert 13 == main(["audit", *ring, "--lang", "en"])
    said = capsys.readouterr().out
    assert "da: d = d1, a = a2 can be worked out exactly: 0, from" in said
    assert "4 counts are given away, 4 of them exactly:" in said
    for x, y in ("ab", "bc", "cd", "da"):
        rows = [f"{x}{i},{y}{j},{'..' if i == j else 20}" for i in range(12) for j in range(12)]
        (folder / f"{x}{y}.csv").write_text("\n".join([f"{x},{y},count", *rows, ""]), encoding="utf-8")
    assert 13 == main(["audit", *ring, "--lang", "sv"])
    said = capsys.readouterr().out
    assert "Inte avgjort: ab, bc, cd, da bildar en ring" in said and "Inget som är dolt" not in said


def test_two_trees_on_one_dimension_are_two_ways_of_adding_up(folder, capsys):
    rows = "area,count\nn1,9\nn2,..\ns1,..\ns2,30\nnorth,..\nsouth,..\ntown,{}\nland,{}\ntotal,80\n"
    trees = {"north": ("n1", "n2"), "south": ("s1", "s2")}, {"town": ("n1", "s1"), "land": ("n2", "s2")}
    said = ""
    for tree in trees:
        pairs = ", ".join(f'{code} = "{parent}"' for parent, codes in tree.items() for code in codes)
        said += f'[[tree]]\ndimension = "area"\nparents = {{ {pairs} }}\n'
    (folder / "tables.toml").write_text(said, encoding="utf-8")
    (folder / "a.csv").write_text(rows.format(31, 49), encoding="utf-8")
    assert 13 == main(["audit", "a.csv", "--lang", "en"])
    out = capsys.readouterr().out
    assert (
        "area = n2 can be worked out exactly: 19" in out
        and "area = south can be worked out exactly: 52" in out
    )
    (folder / "a.csv").write_text(rows.format("..", ".."), encoding="utf-8")
    assert 0 == main(["audit", "a.csv", "--lang", "en"])
    whole = "area,count\nn1,9\nn2,2\ns1,22\ns2,30\nnorth,11\nsouth,52\ntown,31\nland,32\ntotal,63\n"
    (folder / "a.csv").write_text(whole, encoding="utf-8")
    assert 0 == main(["protect", "a.csv", "--out", "safe", "--lang", "en"])
    assert 0 == main(["audit", "safe/a.csv", "--describe", "tables.toml", "--lang", "en"])


def test_what_must_be_hidden_stays_open_by_one_both_ways(folder, capsys):
    rows = "a,b,count,s\nx,p,50,1\nx,q,40,\ny,p,30,\ny,q,60,\n"
    rows += "x,total,90,\ny,total,90,\ntotal,p,80,\ntotal,q,100,\ntotal,total,180,\n"
    (folder / "z.csv").write_text(rows, encoding="utf-8")
    (folder / "d.toml").write_text('[[table]]\nfile = "z.csv"\nprimary = "s"\n', encoding="utf-8")
    assert 0 == main(["protect", "z.csv", "--describe", "d.toml", "--out", "safe", "--lang", "en"])
    assert 4 <= (folder / "safe" / "z.csv").read_text(encoding="utf-8").count("..")
    capsys.readouterr()
    assert 0 == main(["audit", "safe/z.csv", "--ranges", "--lang", "en"])
    (ends,) = [line.split()[-1] for line in capsys.readouterr().out.splitlines() if "a = x, b = p" in line]
    low, _, high = ends.partition("–")
    assert int(low) <= 49 and 51 <= int(high)


def test_what_protect_writes_passes_the_audit(folder, capsys):
    assert 0 == main(["protect", "whole.csv", "--out", "safe", "--lang", "en"])
    said = capsys.readouterr().out.splitlines()
    assert "Optimal: proven." in said
    written = (folder / "safe" / "whole.csv").read_text(encoding="utf-8").splitlines()
    assert "total,total,81" in written
    assert 4 == sum(line.endswith(",..") for line in written)
    assert 0 == main(["audit", "safe/whole.csv", "--lang", "en"])


def test_the_same_with_semicolons_swedish_names_and_totals(folder, capsys):
    (folder / "sv.csv").write_text("kön;antal\nkvinna;30\nman;2\nannat;8\nTotalt;40\n", encoding="utf-8-sig")
    assert 0 == main(["protect", "sv.csv", "--out", "safe", "--lang", "sv"])
    assert ["kön,count", "kvinna,30", "man,..", "annat,..", "total,40"] == (
        folder / "safe" / "sv.csv"
    ).read_text(encoding="utf-8").splitlines()


def test_linked_tables_trees_and_nested_universes_are_described(folder, capsys):
    (folder / "area.csv").write_text("area,count\nn,22\nn1,20\nn2,..\ns,38\ntotal,60\n", encoding="utf-8")
    (folder / "tables.toml").write_text(
        '[[tree]]\ndimension = "area"\nparents = { n1 = "n", n2 = "n" }\n', encoding="utf-8"
    )
    assert 13 == main(["audit", "area.csv", "--lang", "en"])
    assert "area = n2 can be worked out exactly" in capsys.readouterr().out
    (folder / "sub.csv").write_text("nsp,count\nyes,20\nno,20\ntotal,40\n", encoding="utf-8")
    (folder / "all.csv").write_text("sex,count\nwoman,40\nman,..\nother,..\ntotal,..\n", encoding="utf-8")
    (folder / "two.toml").write_text(
        '[[table]]\nfile = "sub.csv"\nuniverse = "women"\n[universe.women]\nwithin = "all"\nwhere = { sex = "woman" }\n',
        encoding="utf-8",
    )
    assert 0 == main(["audit", "sub.csv", "all.csv", "--describe", "two.toml", "--lang", "en"])


def test_shares_rounding_and_hidden_ranges_are_described(folder, capsys):
    (folder / "s.csv").write_text(
        "nsp,count,percent\nyes,..,3\nno,..,..\nunknown,..,..\ntotal,60,..\n", encoding="utf-8"
    )
    (folder / "s.toml").write_text(
        '[[table]]\nfile = "s.csv"\ndimensions = ["nsp"]\nshare = "percent"\n', encoding="utf-8"
    )
    assert 13 == main(["audit", "s.csv", "--describe", "s.toml", "--lang", "en"])
    assert "s (%): nsp = yes" in capsys.readouterr().out
    (folder / "r.csv").write_text("nsp,count\nyes,..\nno,20\nunknown,40\ntotal,60\n", encoding="utf-8")
    (folder / "r.toml").write_text('[[table]]\nfile = "r.csv"\nrounded_to = 5\n', encoding="utf-8")
    assert 0 == main(["audit", "r.csv", "--describe", "r.toml", "--lang", "en"])


def test_an_insider_is_asked_for_by_name(folder, capsys):
    (folder / "sex.csv").write_text("sex,count\nwoman,..\nman,..\nunknown,20\ntotal,32\n", encoding="utf-8")
    (folder / "behind.csv").write_text("sex,member_id,count\nwoman,M1,7\nman,M1,3\n", encoding="utf-8")
    (folder / "d.toml").write_text(
        '[[table]]\nfile = "sex.csv"\ncontributors = "behind.csv"\n[audit]\nonly_small_hidden = false\n',
        encoding="utf-8",
    )
    assert 0 == main(["audit", "sex.csv", "--describe", "d.toml", "--insider", "M1", "--lang", "en"])
    assert "2 hidden counts are narrowed" in capsys.readouterr().out
    assert 12 == main(["audit", "sex.csv", "--insider", "M1", "--lang", "en"])
    assert "E-442" in capsys.readouterr().err


def test_with_true_counts_the_audit_decides_every_cell(folder, capsys):
    (folder / "t.csv").write_text(
        "sex,count,true\nwoman,..,2\nman,..,0\nunknown,20,20\ntotal,22,22\n", encoding="utf-8"
    )
    (folder / "t.toml").write_text(
        '[[table]]\nfile = "t.csv"\ndimensions = ["sex"]\ntrue_count = "true"\n', encoding="utf-8"
    )
    assert 13 == main(["audit", "t.csv", "--describe", "t.toml", "--lang", "en"])


def test_parquet_that_the_gate_wrote_describes_itself(folder, capsys):
    counts = {"sexual": 98, "labour": 20, "total": 100}
    (safe,) = protect_tables([table(counts, "form", name="form", multiple=True)], load_rule())
    safe.write(folder / "form.parquet")
    assert 0 == main(["audit", "form.parquet", "--lang", "en"])
    assert DIRECT == safe.universe


def test_a_merged_row_is_tied_to_the_rows_it_stands_for(folder, capsys):
    (folder / "one.csv").write_text("stage,count\na,..\nb,13\nc,20\nd,..\ntotal,40\n", encoding="utf-8")
    (folder / "two.csv").write_text("stage,count\na+b,15\nc+d,25\ntotal,40\n", encoding="utf-8")
    assert 0 == main(["audit", "one.csv", "--lang", "en"])
    assert 13 == main(["audit", "one.csv", "two.csv", "--lang", "en"])
    assert "  one: stage = a can be worked out exactly: 2, from" in capsys.readouterr().out.splitlines()


def test_a_refused_layout_lists_the_merges_that_would_do(folder, capsys):
    rows = ["area,sex,count"]
    inner = {"a": (40, 30), "b": (2, 3), "c": (5, 20)}
    for area, (woman, man) in inner.items():
        rows += [f"{area},woman,{woman}", f"{area},man,{man}", f"{area},total,{woman + man}"]
    rows += ["total,woman,47", "total,man,53", "total,total,100"]
    (folder / "stuck.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    shown = '[{ area = "a" }, { area = "b" }, { area = "c" }, { sex = "woman" }, { sex = "man" }, {}, { area = "a", sex = "woman" }, { area = "c", sex = "man" }]'
    (folder / "stuck.toml").write_text(
        f'[[table]]\nfile = "stuck.csv"\nmust_show = {shown}\n', encoding="utf-8"
    )
    status = main(["protect", "stuck.csv", "--describe", "stuck.toml", "--lang", "en"])
    captured = capsys.readouterr()
    assert 13 == status
    assert "E-433" in captured.err
    assert "stuck: merge" in captured.out
    assert not (folder / "protected").exists()


def test_named_primaries_protection_levels_and_weights_are_taken(folder, capsys):
    inner = [[20, 50, 10, 5], [8, 19, 22, 10], [17, 32, 12, 7]]
    rows = []
    for r, values in enumerate(inner):
        rows += [(f"r{r}", f"c{c}", v) for c, v in enumerate(values)] + [(f"r{r}", "total", sum(values))]
    rows += [("total", f"c{c}", sum(v[c] for v in inner)) for c in range(4)] + [("total", "total", 212)]
    frame = pd.DataFrame(rows, columns=["row", "column", "count"])
    frame["primary"] = [int((r, c) == ("r1", "c2")) for r, c, _ in rows]
    frame["low"], frame["high"], frame["weight"] = 17, 27, frame["count"]
    frame.to_csv(folder / "book.csv", index=False)
    (folder / "book.toml").write_text(
        '[[table]]\nfile = "book.csv"\ndimensions = ["row", "column"]\nmust_show = "margins"\n'
        'primary = "primary"\nlow = "low"\nhigh = "high"\nweight = "weight"\n',
        encoding="utf-8",
    )
    assert 0 == main(["protect", "book.csv", "--describe", "book.toml", "--lang", "en"])
    hidden = pd.read_csv(folder / "protected" / "book.csv").query("count == '..'")
    assert {("r0", "c2"), ("r0", "c3"), ("r1", "c2"), ("r1", "c3")} == set(
        hidden[["row", "column"]].itertuples(index=False, name=None)
    )
    assert "Cost 47.00; no safe pattern costs less than 47.00." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["audit", "gone.csv"], 11, "E-444"),
        (["audit", "naive.csv", "--describe", "gone.toml"], 10, "E-441"),
        (["protect", "naive.csv"], 12, "E-401"),
        (["protect", "whole.csv", "--min-released", "3"], 10, "E-407"),
        (["protect", "whole.csv", "--weights", "mine"], 2, "E-443"),
        (["protect", "whole.csv", "--rules", "loose.toml"], 10, "E-407"),
        (["audit", "whole.csv", "--rules", "misspelt.toml"], 10, "E-407"),
        (["audit", "odd.csv"], 12, "E-405"),
        (["audit", "unknown.csv", "--describe", "unknown.toml"], 10, "E-441"),
    ],
)
def test_bad_input_has_its_code_and_status(arguments, status, code, folder, capsys):
    (folder / "loose.toml").write_text("[A]\nmin_released = 2\n", encoding="utf-8")
    (folder / "misspelt.toml").write_text("[minimum_by_dimension]\nregoin = 9\n", encoding="utf-8")
    (folder / "odd.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "unknown.csv").write_text(NAIVE, encoding="utf-8")
    (folder / "unknown.toml").write_text('[[table]]\nfile = "unknown.csv"\nreveal = true\n', encoding="utf-8")
    assert status == main([*arguments, "--lang", "en"])
    assert code in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("[[tables]]\nfile = 'whole.csv'", "tables"),
        ("[[table]]\nname = 'whole'", "file"),
        ("[[table]]\nfile = 'whole.csv'\nyear = '2021'", "year"),
        ("[[table]]\nfile = 'whole.csv'\nclass = 'C'", "class"),
        ("[[table]]\nfile = 'whole.csv'\ndimensions = 'sex'", "dimensions"),
        ("[[table]]\nfile = 'whole.csv'\nmust_show = 'all'", "must_show"),
        ("[[tree]]\nparents = { a = 'b' }", "dimension"),
        ("[[tree]]\ndimension = 'sex'", "parents"),
        ("[[tree]]\ndimension = 'area'\nparents = { a = 'b' }", "area"),
        ("[universe.women]\nwhere = { sex = 'woman' }", "universe.women.within"),
        ("[audit]\nzeros = true", "zeros"),
        ("[[table]]\nfile = 'whole.cvs'\nclass = 'B'", "whole.cvs"),
        ("[universe.women]\nwithin = 'all'", "universe.women"),
        (
            "[[table]]\nfile = 'whole.csv'\nuniverse = 'w'\n[universe.w]\nwithin = 'all'\nwhere = { sex = 'womn' }",
            "universe.w.where",
        ),
        ("[[tree]]\ndimension = 'sex'\nparents = { woman = 'adlt' }", "parents"),
        (
            "[[tree]]\ndimension = 'sex'\nparents = { man = 'x' }\n[[tree]]\ndimension = 'sex'\nparents = { x = 'man' }",
            "parents",
        ),
        ("table = 1", "[[table]]"),
        ("[[table", "TOML"),
    ],
)
def test_a_description_is_checked_key_by_key(said, name, folder, capsys):
    (folder / "d.toml").write_text(said, encoding="utf-8")
    for command in ("audit", "protect"):
        assert 10 == main([command, "whole.csv", "--describe", "d.toml", "--lang", "en"])
        answer = capsys.readouterr().err
        assert "E-441" in answer and f"({name} is missing" in answer


@pytest.mark.parametrize(
    ("rows", "said", "code", "where"),
    [
        ("sex,count\nwoman,5\n,5\ntotal,10\n", "", "E-445", "row 2, column sex"),
        ("sex,count\nwoman,5\nwoman,5\ntotal,10\n", "", "E-402", "cell 2"),
        ("sex,count\nwoman,15\nman,17\ntotal,31\n", "", "E-403", "cell 3"),
        ("sex,count\nwoman,-5\nman,17\ntotal,12\n", "", "E-401", "cell 1"),
        ("sex,count\nwoman,5.5\nman,17\ntotal,22.5\n", "", "E-401", "cell 1"),
        ("sex,count\nwoman,15\nman,17\n", "", "E-404", "cell 1"),
        (
            "sex,count\nwoman,15\ntotal,15\n",
            "must_show = [{ sex = 'man' }]",
            "E-445",
            "row 1, column must_show",
        ),
        ("sex,count\nwoman,15\ntotal,15\n", "share = 'percent'", "E-405", "percent"),
        ("sex,count\nwoman,15\ntotal,15\n", "multiple = ['form']", "E-405", "form"),
        ("sex,count\nwoman,15\ntotal,15\n", "contributors = 'odd.csv'", "E-445", "row 2, column sex"),
        ("sex,count\nwoman,15\ntotal,15\n", "contributors = 'bare.csv'", "E-405", "member_id"),
    ],
)
def test_a_bad_table_is_refused_by_table_and_place_never_by_count(rows, said, code, where, folder, capsys):
    (folder / "bad.csv").write_text(rows, encoding="utf-8")
    (folder / "odd.csv").write_text("sex,member_id,count\nwoman,M1,5\nman,M1,2\n", encoding="utf-8")
    (folder / "bare.csv").write_text("sex,count\nwoman,5\n", encoding="utf-8")
    (folder / "d.toml").write_text(f"[[table]]\nfile = 'bad.csv'\n{said}\n", encoding="utf-8")
    assert 12 == main(["protect", "bad.csv", "--describe", "d.toml", "--lang", "en"])
    answer = capsys.readouterr().err
    assert code in answer and where in answer
    assert not any(count in answer.replace(code, "") for count in ("15", "17", "22.5", "31", "-5"))


def test_a_published_tree_with_its_margins_is_taken_and_what_is_missing_is_said(folder, capsys):
    """Countries in two groups by year, with an age table of the same people by the groups."""
    geo = {"Iceland": (6, 1, 3), "Portugal": (8, 2, 7), "Spain": (9, 4, 4)}
    geo |= {"EU": (17, 6, 11), "nonEU": (6, 1, 3), "Total": (23, 7, 14)}
    rows = ["geo,year,freq"]
    for code, counts in geo.items():
        rows += [f"{code},{year},{count}" for year, count in zip((2014, 2015, 2016), counts, strict=True)]
        rows.append(f"{code},Total,{sum(counts)}")
    (folder / "geo.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    age = "age,eu,freq\nyoung,EU,14\nyoung,nonEU,6\nyoung,Total,20\nold,EU,20\nold,nonEU,4\nold,Total,24\n"
    (folder / "age.csv").write_text(age + "Total,EU,34\nTotal,nonEU,10\nTotal,Total,44\n", encoding="utf-8")
    assert 12 == main(["protect", "geo.csv", "age.csv", "--lang", "en"])
    assert "declare them as a tree" in capsys.readouterr().err
    tree = "parents = { Portugal = 'EU', Spain = 'EU', Iceland = 'nonEU' }\n"
    (folder / "tables.toml").write_text(
        f"[[tree]]\ndimension = 'geo'\n{tree}[[tree]]\ndimension = 'geo'\ncoarse = 'eu'\n{tree}",
        encoding="utf-8",
    )
    assert 0 == main(["protect", "geo.csv", "age.csv", "--lang", "en"])
    assert "Optimal: proven." in capsys.readouterr().out
    both = ["protected/geo.csv", "protected/age.csv", "--describe", "tables.toml"]
    assert 0 == main(["audit", *both, "--lang", "en"])


def test_help_has_one_example_each(folder, capsys):
    for name in ("audit", "protect"):
        main([name, "--help"])
        assert f"Example: platform-utils {name}" in " ".join(capsys.readouterr().out.split())
