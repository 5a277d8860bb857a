"""The desk: where the year stands, notebooks that nobody can spoil, and what is calm and short in JupyterLab."""

import asyncio
import json
import subprocess
import sys

import pytest
from tornado.web import HTTPError

from platform_utils import cli
from platform_utils.ask import invented_year
from platform_utils.config import lab_environment
from platform_utils.errors import PlatformError, UsageError
from platform_utils.execute.fork_server import kernel_environment
from platform_utils.guard.notebook import why_closed
from platform_utils.paths import EXPLORE, Workspace
from platform_utils.publish import Shown
from platform_utils.spec.reports import Period
from platform_utils.spec.returns import Finding
from platform_utils.workflow.actions import run_notebook
from platform_utils.workflow.lab import in_short
from platform_utils.workflow.start import start


@pytest.fixture
def place(tmp_path):
    (tmp_path / "notebooks" / EXPLORE).mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    return Workspace(tmp_path)


def notebook(path, *cells):
    made = [
        {"cell_type": "code", "metadata": {"tags": tags}, "source": source, "outputs": [], "execution_count": None, "id": f"c{n}"}
        for n, (source, tags) in enumerate(cells)
    ]  # fmt: skip
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


GIVEN = ('year = 2023\nsource = "demo"\nlang = "sv"', ["parameters"])


def test_an_edited_notebook_names_itself_and_says_how_to_put_it_back(place):
    git = ["git", "-C", str(place.root), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    path = notebook(place.notebooks / "10_x.ipynb", GIVEN)
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    run_notebook("10_x", Period.of(2023), "demo", "sv", workspace=place)
    for text in (None, "{torn"):
        notebook(path, GIVEN, ("1 / 0", [])) if text is None else path.write_text(text)
        with pytest.raises(PlatformError) as error:
            run_notebook("10_x", Period.of(2023), "demo", "sv", workspace=place)
        assert "E-520" == error.value.code
        assert "git restore notebooks/10_x.ipynb" in error.value.text("en")
    subprocess.run([*git, "commit", "-qam", "as it should be"], check=True)
    with pytest.raises(PlatformError, match="E-508"):
        run_notebook("10_x", Period.of(2023), "demo", "sv", workspace=place)


def test_in_the_lab_only_the_folder_to_think_in_is_written(place):
    contents_of = pytest.importorskip(
        "platform_utils.workflow.contents", reason="needs JupyterLab, an extra", exc_type=ImportError
    )
    kept = notebook(place.notebooks / "10_x.ipynb", GIVEN)
    before = kept.read_bytes()
    contents = contents_of.DeskContents(root_dir=str(place.notebooks))

    def do(what):
        return asyncio.run(what)

    model = do(contents.get("10_x.ipynb"))
    assert not model["writable"]
    for done in (
        lambda: contents.save(model, "10_x.ipynb"),
        lambda: contents.save(model, "new.ipynb"),
        lambda: contents.save(model, f"{EXPLORE}/{contents_of.EXPLORED[0]}"),
        lambda: contents.save(model, f"{EXPLORE}/../10_x.ipynb"),
        lambda: contents.delete("10_x.ipynb"),
        lambda: contents.rename("10_x.ipynb", f"{EXPLORE}/mine.ipynb"),
    ):
        with pytest.raises(HTTPError, match="403") as refused:
            do(done())
        assert "E-521" in str(refused.value) and EXPLORE in str(refused.value)
    copied = do(contents.copy("10_x.ipynb", ""))
    assert f"{EXPLORE}/10_x.ipynb" == copied["path"]
    assert copied["writable"]
    assert do(contents.new_untitled("", type="notebook"))["path"].startswith(f"{EXPLORE}/")
    do(contents.save(do(contents.get(copied["path"])), copied["path"]))
    assert before == kept.read_bytes()
    assert ["10_x.ipynb", EXPLORE] == sorted(path.name for path in place.notebooks.iterdir())


MARKDOWN = (
    "::: {layout-ncol=3}\n\n[**12**]{.big-number}\\\npersons\n\n:::\n\n### Seen {#sec-seen}\n\n"
    "| a | b |\n|:--|--:|\n| x | 1 |\n\n: Persons, 2023. {#tbl-role}\n\n::: {.table-note}\n\nA note.\n\n:::\n\n"
    '![A [caption](x).](data:image/svg+xml;base64,QQ==){#fig-role fig-alt="so"}\n'
)


def test_markdown_is_plain_in_the_lab_and_quartos_everywhere_else(monkeypatch):
    assert MARKDOWN == Shown(MARKDOWN)._repr_markdown_()
    monkeypatch.setenv("PLATFORM_UTILS_LAB", "1")
    shown = Shown(MARKDOWN)._repr_markdown_()
    assert not any(mark in shown for mark in (":::", "{", "}", "\n: "))
    for kept in ("**12**\\\npersons", "### Seen\n", "| x | 1 |", "*Persons, 2023.*", "A note.", "QQ==)\n"):
        assert kept in shown
    assert shown == Shown(shown)._repr_markdown_()


def test_each_part_of_a_year_says_what_it_is(demo_years, capsys):
    begun = start(2018, "demo", "en", workspace=demo_years.made())
    begun.show(("members", "next"))
    said = capsys.readouterr().out
    parts = ("2018: who has returned", "Persons 2018", "2018: the next command", "platform-utils")
    assert [*parts] == sorted((part for part in parts if part in said), key=said.index)
    assert "must mend" not in said


def test_a_wall_of_fields_becomes_a_few_lines():
    year = invented_year(2023)
    assert len(in_short(year).splitlines()) < 15
    assert ".case  500 × " in in_short(year) or ".tables  " in in_short(year)
    assert in_short(year.ledger).startswith(f"{len(year.ledger)} × LedgerEntry\n")
    findings = tuple(Finding("W-153", "M01-x.json", "Personer", row, "Ålder", {"count": 1}) for row in (3, 4))
    assert "M01" in in_short(findings) and "3, 4" in in_short(findings) and "W-153" in in_short(findings)
    assert "" == in_short([1, 2]) == in_short("x") == in_short([])


def test_a_kernel_of_the_lab_shows_one_calm_line_and_leaves_the_cells_own_errors(place, tmp_path):
    cells = (
        "from platform_utils import ask\nask.open(lang='sv').table('sexx', years=[2023])",
        "from platform_utils.spec.codebook import load\nload().codes(None, 'x')",
        "1 / 0",
    )
    lines = [f"get_ipython().run_cell({cell!r})" for cell in cells]
    script = tmp_path / "lab.ipy"
    script.write_text("\n".join([lab_environment_start(), *lines]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", str(script)],
        capture_output=True, text=True, encoding="utf-8", check=True,
        env=lab_environment() | {"PLATFORM_UTILS_HOME": str(place.root), "IPYTHONDIR": str(tmp_path / "ipython")},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "E-870" in said and "Närmast: sex" in said
    assert "E-020" in said
    assert 1 == said.count("Traceback (most recent call last)")
    assert "ZeroDivisionError" in said
    assert (place.restricted("demo", "logs") / "bug.txt").is_file()


def lab_environment_start():
    from pathlib import Path

    return Path(lab_environment()["PYTHONSTARTUP"]).read_text(encoding="utf-8")


def test_kernels_of_documents_are_no_kernels_of_the_lab(tmp_path):
    told = kernel_environment(tmp_path)
    assert ("", "") == (told["PLATFORM_UTILS_LAB"], told["PYTHONSTARTUP"])


def test_options_of_jupyterlab_are_passed_on(place, monkeypatch):
    called = []
    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(place.root))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())  # JupyterLab is an extra
    monkeypatch.setattr("subprocess.call", lambda command, **_: called.append(command) or 0)
    assert 0 == cli.main(["lab", "--no-browser", "--port=9999", "--ip", "127.0.0.1"])
    assert ["--no-browser", "--port=9999", "--ip", "127.0.0.1"] == called[0][-4:]


@pytest.mark.parametrize(
    ("opened", "closed"),
    [('ask.open(lang="en")', False), ('ask.open("demo")', False), ('ask.open("members")', True),
     ('ask.open(source="members")', True), ('ask.open(answer="answer-1.zip")', True)],
)  # fmt: skip
def test_what_is_asked_of_members_rows_is_not_kept_in_a_notebook(opened, closed):
    cells = [f"from platform_utils import ask\ndesk = {opened}", 'desk.table("sex", years=[2023])']
    made = [{"cell_type": "code", "metadata": {}, "source": source} for source in cells]
    assert closed is (why_closed({"cells": made, "metadata": {}}) is not None)


def test_a_miss_names_the_nearest_table(monkeypatch):
    from platform_utils.publish.words import no_such

    assert isinstance(no_such("table", "rol", ["role", "sex"]), UsageError)
    assert "nearest: role" in str(no_such("table", "rol", ["role", "sex"]))
