"""What nobody meant ends in one coded line or a plain status, never in a traceback."""

import subprocess
import sys

import pytest

from platform_utils import __version__
from platform_utils.cli import main
from platform_utils.paths import resource
from platform_utils.spec import plan as planning
from platform_utils.spec.plan import load_plan


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "data_raw").mkdir()
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["lang", "source", "engine", "kernels"])
@pytest.mark.parametrize("value", ["5", "[]", "true"])
def test_a_setting_that_is_no_text_is_named(place, name, value, capsys):
    (place / "workspace.toml").write_text(f"{name} = {value}\n")
    assert 10 == main(["run", "2023"])
    said = capsys.readouterr().err
    assert "E-010" in said
    assert f"”{name}”" in said


@pytest.mark.parametrize("value", ["true", '"two"', "-1", "1.5"])
def test_workers_that_are_no_number_are_named(place, value, capsys):
    (place / "workspace.toml").write_text(f"workers = {value}\n")
    assert 10 == main(["run", "2023"])
    assert "E-010" in capsys.readouterr().err


@pytest.fixture
def edited_plan(tmp_path, monkeypatch):
    """A function that puts a line behind the table plan which this process reads."""

    def edit(line):
        plan = tmp_path / "table_plan.toml"
        plan.write_text(resource("table_plan.toml").read_text(encoding="utf-8") + line, encoding="utf-8")
        monkeypatch.setattr(planning, "resource", lambda name: tmp_path / name)
        load_plan.cache_clear()

    yield edit
    load_plan.cache_clear()


@pytest.mark.parametrize(
    "command", [["run", "2023"], ["run", "2023", "--dry-run"], ["report", "annual", "2023"]]
)
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('\n[[table]]\nkey = "x"\nuniverze = "direct"\n', "table.x"),
        ("\n[measure\n", "line "),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_at_the_door(place, edited_plan, command, line, said, capsys):
    returns = place / "data_raw" / "demo" / "2023"
    returns.mkdir(parents=True)
    (returns / "receipts.toml").touch()
    (place / "reports" / "sv").mkdir(parents=True)
    (place / "reports" / "sv" / "annual.qmd").touch()
    edited_plan(line)
    assert 10 == main(command)
    error = capsys.readouterr().err
    assert error.startswith("E-010")
    assert said in error
    assert "table_plan.toml" in error


def test_the_version_is_said(capsys):
    assert 0 == main(["--version"])
    assert f"{__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize("word", ["²", "٢٠٢٣", "20x"])
def test_a_year_that_is_not_one_is_refused(place, word, capsys):
    assert 2 == main(["run", word])
    assert "E-024" in capsys.readouterr().err


def test_a_working_folder_that_has_been_removed_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("PLATFORM_UTILS_HOME", raising=False)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    status = main(["run", "2023"])
    monkeypatch.undo()
    assert 10 == status
    said = capsys.readouterr().err
    assert "E-002" in said
    assert 1 == said.count("\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_reader_that_has_gone_is_no_bug(place):
    command = [sys.executable, "-m", "platform_utils", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        started.stdout.close()
        said = started.stderr.read()
    assert (141, b"") == (started.returncode, said)


@pytest.mark.parametrize("command", [["run", "2023"], ["report", "annual", "2023"], ["verify"]])
def test_fewer_than_no_workers_are_a_mistake_of_the_command(place, command, capsys):
    assert 2 == main([*command, "--workers", "-1"])
    assert "--workers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "word"),
    [("members", "YEAR"), ("members abc", "YEAR"), ("members 2024 --nope", "--nope"), ("members 2024 --on", "--on"),
     ("nope", "nope"), ("report annual 2023 --workers x", "--workers")],
)  # fmt: skip
def test_a_command_that_cannot_be_read_is_said_in_the_language_of_the_desk(place, capsys, command, word):
    for more, said in (
        ([], "Kommandot går inte att läsa vid"),
        (["--lang", "en"], "The command cannot be read at"),
    ):
        assert 2 == main([*command.split()[:1], *more, *command.split()[1:]])
        err = capsys.readouterr().err
        assert err.startswith(f"E-030 {said} {word}.")
        assert 1 == err.count("\n")
