"""What was edited, or made from inputs that have changed since, is neither signed nor released."""

import shutil
from pathlib import Path

import pytest

from platform_utils.cli import main
from platform_utils.errors import FileError
from platform_utils.paths import Workspace
from platform_utils.release import require_up_to_date
from platform_utils.workflow import annual_nodes, report_nodes, run_nodes

ROOT = Path(__file__).parents[3]
YEAR = 2023


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace in which everything was just made; tests change a copy of it."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("_extensions", "notebooks", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "_quarto.yml").touch()
    workspace = Workspace(folder)
    workspace.returns("demo", YEAR).mkdir(parents=True)
    (workspace.returns("demo", YEAR) / "receipts.toml").write_text("")
    (workspace.returns("demo", YEAR) / "M01.csv").write_text("1")
    make(workspace, "sv", ("html", "docx"))
    make(workspace, "en", ("pdf",))
    return workspace


@pytest.fixture
def place(made, tmp_path):
    return Workspace(shutil.copytree(made.root, tmp_path / "place"))


def make(place, lang, formats, engine="embedded"):
    def perform(node, _):
        for folder, pattern in node.outputs:
            path = folder / pattern.replace("*", "a")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(node.name)

    nodes = annual_nodes(place, "demo", (YEAR,), "sv")
    nodes += report_nodes(
        place,
        "annual",
        (YEAR,),
        source="demo",
        langs=(lang,),
        formats=formats,
        engine=engine,
    )
    assert {} == run_nodes(nodes, place, "demo", workers=1, perform=perform).failed


def test_what_was_just_made_may_go_out_in_the_languages_and_formats_that_are_there(place):
    require_up_to_date(place, "demo", YEAR)
    (place.drafts("demo", YEAR) / ".~lock.annual-2023.sv.docx#").write_text("somebody reads it")
    require_up_to_date(place, "demo", YEAR)


def test_an_edited_report_is_refused_with_what_to_run(place):
    (place.drafts("demo", YEAR) / "annual-2023.sv.docx").write_text("edited")
    expected = (
        r"E-812.*render/annual/2023/sv.*annual-2023\.sv\.docx"
        r".*platform-utils report annual 2023 --source demo --lang en --to pdf"
        r"; platform-utils report annual 2023 --source demo --lang sv --to html,docx"
    )
    with pytest.raises(FileError, match=expected):
        require_up_to_date(place, "demo", YEAR)


def test_an_input_that_has_changed_since_is_refused(place):
    (place.returns("demo", YEAR) / "M01.csv").write_text("2")
    with pytest.raises(FileError, match=r"E-812.*clean/2023 data:data_raw/demo/2023/M01\.csv"):
        require_up_to_date(place, "demo", YEAR)


def test_a_format_that_the_last_run_did_not_make_is_refused(place):
    make(place, "sv", ("html",))
    with pytest.raises(FileError, match=r"E-812.*render/annual/2023/sv"):
        require_up_to_date(place, "demo", YEAR)


@pytest.mark.parametrize("sign", [(), ("--sign", "A. Ett", "--reason", "read")])
def test_neither_signing_nor_releasing_takes_what_was_edited(place, sign, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    monkeypatch.setattr("platform_utils.release.collect", lambda *_: {})
    (place.drafts("demo", YEAR) / "annual-2023.en.pdf").write_text("edited")
    words = ["release", str(YEAR), "--source", "demo", "--date", "2024-08-15", *sign]
    assert 11 == main(words)
    assert "E-812" in capsys.readouterr().err
    assert not (place.releases("demo") / "sign_off").exists()


def test_only_what_the_embedded_engine_made_counts_and_each_manifest_says_which_it_was(place):
    about = {"source": "demo", "langs": ("sv",), "formats": ("html",)}
    embedded, other = (
        report_nodes(place, "annual", (YEAR,), engine=name, **about)[-1] for name in ("embedded", "quarto")
    )
    assert embedded.name != other.name
    assert (place.drafts("demo", YEAR), place.drafts("demo", YEAR) / "quarto") == (
        embedded.outputs[0][0],
        other.outputs[0][0],
    )
    manifest = (place.data_clean("demo") / "manifests" / f"{embedded.name}.json").read_text()
    assert '"parameter:engine": "embedded"' in manifest
    make(place, "sv", ("html",), engine="quarto")
    require_up_to_date(place, "demo", YEAR)
    (other.outputs[0][0] / "annual-2023.sv.html").replace(place.drafts("demo", YEAR) / "annual-2023.sv.html")
    with pytest.raises(FileError) as caught:
        require_up_to_date(place, "demo", YEAR)
    assert "E-812" == caught.value.code
