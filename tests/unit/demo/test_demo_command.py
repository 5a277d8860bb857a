"""``platform-utils demo``: what it makes, what it says, what it refuses."""

import hashlib

import pytest

from platform_utils.cli import main
from platform_utils.paths import Workspace


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    return Workspace(tmp_path)


def contents(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(workspace, demo_years, capsys):
    folder = workspace.returns("demo", 2018)
    first = contents(demo_years.made().returns("demo", 2018))
    assert 0 == main(["demo", "--years", "2018", "--seed", "1"])
    assert first == contents(folder)
    assert 0 == main(["demo", "--years", "2018", "--seed", "4", "--lang", "en"])
    assert first.keys() != contents(folder).keys()
    said = capsys.readouterr().out.splitlines()
    assert "2018: 19 filer från 18 medlemmar, 7 fel planterade i rader, data_raw/demo/2018" == said[0]
    assert (
        "Allt är påhittat: medlemmar, personer och svar. Bara summor följer publicerade siffror." == said[1]
    )
    assert (
        "Everything is invented: members, persons and returns. Only totals follow published figures."
        == said[-1]
    )
    expected = {"corrections.toml", "edition.toml", "members.toml", "planted_faults.toml", "receipts.toml"}
    assert expected == {name for name in first if name.endswith(".toml")}


@pytest.mark.parametrize(
    ("years", "message"),
    [
        ("2017", "E-840 The demo has no year 2017. Expected 2018 to 2024. Pass --years 2018-2024."),
        ("2024-99999999999", None),
        (
            "2019-2018",
            'E-841 The years "2019-2018" cannot be read. Expected a year or a span. Pass --years 2018-2024.',
        ),
        ("alla", 'E-841 The years "alla" cannot be read. Expected a year or a span. Pass --years 2018-2024.'),
    ],
)
def test_years_that_the_demo_lacks_are_refused_before_anything_is_made(workspace, capsys, years, message):
    assert 2 == main(["demo", "--years", years, "--lang", "en"])
    said = capsys.readouterr().err.strip()
    assert message in (None, said)
    assert said.startswith("E-84")
    assert not workspace.data_raw("demo").exists()
