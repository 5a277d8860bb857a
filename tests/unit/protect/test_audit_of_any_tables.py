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
    assert 0 == audited(folder, "a,count,pc\nx,..,0\ny,10,56\nz,8,44\ntotal,18,100\n", 'share = "pc"')
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
            'universe = "u"\n[universe.u]\nwithin = "v"\nwhere = { a = "x" }\n[universe.v]\nwithin = "u"\n'
            'where = { a = "y" }',
            "universe.u.within",
        ),
        ('[[tree]]\ndimension = "a"\nparents = { x = "y", y = "x" }', "parents"),
    ],
)
def test_what_lies_within_itself_is_refused_and_named(folder, capsys, said, name):
    assert 10 == audited(folder, "a,count\nx,..\ny,10\ntotal,12\n", said)
    said = capsys.readouterr().err
    assert "E-441" in said and f"({name} " in said
